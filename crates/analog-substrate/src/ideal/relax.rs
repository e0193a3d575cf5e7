//! Relaxation of a whole batch: blocks in parallel, stragglers gathered.

use super::{Ideal, SolverKind, block, explicit, settled::Outcome, sweep::Nodes};
use crate::ideal::IdealScalar;
use crate::{RUNAWAY, kernels::padded};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Sweeps of the first round: nine samples in ten are settled by then (measured on trained models).
const FIRST_ROUND: u32 = 32;
/// Share of the steepest slope below which a Newton step is shortened: a little over the half from
/// which no step raises the energy.
const CAUTION: f64 = 0.6;

/// The forces of one relaxation.
pub(crate) struct Phase<'a, R> {
    /// Constant force on the visible nodes, `[batch, padded n_0]`.
    pub(super) force: &'a [R],
    /// 1 + λ + κ; none where x is clamped.
    pub(super) stiffness: Option<f64>,
    pub(super) tolerance: Tolerance<'a>,
    /// Records of the free phase, if states are deviations from it.
    pub(super) reference: Option<&'a Array2<R>>,
}

/// Residual at which a sample is settled.
pub(crate) enum Tolerance<'a> {
    All(f64),
    Each(&'a [f64]),
}

impl<R> Phase<'_, R> {
    fn tolerance(&self, row: usize) -> f64 {
        match self.tolerance {
            Tolerance::All(tolerance) => tolerance,
            Tolerance::Each(tolerances) => tolerances[row],
        }
    }
}

impl<R: IdealScalar> Ideal<R> {
    /// Relaxes all records under a constant visible force, in place.
    pub(crate) fn relax(&self, phase: &Phase<'_, R>, records: &mut Array2<R>) -> Outcome {
        let batch = records.nrows();
        let mut outcome = Outcome {
            residuals: vec![0.0; batch],
            iterations: vec![0; batch],
            settled: vec![false; batch],
        };
        match self.relaxation.solver {
            SolverKind::Explicit => self.relax_explicit(phase, records, &mut outcome),
            SolverKind::Block | SolverKind::Anderson => {
                self.relax_block(phase, records, &mut outcome);
            }
        }
        slice(records)
            .par_chunks(self.record.width)
            .zip(&mut outcome.residuals)
            .zip(&mut outcome.settled)
            .filter(|((values, _), _)| self.ran_away(values))
            .for_each(|((_, residual), settled)| (*residual, *settled) = (f64::INFINITY, false));
        outcome
    }

    /// Whether a record holds an infinity or NaN, or the state of a node that no circuit has.
    fn ran_away(&self, record: &[R]) -> bool {
        let limit = R::from_f64(RUNAWAY);
        let states = (0..self.layers.sizes().len()).flat_map(|l| &record[self.record.state(l)]);
        !record.iter().all(|value| value.is_finite())
            || states.into_iter().any(|state| state.abs() > limit)
    }

    fn relax_explicit(&self, phase: &Phase<'_, R>, records: &mut Array2<R>, outcome: &mut Outcome) {
        let plan = explicit::ExplicitPlan {
            level: self.level,
            curve: self.curve,
            steps: self.relaxation.steps,
            step_size: R::from_f64(self.relaxation.step_size),
            following: self.lagrangian.is_some(),
            stiffness: phase.stiffness.map(R::from_f64),
        };
        let (width, force_width) = (self.record.width, padded(self.layers.visible()));
        slice_mut(records)
            .par_chunks_mut(explicit::BLOCK * width)
            .zip(phase.force.par_chunks(explicit::BLOCK * force_width))
            .zip(outcome.residuals.par_chunks_mut(explicit::BLOCK))
            .with_max_len(1)
            .for_each(|((records, force), residuals)| {
                let make = || explicit::Block::new(&self.network);
                self.explicit_blocks.with(make, |block| {
                    let rows = (records, residuals);
                    block.relax(&self.network, &self.record, plan, force, rows);
                });
            });
        outcome.iterations.fill(self.relaxation.steps);
        for (settled, residual) in outcome.settled.iter_mut().zip(&outcome.residuals) {
            *settled = *residual <= self.relaxation.tolerance;
        }
    }

    /// Rounds of increasing length and caution: whoever is not settled after a round goes on with
    /// the other stragglers, so that blocks stay full.
    fn relax_block(&self, phase: &Phase<'_, R>, records: &mut Array2<R>, outcome: &mut Outcome) {
        let mut plan = block::SweepPlan {
            level: self.level,
            accelerate: self.relaxation.solver == SolverKind::Anderson,
            max_sweeps: FIRST_ROUND.min(self.relaxation.max_sweeps),
            caution: CAUTION,
        };
        let all: Vec<usize> = (0..records.nrows()).collect();
        self.round(phase, plan, &all, records, outcome);
        let mut spent = plan.max_sweeps;
        while spent < self.relaxation.max_sweeps {
            let left: Vec<usize> = (0..records.nrows())
                .filter(|&row| !outcome.settled[row])
                .collect();
            if left.is_empty() {
                break;
            }
            plan.max_sweeps = (2 * plan.max_sweeps).min(self.relaxation.max_sweeps - spent);
            spent += plan.max_sweeps;
            let mut part = records.select(Axis(0), &left);
            let mut part_outcome = Outcome {
                residuals: vec![0.0; left.len()],
                iterations: left.iter().map(|&row| outcome.iterations[row]).collect(),
                settled: vec![false; left.len()],
            };
            self.round(phase, plan, &left, &mut part, &mut part_outcome);
            for (i, &row) in left.iter().enumerate() {
                records.row_mut(row).assign(&part.row(i));
                outcome.residuals[row] = part_outcome.residuals[i];
                outcome.iterations[row] = part_outcome.iterations[i];
                outcome.settled[row] = part_outcome.settled[i];
            }
        }
    }

    /// Relaxes `records`, which are those of the samples `rows`, in blocks.
    fn round(
        &self,
        phase: &Phase<'_, R>,
        plan: block::SweepPlan,
        rows: &[usize],
        records: &mut Array2<R>,
        outcome: &mut Outcome,
    ) {
        let (width, force_width) = (self.record.width, padded(self.layers.visible()));
        let nodes = Nodes {
            curve: self.curve,
            following: self.lagrangian.as_deref(),
        };
        let compliance = phase.stiffness.map_or(0.0, |stiffness| 1.0 / stiffness);
        // Blocks may be of any size, since samples do not see their block.
        let size = crate::kernels::shared_rows(rows.len(), block::BLOCK);
        rows.par_chunks(size)
            .zip(slice_mut(records).par_chunks_mut(size * width))
            .zip(outcome.residuals.par_chunks_mut(size))
            .zip(outcome.iterations.par_chunks_mut(size))
            .zip(outcome.settled.par_chunks_mut(size))
            // Each block by itself, so that a thread that was busy elsewhere finds its share.
            .with_max_len(1)
            .for_each(|((((rows, records), residuals), iterations), settled)| {
                let mut tasks: Vec<_> = records
                    .chunks_exact_mut(width)
                    .zip(residuals)
                    .zip(iterations)
                    .zip(settled)
                    .zip(rows)
                    .map(
                        |((((record, residual), iterations), settled), &row)| block::Task {
                            force: &phase.force[row * force_width..][..force_width],
                            compliance: R::from_f64(compliance),
                            tolerance: phase.tolerance(row),
                            reference: phase
                                .reference
                                .map(|all| &slice(all)[row * width..][..width]),
                            record,
                            residual,
                            iterations,
                            settled,
                        },
                    )
                    .collect();
                let make = || block::Block::new(&self.network, &self.record);
                self.blocks.with(make, |block| {
                    block.relax(&self.network, nodes, &self.record, plan, &mut tasks);
                });
            });
    }
}

fn slice<R>(records: &Array2<R>) -> &[R] {
    records.as_slice().expect("records are contiguous")
}

fn slice_mut<R>(records: &mut Array2<R>) -> &mut [R] {
    records.as_slice_mut().expect("records are contiguous")
}
