//! How far samples have gone: what neither loss nor residuals show.

use analog_substrate::kernels::Real;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Values beyond this are no images': data lie within ±1.
pub const BEYOND: f64 = 1.5;
/// Share of such values from which samples have left the range of the data. Standard normal noise has 13 %, samples of a
/// healthy flow 1 %.
const MOST_BEYOND: f64 = 0.2;

/// How far samples have gone from the range of the data, [−1, 1].
///
/// ```
/// use gradep_core::generate::Reach;
/// use ndarray::array;
///
/// let reach = Reach::of(array![[0.5, -1.0], [3.0, 4.0]].view());
/// assert_eq!(reach.beyond_share, 0.5);
/// assert!((reach.largest_rms - 12.5_f64.sqrt()).abs() < 1e-9);
/// assert!(reach.is_out_of_range());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// Share of the values of all samples with |x| > [`BEYOND`].
    pub beyond_share: f64,
    /// Root mean square over its values of the sample where it is largest.
    pub largest_rms: f64,
}

impl Reach {
    /// Of samples `[n, n_0]` as integrated: not clamped.
    pub fn of(samples: ArrayView2<'_, f32>) -> Self {
        let beyond = samples.iter().filter(|x| f64::from(x.abs()) > BEYOND);
        Self {
            beyond_share: beyond.count() as f64 / samples.len().max(1) as f64,
            largest_rms: samples
                .rows()
                .into_iter()
                .map(root_mean_square)
                .fold(0.0, f64::max),
        }
    }

    /// Whether a sample ran away or many left the range of the data. What is still noise has not arrived, and is no such
    /// case.
    pub fn is_out_of_range(&self) -> bool {
        self.largest_rms > BEYOND || self.beyond_share > MOST_BEYOND
    }
}

/// Root of the mean square of the values.
pub(crate) fn root_mean_square<R: Real>(values: ArrayView1<'_, R>) -> f64 {
    let square: f64 = values.iter().map(|&x| x.to_f64().powi(2)).sum();
    (square / values.len().max(1) as f64).sqrt()
}

/// As a message has it: `12.3 % of the values are beyond ±1.5, the largest rms of a sample is 2.31`.
impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} % of the values are beyond ±{BEYOND}, the largest rms of a sample is {:.2}",
            100.0 * self.beyond_share,
            self.largest_rms
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{draws::normal_rows, random::Purpose};
    use ndarray::Array2;

    #[test]
    fn noise_and_images_are_in_range_and_one_runaway_is_not() {
        let noise = normal_rows(1, Purpose::Check, 0, 100, 64);
        let reach = Reach::of(noise.view());
        // Of a standard normal 13.4 %, with a standard error of 0.4 %.
        assert!((reach.beyond_share - 0.134).abs() < 0.02, "{reach}");
        assert!(!reach.is_out_of_range(), "{reach}");
        let mut images = Array2::<f32>::ones((100, 64));
        assert!(!Reach::of(images.view()).is_out_of_range());
        images.row_mut(7).fill(1.6);
        let reach = Reach::of(images.view());
        assert!((reach.beyond_share - 0.01).abs() < 1e-12 && reach.is_out_of_range());
    }
}
