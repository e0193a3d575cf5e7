//! Unbiased squared maximum mean discrepancies from kernel matrices.

use ndarray::{Array2, ArrayView2};

/// Median squared distance between two of the 1,797 digits in [−1, 1]: the scale of the kernels, fixed
/// so that values can be compared.
const MEDIAN: f64 = 37.66;
/// Variances of the Gaussians relative to half the median.
const WIDTHS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Mean of five Gaussians of squared distances.
pub(super) fn gaussian(squares: &Array2<f64>) -> Array2<f64> {
    squares.mapv(|square| {
        let sum: f64 = WIDTHS
            .iter()
            .map(|width| (-square / (MEDIAN * width)).exp())
            .sum();
        sum / WIDTHS.len() as f64
    })
}

/// `(x·y/d + 1)³`.
pub(super) fn cubic(x: ArrayView2<'_, f64>, y: ArrayView2<'_, f64>) -> Array2<f64> {
    let d = x.ncols() as f64;
    x.dot(&y.t()).mapv(|product| (product / d + 1.0).powi(3))
}

/// Mean of all entries but the diagonal, of some rows and the same columns.
pub(super) fn mean_of_pairs(kernel: &Array2<f64>, rows: &[usize]) -> f64 {
    let n = rows.len() as f64;
    let sum: f64 = rows
        .iter()
        .map(|&i| rows.iter().map(|&j| kernel[(i, j)]).sum::<f64>() - kernel[(i, i)])
        .sum();
    sum / (n * (n - 1.0))
}

/// Mean of some rows.
pub(super) fn mean_of_rows(kernel: &Array2<f64>, rows: &[usize]) -> f64 {
    let sum: f64 = rows.iter().map(|&i| kernel.row(i).sum()).sum();
    sum / (rows.len() * kernel.ncols()) as f64
}
