//! Words before work that takes long.

use crate::console;
use analog_substrate::{Layers, estimates::is_long};
use units::words::counted;

/// Says how many steps of how many samples are to come, where that takes long.
pub(super) fn announce(steps: f64, what: &str, samples: usize, layers: &Layers) {
    if is_long(steps, samples, layers) {
        let rounded = if steps < 1e6 {
            format!("{steps:.0}")
        } else {
            format!("{steps:.3e}")
        };
        console::note(&format!(
            "{rounded} {what} of each of {}: this takes a while",
            counted(samples as u64, "sample")
        ));
    }
}
