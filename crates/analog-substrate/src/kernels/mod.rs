//! Numeric kernels over plain slices: one source per kernel, compiled for each instruction set and
//! chosen at run time ([`SimdLevel`]).
//!
//! Rows are padded to a multiple of [`LANES`] elements, so that no kernel has a ragged tail. Every
//! output element is one fixed chain of operations, whatever the instruction set, the number of
//! rows or the thread: AVX2 and AVX-512 give the same bits, and a sample's result does not depend
//! on its neighbours in the batch. The portable level has no fused multiply-add and agrees to
//! rounding.

pub(crate) mod activation;
pub(crate) mod gemm;
mod peak;
mod real;
pub(crate) mod reduce;
pub(crate) mod simd;

pub use gemm::{PackedMatrix, multiply};
pub use peak::multiply_add_rounds;
pub use real::Real;
pub use simd::{SimdError, SimdLevel};

/// Elements to whose multiple the kernels' rows are padded.
pub const LANES: usize = 16;

/// `n` rounded up to a multiple of [`LANES`].
pub const fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}
