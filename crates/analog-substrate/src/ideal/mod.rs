//! The ideal substrate: exact couplings, exact equilibria, no time and no noise.
//!
//! Three solvers of ∇S = 0, all per sample and independent of the batch:
//! - *explicit*: the paper's s ← s − ε∇S for a fixed number of steps;
//! - *block*: x in closed form, layers alternately solved by safeguarded Newton steps;
//! - *Anderson*: the same sweeps, accelerated ([`anderson`](self)).
//!
//! The last two relax nudged phases as *deviations* from the free phase, so that the difference of
//! two phases is never the difference of two large numbers: in single precision a nudge may be as
//! small as one pleases.

mod anderson;
mod block;
mod explicit;
mod network;
mod settled;

use crate::{
    Activation, Contrast, Couplings, Drive, Layers, Nudge, NudgeKind, Readings, Substrate, Visible,
    kernels::{Real, SimdLevel, activation::Curve, padded},
};
use ndarray::{Array2, ArrayView2, Axis, Zip};
use network::Network;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
pub use settled::Settled;
use settled::{Outcome, Record};
use std::sync::Arc;

/// How equilibria are found, and when a sample counts as settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    /// Which solver.
    pub solver: SolverKind,
    /// A sample is settled when max|∂S/∂s| is at most this.
    pub tolerance: f64,
    /// Sweeps after which a sample is left unsettled. Not used by `explicit`.
    pub max_sweeps: u32,
    /// Steps per phase of `explicit`.
    pub steps: u32,
    /// ε of `explicit`.
    pub step_size: f64,
    /// Nudged phases of `block` and `anderson`: settled when the residual is at most this share of
    /// the largest nudging force on the sample.
    pub nudged_tolerance: f64,
}

impl Default for Relaxation {
    /// Anderson to a residual of 1e-6; the explicit numbers are the paper's.
    fn default() -> Self {
        Self {
            solver: SolverKind::Anderson,
            tolerance: 1e-6,
            max_sweeps: 2000,
            steps: 300,
            step_size: 0.1,
            nudged_tolerance: 1e-4,
        }
    }
}

/// How equilibria are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SolverKind {
    /// s ← s − ε∇S, a fixed number of steps (the paper).
    Explicit,
    /// Exact block-coordinate sweeps.
    Block,
    /// Anderson acceleration of the block sweeps.
    Anderson,
}

/// Why the ideal substrate refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdealError {
    /// The couplings belong to another network.
    #[error("the couplings have layers {found:?}, the substrate {expected:?}")]
    Layers {
        /// Layers of the substrate.
        expected: Vec<usize>,
        /// Layers of the couplings.
        found: Vec<usize>,
    },
    /// An array has the wrong shape.
    #[error("{what} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// `[batch, n_0]`.
        expected: [usize; 2],
    },
    /// An array holds an infinity or NaN.
    #[error("{what} is not finite at [{row}, {column}]")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// Sample.
        row: usize,
        /// Unit.
        column: usize,
    },
    /// The visible nodes have no stable position: 1 + λ + κ ≤ 0.
    #[error(
        "1 + λ + κ = {stiffness} is not positive: the visible nodes have no energy minimum; \
         use a smaller β, or the tilt nudge"
    )]
    Unstable {
        /// 1 + λ + κ.
        stiffness: f64,
    },
    /// A clamped visible layer cannot be nudged.
    #[error("the visible nodes are clamped: there is nothing to nudge")]
    Clamped,
}

/// A network without time, noise or devices: [`Substrate::settle`] finds its equilibria.
#[derive(Clone, Debug)]
pub struct Ideal<R> {
    layers: Layers,
    activation: Activation,
    relaxation: Relaxation,
    level: SimdLevel,
    record: Arc<Record>,
    network: Network<R>,
}

impl<R: Real> Ideal<R> {
    /// An unprogrammed network (all couplings zero).
    pub fn new(layers: Layers, activation: Activation, relaxation: Relaxation) -> Self {
        let level = SimdLevel::detect();
        Self {
            record: Arc::new(Record::new(&layers)),
            network: Network::new(&Couplings::zeros(layers.clone()), level),
            layers,
            activation,
            relaxation,
            level,
        }
    }

    /// The same network computed with another instruction set.
    #[must_use]
    pub fn with_simd_level(mut self, couplings: &Couplings<R>, level: SimdLevel) -> Self {
        self.level = level;
        self.network = Network::new(couplings, level);
        self
    }

    /// How equilibria are found.
    pub fn relaxation(&self) -> &Relaxation {
        &self.relaxation
    }

    /// The activation of the hidden nodes.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    fn check(
        &self,
        what: &'static str,
        array: ArrayView2<'_, R>,
        batch: usize,
    ) -> Result<(), IdealError> {
        let (found, expected) = (
            [array.nrows(), array.ncols()],
            [batch, self.layers.visible()],
        );
        if found != expected {
            return Err(IdealError::Shape {
                what,
                found,
                expected,
            });
        }
        match array.indexed_iter().find(|(_, value)| !value.is_finite()) {
            Some(((row, column), _)) => Err(IdealError::NotFinite { what, row, column }),
            None => Ok(()),
        }
    }

    /// Relaxes all records under a constant visible force, in place.
    fn relax(&self, phase: &Phase<'_, R>, records: &mut Array2<R>) -> Outcome {
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
        for (row, values) in records.rows().into_iter().enumerate() {
            if !values.iter().all(|value| value.is_finite()) {
                outcome.residuals[row] = f64::INFINITY;
                outcome.settled[row] = false;
            }
        }
        outcome
    }

    fn relax_explicit(&self, phase: &Phase<'_, R>, records: &mut Array2<R>, outcome: &mut Outcome) {
        let plan = explicit::ExplicitPlan {
            level: self.level,
            curve: Curve::new(self.activation),
            steps: self.relaxation.steps,
            step_size: R::from_f64(self.relaxation.step_size),
            range: self
                .activation
                .state_range()
                .map(|(l, h)| (R::from_f64(l), R::from_f64(h))),
            stiffness: phase.stiffness.map(R::from_f64),
        };
        let (width, force_width) = (self.record.width, padded(self.layers.visible()));
        slice_mut(records)
            .par_chunks_mut(explicit::BLOCK * width)
            .zip(phase.force.par_chunks(explicit::BLOCK * force_width))
            .zip(outcome.residuals.par_chunks_mut(explicit::BLOCK))
            .for_each_init(
                || explicit::Block::new(&self.network),
                |block, ((records, force), residuals)| {
                    let rows = (records, residuals);
                    block.relax(&self.network, &self.record, plan, force, rows);
                },
            );
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
        let curve = Curve::new(self.activation);
        let compliance = phase.stiffness.map_or(0.0, |stiffness| 1.0 / stiffness);
        rows.par_chunks(block::BLOCK)
            .zip(slice_mut(records).par_chunks_mut(block::BLOCK * width))
            .zip(outcome.residuals.par_chunks_mut(block::BLOCK))
            .zip(outcome.iterations.par_chunks_mut(block::BLOCK))
            .zip(outcome.settled.par_chunks_mut(block::BLOCK))
            .for_each_init(
                || block::Block::new(&self.network, &self.record),
                |block, ((((rows, records), residuals), iterations), settled)| {
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
                    block.relax(&self.network, curve, &self.record, plan, &mut tasks);
                },
            );
    }

    /// b_x + λx_t per sample (b_x alone where x is clamped), padded: `[batch, padded n_0]`.
    fn free_force(&self, anchor: ArrayView2<'_, R>, visible: Visible) -> Vec<R> {
        let stiffness = match visible {
            Visible::Spring { stiffness } => R::from_f64(stiffness),
            Visible::Clamped => R::ZERO,
        };
        let bias = self.network.bias(0);
        let mut force = Vec::with_capacity(anchor.nrows() * bias.len());
        for row in anchor.rows() {
            force.extend(bias.iter().zip(row).map(|(&b, &x)| b + stiffness * x));
            force.resize(force.len().next_multiple_of(bias.len()), R::ZERO);
        }
        force
    }

    /// The force of a nudge on the visible nodes, padded `[batch, ·]`: as seen from x = 0, or, for
    /// deviations, as seen from the free phase.
    fn nudge_force(&self, free: &Settled<R>, nudge: &Nudge<'_, R>, from_free: bool) -> Vec<R> {
        let width = padded(self.layers.visible());
        let strength = R::from_f64(nudge.strength);
        let mut force = vec![R::ZERO; free.batch() * width];
        let rows = nudge.pattern.rows().into_iter().zip(free.values.rows());
        for (force, (pattern, x)) in force.chunks_exact_mut(width).zip(rows) {
            for ((f, &p), &x) in force.iter_mut().zip(pattern).zip(x) {
                *f = match nudge.kind {
                    NudgeKind::Tilt => -strength * p,
                    NudgeKind::Quadratic if from_free => strength * (p - x),
                    NudgeKind::Quadratic => strength * p,
                };
            }
        }
        force
    }
}

impl<R: Real> Substrate for Ideal<R> {
    type Scalar = R;
    type Settled = Settled<R>;
    type Error = IdealError;

    fn layers(&self) -> &Layers {
        &self.layers
    }

    fn program(&mut self, couplings: &Couplings<R>) -> Result<(), IdealError> {
        if couplings.layers() != &self.layers {
            return Err(IdealError::Layers {
                expected: self.layers.sizes().to_vec(),
                found: couplings.layers().sizes().to_vec(),
            });
        }
        if let Some(column) = couplings.flat().iter().position(|value| !value.is_finite()) {
            return Err(IdealError::NotFinite {
                what: "the couplings",
                row: 0,
                column,
            });
        }
        self.network = Network::new(couplings, self.level);
        Ok(())
    }

    fn settle(
        &self,
        drive: &Drive<'_, R>,
        from: Option<&Settled<R>>,
    ) -> Result<Settled<R>, IdealError> {
        let batch = drive.anchor.nrows();
        self.check("the anchor", drive.anchor, batch)?;
        let stiffness = match drive.visible {
            Visible::Spring { stiffness } => Some(1.0 + stiffness),
            Visible::Clamped => None,
        };
        if let Some(stiffness) = stiffness.filter(|&stiffness| stiffness <= 0.0) {
            return Err(IdealError::Unstable { stiffness });
        }
        let mut records = Array2::zeros((batch, self.record.width));
        for l in 1..self.layers.sizes().len() {
            let Some(from) = from else { break };
            let mut states = records.slice_mut(ndarray::s![.., self.record.state(l)]);
            states
                .slice_mut(ndarray::s![.., ..self.layers.size(l)])
                .assign(&from.state(l));
        }
        records
            .slice_mut(ndarray::s![.., ..self.layers.visible()])
            .assign(&drive.anchor);
        let force = self.free_force(drive.anchor, drive.visible);
        let tolerance = Tolerance::All(self.relaxation.tolerance);
        let phase = Phase {
            force: &force,
            stiffness,
            tolerance,
            reference: None,
        };
        let outcome = self.relax(&phase, &mut records);
        Ok(Settled {
            record: Arc::clone(&self.record),
            values: Arc::new(records),
            reference: None,
            anchor: Arc::new(drive.anchor.to_owned()),
            visible: drive.visible,
            outcome,
        })
    }

    fn nudge(
        &self,
        free: &Settled<R>,
        nudge: &Nudge<'_, R>,
        opposite: Option<&Settled<R>>,
    ) -> Result<Settled<R>, IdealError> {
        self.check("the nudge", nudge.pattern, free.batch())?;
        let Visible::Spring { stiffness: spring } = free.visible else {
            return Err(IdealError::Clamped);
        };
        let added = if nudge.kind == NudgeKind::Quadratic {
            nudge.strength
        } else {
            0.0
        };
        let stiffness = 1.0 + spring + added;
        if stiffness <= 0.0 {
            return Err(IdealError::Unstable { stiffness });
        }
        let deviating = self.relaxation.solver != SolverKind::Explicit;
        let mut force = self.nudge_force(free, nudge, deviating);
        let width = padded(self.layers.visible());
        let tolerances: Vec<f64>;
        let (tolerance, mut records) = if deviating {
            tolerances = force
                .chunks_exact(width)
                .map(|row| row.iter().fold(R::ZERO, |worst, f| worst.larger(f.abs())))
                .map(|largest| self.relaxation.nudged_tolerance * largest.to_f64())
                .collect();
            let mirrored = opposite.filter(|opposite| opposite.reference.is_some());
            let records = mirrored.map_or_else(
                || Array2::zeros(free.values.raw_dim()),
                |opposite| opposite.values.mapv(|value| -value),
            );
            (Tolerance::Each(&tolerances), records)
        } else {
            let free_force = self.free_force(free.anchor.view(), free.visible);
            force
                .iter_mut()
                .zip(&free_force)
                .for_each(|(f, &free)| *f += free);
            (
                Tolerance::All(self.relaxation.tolerance),
                free.values.as_ref().clone(),
            )
        };
        let reference = deviating.then(|| Arc::clone(&free.values));
        let phase = Phase {
            force: &force,
            stiffness: Some(stiffness),
            tolerance,
            reference: reference.as_deref(),
        };
        let outcome = self.relax(&phase, &mut records);
        Ok(Settled {
            record: Arc::clone(&self.record),
            values: Arc::new(records),
            reference,
            anchor: Arc::clone(&free.anchor),
            visible: free.visible,
            outcome,
        })
    }

    fn measure(&self, settled: &Settled<R>) -> Readings<R> {
        let outputs: Vec<_> = (0..self.layers.sizes().len())
            .map(|l| settled.output(l))
            .collect();
        let current = match settled.visible {
            Visible::Spring { stiffness } => {
                (&outputs[0] - &*settled.anchor) * R::from_f64(stiffness)
            }
            Visible::Clamped => self.clamp_current(&outputs),
        };
        Readings { outputs, current }
    }

    fn contrast(&self, first: &Settled<R>, second: &Settled<R>) -> Contrast<R> {
        let half = R::from_f64(0.5);
        let layers = 0..self.layers.sizes().len();
        let (mean, difference) = layers
            .map(|l| {
                let (a, b) = (first.output(l), second.output(l));
                let difference = match (first.output_deviation(l), second.output_deviation(l)) {
                    (Some(da), Some(db)) => &da - &db,
                    (Some(da), None) => da.to_owned(),
                    (None, Some(db)) => db.mapv(|value| -value),
                    (None, None) => &a - &b,
                };
                let mut mean = a;
                Zip::from(&mut mean)
                    .and(&b)
                    .for_each(|a, &b| *a = half * (*a + b));
                (mean, difference)
            })
            .unzip();
        Contrast { mean, difference }
    }

    /// Explicit states are subtracted: a unit in the last place at the activation's clamp (or at 10).
    /// Deviations are computed as such and have no floor.
    fn resolution(&self) -> f64 {
        match self.relaxation.solver {
            SolverKind::Explicit => R::EPSILON.to_f64() * self.activation.clamp.unwrap_or(10.0),
            SolverKind::Block | SolverKind::Anderson => 0.0,
        }
    }

    fn residuals<'s>(&self, settled: &'s Settled<R>) -> &'s [f64] {
        &settled.outcome.residuals
    }

    fn iterations<'s>(&self, settled: &'s Settled<R>) -> &'s [u32] {
        &settled.outcome.iterations
    }

    fn is_settled<'s>(&self, settled: &'s Settled<R>) -> &'s [bool] {
        &settled.outcome.settled
    }
}

impl<R: Real> Ideal<R> {
    /// −∂E/∂x = b_x + W_0ᵀ a_1 − x at a clamped x, `[batch, n_0]`.
    fn clamp_current(&self, outputs: &[Array2<R>]) -> Array2<R> {
        let (batch, n) = outputs[0].dim();
        let width = padded(n);
        let bias = self.network.bias(0);
        let mut z = Vec::with_capacity(batch * width);
        for x in outputs[0].rows() {
            z.extend(
                bias.iter()
                    .enumerate()
                    .map(|(i, &b)| b - x.get(i).copied().unwrap_or(R::ZERO)),
            );
        }
        let hidden = padded(self.layers.size(1));
        let mut a = vec![R::ZERO; batch * hidden];
        for (row, values) in a.chunks_exact_mut(hidden).zip(outputs[1].rows()) {
            row.iter_mut()
                .zip(values)
                .for_each(|(a, &value)| *a = value);
        }
        self.network.add_inputs(0, batch, &[Vec::new(), a], &mut z);
        Array2::from_shape_fn((batch, n), |(i, j)| z[i * width + j])
    }
}

/// Sweeps of the first round: nine samples in ten are settled by then (measured on trained models).
const FIRST_ROUND: u32 = 32;
/// Share of the steepest slope below which a Newton step is shortened: a little over the half from
/// which no step raises the energy.
const CAUTION: f64 = 0.6;

/// The forces of one relaxation.
struct Phase<'a, R> {
    /// Constant force on the visible nodes, `[batch, padded n_0]`.
    force: &'a [R],
    /// 1 + λ + κ; none where x is clamped.
    stiffness: Option<f64>,
    tolerance: Tolerance<'a>,
    /// Records of the free phase, if states are deviations from it.
    reference: Option<&'a Array2<R>>,
}

/// Residual at which a sample is settled.
enum Tolerance<'a> {
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

fn slice<R>(records: &Array2<R>) -> &[R] {
    records.as_slice().expect("records are contiguous")
}

fn slice_mut<R>(records: &mut Array2<R>) -> &mut [R] {
    records.as_slice_mut().expect("records are contiguous")
}
