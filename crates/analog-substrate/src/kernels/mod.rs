//! Numeric kernels over plain slices.

mod real;
pub use real::Real;
