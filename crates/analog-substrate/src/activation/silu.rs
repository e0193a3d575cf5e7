//! h·sigmoid(h).

use super::shape::{NoInverse, Shape, sigmoid};
use crate::kernels::{Real, simd::Isa};

#[derive(Clone, Copy)]
pub(super) struct Silu;

impl Shape for Silu {
    type Inverse = NoInverse;
    const VALUES: (f64, f64) = (-0.278_464_542_761_073_8, f64::INFINITY);
    // sigmoid(v) = (1 + tanh(v/2))/2
    const SPICE: &'static str = "0.5*v*(1+tanh(0.5*v))";
    const SPICE_SLOPE: &'static str = "0.5*(1+tanh(0.5*v))*(1+0.5*v*(1-tanh(0.5*v)))";

    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let s = sigmoid::<R, I>(h);
        let rest = R::ONE - s;
        let s1 = s * rest;
        let two = R::ONE + R::ONE;
        (h * s, h.fma::<I>(s1, s), s1 * h.fma::<I>(rest - s, two))
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        let s = 1.0 / (1.0 + (-h).exp());
        let s1 = s * (1.0 - s);
        (h * s, s + h * s1, s1 * (2.0 + h * (1.0 - 2.0 * s)))
    }
}
