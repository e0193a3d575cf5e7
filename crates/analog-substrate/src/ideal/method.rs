//! The solvers of this crate with their settings, and those of others.

use super::{
    Relaxation, SolverKind,
    explicit::Explicit,
    scratch::Scratch,
    settings::IdealError,
    settled::Outcome,
    solver::{Phase, Solver},
    sweeps::Sweeps,
};
use crate::{RUNAWAY, activation::ActivationScalar, kernels::Real};
use ndarray::{Array2, Zip, s};
use rayon::prelude::*;
use std::sync::Arc;

/// How equilibria are found: each solver with what it alone has to know.
#[derive(Clone, Debug)]
pub(crate) enum Method<R: Real> {
    Explicit(Explicit<R>),
    Sweeps(Sweeps<R>),
    /// One from outside.
    Open(Arc<dyn Solver<R>>),
}

impl<R: ActivationScalar> Method<R> {
    pub(super) fn new(relaxation: &Relaxation) -> Self {
        let sweeps = |accelerate| {
            Self::Sweeps(Sweeps {
                accelerate,
                most: relaxation.max_sweeps,
                blocks: Scratch::default(),
            })
        };
        match relaxation.solver {
            SolverKind::Explicit => Self::Explicit(Explicit {
                steps: relaxation.steps,
                step_size: relaxation.step_size,
                blocks: Scratch::default(),
            }),
            SolverKind::Block => sweeps(false),
            SolverKind::Anderson => sweeps(true),
        }
    }

    /// Whether nudged phases are relaxed as deviations from the free one, so that differences of phases have no floor.
    pub(super) fn deviates(&self) -> bool {
        match self {
            Self::Sweeps(_) => true,
            Self::Explicit(_) | Self::Open(_) => false,
        }
    }

    /// Relaxes all records under a constant visible force, in place.
    ///
    /// # Errors
    /// [`IdealError::Solver`] where a solver from outside returns something else than states.
    pub(crate) fn relax(
        &self,
        phase: &Phase<'_, R>,
        records: &mut Array2<R>,
    ) -> Result<Outcome, IdealError> {
        let batch = records.nrows();
        let mut outcome = Outcome {
            residuals: vec![0.0; batch],
            iterations: vec![0; batch],
            settled: vec![false; batch],
        };
        match self {
            Self::Explicit(explicit) => explicit.relax(phase, records, &mut outcome),
            Self::Sweeps(sweeps) => sweeps.relax(phase, records, &mut outcome),
            Self::Open(solver) => relax_openly(solver.as_ref(), phase, records, &mut outcome)?,
        }
        records
            .as_slice()
            .expect("records are contiguous")
            .par_chunks(phase.record.width)
            .zip(&mut outcome.residuals)
            .zip(&mut outcome.settled)
            .filter(|((values, _), _)| ran_away(phase, values))
            .for_each(|((_, residual), settled)| (*residual, *settled) = (f64::INFINITY, false));
        Ok(outcome)
    }
}

/// Whether a record holds an infinity or NaN, or the state of a node that no circuit has.
fn ran_away<R: ActivationScalar>(phase: &Phase<'_, R>, record: &[R]) -> bool {
    let limit = R::from_f64(RUNAWAY);
    let layers = 0..phase.layers().sizes().len();
    let states = layers.flat_map(|l| &record[phase.record.state(l)]);
    !record.iter().all(|value| value.is_finite())
        || states.into_iter().any(|state| state.abs() > limit)
}

/// Relaxes with a solver from outside, whose states alone are taken: residuals and all else that a record holds are found
/// here.
fn relax_openly<R: ActivationScalar>(
    solver: &dyn Solver<R>,
    phase: &Phase<'_, R>,
    records: &mut Array2<R>,
    outcome: &mut Outcome,
) -> Result<(), IdealError> {
    let batch = records.nrows();
    let columns = |l: usize, size: usize| {
        let start = phase.record.state(l).start;
        s![.., start..start + size]
    };
    let sizes = phase.layers().sizes();
    let mut state: Vec<Array2<R>> = sizes
        .iter()
        .enumerate()
        .map(|(l, &size)| records.slice(columns(l, size)).to_owned())
        .collect();
    let iterations = solver.relax(phase, &mut state);
    let found: Vec<[usize; 2]> = state.iter().map(|s| [s.nrows(), s.ncols()]).collect();
    let expected: Vec<[usize; 2]> = sizes.iter().map(|&size| [batch, size]).collect();
    if found != expected || iterations.len() != batch {
        return Err(IdealError::Solver {
            solver: format!("{solver:?}"),
            found,
            iterations: iterations.len(),
            expected,
        });
    }
    for (l, (&size, layer)) in sizes.iter().zip(&state).enumerate() {
        let mut found = records.slice_mut(columns(l, size));
        match phase.held.filter(|_| l == 0) {
            None => found.assign(layer),
            // Held nodes stay where they are, wherever the solver left them.
            Some(held) => Zip::from(&mut found)
                .and(layer)
                .and(held)
                .for_each(|to, &from, &held| *to = if held { *to } else { from }),
        }
    }
    Explicit::still().relax(phase, records, outcome);
    outcome.iterations = iterations;
    Ok(())
}
