//! Normal distributions fitted to images.

use crate::metrics::moments;
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2};

/// Mean and a root of the covariance, whatever its rank.
pub(super) struct Normal {
    mean: Array1<f64>,
    /// Σ = R Rᵀ.
    root: Array2<f64>,
}

impl Normal {
    /// The fit to points `[n, d]`: mean and covariance (ddof = 1). Pixels that never change have no
    /// variance, so the root is of eigenvectors.
    pub(super) fn fit(points: ArrayView2<'_, f64>) -> Self {
        let (mean, covariance) = moments(points);
        let d = mean.len();
        let eigen = SymmetricEigen::new(DMatrix::from_fn(d, d, |i, j| covariance[(i, j)]));
        let root = Array2::from_shape_fn((d, d), |(i, j)| {
            // Eigenvalues below zero are rounding.
            eigen.eigenvectors[(i, j)] * eigen.eigenvalues[j].max(0.0).sqrt()
        });
        Self { mean, root }
    }

    /// Samples from standard normal rows `[n, d]`.
    pub(super) fn samples(&self, normal: ArrayView2<'_, f64>) -> Array2<f64> {
        normal.dot(&self.root.t()) + &self.mean
    }
}
