//! Which samples a report draws and labels.

use crate::{ClassShareError, ClassShares, NEIGHBOURS, NearestNeighbours};
use gradep_core::{data::Dataset, generate::clamped};
use ndarray::{Array1, ArrayView2};

/// Flow times of the strip: noise, on the way, data, and beyond.
pub(super) const STRIP_TIMES: [f64; 6] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.2];

/// Flow time at which classes are counted: where pixel statistics are best.
pub(super) const CLASS_TIME: f64 = 1.1;

/// Samples that are labelled: the standard error of a share of a tenth is then one per cent.
pub(super) const SHARE_SAMPLES: usize = 1000;

/// Classes of generated digits `[n, 64]`, by their nearest neighbours among the held-out images.
///
/// Samples are clamped to [−1, 1], the range of the data, before they are compared.
///
/// # Errors
/// [`ClassShareError`]: no samples, samples that are not finite or have not 64 pixels.
pub fn digit_shares(samples: ArrayView2<'_, f32>) -> Result<ClassShares, ClassShareError> {
    let reference = Dataset::digits_held_out();
    let labels = reference.labels().unwrap_or_default();
    let labels: Array1<u8> = labels.iter().map(|&label| label as u8).collect();
    let neighbours = NearestNeighbours::new(reference.images().view(), labels.view(), NEIGHBOURS)?;
    neighbours.shares(clamped(samples).view())
}
