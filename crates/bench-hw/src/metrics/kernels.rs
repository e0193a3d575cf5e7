//! Unbiased squared maximum mean discrepancies from kernel matrices.

use ndarray::{Array1, Array2, Axis};

/// Variance of the widest Gaussian relative to half the median; the others are narrower by powers of
/// two.
const WIDEST: f64 = 4.0;
/// How many Gaussians there are: of ¼, ½, 1, 2 and 4 times half the median.
const GAUSSIANS: usize = 5;

/// Five Gaussians whose scale is the median squared distance between two real images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Gaussians {
    median: f64,
}

impl Gaussians {
    /// Of the scale `median`, the median squared distance of two real images.
    pub(super) fn of_median(median: f64) -> Self {
        Self { median }
    }

    /// Mean of five Gaussians of squared distances: each is the square of the next wider one.
    pub(super) fn of(self, squares: &Array2<f64>) -> Array2<f64> {
        squares.mapv(|square| {
            let mut value = (-square / (self.median * WIDEST)).exp();
            let mut sum = value;
            for _ in 1..GAUSSIANS {
                value *= value;
                sum += value;
            }
            sum / GAUSSIANS as f64
        })
    }
}

/// `(x·y/d + 1)³` from the products x·y.
pub(super) fn cubic(products: &Array2<f64>, d: usize) -> Array2<f64> {
    products.mapv(|product| (product / d as f64 + 1.0).powi(3))
}

/// Mean of all entries but the diagonal, of the rows and columns of weight 1 among weights of 0 and 1.
pub(super) fn mean_of_pairs(kernel: &Array2<f64>, weights: &Array1<f64>) -> f64 {
    let n = weights.sum();
    let diagonal = kernel.diag().dot(weights);
    (kernel.dot(weights).dot(weights) - diagonal) / (n * (n - 1.0))
}

/// Mean of each row.
pub(super) fn means_of_rows(kernel: &Array2<f64>) -> Array1<f64> {
    kernel.sum_axis(Axis(1)) / kernel.ncols() as f64
}
