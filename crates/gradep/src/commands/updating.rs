//! What writing updates on devices took, in words.

use analog_substrate::arrays::Updating;
use units::{Unit, words::counted};

/// What moves of devices took beside the chip's time and energy.
pub(super) fn in_words(took: Option<&Updating>) -> String {
    let Some(took) = took else {
        return "whose writing is not in it".to_owned();
    };
    let cost = |value: Option<f64>, unit: Unit, what: &str| match value {
        Some(value) => unit.show(value, 3),
        None => format!("unknown {what}"),
    };
    format!(
        "by {} (at most {} of one device) that take {} and {} beside it",
        counted(took.pulses, "pulse"),
        took.most,
        cost(took.seconds, Unit::Second, "time"),
        cost(took.joules, Unit::Joule, "energy")
    )
}
