//! Reductions and updates of single rows. Sums run in [`LANES`] fixed partial sums, so that their
//! bits do not depend on the instruction set.

use super::{
    LANES, Real, SimdLevel,
    simd::{Isa, Kernel},
};

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

/// [`dot`] for the best instruction set.
pub(crate) fn product<R: Real>(level: SimdLevel, a: &[R], b: &[R]) -> f64 {
    level.run(Product { a, b }).to_f64()
}

/// step = share·(z − h) of one row, and the largest |z − h|; lengths equal and a multiple of [`LANES`].
pub(crate) struct Follow<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) z: &'a [R],
    pub(crate) step: &'a mut [R],
    /// Share of z − h that a step goes.
    pub(crate) share: R,
}

impl<R: Real> Kernel for Follow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa>(self) -> R {
        let mut worst = [R::ZERO; LANES];
        let rows = self.h.chunks_exact(LANES).zip(self.z.chunks_exact(LANES));
        for ((h, z), step) in rows.zip(self.step.chunks_exact_mut(LANES)) {
            for lane in 0..LANES {
                let force = z[lane] - h[lane];
                step[lane] = self.share * force;
                worst[lane] = worst[lane].larger(force.abs());
            }
        }
        largest(worst)
    }
}

struct Product<'a, R> {
    a: &'a [R],
    b: &'a [R],
}

impl<R: Real> Kernel for Product<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa>(self) -> R {
        dot::<R, I>(self.a, self.b)
    }
}
