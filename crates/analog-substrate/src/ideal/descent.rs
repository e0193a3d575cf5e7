//! The relaxation of a block of samples: even layers are solved for given odd ones, then every odd node takes one step:
//! a Newton step of a gradient cell, the whole way to its input of any other cell.

use super::{
    anderson::Energy,
    block::{Block, SweepPlan, Task},
    network::Network,
    settled::Record,
    sweep::{Nodes, Sweeper},
};
use crate::activation::ActivationScalar;

impl<R: ActivationScalar> Block<R> {
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
                let energy =
                    (plan.accelerate && !deviating).then(|| self.energy(&sweeper, row, task));
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
