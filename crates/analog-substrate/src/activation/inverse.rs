//! The inverse of an activation: the nonlinear leak of a resistive cell.

use super::{
    curve::{Curve, RowKernel},
    shape::{Inverse as _, Shape, inverse_tangent},
};
use crate::kernels::{Real, simd::Isa};

/// States of nodes from their outputs: `h = a⁻¹(y)` and `slope = dh/dy`; equal lengths, `y` within
/// [`Curve::output_range`].
pub(crate) struct Invert<'a, R> {
    pub(crate) y: &'a [R],
    pub(crate) h: &'a mut [R],
    pub(crate) slope: &'a mut [R],
}

impl<R: Real> RowKernel<R> for Invert<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) {
        let n = self.y.len();
        let (h, slope) = (&mut self.h[..n], &mut self.slope[..n]);
        for i in 0..n {
            let (f, outer) = if CLAMP {
                let (t, slope) = inverse_tangent::<R, I>(self.y[i] * curve.inverse_clamp);
                (curve.clamp * t, slope)
            } else {
                (self.y[i], R::ONE)
            };
            let (state, inner) = S::Inverse::inverse::<R, I>(f);
            h[i] = state;
            slope[i] = inner * outer;
        }
    }
}
