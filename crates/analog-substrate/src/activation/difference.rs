//! The same for nodes that deviate from a settled reference, without cancellation.

use super::{
    curve::{Curve, RowKernel, chunk, chunk_mut, clamped},
    newton::{NewtonLimit, newton},
    shape::Shape,
};
use crate::kernels::{LANES, Real, reduce::largest, simd::Isa};

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
