//! One sweep over a block: inputs, outputs, the equations of the nodes, and the energy.

use super::{
    anderson::Energy,
    block::{BLOCK, Block, SweepPlan, Task},
    network::{Network, broadcast},
    settled::Record,
};
use crate::{
    activation::{
        ActivationScalar, Curve, Evaluate, EvaluateDifference, Lagrangian, NewtonLimit, Reference,
        SettleDifferenceRow, SettleRow, StepDifferenceRow, StepRow,
    },
    kernels::reduce::{Follow, product},
};

/// Newton steps of an even layer per sweep; the outer sweep corrects what they leave.
const INNER_STEPS: u32 = 4;

/// Inner residual as a share of the sample's last residual, and of its tolerance.
const INNER_SHARE: f64 = 0.05;

/// Units in the last place of its terms by which a sample's energy may be off.
const ENERGY_ROUNDING: f64 = 8.0;

/// Share of the way to their input that odd nodes go in one step where the activation falls
/// somewhere (SiLU). Going all the way is not a minimisation there, and alternates for ever where the
/// circuit itself settles: of 256 samples of a trained network 99 had not settled after 1,000 plain
/// sweeps, with this share 19; after 200 accelerated ones 21 and 2, after 2,000 of them 20 and none.
const FALLING_SHARE: f64 = 0.5;

/// The hidden nodes: their activation, and the equation that they obey.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nodes<'a, R> {
    pub(super) curve: Curve<R>,
    /// Λ of nodes that follow their input, h = z (hopfield and resistive cells); none for gradient
    /// cells, h = a′(h)z.
    pub(super) following: Option<&'a Lagrangian>,
}

impl<R: ActivationScalar> Nodes<'_, R> {
    /// The interval to which states are confined.
    pub(super) fn range(&self) -> Option<(R, R)> {
        self.curve.range().filter(|_| self.following.is_none())
    }
}

impl<R: ActivationScalar> Block<R> {
    /// One sweep over all active samples: afterwards x and the even layers are at equilibrium with
    /// the odd ones, `step` holds the odd layers' steps, `residual` the largest |∂S/∂s| (of nodes that
    /// follow their input, |z − h|).
    pub(super) fn sweep(
        &mut self,
        sweeper: &Sweeper<'_, R>,
        active: &[usize],
        tasks: &[Task<'_, R>],
    ) {
        let m = active.len();
        for l in (1..self.sizes.len()).step_by(2) {
            self.evaluate(sweeper, l, m);
        }
        self.solve_visible(sweeper, active, tasks);
        let mut inner = [0.0; BLOCK];
        for l in (2..self.sizes.len()).step_by(2) {
            self.add_inputs(sweeper, l, m);
            if sweeper.nodes.following.is_some() {
                // h = z, also of deviations: δh = δz.
                let rows = ..m * self.sizes[l];
                self.h[l][rows].copy_from_slice(&self.z[l][rows]);
                self.evaluate(sweeper, l, m);
                continue;
            }
            for row in 0..m {
                let aim = tasks[active[row]]
                    .tolerance
                    .max(self.residual[row].min(1.0));
                let limit = NewtonLimit {
                    tolerance: R::from_f64(INNER_SHARE * aim),
                    steps: INNER_STEPS,
                    caution: R::from_f64(sweeper.plan.caution),
                };
                inner[row] = self.settle_row(sweeper, l, row, limit).max(inner[row]);
            }
        }
        for l in (1..self.sizes.len()).step_by(2) {
            self.add_inputs(sweeper, l, m);
            for row in 0..m {
                inner[row] = self.step_row(sweeper, l, row).max(inner[row]);
            }
        }
        self.residual[..m].copy_from_slice(&inner[..m]);
    }

    /// x from (1 + k + λ + κ)x = force + W_0ᵀ a_1; a clamped x keeps its value.
    fn solve_visible(&mut self, sweeper: &Sweeper<'_, R>, active: &[usize], tasks: &[Task<'_, R>]) {
        let (m, n) = (active.len(), self.sizes[0]);
        self.z[0][..m * n].copy_from_slice(&self.force[..m * n]);
        sweeper.network.add_inputs(0, m, &self.a, &mut self.z[0]);
        for (row, &task) in active.iter().enumerate() {
            let Task {
                compliance, held, ..
            } = tasks[task];
            let is_held = |i: usize| held.is_some_and(|held| held.get(i) == Some(&true));
            let rows = row * n..(row + 1) * n;
            if compliance > R::ZERO {
                let nodes = self.h[0][rows.clone()].iter_mut();
                let nodes = nodes.zip(&self.z[0][rows.clone()]);
                if held.is_none() {
                    nodes.for_each(|(x, &z)| *x = compliance * z);
                } else {
                    let free = nodes.enumerate().filter(|(i, _)| !is_held(*i));
                    free.for_each(|(_, (x, &z))| *x = compliance * z);
                }
                if let Some(leak) = sweeper.network.leak() {
                    let nodes = self.h[0][rows.clone()].iter_mut().zip(leak).enumerate();
                    let free = nodes.filter(|(i, _)| !is_held(*i));
                    free.for_each(|(_, (x, &k))| *x *= R::ONE / (R::ONE + compliance * k));
                }
            }
            self.a[0][rows.clone()].copy_from_slice(&self.h[0][rows]);
        }
    }

    fn add_inputs(&mut self, sweeper: &Sweeper<'_, R>, l: usize, m: usize) {
        let z = &mut self.z[l];
        if sweeper.deviating {
            z[..m * self.sizes[l]].fill(R::ZERO);
        } else {
            broadcast(m, sweeper.network.bias(l), z);
        }
        sweeper.network.add_inputs(l, m, &self.a, z);
    }

    fn evaluate(&mut self, sweeper: &Sweeper<'_, R>, l: usize, m: usize) {
        let n = self.sizes[l];
        let (level, curve) = (sweeper.plan.level, sweeper.nodes.curve);
        let (h, a, a1, a2) = (&self.h[l], &mut self.a[l], &mut self.a1[l], &mut self.a2[l]);
        if !sweeper.deviating {
            let rows = ..m * n;
            Evaluate {
                h: &h[rows],
                a: &mut a[rows],
                a1: &mut a1[rows],
                a2: &mut a2[rows],
            }
            .apply(level, curve);
            return;
        }
        for row in 0..m {
            let rows = row * n..(row + 1) * n;
            EvaluateDifference {
                reference: sweeper.reference(&self.reference, row, l),
                deviation: &h[rows.clone()],
                da: &mut a[rows.clone()],
                da1: &mut a1[rows.clone()],
                a2: &mut a2[rows],
            }
            .apply(level, curve);
        }
    }

    fn settle_row(
        &mut self,
        sweeper: &Sweeper<'_, R>,
        l: usize,
        row: usize,
        limit: NewtonLimit<R>,
    ) -> f64 {
        let n = self.sizes[l];
        let rows = row * n..(row + 1) * n;
        let (h, a) = (&mut self.h[l][rows.clone()], &mut self.a[l][rows.clone()]);
        let (z, step) = (&self.z[l][rows.clone()], &mut self.step[l][rows.clone()]);
        let (level, curve) = (sweeper.plan.level, sweeper.nodes.curve);
        let residual = if sweeper.deviating {
            let reference = sweeper.reference(&self.reference, row, l);
            SettleDifferenceRow {
                reference,
                deviation: h,
                dz: z,
                da: a,
                step,
                limit,
            }
            .apply(level, curve)
        } else {
            let a1 = &mut self.a1[l][rows];
            SettleRow {
                h,
                z,
                a,
                a1,
                step,
                limit,
            }
            .apply(level, curve)
        };
        residual.to_f64()
    }

    fn step_row(&mut self, sweeper: &Sweeper<'_, R>, l: usize, row: usize) -> f64 {
        let n = self.sizes[l];
        let rows = row * n..(row + 1) * n;
        let (h, z) = (&self.h[l][rows.clone()], &self.z[l][rows.clone()]);
        let (a1, a2) = (&self.a1[l][rows.clone()], &self.a2[l][rows.clone()]);
        let step = &mut self.step[l][rows];
        if let Some(lagrangian) = sweeper.nodes.following {
            let share = R::from_f64(if lagrangian.falls() {
                FALLING_SHARE
            } else {
                1.0
            });
            return sweeper
                .plan
                .level
                .run(Follow { h, z, step, share })
                .to_f64();
        }
        let caution = R::from_f64(sweeper.plan.caution);
        let (level, curve) = (sweeper.plan.level, sweeper.nodes.curve);
        let residual = if sweeper.deviating {
            let reference = sweeper.reference(&self.reference, row, l);
            StepDifferenceRow {
                reference,
                deviation: h,
                dz: z,
                da1: a1,
                a2,
                step,
                caution,
            }
            .apply(level, curve)
        } else {
            StepRow {
                h,
                z,
                a1,
                a2,
                step,
                caution,
            }
            .apply(level, curve)
        };
        residual.to_f64()
    }

    /// S of one sample after a sweep. Every coupling has one end in an odd layer, so that
    /// `S = ½(1+λ)|x|² + ½Σkx² − force·x + Σ own_l − Σ_odd a_l·z_l − Σ_{even l≥2} a_l·b_l`, where a layer's
    /// own energy is ½|h_l|², or `h_l·a_l − ΣΛ(h_l)` of nodes that follow their input. What a held node adds is
    /// the same at every sweep, and left out.
    pub(super) fn energy(
        &self,
        sweeper: &Sweeper<'_, R>,
        row: usize,
        task: &Task<'_, R>,
    ) -> Energy {
        let level = sweeper.plan.level;
        let mut energy = Energy {
            value: 0.0,
            rounding: 0.0,
        };
        let mut add_term = |term: f64, error: f64| {
            energy.value += term;
            energy.rounding += ENERGY_ROUNDING * R::EPSILON.to_f64() * term.abs() + error;
        };
        let product = |a: &[R], b: &[R]| product(level, a, b);
        for (l, &n) in self.sizes.iter().enumerate() {
            let rows = row * n..(row + 1) * n;
            let (h, a) = (&self.h[l][rows.clone()], &self.a[l][rows.clone()]);
            if l == 0 {
                if task.compliance > R::ZERO {
                    let h = &*task.moving(h);
                    add_term(0.5 / task.compliance.to_f64() * product(h, h), 0.0);
                    add_term(-product(&self.force[rows], h), 0.0);
                    if let Some(leak) = sweeper.network.leak() {
                        let nodes = h.iter().zip(leak);
                        let squares = nodes.map(|(x, k)| k.to_f64() * x.to_f64().powi(2));
                        add_term(0.5 * squares.sum::<f64>(), 0.0);
                    }
                }
                continue;
            }
            if let Some(lagrangian) = sweeper.nodes.following {
                add_term(product(h, a), 0.0);
                add_term(-lagrangian.sum(h), n as f64 * lagrangian.error());
            } else {
                add_term(0.5 * product(h, h), 0.0);
            }
            let input = if l % 2 == 1 {
                &self.z[l][rows]
            } else {
                sweeper.network.bias(l)
            };
            add_term(-product(a, input), 0.0);
        }
        energy
    }
}

/// What all samples of a sweep share.
pub(super) struct Sweeper<'a, R> {
    pub(super) network: &'a Network<R>,
    pub(super) nodes: Nodes<'a, R>,
    pub(super) record: &'a Record,
    pub(super) plan: SweepPlan,
    pub(super) deviating: bool,
}

impl<R: ActivationScalar> Sweeper<'_, R> {
    /// Layer l of the free phase of one row.
    pub(super) fn reference<'b>(&self, values: &'b [R], row: usize, l: usize) -> Reference<'b, R> {
        let values = &values[row * self.record.width..][..self.record.width];
        Reference {
            h: &values[self.record.state(l)],
            a: &values[self.record.output(l)],
            a1: &values[self.record.slope(l)],
            z: &values[self.record.input(l)],
        }
    }
}
