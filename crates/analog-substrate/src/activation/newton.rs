//! A node's own equation h = a′(h)·z, by safeguarded Newton steps.

use super::{
    curve::{Curve, RowKernel, chunk, chunk_mut, clamped},
    shape::Shape,
};
use crate::kernels::{LANES, Real, reduce::largest, simd::Isa};

/// Solves each node's own equation h = a′(h)·z for fixed input z by safeguarded Newton steps.
///
/// One row of nodes. On return `a`, `a1` belong to the returned `h`, and the output is the largest
/// |h − a′(h)z| of the row, or |h − P(a′(h)z)| where P confines the states.
pub(crate) struct SettleRow<'a, R> {
    pub(crate) h: &'a mut [R],
    pub(crate) z: &'a [R],
    pub(crate) a: &'a mut [R],
    pub(crate) a1: &'a mut [R],
    /// Scratch of the row's length.
    pub(crate) step: &'a mut [R],
    pub(crate) limit: NewtonLimit<R>,
}

/// How Newton steps are safeguarded, and when those of a row end.
#[derive(Clone, Copy)]
pub(crate) struct NewtonLimit<R> {
    /// They end at this residual,
    pub(crate) tolerance: R,
    /// or after this many steps.
    pub(crate) steps: u32,
    /// Smallest slope that a step divides by, as a share of the largest slope that the node's
    /// equation can have. From one half on, no step raises the node's energy.
    pub(crate) caution: R,
}

impl<R: Real> RowKernel<R> for SettleRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let NewtonLimit {
            tolerance,
            steps,
            caution,
        } = self.limit;
        let (h, step) = (self.h, self.step);
        for remaining in (0..=steps).rev() {
            let mut worst = [R::ZERO; LANES];
            for start in (0..h.len()).step_by(LANES) {
                let (h, z) = (chunk(h, start), chunk(self.z, start));
                let mut values = [[R::ZERO; LANES]; 3];
                for lane in 0..LANES {
                    let (value, slope, bend) = clamped::<R, I, S, CLAMP>(curve, h[lane]);
                    let force = slope.fma::<I>(z[lane], -h[lane]);
                    let (force, newton) =
                        newton::<R, I, S>(curve, h[lane], force, (bend, z[lane]), caution);
                    (values[0][lane], values[1][lane], values[2][lane]) = (value, slope, newton);
                    worst[lane] = worst[lane].larger(force.abs());
                }
                *chunk_mut(self.a, start) = values[0];
                *chunk_mut(self.a1, start) = values[1];
                *chunk_mut(step, start) = values[2];
            }
            let residual = largest(worst);
            if residual <= tolerance || remaining == 0 {
                return residual;
            }
            for (h, &step) in h.iter_mut().zip(step.iter()) {
                *h += step;
            }
        }
        R::ZERO
    }
}

/// The force that a node can follow, and the safeguarded Newton step along it. In a confined range
/// that is P(h + force) − h, as in [`Energy::residual`](crate::Energy::residual).
///
/// The slope 1 − a″z of a node's equation is nowhere above 1 + max(−a″)z⁺ + max(a″)z⁻.
#[inline(always)]
pub(super) fn newton<R: Real, I: Isa, S: Shape>(
    curve: &Curve<R>,
    h: R,
    force: R,
    (bend, z): (R, R),
    caution: R,
) -> (R, R) {
    let steepest = curve.steepening.fma::<I>(
        z.larger(R::ZERO),
        curve.flattening.fma::<I>((-z).larger(R::ZERO), R::ONE),
    );
    let slope = (-bend).fma::<I>(z, R::ONE).larger(caution * steepest);
    let step = force / slope;
    if S::CONFINED {
        let confined = |step: R| (h + step).larger(R::ZERO).smaller(R::ONE) - h;
        (confined(force), confined(step))
    } else {
        (force, step)
    }
}

/// The safeguarded Newton steps of a row of nodes whose `a1`, `a2` are known, for the input z.
/// Returns the largest force of the row.
pub(crate) struct StepRow<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) z: &'a [R],
    pub(crate) a1: &'a [R],
    pub(crate) a2: &'a [R],
    pub(crate) step: &'a mut [R],
    pub(crate) caution: R,
}

impl<R: Real> RowKernel<R> for StepRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let mut worst = [R::ZERO; LANES];
        for start in (0..self.h.len()).step_by(LANES) {
            let (h, z) = (chunk(self.h, start), chunk(self.z, start));
            let (a1, a2) = (chunk(self.a1, start), chunk(self.a2, start));
            let step = chunk_mut(self.step, start);
            for lane in 0..LANES {
                let force = a1[lane].fma::<I>(z[lane], -h[lane]);
                let (force, newton) =
                    newton::<R, I, S>(curve, h[lane], force, (a2[lane], z[lane]), self.caution);
                step[lane] = newton;
                worst[lane] = worst[lane].larger(force.abs());
            }
        }
        largest(worst)
    }
}
