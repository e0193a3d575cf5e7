//! h.

use super::shape::{Line, Shape};
use crate::kernels::{Real, simd::Isa};

#[derive(Clone, Copy)]
pub(super) struct Identity;

impl Shape for Identity {
    type Inverse = Line;
    const VALUES: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
    const SPICE: &'static str = "v";
    const SPICE_SLOPE: &'static str = "1";

    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        (h, R::ONE, R::ZERO)
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        (h, 1.0, 0.0)
    }
}
