//! What no transient of a circuit does: nodes beyond every bound, and steps that feed on themselves.

use super::super::{
    ChipError, Runaway,
    circuit::{Circuit, VisibleMode},
    instant::Instant,
};
use super::{Drives, NoiseAddress, Schedule, meter::Meter};
use crate::chip::Integrator;
use crate::{
    Cell, RUNAWAY,
    kernels::{
        LANES, Real,
        reduce::largest,
        simd::{Isa, Kernel},
    },
};
use ndarray::ArrayView2;

/// How far beyond its bound a node of a bounded activation may be: integrators of low order overshoot.
const OVERSHOOT: f64 = 2.0;

/// Standard deviations of thermal noise that are allowed for.
const DEVIATIONS: f64 = 100.0;

/// Largest slope of an activation: SiLU's is 1.0998, of the others 1.
const STEEPEST: f64 = 1.1;

/// Movements in one step, in V_unit, below which it matters to nobody whether they decay.
const NOTICEABLE: f64 = 1e-2;

/// Cosine of the angle between successive drifts below which the nodes swing to and fro.
const REVERSAL: f64 = -0.8;

/// Steps in a row after which a sample is unstable: a single one may cross a bend.
const PERSISTENT: u8 = 6;

/// Bounds of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Where a node has run away, in V_unit.
    pub(super) limit: f64,
    /// Whether the exact solution cannot go there.
    pub(super) proven: bool,
    /// Movement in a step that noise or rounding may make, in V_unit.
    noticeable: f64,
    integrator: Integrator,
    step: f64,
}

impl Bounds {
    /// Of all samples of a run.
    ///
    /// # Errors
    /// [`ChipError::StepTooLong`] where an explicit step is unstable at some node by itself.
    pub(super) fn new<R: Real>(
        circuit: &Circuit<R>,
        schedule: &Schedule<'_>,
        drives: &Drives<'_, R>,
        noise: Option<&NoiseAddress>,
        start: ArrayView2<'_, R>,
    ) -> Result<Self, ChipError> {
        let step = schedule.step_taken().unwrap_or(schedule.step);
        let integrator = schedule.integrator;
        if let Some(most) = integrator.stability_limit() {
            let rate = fastest(circuit, drives.stiffening);
            if rate * step > most {
                return Err(ChipError::StepTooLong {
                    integrator,
                    step,
                    rate,
                    longest: most / rate,
                });
            }
        }
        let beginning = peak(start.iter());
        let theta = noise.map_or(0.0, |address| address.theta);
        let loudest = (0..circuit.nodes())
            .map(|l| peak(&circuit.noise.own[l]).max(peak(&circuit.noise.through_slope[l])))
            .fold(1.0, f64::max);
        let thermal = DEVIATIONS * schedule.noise_gain.first * (theta * loudest).sqrt();
        let bound = attainable(circuit, drives, beginning);
        let limit = match bound {
            Some(bound) => OVERSHOOT * bound,
            None => RUNAWAY * beginning.max(1.0),
        };
        Ok(Self {
            limit: limit + thermal,
            proven: bound.is_some(),
            noticeable: NOTICEABLE + thermal,
            integrator,
            step,
        })
    }

    /// Whether a nonlinear leak is too steep for an explicit step where a node of a row is now. Nodes
    /// bounce off such leaks within their limits: on average over a bounce the leak is not steep.
    fn is_steep<R: Real>(&self, circuit: &Circuit<R>, instant: &Instant<R>, row: usize) -> bool {
        let Some(most) = self.integrator.stability_limit() else {
            return false;
        };
        let most = R::from_f64(most / self.step);
        circuit.cell == Cell::Resistive
            && (1..circuit.nodes()).any(|l| {
                let slope = &instant.slope[l][row * circuit.widths[l]..];
                let own = circuit.mobility[l].iter().zip(&circuit.leak[l]);
                let mut rates = own.zip(slope);
                rates.any(|((&mobility, &leak), &slope)| mobility * leak * slope > most)
            })
    }

    /// Why a node at `largest` V_unit after `time` τ is an error.
    pub(super) fn ran_away(&self, sample: usize, time: f64, largest: f64) -> ChipError {
        ChipError::RanAway {
            sample,
            time,
            largest,
            limit: self.limit,
            cause: if self.proven {
                Runaway::Step {
                    integrator: self.integrator,
                    step: self.step,
                }
            } else {
                Runaway::NoMinimum { step: self.step }
            },
        }
    }
}

/// Watches the samples of a block, step by step.
pub(super) struct Watch {
    bounds: Bounds,
    /// Steps in a row that were unstable, per row.
    strikes: Vec<u8>,
}

impl Watch {
    pub(super) fn new(bounds: Bounds, block: usize) -> Self {
        Self {
            bounds,
            strikes: vec![0; block],
        }
    }

    /// Forgets the samples before.
    pub(super) fn start(&mut self) {
        self.strikes.fill(0);
    }

    /// Looks at the step that the meter has just closed, of sample `sample` in row `row`, which ended
    /// at `state` with `drift` after `time` τ.
    pub(super) fn check<R: Real>(
        &mut self,
        circuit: &Circuit<R>,
        (meter, instant): (&Meter<R>, &Instant<R>),
        (state, drift): (&[Vec<R>], &[Vec<R>]),
        (row, sample): (usize, usize),
        time: f64,
    ) -> Result<(), ChipError> {
        let bounds = &self.bounds;
        let mut step = Movement::default();
        for l in 0..circuit.nodes() {
            if l == 0 && circuit.mode == VisibleMode::Clamped {
                continue;
            }
            let n = circuit.widths[l];
            let at = row * n..(row + 1) * n;
            let (before, drift_before) = meter.before(l);
            let part = circuit.level.run(Compare {
                state: [&before[at.clone()], &state[l][at.clone()]],
                drift: [&drift_before[at.clone()], &drift[l][at]],
            });
            step.add(part.map(R::to_f64));
        }
        if step.moved.is_nan() || step.largest > bounds.limit {
            return Err(bounds.ran_away(sample, time, step.largest));
        }
        let feeds = step.furthest > bounds.noticeable
            && (step.grows(bounds) || bounds.is_steep(circuit, instant, row));
        let strikes = &mut self.strikes[row];
        *strikes = if feeds { *strikes + 1 } else { 0 };
        if *strikes >= PERSISTENT {
            return Err(ChipError::UnstableSteps {
                sample,
                time,
                integrator: bounds.integrator,
                step: bounds.step,
            });
        }
        Ok(())
    }
}

/// Of one step: sums over all nodes, u the state and F its drift.
#[derive(Default)]
struct Movement {
    /// |Δu|², −Δu·ΔF.
    moved: f64,
    resisted: f64,
    /// |F₀|², F₀·F₁, |F₁|².
    drifts: [f64; 3],
    /// Largest |u| at the end, and |Δu|.
    largest: f64,
    furthest: f64,
}

impl Movement {
    fn add(&mut self, part: [f64; 7]) {
        self.moved += part[0];
        self.resisted += part[1];
        for (sum, term) in self.drifts.iter_mut().zip(&part[2..5]) {
            *sum += term;
        }
        self.largest = self.largest.max(part[5]);
        self.furthest = self.furthest.max(part[6]);
    }

    /// Whether the next step goes further than this one on its account alone. An explicit step does
    /// where the mode in which the nodes move has a rate −Δu·ΔF/|Δu|² beyond the method's limit; an
    /// exponential one goes to and fro, with drifts that turn round and do not decay.
    fn grows(&self, bounds: &Bounds) -> bool {
        if let Some(most) = bounds.integrator.stability_limit() {
            return self.resisted * bounds.step > most * self.moved;
        }
        let [before, across, after] = self.drifts;
        after >= before && across < REVERSAL * (before * after).sqrt()
    }
}

/// Largest damping rate of a node or a pole by itself, in 1/τ.
fn fastest<R: Real>(circuit: &Circuit<R>, stiffening: f64) -> f64 {
    let parts = 0..circuit.widths.len();
    let moving = parts.filter(|&part| part > 0 || circuit.mode != VisibleMode::Clamped);
    let rates = moving.flat_map(|part| {
        let added = if part == 0 { stiffening } else { 0.0 };
        let rows = circuit.mobility[part].iter().zip(&circuit.stiffness[part]);
        rows.map(move |(mobility, k)| mobility.to_f64() * (k.to_f64() + added))
    });
    rates.fold(0.0, f64::max)
}

fn peak<'a, R: Real>(values: impl IntoIterator<Item = &'a R>) -> f64 {
    let values = values.into_iter().map(|v| v.to_f64().abs());
    values.fold(0.0, f64::max)
}

/// Largest |state| that a transient from states below `beginning` can have, in V_unit: where outputs
/// are bounded, so are the currents into every node, and its leak pulls it back from beyond
/// current/leak. None where they are not.
fn attainable<R: Real>(
    circuit: &Circuit<R>,
    drives: &Drives<'_, R>,
    beginning: f64,
) -> Option<f64> {
    let gain = circuit.gain.as_ref().map_or(1.0, |rows| {
        rows.iter().map(|row| peak(row)).fold(1.0, f64::max)
    });
    let saturated = circuit.saturation.map(R::to_f64);
    let output = match (circuit.curve.largest_output().map(|y| gain * y), saturated) {
        (Some(y), Some(limit)) => y.min(limit),
        (Some(y), None) | (None, Some(y)) => y,
        (None, None) => return None,
    };
    let output = output.max(beginning);
    let sizes = circuit.layers.sizes();
    let mut bound = output;
    let mut visible = beginning;
    for (l, &size) in sizes.iter().enumerate() {
        if l == 0 && circuit.mode == VisibleMode::Clamped {
            continue;
        }
        let bias = circuit.network.bias(l);
        for i in 0..size {
            let sum = |values: ndarray::ArrayView1<'_, R>| -> f64 {
                values.iter().map(|w| w.to_f64().abs()).sum()
            };
            let below = if l == 1 { visible } else { output };
            let mut current = bias[i].to_f64().abs();
            if l > 0 {
                current += below * sum(circuit.couplings.weight(l - 1).row(i));
            }
            if l + 1 < sizes.len() {
                current += output * sum(circuit.couplings.weight(l).column(i));
            }
            let reached = match (l, circuit.cell) {
                (0, _) => {
                    let force = peak(drives.anchor_force) + peak(drives.nudge_force);
                    let stiffness = circuit.stiffness[0][i].to_f64() + drives.stiffening;
                    let reached = (current + force) / stiffness;
                    visible = visible.max(reached);
                    reached
                }
                (_, Cell::Gradient) => STEEPEST * current / circuit.leak[l][i].to_f64(),
                (_, Cell::Hopfield) => current / circuit.leak[l][i].to_f64(),
                (_, Cell::Resistive) => output,
            };
            bound = bound.max(reached);
        }
    }
    Some(bound)
}

/// |Δu|², −Δu·ΔF, |F₀|², F₀·F₁, |F₁|², largest |u₁| and |Δu| of one row of nodes; lengths equal and a
/// multiple of [`LANES`].
struct Compare<'a, R> {
    state: [&'a [R]; 2],
    drift: [&'a [R]; 2],
}

impl<R: Real> Kernel for Compare<'_, R> {
    type Output = [R; 7];

    #[inline(always)]
    fn run<I: Isa>(self) -> [R; 7] {
        let mut sums = [[R::ZERO; LANES]; 5];
        let mut most = [[R::ZERO; LANES]; 2];
        for start in (0..self.state[0].len()).step_by(LANES) {
            let lanes = start..start + LANES;
            let [u0, u1] = self.state.map(|row| &row[lanes.clone()]);
            let [f0, f1] = self.drift.map(|row| &row[lanes.clone()]);
            for i in 0..LANES {
                let moved = u1[i] - u0[i];
                sums[0][i] = moved.fma::<I>(moved, sums[0][i]);
                sums[1][i] = moved.fma::<I>(f0[i] - f1[i], sums[1][i]);
                sums[2][i] = f0[i].fma::<I>(f0[i], sums[2][i]);
                sums[3][i] = f0[i].fma::<I>(f1[i], sums[3][i]);
                sums[4][i] = f1[i].fma::<I>(f1[i], sums[4][i]);
                most[0][i] = most[0][i].larger(u1[i].abs());
                most[1][i] = most[1][i].larger(moved.abs());
            }
        }
        let total = |lanes: [R; LANES]| lanes.into_iter().fold(R::ZERO, |sum, lane| sum + lane);
        let [moved, resisted, before, across, after] = sums.map(total);
        let [reached, furthest] = most.map(largest);
        [moved, resisted, before, across, after, reached, furthest]
    }
}
