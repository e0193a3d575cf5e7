//! The matrix product, compiled here once for each scalar type.
//!
//! Code that is generic over [`Real`] is compiled by the crates that choose the scalar; through [`Compiled`] it
//! calls what this crate has compiled, at this crate's level of optimisation.
#![expect(
    private_interfaces,
    reason = "this crate alone calls and implements them"
)]

use super::{PackedMatrix, Real, SimdLevel, gemm::Multiply};

/// A scalar type with the product over slices of it: f32 or f64.
pub trait Compiled: Real {
    /// C += A·B.
    fn multiply(level: SimdLevel, kernel: Multiply<'_, Self>);
}

impl Compiled for f32 {
    fn multiply(level: SimdLevel, kernel: Multiply<'_, Self>) {
        level.run(kernel);
    }
}

impl Compiled for f64 {
    fn multiply(level: SimdLevel, kernel: Multiply<'_, Self>) {
        level.run(kernel);
    }
}

/// C += A·B, where A is `[m, b.rows()]` and C is `[m, b.columns()]`, both row-major.
///
/// Each element is one chain of multiply-adds over k starting from the value in C: its bits depend
/// neither on `m` nor on the instruction set (AVX2 and AVX-512; the portable level rounds twice).
///
/// # Panics
/// If `a` or `c` is shorter than `m` rows.
pub fn multiply<R: Compiled>(
    level: SimdLevel,
    m: usize,
    a: &[R],
    b: &PackedMatrix<R>,
    c: &mut [R],
) {
    let (a, c) = (&a[..m * b.rows()], &mut c[..m * b.columns()]);
    R::multiply(level, Multiply { a, b, c });
}
