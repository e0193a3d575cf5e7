//! Transients: the circuit's nodes in continuous time, sample by sample.

mod adaptive;
mod block;
mod coefficients;
mod dormand_prince;
mod etd2;
mod euler;
mod heun;
mod implicit;
mod limits;
mod march;
mod meter;
mod methods;
mod newton;
mod noise;
mod power;
mod rk4;
mod runge_kutta;
mod settling;
mod shared;
mod stages;
mod step;
mod steps;
mod watch;

use super::{ChipError, circuit::Circuit, integrator::Integrator, noise_ramp::GainRamp};
use crate::{activation::ActivationScalar, kernels::shared_rows};
use block::Block;
use methods::steps_of;
use ndarray::{Array2, ArrayView2, Axis};
pub(crate) use noise::NoiseAddress;
pub(crate) use power::Work;
use rayon::prelude::*;
use settling::Settling;
use units::budget::{MOST_TRANSIENT_STEPS, Tally, check_count};
use watch::Bounds;

/// Samples that move together: enough rows for the products, few enough for the second-level cache.
const BLOCK: usize = 16;

/// How long and how finely.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule<'a> {
    pub(crate) integrator: Integrator,
    /// Duration in τ.
    pub(crate) duration: f64,
    /// Longest step in τ.
    pub(crate) step: f64,
    /// Adaptive: largest error of a step, absolute in units and relative.
    pub(crate) tolerance: f64,
    /// Equal intervals of the duration after which states are recorded; 0 for the end alone.
    pub(crate) intervals: usize,
    /// Which of their `intervals` + 1 ends are recorded, ascending; none: all.
    pub(crate) kept: Option<&'a [usize]>,
    /// A sample is read once its residual is at most this; none: at the end.
    pub(crate) stop_at: Option<f64>,
    /// A residual; each course finds when its own stays at or below it. None: nobody asks, and residuals
    /// are computed where they are recorded alone.
    pub(crate) watched: Option<f64>,
    /// Factor of the amplitude of all thermal noise.
    pub(crate) noise_gain: GainRamp,
    /// Gets the τ that samples have passed, summed over the batch.
    pub(crate) tally: &'a Tally,
}

impl Schedule<'_> {
    /// Refuses steps that cannot be counted. Those of the adaptive integrator are limited as they are taken.
    ///
    /// # Errors
    /// [`ChipError::Budget`].
    pub(crate) fn check(&self) -> Result<(), ChipError> {
        if !self.integrator.takes_equal_steps() {
            return Ok(());
        }
        let (duration, step) = (self.duration, self.step);
        // Every interval takes whole steps.
        let steps = duration / step + self.intervals as f64;
        Ok(check_count(
            || format!("a transient of {duration:.4e} tau in steps of at most {step:.4e} tau"),
            steps,
            "steps",
            MOST_TRANSIENT_STEPS,
            "shorten its time, or lengthen the step (--time-step)",
        )?)
    }

    /// Steps of equal size, a multiple of the recorded intervals.
    pub(crate) fn steps(&self) -> usize {
        let intervals = self.intervals.max(1);
        #[expect(clippy::cast_sign_loss, reason = "durations and steps are positive")]
        let per_interval = (self.duration / self.step / intervals as f64 - 1e-9)
            .ceil()
            .max(1.0) as usize;
        per_interval * intervals
    }

    /// The step that all samples take, in τ; none where each takes its own.
    pub(crate) fn step_taken(&self) -> Option<f64> {
        let equal = self.integrator.takes_equal_steps();
        equal.then(|| self.duration / self.steps() as f64)
    }

    /// Whether the state after interval number `interval` (0: the start) is recorded.
    pub(crate) fn records(&self, interval: usize) -> bool {
        self.intervals > 0 && self.kept.is_none_or(|kept| kept.contains(&interval))
    }

    /// Whether the residual of every step is needed.
    pub(crate) fn follows_residuals(&self) -> bool {
        self.stop_at.is_some() || self.watched.is_some()
    }
}

/// What acts on the nodes along a transient.
pub(crate) struct Drives<'a, R> {
    /// λx_t of each sample, `[batch, padded n_0]`: fades with the droop.
    pub(crate) anchor_force: &'a [R],
    /// Constant current of a nudge, `[batch, padded n_0]`; may be empty.
    pub(crate) nudge_force: &'a [R],
    /// Conductance that a nudge adds to each visible node.
    pub(crate) stiffening: f64,
    /// Rate in 1/τ at which held anchors decay.
    pub(crate) droop: f64,
    /// Visible nodes that a source holds where they start, `[batch, padded n_0]`; empty where there are none.
    pub(crate) fixed: &'a [bool],
}

impl<R> Drives<'_, R> {
    /// Nothing: what single drives are laid over.
    pub(crate) const NONE: Self = Self {
        anchor_force: &[],
        nudge_force: &[],
        stiffening: 0.0,
        droop: 0.0,
        fixed: &[],
    };

    /// Which of the `n` visible nodes (padded) of a sample are held; empty where there are none.
    fn fixed_of(&self, sample: usize, n: usize) -> &[bool] {
        if self.fixed.is_empty() {
            return &[];
        }
        &self.fixed[sample * n..][..n]
    }
}

/// How one sample's transient went.
#[derive(Clone, Debug)]
pub(crate) struct Course<R> {
    /// All parts in a row, padded.
    pub(crate) last: Vec<R>,
    /// Parts at each recorded instant, one after the other; empty unless recorded.
    pub(crate) recorded: Vec<R>,
    /// Residual at each recorded instant.
    pub(crate) residuals: Vec<f64>,
    /// `work` up to each recorded instant.
    pub(crate) works: Vec<Work>,
    /// Largest |ds/dt|·C_i/C of any node at the end.
    pub(crate) residual: f64,
    /// When it was read, in τ: of one that was read once settled, the end of the step in which it did.
    pub(crate) time: f64,
    /// When it had settled for good, if the schedule asks.
    pub(crate) settling: Option<Settling>,
    pub(crate) steps: u32,
    /// Newton iterations of its implicit steps, those of refused ones among them.
    pub(crate) newton: u32,
    /// ∫ power dt, in units of C·V_unit².
    pub(crate) work: Work,
}

/// Runs every sample from its row of `start` `[batch, Σ padded parts]`.
///
/// # Errors
/// Where a sample cannot go on: [`ChipError::is_numerical`].
pub(crate) fn run<R: ActivationScalar>(
    circuit: &Circuit<R>,
    schedule: &Schedule<'_>,
    drives: &Drives<'_, R>,
    noise: Option<&NoiseAddress>,
    start: ArrayView2<'_, R>,
) -> Result<Vec<Course<R>>, ChipError> {
    schedule.check()?;
    let bounds = Bounds::new(circuit, schedule, drives, noise, start)?;
    let width: usize = circuit.widths.iter().sum();
    debug_assert_eq!(start.ncols(), width);
    let rows: Vec<usize> = (0..start.nrows()).collect();
    let Some(method) = steps_of(schedule.integrator) else {
        return rows
            .par_iter()
            .map_init(
                || adaptive::Stepper::new(circuit),
                |stepper, &row| stepper.run((schedule, &bounds), drives, row, start.row(row)),
            )
            .collect();
    };
    let blocks: Vec<Vec<_>> = rows
        .par_chunks(shared_rows(rows.len(), BLOCK))
        .map_init(
            || Block::new(circuit, (schedule, bounds), noise),
            |block, rows| block.run(method, drives, rows, start),
        )
        .collect::<Result<_, _>>()?;
    Ok(blocks.into_iter().flatten().collect())
}

/// The rows of all courses' last states, `[batch, Σ padded parts]`.
pub(crate) fn last_states<R: ActivationScalar>(courses: &[Course<R>], width: usize) -> Array2<R> {
    let mut states = Array2::zeros((courses.len(), width));
    states
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(courses)
        .for_each(|(mut row, course)| {
            let values = row.iter_mut().zip(&course.last);
            values.for_each(|(to, &from)| *to = from);
        });
    states
}
