//! Symmetric positive definite systems with many right-hand sides, by blocks: nearly all the work is
//! matrix products.

use ndarray::{Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, linalg::general_mat_mul, s};

/// Rows of a block: 32 × 32 doubles stay in the L1 cache, and products of that depth run at speed.
const BLOCK: usize = 32;

/// L of a matrix LLᵀ, in its lower triangle.
pub(super) struct Cholesky(Array2<f64>);

impl Cholesky {
    /// Factors a symmetric matrix, of which the lower triangle is read; none if it is not positive
    /// definite.
    pub(super) fn new(mut matrix: Array2<f64>) -> Option<Self> {
        let n = matrix.nrows();
        for start in (0..n).step_by(BLOCK) {
            let end = (start + BLOCK).min(n);
            let (mut diagonal, mut below, mut rest) = matrix.multi_slice_mut((
                s![start..end, start..end],
                s![end.., start..end],
                s![end.., end..],
            ));
            factor(&mut diagonal)?;
            for mut row in below.rows_mut() {
                substitute(diagonal.view(), &mut row, diagonal.nrows());
            }
            general_mat_mul(-1.0, &below, &below.t(), 1.0, &mut rest);
        }
        Some(Self(matrix))
    }

    /// Replaces each column of `right` by the solution that belongs to it.
    pub(super) fn solve(&self, mut right: ArrayViewMut2<'_, f64>) {
        let n = self.0.nrows();
        let blocks = (0..n).step_by(BLOCK);
        for start in blocks.clone() {
            let end = (start + BLOCK).min(n);
            let (mut head, mut tail) = right.multi_slice_mut((s![start..end, ..], s![end.., ..]));
            forward(self.0.slice(s![start..end, start..end]), &mut head);
            let below = self.0.slice(s![end.., start..end]);
            general_mat_mul(-1.0, &below, &head, 1.0, &mut tail);
        }
        for start in blocks.rev() {
            let end = (start + BLOCK).min(n);
            let (mut head, tail) = right.multi_slice_mut((s![start..end, ..], s![end.., ..]));
            let below = self.0.slice(s![end.., start..end]);
            general_mat_mul(-1.0, &below.t(), &tail, 1.0, &mut head);
            backward(self.0.slice(s![start..end, start..end]), &mut head);
        }
    }
}

/// L of one block, row by row.
fn factor(block: &mut ArrayViewMut2<'_, f64>) -> Option<()> {
    for i in 0..block.nrows() {
        let (above, mut rows) = block.view_mut().split_at(Axis(0), i);
        let mut row = rows.row_mut(0);
        substitute(above.view(), &mut row, i);
        let known = row.slice(s![..i]);
        let pivot = row[i] - known.dot(&known);
        if !(pivot > 0.0 && pivot.is_finite()) {
            return None;
        }
        row[i] = pivot.sqrt();
    }
    Some(())
}

/// Solves Lx = row for its first `count` elements, in place.
fn substitute(lower: ArrayView2<'_, f64>, row: &mut ArrayViewMut1<'_, f64>, count: usize) {
    for k in 0..count {
        let known = lower.slice(s![k, ..k]).dot(&row.slice(s![..k]));
        row[k] = (row[k] - known) / lower[[k, k]];
    }
}

/// Solves LX = B in place.
fn forward(lower: ArrayView2<'_, f64>, right: &mut ArrayViewMut2<'_, f64>) {
    for i in 0..right.nrows() {
        let (above, mut rows) = right.view_mut().split_at(Axis(0), i);
        let mut row = rows.row_mut(0);
        for (k, known) in above.rows().into_iter().enumerate() {
            row.scaled_add(-lower[[i, k]], &known);
        }
        row /= lower[[i, i]];
    }
}

/// Solves LᵀX = B in place.
fn backward(lower: ArrayView2<'_, f64>, right: &mut ArrayViewMut2<'_, f64>) {
    for i in (0..right.nrows()).rev() {
        let (mut rows, below) = right.view_mut().split_at(Axis(0), i + 1);
        let mut row = rows.row_mut(i);
        for (k, known) in below.rows().into_iter().enumerate() {
            row.scaled_add(-lower[[i + 1 + k, i]], &known);
        }
        row /= lower[[i, i]];
    }
}
