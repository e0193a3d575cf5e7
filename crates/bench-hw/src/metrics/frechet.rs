//! The Fréchet distance between normal fits (D. Dowson and B. Landau 1982).

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Mean `[d]` and covariance `[d, d]`, ddof = 1.
pub(super) fn moments(points: ArrayView2<'_, f64>) -> (Array1<f64>, Array2<f64>) {
    let n = points.nrows() as f64;
    let mean = points.sum_axis(Axis(0)) / n;
    let centred = &points - &mean;
    let covariance = centred.t().dot(&centred) / (n - 1.0);
    (mean, covariance)
}

/// A normal fit that others are compared with.
#[derive(Clone, Debug)]
pub(super) struct NormalFit {
    mean: Array1<f64>,
    trace: f64,
    /// Square root of the covariance.
    root: DMatrix<f64>,
}

impl NormalFit {
    /// The fit to points `[n, d]`. Eigenvalues of the covariance below zero are rounding: 0.
    pub(super) fn new(points: ArrayView2<'_, f64>) -> Self {
        let (mean, covariance) = moments(points);
        let eigen = SymmetricEigen::new(matrix(&covariance));
        let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
        let root =
            &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose();
        Self {
            mean,
            trace: covariance.diag().sum(),
            root,
        }
    }

    /// `|m − m′|² + tr(S + S′ − 2(S′^½ S S′^½)^½)` to the fit to other points.
    pub(super) fn distance(&self, points: ArrayView2<'_, f64>) -> f64 {
        let (mean, covariance) = moments(points);
        let means: f64 = (mean.iter().zip(&self.mean))
            .map(|(a, b)| (a - b).powi(2))
            .sum();
        let product = &self.root * matrix(&covariance) * &self.root;
        let symmetric = (&product + product.transpose()) * 0.5;
        let shared: f64 = symmetric
            .symmetric_eigenvalues()
            .iter()
            .map(|value| value.max(0.0).sqrt())
            .sum();
        means + covariance.diag().sum() + self.trace - 2.0 * shared
    }
}

fn matrix(values: &Array2<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(values.nrows(), values.ncols(), |i, j| values[(i, j)])
}
