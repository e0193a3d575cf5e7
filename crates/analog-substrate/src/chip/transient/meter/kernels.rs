//! The elementwise parts of the meter.

use super::super::{coefficients::Coefficients, power::total};
use crate::kernels::{
    LANES, Real,
    simd::{Isa, Kernel},
};

/// coupled += weight·(current through the slope), leaked += weight·seen.
pub(super) struct Charge<'a, R> {
    pub(super) coupled: &'a mut [R],
    pub(super) leaked: &'a mut [R],
    pub(super) current: &'a [R],
    pub(super) slope: Option<&'a [R]>,
    pub(super) seen: &'a [R],
    pub(super) weight: R,
}

impl<R: Real> Kernel for Charge<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.coupled.len();
        let (coupled, leaked) = (self.coupled, &mut self.leaked[..n]);
        let (z, seen) = (&self.current[..n], &self.seen[..n]);
        for i in 0..n {
            leaked[i] = self.weight.fma::<I>(seen[i], leaked[i]);
        }
        match self.slope {
            Some(slope) => {
                let slope = &slope[..n];
                for i in 0..n {
                    coupled[i] = (self.weight * slope[i]).fma::<I>(z[i], coupled[i]);
                }
            }
            None => {
                for i in 0..n {
                    coupled[i] = self.weight.fma::<I>(z[i], coupled[i]);
                }
            }
        }
    }
}

/// `∫V dt = h(u + p2·F(u) + p3·ΔN)` along the path of an exponential step ([`Coefficients`]); what it
/// is more than the trapezoid of u and its stage, times h, times the share D/(μ·leak) of the leak's
/// current that is linear in V: 1 unless the coefficients follow a nonlinear leak.
pub(super) struct Relax<'a, R> {
    pub(super) leaked: &'a mut [R],
    pub(super) state: &'a [R],
    pub(super) drift: &'a [R],
    pub(super) stage: &'a [R],
    pub(super) stage_drift: &'a [R],
    pub(super) coefficients: &'a Coefficients<R>,
    pub(super) leak: &'a [R],
    pub(super) mobility: &'a [R],
    pub(super) step: R,
}

impl<R: Real> Kernel for Relax<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let (n, half) = (self.leak.len(), R::from_f64(0.5));
        let (leak, mobility) = (self.leak, &self.mobility[..n]);
        for (row, leaked) in self.leaked.chunks_exact_mut(n).enumerate() {
            let at = row * n..(row + 1) * n;
            let own = self.coefficients.row(row, n);
            let p2 = &self.coefficients.p2[own.clone()];
            let p3 = &self.coefficients.p3[own.clone()];
            let damping = &self.coefficients.damping[own];
            let (u, f) = (&self.state[at.clone()], &self.drift[at.clone()]);
            let (a, fa) = (&self.stage[at.clone()], &self.stage_drift[at]);
            for i in 0..n {
                let moved = a[i] - u[i];
                let change = damping[i].fma::<I>(moved, fa[i] - f[i]);
                let excess = p3[i].fma::<I>(change, p2[i].fma::<I>(f[i], -(half * moved)));
                let linear = if !self.coefficients.per_element {
                    R::ONE
                } else if leak[i] > R::ZERO {
                    damping[i] / (mobility[i] * leak[i])
                } else {
                    R::ZERO
                };
                leaked[i] = (self.step * linear).fma::<I>(excess, leaked[i]);
            }
        }
    }
}

/// States and drifts of a row of nodes at both ends of a step.
#[derive(Clone, Copy)]
pub(super) struct Ends<'a, R> {
    pub(super) state: [&'a [R]; 2],
    pub(super) drift: [&'a [R]; 2],
    pub(super) step: R,
}

impl<'a, R: Real> Ends<'a, R> {
    fn lanes(&self, start: usize) -> Self {
        let lanes = |row: &'a [R]| &row[start..start + LANES];
        Self {
            state: self.state.map(lanes),
            drift: self.drift.map(lanes),
            step: self.step,
        }
    }

    /// `hα`, `hβ`, `γ` of [`Meter`](super::Meter) for element `i`.
    #[inline(always)]
    fn weights<I: Isa>(&self, i: usize) -> [R; 3] {
        let (tenth, sixth) = (R::from_f64(0.1), R::from_f64(1.0 / 6.0));
        let moved = self.state[1][i] - self.state[0][i];
        let (f0, f1) = (self.step * self.drift[0][i], self.step * self.drift[1][i]);
        let middle = R::from_f64(0.5) * (self.state[0][i] + self.state[1][i]);
        [
            tenth * self.step * sixth.fma::<I>(f1, -moved),
            tenth * self.step * (-sixth).fma::<I>(f0, moved),
            tenth.fma::<I>(f0 - f1, middle),
        ]
    }
}

/// Of one row of nodes: what the leaks (with the limits) dissipate, what couplings and noise deliver.
pub(super) struct NodeWork<'a, R> {
    pub(super) ends: Ends<'a, R>,
    pub(super) coupling: &'a [R],
    pub(super) current: &'a [R],
    pub(super) slope: Option<&'a [R]>,
    pub(super) seen: [&'a [R]; 2],
    pub(super) coupled: &'a [R],
    pub(super) leaked: &'a [R],
    /// None where nothing displaces nodes.
    pub(super) noise: Option<&'a [R]>,
    pub(super) limit: Option<&'a [R]>,
    pub(super) leak: &'a [R],
    pub(super) mobility: &'a [R],
}

impl<R: Real> Kernel for NodeWork<'_, R> {
    type Output = [R; 3];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 3] {
        let mut sums = [[R::ZERO; LANES]; 3];
        for start in (0..self.leak.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let ends = self.ends.lanes(start);
            let (leak, mobility) = (&self.leak[lanes.clone()], &self.mobility[lanes.clone()]);
            let (i0, z) = (&self.coupling[lanes.clone()], &self.current[lanes.clone()]);
            let (e0, e1) = (&self.seen[0][lanes.clone()], &self.seen[1][lanes.clone()]);
            let (coupled, leaked) = (&self.coupled[lanes.clone()], &self.leaked[lanes.clone()]);
            let mut i1 = [R::ZERO; LANES];
            i1.copy_from_slice(z);
            if let Some(slope) = self.slope {
                let slope = &slope[lanes.clone()];
                for i in 0..LANES {
                    i1[i] = slope[i] * z[i];
                }
            }
            let mut means = [R::ZERO; LANES];
            for i in 0..LANES {
                let [first, second, mean] = ends.weights::<I>(i);
                let seen = second.fma::<I>(e1[i], mean * leaked[i]);
                sums[0][i] += leak[i] * first.fma::<I>(e0[i], seen);
                let delivered = second.fma::<I>(i1[i], mean * coupled[i]);
                sums[1][i] += first.fma::<I>(i0[i], delivered);
                means[i] = mean;
            }
            if let Some(limit) = self.limit {
                let limit = &limit[lanes.clone()];
                for i in 0..LANES {
                    sums[0][i] -= means[i] * limit[i] / mobility[i];
                }
            }
            if let Some(noise) = self.noise {
                let noise = &noise[lanes];
                for i in 0..LANES {
                    sums[2][i] += means[i] * noise[i] / mobility[i];
                }
            }
        }
        sums.map(total)
    }
}

/// Of one row of visible nodes: what the conductances k to a source at force/k dissipate, and what
/// that source delivers to them and to the nodes. `passed` is ∫x dt.
pub(super) struct SpringWork<'a, R> {
    pub(super) ends: Ends<'a, R>,
    pub(super) force: [&'a [R]; 2],
    pub(super) brought: &'a [R],
    pub(super) passed: &'a [R],
    pub(super) spring: &'a [R],
    pub(super) stiffening: R,
}

impl<R: Real> Kernel for SpringWork<'_, R> {
    type Output = [R; 2];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 2] {
        let mut sums = [[R::ZERO; LANES]; 2];
        let (half, twelfth) = (R::from_f64(0.5), R::from_f64(1.0 / 12.0));
        for start in (0..self.spring.len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let ends = self.ends.lanes(start);
            let (f0, f1) = (&self.force[0][lanes.clone()], &self.force[1][lanes.clone()]);
            let (brought, passed) = (&self.brought[lanes.clone()], &self.passed[lanes.clone()]);
            let spring = &self.spring[lanes];
            for i in 0..LANES {
                // Padding has no spring, and no force either.
                let padding = spring[i] <= R::ZERO;
                let k = if padding {
                    R::ONE
                } else {
                    spring[i] + self.stiffening
                };
                let current = [
                    (-k).fma::<I>(ends.state[0][i], f0[i]),
                    (-k).fma::<I>(ends.state[1][i], f1[i]),
                ];
                let charge = (-k).fma::<I>(passed[i], brought[i]);
                // The source moves in a straight line.
                let drooped = twelfth * ends.step * (f1[i] - f0[i]) / k;
                let source = [-drooped, drooped, half * (f0[i] + f1[i]) / k];
                let node = ends.weights::<I>(i);
                let work = |weights: [R; 3]| {
                    let last = weights[1].fma::<I>(current[1], weights[2] * charge);
                    weights[0].fma::<I>(current[0], last)
                };
                let across = [
                    source[0] - node[0],
                    source[1] - node[1],
                    source[2] - node[2],
                ];
                if !padding {
                    sums[0][i] += work(across);
                    sums[1][i] += work(source);
                }
            }
        }
        sums.map(total)
    }
}
