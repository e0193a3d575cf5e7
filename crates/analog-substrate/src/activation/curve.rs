//! An activation with its numbers, as the kernels see it.

use super::{Activation, ActivationKind, shape::Shape};
use crate::kernels::{
    LANES, Real,
    simd::{Isa, Kernel},
};

/// What stands for an output without end.
const HUGE: f64 = 1e30;

/// An activation as the kernels see it, with its numbers in the scalar type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve<R> {
    kind: ActivationKind,
    /// c and 1/c, or c = 0 for no clamp.
    pub(super) clamp: R,
    pub(super) inverse_clamp: R,
    /// max(−a″) and max(a″) over all states: they bound the slope of a node's equation.
    pub(super) steepening: R,
    pub(super) flattening: R,
    /// Largest |δ| for which differences are integrated rather than subtracted.
    pub(super) small: R,
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
        let range = self.kind.state_range();
        range.map(|(low, high)| (R::from_f64(low), R::from_f64(high)))
    }

    /// Largest |a| over all states; none where there is none.
    pub(crate) fn largest_output(&self) -> Option<f64> {
        let (low, high) = self.kind.values();
        let shape = Some(low.abs().max(high.abs())).filter(|most| most.is_finite());
        let clamp = (self.clamp > R::ZERO).then(|| self.clamp.to_f64());
        match (shape, clamp) {
            (Some(most), Some(clamp)) => Some(most.min(clamp)),
            (bound, None) | (None, bound) => bound,
        }
    }

    /// The open interval of outputs of an invertible activation, a little narrowed (by 8 units in the
    /// last place): within it a⁻¹ is finite. For the hard sigmoid the closed interval of its states.
    pub(crate) fn output_range(&self) -> (R, R) {
        let (low, high) = self.kind.values();
        let [low, high] = [low, high].map(|f| R::from_f64(f.clamp(-HUGE, HUGE)));
        let soft = |f: R| {
            if self.clamp > R::ZERO {
                R::from_f64(self.clamp.to_f64() * (f / self.clamp).to_f64().tanh())
            } else {
                f
            }
        };
        let (low, high) = (soft(low), soft(high));
        if self.kind.state_range().is_some() {
            return (low, high);
        }
        let margin = R::from_f64(8.0) * R::EPSILON;
        let inward = margin * R::ONE.larger(self.clamp);
        (low + inward, high - inward)
    }
}

/// `(a, a′, a″)`: the shape with its soft clamp.
#[inline(always)]
pub(super) fn clamped<R: Real, I: Isa, S: Shape, const CLAMP: bool>(
    curve: &Curve<R>,
    h: R,
) -> (R, R, R) {
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

/// Runs a kernel as compiled for the shape of a curve.
macro_rules! dispatch {
    ([$($(#[$meta:meta])* $kind:ident: $file:ident,)*] $kernel:ident for $curve:ident on $isa:ident) => {
        match ($curve.kind, $curve.clamp > R::ZERO) {
            $(
                (ActivationKind::$kind, true) => $kernel.run::<$isa, super::$file::$kind, true>(&$curve),
                (ActivationKind::$kind, false) => $kernel.run::<$isa, super::$file::$kind, false>(&$curve),
            )*
        }
    };
}

impl<R: Real, K: RowKernel<R>> Kernel for ForCurve<K, R> {
    type Output = K::Output;

    #[inline(always)]
    fn run<I: Isa>(self) -> K::Output {
        let Self(kernel, curve) = self;
        activations!(dispatch! kernel for curve on I)
    }
}

/// [`LANES`] elements from `start`.
#[inline(always)]
pub(super) fn chunk<R>(row: &[R], start: usize) -> &[R; LANES] {
    row[start..]
        .first_chunk()
        .expect("rows are padded to LANES")
}

/// [`LANES`] elements from `start`, to change.
#[inline(always)]
pub(super) fn chunk_mut<R>(row: &mut [R], start: usize) -> &mut [R; LANES] {
    row[start..]
        .first_chunk_mut()
        .expect("rows are padded to LANES")
}
