//! Reductions and updates of single rows. Sums run in [`LANES`] fixed partial sums, so that their
//! bits do not depend on the instruction set.

use super::{LANES, Real, simd::Isa};

/// Σ a_i b_i; lengths equal and a multiple of [`LANES`].
#[inline(always)]
pub(crate) fn dot<R: Real, I: Isa>(a: &[R], b: &[R]) -> R {
    let mut partial = [R::ZERO; LANES];
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for i in 0..LANES {
            partial[i] = a[i].fma::<I>(b[i], partial[i]);
        }
    }
    partial.iter().fold(R::ZERO, |sum, &p| sum + p)
}

/// y += factor·x.
#[inline(always)]
pub(crate) fn add_scaled<R: Real, I: Isa>(y: &mut [R], factor: R, x: &[R]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y = factor.fma::<I>(x, *y);
    }
}

/// Largest value over the lanes.
#[inline(always)]
pub(crate) fn largest<R: Real>(lanes: [R; LANES]) -> R {
    lanes.into_iter().fold(R::ZERO, R::larger)
}
