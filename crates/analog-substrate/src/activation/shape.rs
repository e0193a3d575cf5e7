//! What an activation is: one function of a node's state, for the kernels, as a reference, and as a circuit.

use crate::kernels::{Real, simd::Isa};

/// An activation f, before its soft clamp; each has a file of its own.
pub(crate) trait Shape: Copy {
    /// f⁻¹, or [`NoInverse`] where f falls anywhere. Resistive cells take activations that have one.
    type Inverse: Inverse;
    /// The interval of f's values; infinite where it has no end.
    const VALUES: (f64, f64);
    /// Whether a node's state is confined to [0, 1], because f has kinks there and is constant beyond.
    const CONFINED: bool = false;
    /// f as an ngspice expression in `v`, in a form that overflows nowhere.
    const SPICE: &'static str;
    /// f′ likewise.
    const SPICE_SLOPE: &'static str;

    /// `(f, f′, f″)` at `h`, to rounding: what the kernels inline, and so without a branch that depends on `h`.
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R);

    /// The same by the standard library in double precision, by other formulae where there are any.
    fn reference(h: f64) -> (f64, f64, f64);
}

/// The inverse of an activation that rises everywhere.
pub(crate) trait Inverse {
    /// Whether there is one.
    const EXISTS: bool = true;
    /// Whether it is a straight line.
    const IS_LINE: bool = false;

    /// f⁻¹ and its derivative at a value of f.
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R);

    /// f⁻¹ by the standard library in double precision.
    fn inverse_reference(f: f64) -> f64;

    /// Lines that define `inbase(v)` = f⁻¹ for ngspice. It goes on as a straight line beyond f's values, so that
    /// Newton iterations can leave them; `rise(v)` is an artanh that does.
    fn spice() -> Vec<String>;
}

/// Of an activation that falls somewhere: [`Cell::check`](crate::Cell::check) refuses it where an inverse is needed.
pub(crate) struct NoInverse;

impl Inverse for NoInverse {
    const EXISTS: bool = false;

    #[inline(always)]
    fn inverse<R: Real, I: Isa>(_: R) -> (R, R) {
        let none = R::from_f64(f64::NAN);
        (none, none)
    }

    fn inverse_reference(_: f64) -> f64 {
        f64::NAN
    }

    fn spice() -> Vec<String> {
        Vec::new()
    }
}

/// f⁻¹ = f, at least where f has values.
pub(crate) struct Line;

impl Inverse for Line {
    const IS_LINE: bool = true;

    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        (f, R::ONE)
    }

    fn inverse_reference(f: f64) -> f64 {
        f
    }

    fn spice() -> Vec<String> {
        vec![".func inbase(v) {v}".to_owned()]
    }
}

/// artanh and its derivative.
#[inline(always)]
pub(super) fn inverse_tangent<R: Real, I: Isa>(t: R) -> (R, R) {
    let half = R::from_f64(0.5);
    let ratio = (R::ONE + t) / (R::ONE - t);
    (
        half * ratio.natural_log::<I>(),
        R::ONE / (-t).fma::<I>(t, R::ONE),
    )
}

/// 1/(1 + e^−h).
#[inline(always)]
pub(super) fn sigmoid<R: Real, I: Isa>(h: R) -> R {
    R::ONE / (R::ONE + (-h).exponential::<I>())
}
