//! Block sweeps over a few samples: even layers are solved for given odd ones, then every odd node
//! takes one step: a Newton step of a gradient cell, the whole way to its input of any other cell. Shared by the plain and the accelerated solver, and by free phases
//! (absolute states) and nudged ones (deviations from the free phase).

use super::{
    anderson::{Anderson, Energy},
    network::Network,
    settled::Record,
    sweep::{Nodes, Sweeper},
};
use crate::kernels::{Real, SimdLevel, padded};

/// Samples that are relaxed together: enough rows for the products to run at full speed, few enough
/// for everything that a block touches to stay in the second-level cache.
pub(super) const BLOCK: usize = 32;

/// How a relaxation proceeds, and when it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct SweepPlan {
    pub(super) level: SimdLevel,
    pub(super) accelerate: bool,
    pub(super) max_sweeps: u32,
    /// See [`NewtonLimit`](crate::kernels::activation::NewtonLimit).
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
    pub(super) sizes: Vec<usize>,
    /// Per layer `[BLOCK, padded n_l]`: state, output, slope, bend, input, Newton step.
    pub(super) h: Vec<Vec<R>>,
    pub(super) a: Vec<Vec<R>>,
    pub(super) a1: Vec<Vec<R>>,
    pub(super) a2: Vec<Vec<R>>,
    pub(super) z: Vec<Vec<R>>,
    pub(super) step: Vec<Vec<R>>,
    pub(super) force: Vec<R>,
    /// `[BLOCK, record width]`.
    pub(super) reference: Vec<R>,
    pub(super) residual: Vec<f64>,
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
        nodes: Nodes<'_, R>,
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
                nodes,
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
            let Some((low, high)) = sweeper.nodes.range() else {
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
