//! Rows of numbers of the nodes of a part.

use crate::kernels::Real;

/// A padded row.
pub(super) fn row_of<R: Real>(
    values: impl Iterator<Item = f64>,
    width: usize,
    filler: f64,
) -> Vec<R> {
    let mut row: Vec<R> = values.map(R::from_f64).collect();
    row.resize(width, R::from_f64(filler));
    row
}
