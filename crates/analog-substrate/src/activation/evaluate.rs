//! Outputs and slopes of rows of nodes.

use super::curve::{Curve, RowKernel, clamped};
use super::shape::Shape;
use crate::kernels::{Real, simd::Isa};

/// Outputs and slopes of nodes: `a = a(h)`, `a1 = a′(h)`, `a2 = a″(h)`; equal lengths.
pub(crate) struct Evaluate<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) a: &'a mut [R],
    pub(crate) a1: &'a mut [R],
    pub(crate) a2: &'a mut [R],
}

impl<R: Real> RowKernel<R> for Evaluate<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) {
        let n = self.h.len();
        let (a, a1, a2) = (&mut self.a[..n], &mut self.a1[..n], &mut self.a2[..n]);
        for i in 0..n {
            (a[i], a1[i], a2[i]) = clamped::<R, I, S, CLAMP>(curve, self.h[i]);
        }
    }
}

/// Outputs and slopes alone: `a = a(h)`, `a1 = a′(h)`; equal lengths. A tenth of the explicit
/// solver's time less than [`Evaluate`].
pub(crate) struct EvaluateSlopes<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) a: &'a mut [R],
    pub(crate) a1: &'a mut [R],
}

impl<R: Real> RowKernel<R> for EvaluateSlopes<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) {
        let n = self.h.len();
        let (a, a1) = (&mut self.a[..n], &mut self.a1[..n]);
        for i in 0..n {
            (a[i], a1[i], _) = clamped::<R, I, S, CLAMP>(curve, self.h[i]);
        }
    }
}
