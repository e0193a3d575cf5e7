//! Activation functions over rows of nodes, their exact differences, and the Newton step of a
//! node's own equation.

mod difference;
mod inverse;
mod lagrangian;
mod newton;
#[cfg(test)]
mod tests;

use super::{
    LANES, Real,
    simd::{Isa, Kernel},
};
use crate::{Activation, ActivationKind};

pub(crate) use difference::{
    EvaluateDifference, Reference, SettleDifferenceRow, StepDifferenceRow,
};
pub(crate) use inverse::Invert;
pub(crate) use lagrangian::Lagrangian;
pub(crate) use newton::{NewtonLimit, SettleRow, StepRow};

/// An activation as the kernels see it, with its numbers in the scalar type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve<R> {
    kind: ActivationKind,
    /// c and 1/c, or c = 0 for no clamp.
    clamp: R,
    inverse_clamp: R,
    /// max(−a″) and max(a″) over all states: they bound the slope of a node's equation.
    steepening: R,
    flattening: R,
    /// Largest |δ| for which differences are integrated rather than subtracted.
    small: R,
}

impl<R: Real> Curve<R> {
    pub(crate) fn new(activation: Activation) -> Self {
        let clamp = activation.clamp.unwrap_or(0.0);
        // Two-point Gauss quadrature errs by a⁗′δ⁴/4320 relative (|a⁗′| ≤ 16 for tanh), subtraction
        // by ε/δ: they meet near 0.1 in f32 and 1e-3 in f64. A kink cannot be integrated.
        let small = match (activation.kind, size_of::<R>()) {
            (ActivationKind::HardSigmoid, _) => 0.0,
            (_, 4) => 0.1,
            _ => 1e-3,
        };
        let bends = (-2000..=2000).map(|i| activation.derivatives(f64::from(i) * 0.01).2);
        let (low, high) = bends.fold((0.0, 0.0), |(l, h), b| (f64::min(l, b), f64::max(h, b)));
        Self {
            steepening: R::from_f64(-low),
            flattening: R::from_f64(high),
            kind: activation.kind,
            clamp: R::from_f64(clamp),
            inverse_clamp: R::from_f64(if clamp > 0.0 { 1.0 / clamp } else { 0.0 }),
            small: R::from_f64(small),
        }
    }

    /// The interval to which states are confined.
    pub(crate) fn range(&self) -> Option<(R, R)> {
        (self.kind == ActivationKind::HardSigmoid).then_some((R::ZERO, R::ONE))
    }
}

impl<R: Real> Curve<R> {
    /// Largest |a| over all states; none where there is none.
    pub(crate) fn largest_output(&self) -> Option<f64> {
        let shape = match self.kind {
            ActivationKind::Tanh | ActivationKind::HardSigmoid => Some(1.0),
            ActivationKind::Silu | ActivationKind::Softplus | ActivationKind::Identity => None,
        };
        let clamp = (self.clamp > R::ZERO).then(|| self.clamp.to_f64());
        match (shape, clamp) {
            (Some(most), Some(clamp)) => Some(most.min(clamp)),
            (bound, None) | (None, bound) => bound,
        }
    }

    /// The open interval of outputs of an invertible activation, a little narrowed (by 8 units in the
    /// last place): within it a⁻¹ is finite. For the hard sigmoid the closed interval of its states.
    pub(crate) fn output_range(&self) -> (R, R) {
        let huge = R::from_f64(1e30);
        let (low, high) = match self.kind {
            ActivationKind::Tanh => (-R::ONE, R::ONE),
            ActivationKind::Softplus => (R::ZERO, huge),
            ActivationKind::HardSigmoid => (R::ZERO, R::ONE),
            ActivationKind::Silu | ActivationKind::Identity => (-huge, huge),
        };
        let soft = |f: R| {
            if self.clamp > R::ZERO {
                R::from_f64(self.clamp.to_f64() * (f / self.clamp).to_f64().tanh())
            } else {
                f
            }
        };
        let (low, high) = (soft(low), soft(high));
        if self.kind == ActivationKind::HardSigmoid {
            return (low, high);
        }
        let margin = R::from_f64(8.0) * R::EPSILON;
        let inward = margin * R::ONE.larger(self.clamp);
        (low + inward, high - inward)
    }
}

/// f and its first two derivatives.
pub(crate) trait Shape: Copy {
    /// Whether the state is confined to [0, 1].
    const CONFINED: bool = false;
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R);
    /// f⁻¹ and its derivative at a value of f.
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R);
}

#[derive(Clone, Copy)]
struct Silu;
impl Shape for Silu {
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let s = sigmoid::<R, I>(h);
        let rest = R::ONE - s;
        let s1 = s * rest;
        let two = R::ONE + R::ONE;
        (h * s, h.fma::<I>(s1, s), s1 * h.fma::<I>(rest - s, two))
    }
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(_: R) -> (R, R) {
        unreachable!("a resistive cell refuses an activation without inverse")
    }
}

#[derive(Clone, Copy)]
struct Tanh;
impl Shape for Tanh {
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let t = h.hyperbolic_tangent::<I>();
        let slope = (-t).fma::<I>(t, R::ONE);
        (t, slope, -(t + t) * slope)
    }
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        inverse_tangent::<R, I>(f)
    }
}

#[derive(Clone, Copy)]
struct Softplus;
impl Shape for Softplus {
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
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        let sigmoid = R::ONE - (-f).exponential::<I>();
        (f + sigmoid.natural_log::<I>(), R::ONE / sigmoid)
    }
}

#[derive(Clone, Copy)]
struct HardSigmoid;
impl Shape for HardSigmoid {
    const CONFINED: bool = true;
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        let f = h.larger(R::ZERO).smaller(R::ONE);
        (f, if f == h { R::ONE } else { R::ZERO }, R::ZERO)
    }
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        (f, R::ONE)
    }
}

#[derive(Clone, Copy)]
struct Identity;
impl Shape for Identity {
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        (h, R::ONE, R::ZERO)
    }
    #[inline(always)]
    fn inverse<R: Real, I: Isa>(f: R) -> (R, R) {
        (f, R::ONE)
    }
}

/// artanh and its derivative.
#[inline(always)]
fn inverse_tangent<R: Real, I: Isa>(t: R) -> (R, R) {
    let half = R::from_f64(0.5);
    let ratio = (R::ONE + t) / (R::ONE - t);
    (
        half * ratio.natural_log::<I>(),
        R::ONE / (-t).fma::<I>(t, R::ONE),
    )
}

#[inline(always)]
fn sigmoid<R: Real, I: Isa>(h: R) -> R {
    R::ONE / (R::ONE + (-h).exponential::<I>())
}

/// `(a, a′, a″)`: the shape with its soft clamp.
#[inline(always)]
fn clamped<R: Real, I: Isa, S: Shape, const CLAMP: bool>(curve: &Curve<R>, h: R) -> (R, R, R) {
    let (f, f1, f2) = S::derivatives::<R, I>(h);
    if !CLAMP {
        return (f, f1, f2);
    }
    let t = (f * curve.inverse_clamp).hyperbolic_tangent::<I>();
    let slope = (-t).fma::<I>(t, R::ONE);
    let bend = (t + t) * curve.inverse_clamp * f1;
    (
        curve.clamp * t,
        slope * f1,
        slope * (-bend).fma::<I>(f1, f2),
    )
}

/// A kernel that is compiled for every shape of activation.
pub(crate) trait RowKernel<R: Real> {
    type Output;
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> Self::Output;
}

/// A kernel over rows of nodes and the activation that they have.
pub(crate) struct ForCurve<K, R>(pub(super) K, pub(super) Curve<R>);

impl<R: Real, K: RowKernel<R>> Kernel for ForCurve<K, R> {
    type Output = K::Output;

    #[inline(always)]
    fn run<I: Isa>(self) -> K::Output {
        let Self(kernel, curve) = self;
        match (curve.kind, curve.clamp > R::ZERO) {
            (ActivationKind::Silu, true) => kernel.run::<I, Silu, true>(&curve),
            (ActivationKind::Silu, false) => kernel.run::<I, Silu, false>(&curve),
            (ActivationKind::Tanh, true) => kernel.run::<I, Tanh, true>(&curve),
            (ActivationKind::Tanh, false) => kernel.run::<I, Tanh, false>(&curve),
            (ActivationKind::Softplus, true) => kernel.run::<I, Softplus, true>(&curve),
            (ActivationKind::Softplus, false) => kernel.run::<I, Softplus, false>(&curve),
            (ActivationKind::HardSigmoid, true) => kernel.run::<I, HardSigmoid, true>(&curve),
            (ActivationKind::HardSigmoid, false) => kernel.run::<I, HardSigmoid, false>(&curve),
            (ActivationKind::Identity, true) => kernel.run::<I, Identity, true>(&curve),
            (ActivationKind::Identity, false) => kernel.run::<I, Identity, false>(&curve),
        }
    }
}

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

/// [`LANES`] elements from `start`.
#[inline(always)]
fn chunk<R>(row: &[R], start: usize) -> &[R; LANES] {
    row[start..]
        .first_chunk()
        .expect("rows are padded to LANES")
}

/// [`LANES`] elements from `start`, to change.
#[inline(always)]
fn chunk_mut<R>(row: &mut [R], start: usize) -> &mut [R; LANES] {
    row[start..]
        .first_chunk_mut()
        .expect("rows are padded to LANES")
}
