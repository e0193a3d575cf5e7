//! Which samples a report draws and labels.

/// Flow times of the strip: noise, on the way, data, and beyond.
pub(super) const STRIP_TIMES: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.2];

/// Flow time at which classes are counted: where pixel statistics are best.
pub(super) const CLASS_TIME: f64 = 1.1;

/// Samples that are labelled: the standard error of a share of a tenth is then one per cent.
pub(super) const SHARE_SAMPLES: usize = 1000;
