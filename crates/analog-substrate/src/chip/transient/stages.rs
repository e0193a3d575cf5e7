//! The elementwise parts of a step.

use crate::kernels::{
    Real,
    simd::{Isa, Kernel},
};

/// `p1` is a row that all samples share, or has an element for each of theirs.
pub(super) struct FirstStage<'a, R> {
    pub(super) state: &'a [R],
    pub(super) drift: &'a [R],
    pub(super) p1: &'a [R],
    pub(super) stage: &'a mut [R],
}

impl<R: Real> Kernel for FirstStage<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let width = self.p1.len();
        for (row, stage) in self.stage.chunks_mut(width).enumerate() {
            let n = stage.len();
            let (state, drift) = (
                &self.state[row * width..][..n],
                &self.drift[row * width..][..n],
            );
            let p1 = &self.p1[..n];
            for i in 0..n {
                stage[i] = p1[i].fma::<I>(drift[i], state[i]);
            }
        }
    }
}

/// On entry `state` is u, on return `stage + p2·(stage_drift − drift + damping·(stage − u))`;
/// coefficients as in [`FirstStage`].
pub(super) struct SecondStage<'a, R> {
    pub(super) stage: &'a [R],
    pub(super) drift: &'a [R],
    pub(super) stage_drift: &'a [R],
    pub(super) p2: &'a [R],
    pub(super) damping: &'a [R],
    pub(super) state: &'a mut [R],
}

impl<R: Real> Kernel for SecondStage<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let width = self.p2.len();
        for (row, state) in self.state.chunks_mut(width).enumerate() {
            let (start, n) = (row * width, state.len());
            let (stage, drift) = (&self.stage[start..][..n], &self.drift[start..][..n]);
            let stage_drift = &self.stage_drift[start..][..n];
            let (p2, damping) = (&self.p2[..n], &self.damping[..n]);
            for i in 0..n {
                let moved = stage[i] - state[i];
                let change = damping[i].fma::<I>(moved, stage_drift[i] - drift[i]);
                state[i] = p2[i].fma::<I>(change, stage[i]);
            }
        }
    }
}

pub(super) struct AddScaled<'a, R> {
    pub(super) base: &'a [R],
    pub(super) direction: &'a [R],
    pub(super) factor: R,
    pub(super) out: &'a mut [R],
}

impl<R: Real> Kernel for AddScaled<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.out.len();
        let (base, direction) = (&self.base[..n], &self.direction[..n]);
        for i in 0..n {
            self.out[i] = self.factor.fma::<I>(direction[i], base[i]);
        }
    }
}

pub(super) struct Accumulate<'a, R> {
    pub(super) sum: &'a mut [R],
    pub(super) term: &'a [R],
    pub(super) weight: R,
    pub(super) fresh: bool,
}

impl<R: Real> Kernel for Accumulate<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.sum.len();
        let term = &self.term[..n];
        for i in 0..n {
            let before = if self.fresh { R::ZERO } else { self.sum[i] };
            self.sum[i] = self.weight.fma::<I>(term[i], before);
        }
    }
}
