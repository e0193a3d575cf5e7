//! h·Φ(h), Φ the normal distribution function, in its tanh form (D. Hendrycks and K. Gimpel, arXiv 1606.08415).

use super::shape::{NoInverse, Shape};
use crate::kernels::{Real, simd::Isa};

/// `0.5·(1 + tanh(√(2/π)(h + CUBIC·h³)))` is Φ(h) to 5e-4; √(2/π).
const SCALE: f64 = 0.797_884_560_802_865_4;
const CUBIC: f64 = 0.044_715;

/// State beyond which the bell of Φ′ is zero in double precision: higher powers of h end there.
const FAR: f64 = 20.0;

#[derive(Clone, Copy)]
pub(super) struct Gelu;

impl Shape for Gelu {
    type Inverse = NoInverse;
    const VALUES: (f64, f64) = (-0.170_040_750_571_254_1, f64::INFINITY);
    const SPICE: &'static str = "0.5*v*(1+tanh(0.7978845608028654*v*(1+0.044715*v*v)))";
    const SPICE_SLOPE: &'static str = "0.5*(1+tanh(0.7978845608028654*v*(1+0.044715*v*v)))\
        *(1+v*(1-tanh(0.7978845608028654*v*(1+0.044715*v*v)))*0.7978845608028654*(1+0.134145*v*v))";

    /// As h·sigmoid(w), w = 2√(2/π)(h + CUBIC·h³), whose bell s(1 − s) is a product without cancellation.
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let (scale, cubic) = (R::from_f64(2.0 * SCALE), R::from_f64(2.0 * SCALE * CUBIC));
        let (two, three) = (R::from_f64(2.0), R::from_f64(3.0));
        let near = h.larger(R::from_f64(-FAR)).smaller(R::from_f64(FAR));
        let square = near * near;
        let w = near * cubic.fma::<I>(square, scale);
        let w1 = (three * cubic).fma::<I>(square, scale);
        let w2 = two * three * cubic * near;
        let e = (-w.abs()).exponential::<I>();
        let above = R::ONE / (R::ONE + e);
        let below = e * above;
        let (s, rest) = if w > R::ZERO {
            (above, below)
        } else {
            (below, above)
        };
        let bell = above * below;
        let bent = ((rest - s) * w1).fma::<I>(w1, w2);
        (
            h * s,
            (h * bell).fma::<I>(w1, s),
            bell * h.fma::<I>(bent, two * w1),
        )
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        let near = h.clamp(-FAR, FAR);
        let u = SCALE * (near + CUBIC * near.powi(3));
        let u1 = SCALE * (1.0 + 3.0 * CUBIC * near * near);
        let u2 = SCALE * 6.0 * CUBIC * near;
        let t = u.tanh();
        let bell = u.cosh().powi(-2);
        (
            0.5 * h * (1.0 + t),
            0.5 * (1.0 + t + h * bell * u1),
            bell * (u1 + 0.5 * h * (u2 - 2.0 * t * u1 * u1)),
        )
    }
}
