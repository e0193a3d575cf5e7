//! ln(1 + e^h).

use super::shape::{Inverse, Shape, sigmoid};
use crate::kernels::{Real, simd::Isa};

/// Output below which the inverse goes on as a straight line in a deck: ln(e^y − 1) = −16 there.
const SMALLEST: f64 = 1e-7;

#[derive(Clone, Copy)]
pub(super) struct Softplus;

impl Shape for Softplus {
    type Inverse = Self;
    const VALUES: (f64, f64) = (0.0, f64::INFINITY);
    const SPICE: &'static str = "0.5*(v+abs(v))+ln(1+exp(-abs(v)))";
    const SPICE_SLOPE: &'static str = "0.5*(1+tanh(0.5*v))";

    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let s = sigmoid::<R, I>(h);
        // ln(1 + u), u = e^{−|h|} ≤ 1, as 2 artanh(u/(2 + u)): the series in y² ≤ 1/9 ends where
        // its next term is below half a unit in the last place.
        let u = (-h.abs()).exponential::<I>();
        let y = u / (R::ONE + R::ONE + u);
        let y2 = y * y;
        let terms = if size_of::<R>() == 4 { 8 } else { 17 };
        let mut series = R::ZERO;
        for k in (0..terms).rev() {
            series = series.fma::<I>(y2, R::from_f64(1.0 / f64::from(2 * k + 1)));
        }
        (h.larger(R::ZERO) + (y + y) * series, s, s * (R::ONE - s))
    }

    fn reference(h: f64) -> (f64, f64, f64) {
        let s = 1.0 / (1.0 + (-h).exp());
        (h.max(0.0) + (-h.abs()).exp().ln_1p(), s, s * (1.0 - s))
    }
}

impl Inverse for Softplus {
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        let sigmoid = R::ONE - (-f).exponential::<I>();
        (f + sigmoid.natural_log::<I>(), R::ONE / sigmoid)
    }

    fn inverse_reference(f: f64) -> f64 {
        f.exp_m1().ln()
    }

    /// ln(e^y − 1) = y + ln(1 − e^−y); the slope is 1/(1 − e^−y).
    fn spice() -> Vec<String> {
        let least = SMALLEST;
        let steepest = -1.0 / (-least).exp_m1();
        vec![
            format!(".func above(v) {{max({least:e},v)}}"),
            format!(".func inbase(v) {{above(v)+ln(1-exp(-above(v)))+{steepest:e}*(v-above(v))}}"),
        ]
    }
}
