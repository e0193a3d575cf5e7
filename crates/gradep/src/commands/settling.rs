//! Words on limits of settling.

use analog_substrate::chip::SettlingLimit;
use units::Unit;

/// Says so where the limit that was asked for is one that noise does not let a chip reach.
pub(super) fn warn_of_noise(chip: &str, limit: &SettlingLimit) {
    if limit.is_below_noise() {
        tracing::warn!(
            "--settled-below {}: lies below the noise floor of chip {chip}, {} g_unit V_unit, to which \
             noise alone lifts the residual of a network at rest; without the option the limit is that",
            limit.residual,
            Unit::One.show(limit.noise_floor, 2)
        );
    }
}
