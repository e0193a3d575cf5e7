//! clip(h, 0, 1).

use super::shape::{Line, Shape};
use crate::kernels::{Real, simd::Isa};

#[derive(Clone, Copy)]
pub(super) struct HardSigmoid;

impl Shape for HardSigmoid {
    /// Diodes hold the node where it is one.
    type Inverse = Line;
    const VALUES: (f64, f64) = (0.0, 1.0);
    const CONFINED: bool = true;
    const SPICE: &'static str = "max(0,min(1,v))";
    // Inside the edges, where the node's clamp keeps it.
    const SPICE_SLOPE: &'static str = "1";

    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let f = h.larger(R::ZERO).smaller(R::ONE);
        (f, if f == h { R::ONE } else { R::ZERO }, R::ZERO)
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        let inside = f64::from(u8::from((0.0..=1.0).contains(&h)));
        (h.clamp(0.0, 1.0), inside, 0.0)
    }
}
