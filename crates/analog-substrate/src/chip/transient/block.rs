//! A block of samples that take equal steps together.

use super::{
    super::{
        circuit::Circuit,
        instant::{External, Instant},
    },
    BLOCK, Course, Drives, NoiseAddress, Schedule, Work,
    coefficients::Coefficients,
    meter::Meter,
    noise::Noise,
    power::stored,
    settling::Settling,
    watch::{Bounds, Watch},
};
use crate::{Cell, activation::ActivationScalar};
use ndarray::ArrayView2;

/// Buffers of one block; allocated once per thread and reused.
pub(super) struct Block<'a, R> {
    pub(super) circuit: &'a Circuit<R>,
    pub(super) schedule: &'a Schedule<'a>,
    pub(super) noise: Option<Noise<R>>,
    pub(super) theta: f64,
    /// Per part `[BLOCK, n]`: state, stage, and the drifts at both.
    pub(super) state: Vec<Vec<R>>,
    pub(super) stage: Vec<Vec<R>>,
    pub(super) drift: Vec<Vec<R>>,
    pub(super) stage_drift: Vec<Vec<R>>,
    /// Sum of the weighted drifts of a Runge–Kutta step.
    pub(super) sum: Vec<Vec<R>>,
    pub(super) instant: Instant<R>,
    pub(super) coefficients: Vec<Coefficients<R>>,
    pub(super) force: Vec<R>,
    /// Where the present input draws the nodes of one part.
    pub(super) aim: Vec<R>,
    pub(super) work: Vec<Work>,
    pub(super) meter: Meter<R>,
    /// Largest imbalance of each row.
    pub(super) imbalance: Vec<R>,
    pub(super) watch: Watch,
    pub(super) step: f64,
}

impl<'a, R: ActivationScalar> Block<'a, R> {
    pub(super) fn new(
        circuit: &'a Circuit<R>,
        (schedule, bounds): (&'a Schedule<'a>, Bounds),
        noise: Option<&NoiseAddress>,
    ) -> Self {
        let buffers = || -> Vec<Vec<R>> {
            circuit
                .widths
                .iter()
                .map(|n| vec![R::ZERO; BLOCK * n])
                .collect()
        };
        let step = schedule.duration / schedule.steps() as f64;
        Self {
            state: buffers(),
            stage: buffers(),
            drift: buffers(),
            stage_drift: buffers(),
            sum: buffers(),
            instant: Instant::new(circuit, BLOCK),
            coefficients: Vec::new(),
            force: vec![R::ZERO; BLOCK * circuit.widths[0]],
            aim: vec![R::ZERO; BLOCK * circuit.widths.iter().max().copied().unwrap_or(0)],
            work: vec![Work::default(); BLOCK],
            watch: Watch::new(bounds, BLOCK),
            meter: Meter::new(circuit, BLOCK, step, noise.is_some()),
            imbalance: vec![R::ZERO; BLOCK],
            noise: noise
                .map(|address| Noise::new(circuit, address, (step, schedule.noise_gain), BLOCK)),
            theta: noise.map_or(0.0, |address| address.theta),
            circuit,
            schedule,
            step,
        }
    }

    pub(super) fn load(
        &mut self,
        drives: &Drives<'_, R>,
        rows: &[usize],
        start: ArrayView2<'_, R>,
    ) {
        let visible = self.circuit.widths[0];
        let fixed = rows.iter().flat_map(|&row| drives.fixed_of(row, visible));
        self.instant.hold(fixed.copied());
        let mut column = 0;
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            for (row, &index) in rows.iter().enumerate() {
                let source = start.row(index);
                for i in 0..n {
                    self.state[part][row * n + i] = source[column + i];
                }
            }
            column += n;
        }
        for row in 0..rows.len() {
            self.work[row] = Work {
                stored: -stored(self.circuit, &self.state, row, self.instant.fixed()),
                ..Work::default()
            };
        }
        self.watch.start();
        if let Some(noise) = &mut self.noise {
            noise.start(self.circuit, rows);
        }
    }

    /// Coefficients of a step under these drives: those of each node's own damping, or of none.
    pub(super) fn prepare(&mut self, drives: &Drives<'_, R>, exponential: bool) {
        let settings = (drives.stiffening, self.theta);
        self.coefficients = (0..self.circuit.widths.len())
            .map(|part| {
                if exponential && self.follows(part) {
                    Coefficients::elements(self.circuit.widths[part], BLOCK)
                } else {
                    Coefficients::constant(self.circuit, part, self.step, settings, exponential)
                }
            })
            .collect();
    }

    /// What a sample's transient took so far.
    pub(super) fn work_of(&self, row: usize) -> Work {
        let mut work = self.work[row];
        work.stored += stored(self.circuit, &self.state, row, self.instant.fixed());
        work
    }

    /// Whether a part's damping changes along the transient: the nonlinear leaks.
    pub(super) fn follows(&self, part: usize) -> bool {
        self.circuit.cell == Cell::Resistive && (1..self.circuit.nodes()).contains(&part)
    }

    /// The current into the visible nodes `steps` steps after the start.
    pub(super) fn set_force(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let n = self.circuit.widths[0];
        let held = R::from_f64((-drives.droop * steps * self.step).exp());
        for (force, &row) in self.force.chunks_exact_mut(n).zip(rows) {
            let anchor = &drives.anchor_force[row * n..][..n];
            force
                .iter_mut()
                .zip(anchor)
                .for_each(|(f, &a)| *f = held * a);
            if !drives.nudge_force.is_empty() {
                let nudge = &drives.nudge_force[row * n..][..n];
                force.iter_mut().zip(nudge).for_each(|(f, &a)| *f += a);
            }
        }
    }

    /// Drift at the present state.
    pub(super) fn evaluate(&mut self, drives: &Drives<'_, R>, m: usize) {
        let external = External {
            force: &self.force,
            stiffening: R::from_f64(drives.stiffening),
            disturbance: self.noise.as_ref().and_then(Noise::disturbance),
        };
        self.instant
            .drift(self.circuit, m, &self.state, &external, &mut self.drift);
    }

    /// Drift at the stage.
    pub(super) fn evaluate_stage(&mut self, drives: &Drives<'_, R>, m: usize) {
        let external = External {
            force: &self.force,
            stiffening: R::from_f64(drives.stiffening),
            disturbance: self.noise.as_ref().and_then(Noise::disturbance),
        };
        self.instant.drift(
            self.circuit,
            m,
            &self.stage,
            &external,
            &mut self.stage_drift,
        );
    }

    pub(super) fn copy_row(&self, row: usize, out: &mut Vec<R>) {
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            out.extend_from_slice(&self.state[part][row * n..(row + 1) * n]);
        }
    }
}

impl<R: ActivationScalar> Course<R> {
    /// A course before its first step.
    pub(super) fn start(schedule: &Schedule<'_>) -> Self {
        let resolution = R::EPSILON.to_f64();
        let settling = |limit| Settling::new(limit, resolution);
        Self {
            last: Vec::new(),
            recorded: Vec::new(),
            residuals: Vec::new(),
            works: Vec::new(),
            residual: 0.0,
            time: 0.0,
            settling: schedule.watched.map(settling),
            steps: 0,
            newton: 0,
            work: Work::default(),
        }
    }
}
