//! The Fréchet distance between normal fits (D. Dowson and B. Landau 1982).

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Mean `[d]` and covariance `[d, d]`, ddof = 1.
pub(crate) fn moments(points: ArrayView2<'_, f64>) -> (Array1<f64>, Array2<f64>) {
    let n = points.nrows() as f64;
    let mean = points.sum_axis(Axis(0)) / n;
    let centred = &points - &mean;
    let covariance = centred.t().dot(&centred) / (n - 1.0);
    (mean, covariance)
}

/// `|m − m′|² + tr(S + S′ − 2(S^½ S′ S^½)^½)`. Eigenvalues below zero are rounding: 0.
pub(super) fn distance(a: &(Array1<f64>, Array2<f64>), b: &(Array1<f64>, Array2<f64>)) -> f64 {
    let means: f64 = a.0.iter().zip(&b.0).map(|(a, b)| (a - b).powi(2)).sum();
    let (s, t) = (matrix(&a.1), matrix(&b.1));
    let eigen = SymmetricEigen::new(s.clone());
    let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
    let root =
        &eigen.eigenvectors * DMatrix::from_diagonal(&roots) * eigen.eigenvectors.transpose();
    let product = &root * &t * &root;
    let symmetric = (&product + product.transpose()) * 0.5;
    let shared: f64 = SymmetricEigen::new(symmetric)
        .eigenvalues
        .iter()
        .map(|value| value.max(0.0).sqrt())
        .sum();
    means + s.trace() + t.trace() - 2.0 * shared
}

fn matrix(values: &Array2<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(values.nrows(), values.ncols(), |i, j| values[(i, j)])
}
