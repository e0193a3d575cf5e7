//! Which samples a report draws and labels.

use gradep_core::objective::ObjectiveKind;

/// Flow times of the strip: noise, on the way, data, and beyond; of a field that comes to rest until then.
pub(super) fn strip_times(objective: ObjectiveKind) -> [f64; 6] {
    match objective.rest() {
        None => [0.0, 0.25, 0.5, 0.75, 1.0, 1.2],
        Some(rest) => [0.0, 0.1, 0.2, 0.4, 0.7, 1.0].map(|share| share * rest),
    }
}

/// Flow time at which classes are counted: where pixel statistics are best, or at rest.
pub(super) fn class_time(objective: ObjectiveKind) -> f64 {
    objective.rest().unwrap_or(1.1)
}

/// Samples that are labelled: the standard error of a share of a tenth is then one per cent.
pub(super) const SHARE_SAMPLES: usize = 1000;
