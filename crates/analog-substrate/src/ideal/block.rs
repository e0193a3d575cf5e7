//! Block sweeps over a few samples: even layers are solved for given odd ones, then every odd node
//! takes one Newton step. Shared by the plain and the accelerated solver, and by free phases
//! (absolute states) and nudged ones (deviations from the free phase).

use super::{
    anderson::{Anderson, Energy},
    network::{Network, broadcast},
    settled::Record,
};
use crate::kernels::{
    Real, SimdLevel,
    activation::{
        Curve, Evaluate, EvaluateDifference, NewtonLimit, Reference, SettleDifferenceRow,
        SettleRow, StepDifferenceRow, StepRow,
    },
    padded,
    reduce::product,
};

/// Samples that are relaxed together: enough rows for the products to run at full speed, few enough
/// for everything that a block touches to stay in the second-level cache.
pub(super) const BLOCK: usize = 32;

/// Newton steps of an even layer per sweep; the outer sweep corrects what they leave.
const INNER_STEPS: u32 = 4;

/// Inner residual as a share of the sample's last residual, and of its tolerance.
const INNER_SHARE: f64 = 0.05;

/// Units in the last place of its terms by which a sample's energy may be off.
const ENERGY_ROUNDING: f64 = 8.0;

/// How a relaxation proceeds, and when it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct SweepPlan {
    pub(super) level: SimdLevel,
    pub(super) accelerate: bool,
    pub(super) max_sweeps: u32,
    /// See [`NewtonLimit`].
    pub(super) caution: f64,
}

/// What one sample brings to a relaxation and takes from it. Rows are padded.
pub(super) struct Task<'a, R> {
    /// Constant force on the visible nodes.
    pub(super) force: &'a [R],
    /// 1/(1 + λ + κ); 0 holds x where the record has it.
    pub(super) compliance: R,
    /// Residual at which it is settled.
    pub(super) tolerance: f64,
    /// The free phase to deviate from.
    pub(super) reference: Option<&'a [R]>,
    /// Start on entry, result on return.
    pub(super) record: &'a mut [R],
    pub(super) residual: &'a mut f64,
    pub(super) iterations: &'a mut u32,
    pub(super) settled: &'a mut bool,
}

/// Buffers for a block of samples; allocated once per thread and reused.
pub(super) struct Block<R> {
    sizes: Vec<usize>,
    /// Per layer `[BLOCK, padded n_l]`: state, output, slope, bend, input, Newton step.
    h: Vec<Vec<R>>,
    a: Vec<Vec<R>>,
    a1: Vec<Vec<R>>,
    a2: Vec<Vec<R>>,
    z: Vec<Vec<R>>,
    step: Vec<Vec<R>>,
    force: Vec<R>,
    /// `[BLOCK, record width]`.
    reference: Vec<R>,
    residual: Vec<f64>,
    anderson: Anderson<R>,
    /// Odd layers of one sample in a row, and their steps.
    odd_h: Vec<R>,
    odd_step: Vec<R>,
}

impl<R: Real> Block<R> {
    pub(super) fn new(network: &Network<R>, record: &Record) -> Self {
        let sizes: Vec<usize> = network.layers.sizes().iter().map(|&n| padded(n)).collect();
        let buffers = || {
            sizes
                .iter()
                .map(|n| vec![R::ZERO; BLOCK * n])
                .collect::<Vec<_>>()
        };
        let odd = sizes.iter().skip(1).step_by(2).sum();
        Self {
            h: buffers(),
            a: buffers(),
            a1: buffers(),
            a2: buffers(),
            z: buffers(),
            step: buffers(),
            force: vec![R::ZERO; BLOCK * sizes[0]],
            reference: vec![R::ZERO; BLOCK * record.width],
            residual: vec![0.0; BLOCK],
            anderson: Anderson::new(BLOCK, odd),
            odd_h: vec![R::ZERO; odd],
            odd_step: vec![R::ZERO; odd],
            sizes,
        }
    }

    /// Relaxes up to [`BLOCK`] samples; each leaves when it is settled.
    pub(super) fn relax(
        &mut self,
        network: &Network<R>,
        curve: Curve<R>,
        record: &Record,
        plan: SweepPlan,
        tasks: &mut [Task<'_, R>],
    ) {
        self.load(record, tasks);
        let mut active: Vec<usize> = (0..tasks.len()).collect();
        let deviating = tasks.first().is_some_and(|task| task.reference.is_some());
        for sweep in 1..=plan.max_sweeps {
            let sweeper = Sweeper {
                network,
                curve,
                record,
                plan,
                deviating,
            };
            self.sweep(&sweeper, &active, tasks);
            let last = sweep == plan.max_sweeps;
            let mut done = Vec::new();
            for (row, &index) in active.iter().enumerate() {
                let task = &mut tasks[index];
                let energy = (plan.accelerate && !deviating)
                    .then(|| self.energy(&sweeper, row, task.compliance));
                // A stationary point that acceleration reached uphill is none to stay at.
                let settled = self.residual[row] <= task.tolerance
                    && !energy.is_some_and(|energy| self.anderson.went_uphill(row, energy));
                if settled || last {
                    *task.residual = self.residual[row];
                    *task.iterations += sweep;
                    *task.settled = settled;
                    self.store(record, row, task.record);
                    done.push(row);
                } else {
                    self.advance(&sweeper, row, energy);
                }
            }
            for &row in done.iter().rev() {
                active.swap_remove(row);
                if row < active.len() {
                    self.move_row(record, active.len(), row);
                }
            }
            if active.is_empty() {
                break;
            }
        }
    }

    fn load(&mut self, record: &Record, tasks: &[Task<'_, R>]) {
        self.anderson.reset();
        self.residual.fill(f64::INFINITY);
        for (row, task) in tasks.iter().enumerate() {
            for (l, &n) in self.sizes.iter().enumerate() {
                self.h[l][row * n..][..n].copy_from_slice(&task.record[record.state(l)]);
            }
            let n = self.sizes[0];
            self.force[row * n..][..n].copy_from_slice(task.force);
            if let Some(reference) = task.reference {
                self.reference[row * record.width..][..record.width].copy_from_slice(reference);
            }
        }
    }

    fn store(&self, record: &Record, row: usize, target: &mut [R]) {
        for (l, &n) in self.sizes.iter().enumerate() {
            let rows = row * n..(row + 1) * n;
            target[record.state(l)].copy_from_slice(&self.h[l][rows.clone()]);
            if l > 0 {
                target[record.output(l)].copy_from_slice(&self.a[l][rows.clone()]);
                target[record.slope(l)].copy_from_slice(&self.a1[l][rows.clone()]);
                target[record.input(l)].copy_from_slice(&self.z[l][rows]);
            }
        }
    }

    /// Moves what a sample keeps between sweeps from one row to another.
    fn move_row(&mut self, record: &Record, from: usize, to: usize) {
        for (l, &n) in self.sizes.iter().enumerate() {
            self.h[l].copy_within(from * n..(from + 1) * n, to * n);
        }
        let n = self.sizes[0];
        self.force.copy_within(from * n..(from + 1) * n, to * n);
        let width = record.width;
        self.reference
            .copy_within(from * width..(from + 1) * width, to * width);
        self.residual[to] = self.residual[from];
        self.anderson.move_row(from, to);
    }

    /// One sweep over all active samples: afterwards x and the even layers are at equilibrium with
    /// the odd ones, `step` holds the odd layers' Newton steps, `residual` the largest |∂S/∂s|.
    fn sweep(&mut self, sweeper: &Sweeper<'_, R>, active: &[usize], tasks: &[Task<'_, R>]) {
        let m = active.len();
        for l in (1..self.sizes.len()).step_by(2) {
            self.evaluate(sweeper, l, m);
        }
        self.solve_visible(sweeper, active, tasks);
        let mut inner = [0.0; BLOCK];
        for l in (2..self.sizes.len()).step_by(2) {
            self.add_inputs(sweeper, l, m);
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

    /// x from (1 + λ + κ)x = force + W_0ᵀ a_1; a clamped x keeps its value.
    fn solve_visible(&mut self, sweeper: &Sweeper<'_, R>, active: &[usize], tasks: &[Task<'_, R>]) {
        let (m, n) = (active.len(), self.sizes[0]);
        self.z[0][..m * n].copy_from_slice(&self.force[..m * n]);
        sweeper.network.add_inputs(0, m, &self.a, &mut self.z[0]);
        for (row, &task) in active.iter().enumerate() {
            let compliance = tasks[task].compliance;
            let rows = row * n..(row + 1) * n;
            if compliance > R::ZERO {
                for (x, &z) in self.h[0][rows.clone()]
                    .iter_mut()
                    .zip(&self.z[0][rows.clone()])
                {
                    *x = compliance * z;
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
        let (level, curve) = (sweeper.plan.level, sweeper.curve);
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
        let (level, curve) = (sweeper.plan.level, sweeper.curve);
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
        let caution = R::from_f64(sweeper.plan.caution);
        let (level, curve) = (sweeper.plan.level, sweeper.curve);
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
    /// `S = ½(1+λ)|x|² − force·x + ½Σ|h_l|² − Σ_odd a_l·z_l − Σ_{even l≥2} a_l·b_l`.
    fn energy(&self, sweeper: &Sweeper<'_, R>, row: usize, compliance: R) -> Energy {
        let level = sweeper.plan.level;
        let mut energy = Energy {
            value: 0.0,
            rounding: 0.0,
        };
        let mut add = |factor: f64, a: &[R], b: &[R]| {
            let term = factor * product(level, a, b);
            energy.value += term;
            energy.rounding += ENERGY_ROUNDING * R::EPSILON.to_f64() * term.abs();
        };
        for (l, &n) in self.sizes.iter().enumerate() {
            let rows = row * n..(row + 1) * n;
            let (h, a) = (&self.h[l][rows.clone()], &self.a[l][rows.clone()]);
            if l == 0 {
                if compliance > R::ZERO {
                    add(0.5 / compliance.to_f64(), h, h);
                    add(-1.0, &self.force[rows], h);
                }
                continue;
            }
            add(0.5, h, h);
            let input = if l % 2 == 1 {
                &self.z[l][rows]
            } else {
                sweeper.network.bias(l)
            };
            add(-1.0, a, input);
        }
        energy
    }

    /// Moves the odd layers of one sample by their steps, accelerated or not.
    fn advance(&mut self, sweeper: &Sweeper<'_, R>, row: usize, energy: Option<Energy>) {
        let plan = sweeper.plan;
        let mut start = 0;
        for l in (1..self.sizes.len()).step_by(2) {
            let n = self.sizes[l];
            let rows = row * n..(row + 1) * n;
            self.odd_h[start..start + n].copy_from_slice(&self.h[l][rows.clone()]);
            self.odd_step[start..start + n].copy_from_slice(&self.step[l][rows]);
            start += n;
        }
        if plan.accelerate {
            self.anderson.advance(
                plan.level,
                row,
                self.residual[row],
                energy,
                (&mut self.odd_h, &self.odd_step),
            );
        } else {
            for (h, &step) in self.odd_h.iter_mut().zip(&self.odd_step) {
                *h += step;
            }
        }
        start = 0;
        for l in (1..self.sizes.len()).step_by(2) {
            let n = self.sizes[l];
            let h = &mut self.h[l][row * n..(row + 1) * n];
            h.copy_from_slice(&self.odd_h[start..start + n]);
            start += n;
            // Newton steps keep within the range; their extrapolation need not.
            let Some((low, high)) = sweeper.curve.range() else {
                continue;
            };
            let reference = sweeper
                .deviating
                .then(|| sweeper.reference(&self.reference, row, l).h);
            for (i, h) in h.iter_mut().enumerate() {
                let from = reference.map_or(R::ZERO, |reference| reference[i]);
                *h = h.larger(low - from).smaller(high - from);
            }
        }
    }
}

/// What all samples of a sweep share.
struct Sweeper<'a, R> {
    network: &'a Network<R>,
    curve: Curve<R>,
    record: &'a Record,
    plan: SweepPlan,
    deviating: bool,
}

impl<R: Real> Sweeper<'_, R> {
    /// Layer l of the free phase of one row.
    fn reference<'b>(&self, values: &'b [R], row: usize, l: usize) -> Reference<'b, R> {
        let values = &values[row * self.record.width..][..self.record.width];
        Reference {
            h: &values[self.record.state(l)],
            a: &values[self.record.output(l)],
            a1: &values[self.record.slope(l)],
            z: &values[self.record.input(l)],
        }
    }
}
