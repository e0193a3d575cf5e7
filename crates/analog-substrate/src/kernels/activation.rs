//! Activation functions over rows of nodes, their exact differences, and the Newton step of a
//! node's own equation.

use super::{
    LANES, Real, SimdLevel,
    reduce::largest,
    simd::{Isa, Kernel},
};
use crate::{Activation, ActivationKind};

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

/// f and its first two derivatives.
trait Shape: Copy {
    /// Whether the state is confined to [0, 1].
    const CONFINED: bool = false;
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R);
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
}

#[derive(Clone, Copy)]
struct Identity;
impl Shape for Identity {
    #[inline(always)]
    fn derivatives<R: Real, I: Isa>(h: R) -> (R, R, R) {
        (h, R::ONE, R::ZERO)
    }
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
trait RowKernel<R: Real> {
    type Output;
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> Self::Output;
}

struct ForCurve<K, R>(K, Curve<R>);

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

impl<R: Real> Evaluate<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) {
        level.run(ForCurve(self, curve));
    }
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

/// Solves each node's own equation h = a′(h)·z for fixed input z by safeguarded Newton steps.
///
/// One row of nodes. On return `a`, `a1` belong to the returned `h`, and the output is the largest
/// |h − a′(h)z| of the row (on the edge of a confined range: of the part that points inwards).
pub(crate) struct SettleRow<'a, R> {
    pub(crate) h: &'a mut [R],
    pub(crate) z: &'a [R],
    pub(crate) a: &'a mut [R],
    pub(crate) a1: &'a mut [R],
    /// Scratch of the row's length.
    pub(crate) step: &'a mut [R],
    pub(crate) limit: NewtonLimit<R>,
}

/// How Newton steps are safeguarded, and when those of a row end.
#[derive(Clone, Copy)]
pub(crate) struct NewtonLimit<R> {
    /// They end at this residual,
    pub(crate) tolerance: R,
    /// or after this many steps.
    pub(crate) steps: u32,
    /// Smallest slope that a step divides by, as a share of the largest slope that the node's
    /// equation can have. From one half on, no step raises the node's energy.
    pub(crate) caution: R,
}

impl<R: Real> SettleRow<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) -> R {
        level.run(ForCurve(self, curve))
    }
}

impl<R: Real> RowKernel<R> for SettleRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let NewtonLimit {
            tolerance,
            steps,
            caution,
        } = self.limit;
        let (h, step) = (self.h, self.step);
        for remaining in (0..=steps).rev() {
            let mut worst = [R::ZERO; LANES];
            for start in (0..h.len()).step_by(LANES) {
                let (h, z) = (chunk(h, start), chunk(self.z, start));
                let mut values = [[R::ZERO; LANES]; 3];
                for lane in 0..LANES {
                    let (value, slope, bend) = clamped::<R, I, S, CLAMP>(curve, h[lane]);
                    let force = slope.fma::<I>(z[lane], -h[lane]);
                    let (force, newton) =
                        newton::<R, I, S>(curve, h[lane], force, (bend, z[lane]), caution);
                    (values[0][lane], values[1][lane], values[2][lane]) = (value, slope, newton);
                    worst[lane] = worst[lane].larger(force.abs());
                }
                *chunk_mut(self.a, start) = values[0];
                *chunk_mut(self.a1, start) = values[1];
                *chunk_mut(step, start) = values[2];
            }
            let residual = largest(worst);
            if residual <= tolerance || remaining == 0 {
                return residual;
            }
            for (h, &step) in h.iter_mut().zip(step.iter()) {
                *h += step;
            }
        }
        R::ZERO
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

/// The force that a node can follow, and the safeguarded Newton step along it.
///
/// The slope 1 − a″z of a node's equation is nowhere above 1 + max(−a″)z⁺ + max(a″)z⁻.
#[inline(always)]
fn newton<R: Real, I: Isa, S: Shape>(
    curve: &Curve<R>,
    h: R,
    force: R,
    (bend, z): (R, R),
    caution: R,
) -> (R, R) {
    let steepest = curve.steepening.fma::<I>(
        z.larger(R::ZERO),
        curve.flattening.fma::<I>((-z).larger(R::ZERO), R::ONE),
    );
    let slope = (-bend).fma::<I>(z, R::ONE).larger(caution * steepest);
    let step = force / slope;
    if S::CONFINED {
        let step = (h + step).larger(R::ZERO).smaller(R::ONE) - h;
        (step * slope, step)
    } else {
        (force, step)
    }
}

/// The force that holds a node on the edge of [0, 1]; 0 for a node at rest inside, which is drawn to
/// where it is.
#[inline(always)]
fn holding_force<R: Real>(h: R, drawn_to: R) -> R {
    if drawn_to > R::ZERO && drawn_to < R::ONE {
        R::ZERO
    } else {
        drawn_to - h
    }
}

/// The safeguarded Newton steps of a row of nodes whose `a1`, `a2` are known, for the input z.
/// Returns the largest force of the row.
pub(crate) struct StepRow<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) z: &'a [R],
    pub(crate) a1: &'a [R],
    pub(crate) a2: &'a [R],
    pub(crate) step: &'a mut [R],
    pub(crate) caution: R,
}

impl<R: Real> StepRow<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) -> R {
        level.run(ForCurve(self, curve))
    }
}

impl<R: Real> RowKernel<R> for StepRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let mut worst = [R::ZERO; LANES];
        for start in (0..self.h.len()).step_by(LANES) {
            let (h, z) = (chunk(self.h, start), chunk(self.z, start));
            let (a1, a2) = (chunk(self.a1, start), chunk(self.a2, start));
            let step = chunk_mut(self.step, start);
            for lane in 0..LANES {
                let force = a1[lane].fma::<I>(z[lane], -h[lane]);
                let (force, newton) =
                    newton::<R, I, S>(curve, h[lane], force, (a2[lane], z[lane]), self.caution);
                step[lane] = newton;
                worst[lane] = worst[lane].larger(force.abs());
            }
        }
        largest(worst)
    }
}

/// A settled row of nodes from which deviations are counted.
#[derive(Clone, Copy)]
pub(crate) struct Reference<'a, R> {
    pub(crate) h: &'a [R],
    pub(crate) a: &'a [R],
    pub(crate) a1: &'a [R],
    pub(crate) z: &'a [R],
}

/// What a deviation does to [`LANES`] nodes: `a(h+δ) − a(h)`, `a′(h+δ) − a′(h)`, mean a″.
struct Difference<R> {
    da: [R; LANES],
    da1: [R; LANES],
    a2: [R; LANES],
}

/// [`Difference`] of the nodes from `start`, without cancellation.
///
/// For small δ both differences are integrals of the next derivative over the step, taken by
/// two-point Gauss quadrature; for large δ they are subtracted.
#[inline(always)]
fn difference<R: Real, I: Isa, S: Shape, const CLAMP: bool>(
    curve: &Curve<R>,
    reference: &Reference<'_, R>,
    deviation: &[R; LANES],
    start: usize,
) -> Difference<R> {
    // Nodes of two-point Gauss quadrature on [0, 1]: ½ ∓ 1/√12.
    let low = R::from_f64(0.5 - 0.288_675_134_594_812_9);
    let high = R::from_f64(0.5 + 0.288_675_134_594_812_9);
    let half = R::from_f64(0.5);
    let h = chunk(reference.h, start);
    let (mut da, mut da1, mut a2) = ([R::ZERO; LANES], [R::ZERO; LANES], [R::ZERO; LANES]);
    let mut size = [R::ZERO; LANES];
    for lane in 0..LANES {
        let (h, d) = (h[lane], deviation[lane]);
        let (_, slope_low, bend_low) = clamped::<R, I, S, CLAMP>(curve, d.fma::<I>(low, h));
        let (_, slope_high, bend_high) = clamped::<R, I, S, CLAMP>(curve, d.fma::<I>(high, h));
        da[lane] = d * half * (slope_low + slope_high);
        a2[lane] = half * (bend_low + bend_high);
        da1[lane] = d * a2[lane];
        size[lane] = d.abs();
    }
    if largest(size) > curve.small {
        let (a, a1) = (chunk(reference.a, start), chunk(reference.a1, start));
        for lane in 0..LANES {
            let (value, slope, bend) = clamped::<R, I, S, CLAMP>(curve, h[lane] + deviation[lane]);
            let subtract = size[lane] > curve.small;
            da[lane] = if subtract { value - a[lane] } else { da[lane] };
            da1[lane] = if subtract {
                slope - a1[lane]
            } else {
                da1[lane]
            };
            a2[lane] = if subtract { bend } else { a2[lane] };
        }
    }
    Difference { da, da1, a2 }
}

/// Output and slope differences of a row of nodes that deviate from a reference.
pub(crate) struct EvaluateDifference<'a, R> {
    pub(crate) reference: Reference<'a, R>,
    pub(crate) deviation: &'a [R],
    pub(crate) da: &'a mut [R],
    pub(crate) da1: &'a mut [R],
    pub(crate) a2: &'a mut [R],
}

impl<R: Real> EvaluateDifference<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) {
        level.run(ForCurve(self, curve));
    }
}

impl<R: Real> RowKernel<R> for EvaluateDifference<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) {
        for start in (0..self.deviation.len()).step_by(LANES) {
            let deviation = chunk(self.deviation, start);
            let change = difference::<R, I, S, CLAMP>(curve, &self.reference, deviation, start);
            *chunk_mut(self.da, start) = change.da;
            *chunk_mut(self.da1, start) = change.da1;
            *chunk_mut(self.a2, start) = change.a2;
        }
    }
}

/// Forces and Newton steps of [`LANES`] deviating nodes from `start`; raises `worst` to the forces.
///
/// The force `Δa′·(z + δz) + a′·δz − δ` vanishes where h + δ = a′(h + δ)(z + δz), if h = a′(h)z
/// does. A reference that rests on its edge has a force of its own, which keeps it there.
#[inline(always)]
fn deviation_steps<R: Real, I: Isa, S: Shape>(
    curve: &Curve<R>,
    reference: &Reference<'_, R>,
    start: usize,
    (deviation, dz): (&[R; LANES], &[R; LANES]),
    (da1, a2): (&[R; LANES], &[R; LANES]),
    caution: R,
    worst: &mut [R; LANES],
) -> [R; LANES] {
    let (h, a1) = (chunk(reference.h, start), chunk(reference.a1, start));
    let z = chunk(reference.z, start);
    let mut steps = [R::ZERO; LANES];
    for lane in 0..LANES {
        let total = z[lane] + dz[lane];
        let force = da1[lane].fma::<I>(total, a1[lane].fma::<I>(dz[lane], -deviation[lane]));
        let state = h[lane] + deviation[lane];
        let force = if S::CONFINED {
            force + holding_force(h[lane], a1[lane] * z[lane])
        } else {
            force
        };
        let (force, step) = newton::<R, I, S>(curve, state, force, (a2[lane], total), caution);
        steps[lane] = step;
        worst[lane] = worst[lane].larger(force.abs());
    }
    steps
}

/// As [`StepRow`], for deviations from a reference under an input difference `dz`.
pub(crate) struct StepDifferenceRow<'a, R> {
    pub(crate) reference: Reference<'a, R>,
    pub(crate) deviation: &'a [R],
    pub(crate) dz: &'a [R],
    pub(crate) da1: &'a [R],
    pub(crate) a2: &'a [R],
    pub(crate) step: &'a mut [R],
    pub(crate) caution: R,
}

impl<R: Real> StepDifferenceRow<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) -> R {
        level.run(ForCurve(self, curve))
    }
}

impl<R: Real> RowKernel<R> for StepDifferenceRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let mut worst = [R::ZERO; LANES];
        for start in (0..self.deviation.len()).step_by(LANES) {
            let moved = (chunk(self.deviation, start), chunk(self.dz, start));
            let change = (chunk(self.da1, start), chunk(self.a2, start));
            *chunk_mut(self.step, start) = deviation_steps::<R, I, S>(
                curve,
                &self.reference,
                start,
                moved,
                change,
                self.caution,
                &mut worst,
            );
        }
        largest(worst)
    }
}

/// As [`SettleRow`], for deviations from a reference under an input difference `dz`: on return
/// `da` belongs to the returned deviation.
pub(crate) struct SettleDifferenceRow<'a, R> {
    pub(crate) reference: Reference<'a, R>,
    pub(crate) deviation: &'a mut [R],
    pub(crate) dz: &'a [R],
    pub(crate) da: &'a mut [R],
    /// Scratch of the row's length.
    pub(crate) step: &'a mut [R],
    pub(crate) limit: NewtonLimit<R>,
}

impl<R: Real> SettleDifferenceRow<'_, R> {
    pub(crate) fn apply(self, level: SimdLevel, curve: Curve<R>) -> R {
        level.run(ForCurve(self, curve))
    }
}

impl<R: Real> RowKernel<R> for SettleDifferenceRow<'_, R> {
    type Output = R;

    #[inline(always)]
    fn run<I: Isa, S: Shape, const CLAMP: bool>(self, curve: &Curve<R>) -> R {
        let NewtonLimit {
            tolerance,
            steps,
            caution,
        } = self.limit;
        let (deviation, step) = (self.deviation, self.step);
        for remaining in (0..=steps).rev() {
            let mut worst = [R::ZERO; LANES];
            for start in (0..deviation.len()).step_by(LANES) {
                let moved = (chunk(deviation, start), chunk(self.dz, start));
                let change = difference::<R, I, S, CLAMP>(curve, &self.reference, moved.0, start);
                *chunk_mut(self.da, start) = change.da;
                *chunk_mut(step, start) = deviation_steps::<R, I, S>(
                    curve,
                    &self.reference,
                    start,
                    moved,
                    (&change.da1, &change.a2),
                    caution,
                    &mut worst,
                );
            }
            let residual = largest(worst);
            if residual <= tolerance || remaining == 0 {
                return residual;
            }
            for (deviation, &step) in deviation.iter_mut().zip(step.iter()) {
                *deviation += step;
            }
        }
        R::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [ActivationKind; 5] = [
        ActivationKind::Silu,
        ActivationKind::Tanh,
        ActivationKind::Softplus,
        ActivationKind::HardSigmoid,
        ActivationKind::Identity,
    ];

    fn all() -> impl Iterator<Item = Activation> {
        KINDS
            .into_iter()
            .flat_map(|kind| [None, Some(10.0), Some(2.0)].map(|clamp| Activation { kind, clamp }))
    }

    fn states<R: Real>() -> Vec<R> {
        (0..LANES * 32)
            .map(|i| R::from_f64(f64::from(i as u32) / 25.6 - 10.003))
            .collect()
    }

    fn check_values<R: Real>(tolerance: f64) {
        let h = states::<R>();
        let n = h.len();
        for activation in all() {
            for level in SimdLevel::available() {
                let (mut a, mut a1, mut a2) =
                    (vec![R::ZERO; n], vec![R::ZERO; n], vec![R::ZERO; n]);
                Evaluate {
                    h: &h,
                    a: &mut a,
                    a1: &mut a1,
                    a2: &mut a2,
                }
                .apply(level, Curve::new(activation));
                for i in 0..n {
                    let exact = activation.derivatives(h[i].to_f64());
                    for (ours, exact) in [(a[i], exact.0), (a1[i], exact.1), (a2[i], exact.2)] {
                        let error = (ours.to_f64() - exact).abs();
                        assert!(
                            error <= tolerance * (1.0 + exact.abs()),
                            "{activation:?} {level} {}",
                            h[i]
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn kernels_equal_the_standard_library_to_rounding() {
        check_values::<f32>(6.0 * f64::from(f32::EPSILON));
        check_values::<f64>(6.0 * f64::EPSILON);
    }

    #[test]
    fn small_differences_keep_their_relative_accuracy() {
        for activation in all().filter(|a| a.kind != ActivationKind::HardSigmoid) {
            for size in [1e-6, 1e-4, 1e-2, 0.2, 0.3, 2.0] {
                let h: Vec<f32> = (0..LANES).map(|i| i as f32 * 0.4 - 3.0).collect();
                let exact = |h: f32| activation.derivatives(f64::from(h));
                let (a, a1): (Vec<f32>, Vec<f32>) = h
                    .iter()
                    .map(|&h| (exact(h).0 as f32, exact(h).1 as f32))
                    .unzip();
                let deviation = vec![size as f32; LANES];
                let mut out = vec![vec![0.0; LANES]; 3];
                let [da, da1, a2] = &mut out[..] else {
                    unreachable!()
                };
                let reference = Reference {
                    h: &h,
                    a: &a,
                    a1: &a1,
                    z: &h,
                };
                EvaluateDifference {
                    reference,
                    deviation: &deviation,
                    da,
                    da1,
                    a2,
                }
                .apply(SimdLevel::detect(), Curve::new(activation));
                for i in 0..LANES {
                    let from = f64::from(h[i]);
                    let to = activation.derivatives(from + f64::from(deviation[i]));
                    let d = f64::from(deviation[i]);
                    // Relative to the step, not to the (possibly tiny) derivative.
                    assert!(
                        (f64::from(out[0][i]) - (to.0 - exact(h[i]).0)).abs() < 4e-6 * d,
                        "{activation:?} {size}"
                    );
                    assert!(
                        (f64::from(out[1][i]) - (to.1 - exact(h[i]).1)).abs() < 4e-6 * d,
                        "{activation:?} {size}"
                    );
                }
            }
        }
    }

    #[test]
    fn newton_solves_the_nodes_own_equation() {
        for activation in all() {
            let z: Vec<f64> = (0..LANES * 4)
                .map(|i| f64::from(i as u32) * 0.15 - 4.0)
                .collect();
            let n = z.len();
            let mut rows = vec![vec![0.0; n]; 4];
            let [h, a, a1, step] = &mut rows[..] else {
                unreachable!()
            };
            let limit = NewtonLimit {
                tolerance: 1e-13,
                steps: 100,
                caution: 0.5,
            };
            let residual = SettleRow {
                h,
                z: &z,
                a,
                a1,
                step,
                limit,
            }
            .apply(SimdLevel::detect(), Curve::new(activation));
            assert!(residual <= 1e-13, "{activation:?}: {residual}");
            for i in 0..n {
                let (_, slope, _) = activation.derivatives(h[i]);
                let force = slope * z[i] - h[i];
                let held = activation.state_range().is_some_and(|(low, high)| {
                    (h[i] <= low && force < 0.0) || (h[i] >= high && force > 0.0)
                });
                assert!(held || force.abs() < 1e-12, "{activation:?} z = {}", z[i]);
            }
        }
    }
}
