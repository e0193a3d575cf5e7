//! Compensation of drift.

/// The factor that brings the sum of conductances back to what it was; one where nothing is left.
pub fn global_scale(before: &[f64], after: &[f64]) -> f64 {
    let factor = before.iter().sum::<f64>() / after.iter().sum::<f64>();
    if factor.is_finite() { factor } else { 1.0 }
}

/// [`global_scale`] of each column of row-major arrays with this many columns.
pub fn column_scales(before: &[f64], after: &[f64], columns: usize) -> Vec<f64> {
    let column =
        |all: &[f64], j| -> Vec<f64> { all.iter().skip(j).step_by(columns).copied().collect() };
    (0..columns)
        .map(|j| global_scale(&column(before, j), &column(after, j)))
        .collect()
}
