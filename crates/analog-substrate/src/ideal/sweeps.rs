//! Sweeps over a whole batch: blocks in parallel, stragglers gathered.

use super::{block, scratch::Scratch, settled::Outcome, solver::Phase};
use crate::{
    activation::ActivationScalar,
    kernels::{Real, padded},
};
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Sweeps of the first round: nine samples in ten are settled by then (measured on trained models).
const FIRST_ROUND: u32 = 32;
/// Share of the steepest slope below which a Newton step is shortened: a little over the half from
/// which no step raises the energy.
const CAUTION: f64 = 0.6;

/// The solver and its settings.
#[derive(Clone, Debug)]
pub(crate) struct Sweeps<R: Real> {
    /// Whether Anderson acceleration is on top of the sweeps.
    pub(super) accelerate: bool,
    /// Sweeps after which a sample is left unsettled.
    pub(super) most: u32,
    pub(super) blocks: Scratch<block::Block<R>>,
}

impl<R: ActivationScalar> Sweeps<R> {
    /// Rounds of increasing length and caution: whoever is not settled after a round goes on with
    /// the other stragglers, so that blocks stay full.
    pub(super) fn relax(
        &self,
        phase: &Phase<'_, R>,
        records: &mut Array2<R>,
        outcome: &mut Outcome,
    ) {
        let mut plan = block::SweepPlan {
            level: phase.level,
            accelerate: self.accelerate,
            max_sweeps: FIRST_ROUND.min(self.most),
            caution: CAUTION,
        };
        let all: Vec<usize> = (0..records.nrows()).collect();
        self.round(phase, plan, &all, records, outcome);
        let mut spent = plan.max_sweeps;
        while spent < self.most {
            let left: Vec<usize> = (0..records.nrows())
                .filter(|&row| !outcome.settled[row])
                .collect();
            if left.is_empty() {
                break;
            }
            plan.max_sweeps = (2 * plan.max_sweeps).min(self.most - spent);
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
        let (width, force_width) = (phase.record.width, padded(phase.network.layers.visible()));
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
                            held: phase.held.and_then(|held| held.row(row).to_slice()),
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
                let make = || block::Block::new(phase.network, phase.record);
                self.blocks.with(make, |block| {
                    block.relax(phase.network, phase.nodes, phase.record, plan, &mut tasks);
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
