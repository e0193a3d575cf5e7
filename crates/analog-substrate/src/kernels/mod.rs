//! Numeric kernels over plain slices: one source per kernel, compiled for each instruction set and
//! chosen at run time ([`SimdLevel`]).
//!
//! Rows are padded to a multiple of [`LANES`] elements, so that no kernel has a ragged tail. Every
//! output element is one fixed chain of operations, whatever the instruction set, the number of
//! rows or the thread: AVX2 and AVX-512 give the same bits, and a sample's result does not depend
//! on its neighbours in the batch. The portable level has no fused multiply-add and agrees to
//! rounding.

mod compiled;
pub(crate) mod gemm;
mod peak;
mod real;
pub(crate) mod reduce;
pub(crate) mod simd;

use ndarray::ArrayView2;

pub use compiled::{Compiled, multiply};
pub use gemm::PackedMatrix;
pub use peak::multiply_add_rounds;
pub use real::Real;
pub use simd::{SimdError, SimdLevel};

/// Elements to whose multiple the kernels' rows are padded.
pub const LANES: usize = 16;

/// Rows that the product computes together.
const TILE: usize = 4;

/// Rows of a block, at most `most`, when `rows` of them are shared among the pool's threads: blocks
/// of equal size in whole tiles, so that few rows leave no thread idle.
pub(crate) fn shared_rows(rows: usize, most: usize) -> usize {
    let threads = rayon::current_num_threads();
    let turns = rows.div_ceil(most).div_ceil(threads).max(1);
    let share = rows.div_ceil(turns * threads);
    share.next_multiple_of(TILE).clamp(TILE, most)
}

/// The first place `[row, column]` of a value that is infinite or not a number.
pub(crate) fn first_not_finite<R: Real>(array: ArrayView2<'_, R>) -> Option<[usize; 2]> {
    if array.iter().all(|value| value.is_finite()) {
        return None;
    }
    let place = array.indexed_iter().find(|(_, value)| !value.is_finite());
    place.map(|((row, column), _)| [row, column])
}

/// `n` rounded up to a multiple of [`LANES`].
pub const fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}
