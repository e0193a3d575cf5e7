//! tanh(h).

use super::shape::{Inverse, Shape, inverse_tangent};
use crate::kernels::{Real, simd::Isa};

#[derive(Clone, Copy)]
pub(super) struct Tanh;

impl Shape for Tanh {
    type Inverse = Self;
    const VALUES: (f64, f64) = (-1.0, 1.0);
    const SPICE: &'static str = "tanh(v)";
    const SPICE_SLOPE: &'static str = "(1-tanh(v))*(1+tanh(v))";

    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let t = h.hyperbolic_tangent::<I>();
        let slope = (-t).fma::<I>(t, R::ONE);
        (t, slope, -(t + t) * slope)
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        let t = h.tanh();
        (t, 1.0 - t * t, -2.0 * t * (1.0 - t * t))
    }
}

impl Inverse for Tanh {
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        inverse_tangent::<R, I>(f)
    }

    fn inverse_reference(f: f64) -> f64 {
        f.atanh()
    }

    fn spice() -> Vec<String> {
        vec![".func inbase(v) {rise(v)}".to_owned()]
    }
}
