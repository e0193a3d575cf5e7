//! A block of samples that take equal steps together.

use super::super::{
    circuit::{Circuit, VisibleMode},
    instant::{External, Instant},
};
use super::{
    BLOCK, Course, Drives, Integrator, NoiseAddress, Schedule, Work,
    coefficients::Coefficients,
    noise::Noise,
    power::{powers, stored},
    stages::{Accumulate, AddScaled, FirstStage, SecondStage},
};
use crate::{Cell, kernels::Real};
use ndarray::ArrayView2;

/// Buffers of one block; allocated once per thread and reused.
pub(super) struct Block<'a, R> {
    circuit: &'a Circuit<R>,
    schedule: &'a Schedule<'a>,
    noise: Option<Noise<R>>,
    theta: f64,
    /// Per part `[BLOCK, n]`: state, stage, and the drifts at both.
    state: Vec<Vec<R>>,
    stage: Vec<Vec<R>>,
    drift: Vec<Vec<R>>,
    stage_drift: Vec<Vec<R>>,
    /// Sum of the weighted drifts of a Runge–Kutta step.
    sum: Vec<Vec<R>>,
    instant: Instant<R>,
    coefficients: Vec<Coefficients<R>>,
    force: Vec<R>,
    /// Where the present input draws the nodes of one part.
    aim: Vec<R>,
    work: Vec<Work>,
    step: f64,
}

/// Nodes and weights of the classical Runge–Kutta method of order 4 (Kutta 1901).
const RK4: [(f64, f64); 4] = [
    (0.0, 1.0 / 6.0),
    (0.5, 1.0 / 3.0),
    (0.5, 1.0 / 3.0),
    (1.0, 1.0 / 6.0),
];

impl<'a, R: Real> Block<'a, R> {
    pub(super) fn new(
        circuit: &'a Circuit<R>,
        schedule: &'a Schedule<'a>,
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
            noise: noise.map(|address| Noise::new(circuit, address, step, BLOCK)),
            theta: noise.map_or(0.0, |address| address.theta),
            circuit,
            schedule,
            step,
        }
    }

    /// Runs the samples `rows` of a batch.
    pub(super) fn run(
        &mut self,
        drives: &Drives<'_, R>,
        rows: &[usize],
        start: ArrayView2<'_, R>,
    ) -> Vec<Course<R>> {
        self.load(drives, rows, start);
        let steps = self.schedule.steps();
        let stride = steps / self.schedule.intervals.max(1);
        let mut courses: Vec<_> = rows.iter().map(|_| Course::empty()).collect();
        let mut reading: Vec<usize> = (0..rows.len()).collect();
        for step in 0..=steps {
            self.set_force(drives, rows, step as f64);
            self.evaluate(drives, rows.len());
            let recording = step % stride == 0 && self.schedule.records(step / stride);
            reading.retain(|&row| {
                let residual = self.residual(row);
                let course = &mut courses[row];
                if recording {
                    self.copy_row(row, &mut course.recorded);
                    course.residuals.push(residual);
                    course.works.push(self.work_of(row));
                }
                let settled = self.schedule.stop_at.is_some_and(|limit| residual <= limit);
                let read = step == steps || settled;
                if read {
                    self.copy_row(row, &mut course.last);
                    course.residual = residual;
                    course.time = step as f64 * self.step;
                    course.steps = step as u32;
                    course.work = self.work_of(row);
                }
                !read
            });
            if reading.is_empty() {
                break;
            }
            self.advance(drives, rows, step as f64);
        }
        courses
    }

    fn load(&mut self, drives: &Drives<'_, R>, rows: &[usize], start: ArrayView2<'_, R>) {
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
        let exponential = self.schedule.integrator == Integrator::Etd2;
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
        for row in 0..rows.len() {
            self.work[row] = Work {
                stored: -stored(self.circuit, &self.state, row),
                ..Work::default()
            };
        }
        if let Some(noise) = &mut self.noise {
            noise.start(self.circuit, rows);
        }
    }

    /// What a sample's transient took so far.
    fn work_of(&self, row: usize) -> Work {
        let mut work = self.work[row];
        work.stored += stored(self.circuit, &self.state, row);
        work
    }

    /// Whether a part's damping changes along the transient: the nonlinear leaks.
    fn follows(&self, part: usize) -> bool {
        self.circuit.cell == Cell::Resistive && (1..self.circuit.nodes()).contains(&part)
    }

    /// The current into the visible nodes `steps` steps after the start.
    fn set_force(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
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
    fn evaluate(&mut self, drives: &Drives<'_, R>, m: usize) {
        let external = External {
            force: &self.force,
            stiffening: R::from_f64(drives.stiffening),
            disturbance: self.noise.as_ref().and_then(Noise::disturbance),
        };
        self.instant
            .drift(self.circuit, m, &self.state, &external, &mut self.drift);
    }

    /// Drift at the stage.
    fn evaluate_stage(&mut self, drives: &Drives<'_, R>, m: usize) {
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

    /// One step from a state whose drift is known.
    fn advance(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
        match self.schedule.integrator {
            Integrator::Etd2 => self.exponential_step(drives, rows, steps),
            Integrator::Euler => {
                self.meter(drives, m, self.step, false);
                self.first_stage(m);
                std::mem::swap(&mut self.state, &mut self.stage);
            }
            Integrator::Rk4 => self.runge_kutta_step(drives, rows, steps),
            Integrator::Adaptive => unreachable!("adaptive steps belong to single samples"),
        }
        if self.schedule.integrator != Integrator::Etd2 {
            self.add_noise(m, false);
        }
        if let Some(noise) = &mut self.noise {
            noise.advance(self.circuit);
        }
    }

    fn exponential_step(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
        for part in 1..self.circuit.nodes() {
            if self.follows(part) {
                let n = m * self.circuit.widths[part];
                self.instant.aim(self.circuit, part, &mut self.aim[..n]);
                let (state, drift) = (&self.state[part][..n], &self.drift[part][..n]);
                let moving = (state, drift, &self.aim[..n]);
                let slope = &self.instant.slope[part];
                let settings = (self.step, self.theta);
                self.coefficients[part].follow(self.circuit, part, moving, slope, settings);
            }
        }
        self.meter(drives, m, 0.5 * self.step, false);
        self.first_stage(m);
        // Noise enters before the stage is evaluated, so that the couplings respond to half of it
        // within the step: the stationary covariance is then of second order in the step.
        self.add_noise(m, true);
        self.set_force(drives, rows, steps + 1.0);
        self.evaluate_stage(drives, m);
        self.meter(drives, m, 0.5 * self.step, true);
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            let coefficients = &self.coefficients[part];
            self.circuit.level.run(SecondStage {
                stage: &self.stage[part][..n],
                drift: &self.drift[part][..n],
                stage_drift: &self.stage_drift[part][..n],
                p2: &coefficients.p2,
                damping: &coefficients.damping,
                state: &mut self.state[part][..n],
            });
        }
        confine(self.circuit, m, &mut self.state);
    }

    /// stage = state + p1·drift.
    fn first_stage(&mut self, m: usize) {
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            self.circuit.level.run(FirstStage {
                state: &self.state[part][..n],
                drift: &self.drift[part][..n],
                p1: &self.coefficients[part].p1,
                stage: &mut self.stage[part][..n],
            });
        }
        confine(self.circuit, m, &mut self.stage);
    }

    fn runge_kutta_step(&mut self, drives: &Drives<'_, R>, rows: &[usize], steps: f64) {
        let m = rows.len();
        for (index, &(node, weight)) in RK4.iter().enumerate() {
            if index > 0 {
                for part in 0..self.circuit.widths.len() {
                    let n = m * self.circuit.widths[part];
                    let from = if index == 1 {
                        &self.drift
                    } else {
                        &self.stage_drift
                    };
                    self.circuit.level.run(AddScaled {
                        base: &self.state[part][..n],
                        direction: &from[part][..n],
                        factor: R::from_f64(self.step * node),
                        out: &mut self.stage[part][..n],
                    });
                }
                confine(self.circuit, m, &mut self.stage);
                self.set_force(drives, rows, steps + node);
                self.evaluate_stage(drives, m);
            }
            self.meter(drives, m, weight * self.step, index > 0);
            for part in 0..self.circuit.widths.len() {
                let n = m * self.circuit.widths[part];
                let from = if index == 0 {
                    &self.drift
                } else {
                    &self.stage_drift
                };
                self.circuit.level.run(Accumulate {
                    sum: &mut self.sum[part][..n],
                    term: &from[part][..n],
                    weight: R::from_f64(self.step * weight),
                    fresh: index == 0,
                });
            }
        }
        for part in 0..self.circuit.widths.len() {
            let n = m * self.circuit.widths[part];
            let moved = self.state[part][..n].iter_mut().zip(&self.sum[part][..n]);
            moved.for_each(|(s, &d)| *s += d);
        }
        confine(self.circuit, m, &mut self.state);
    }

    /// Adds `weight` times the present powers to every sample's account.
    fn meter(&mut self, drives: &Drives<'_, R>, m: usize, weight: f64, at_stage: bool) {
        let state = if at_stage { &self.stage } else { &self.state };
        let external = (&self.force[..], R::from_f64(drives.stiffening));
        for row in 0..m {
            let power = powers(self.circuit, &self.instant, state, row, external);
            self.work[row].add_scaled(weight, &power);
        }
    }

    /// One step's thermal noise, added to the state or to the stage.
    fn add_noise(&mut self, m: usize, to_stage: bool) {
        let Some(noise) = &mut self.noise else { return };
        if self.theta == 0.0 {
            return;
        }
        let state = if to_stage {
            &mut self.stage
        } else {
            &mut self.state
        };
        noise.draw_shared(self.circuit);
        for part in 0..self.circuit.nodes() {
            if part == 0 && self.circuit.mode == VisibleMode::Clamped {
                continue;
            }
            let work = &mut self.work;
            noise.add_thermal(
                self.circuit,
                part,
                &self.coefficients[part],
                &self.instant.slope[part],
                &mut state[part],
                |row, gained| work[row].noise += gained,
            );
        }
        confine(self.circuit, m, state);
    }

    /// Largest imbalance of a node's currents, in units of g_unit·V_unit.
    fn residual(&self, row: usize) -> f64 {
        let circuit = self.circuit;
        let mut worst = R::ZERO;
        for l in 0..circuit.nodes() {
            let n = circuit.widths[l];
            let range = circuit.range(l);
            for i in 0..circuit.layers.size(l) {
                let imbalance = self.drift[l][row * n + i] / circuit.mobility[l][i];
                let s = self.state[l][row * n + i];
                let held = range.is_some_and(|(low, high)| {
                    s <= low && imbalance < R::ZERO || s >= high && imbalance > R::ZERO
                });
                if !held {
                    worst = worst.larger(imbalance.abs());
                }
            }
        }
        worst.to_f64()
    }

    fn copy_row(&self, row: usize, out: &mut Vec<R>) {
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            out.extend_from_slice(&self.state[part][row * n..(row + 1) * n]);
        }
    }
}

impl<R> Course<R> {
    pub(super) fn empty() -> Self {
        Self {
            last: Vec::new(),
            recorded: Vec::new(),
            residuals: Vec::new(),
            works: Vec::new(),
            residual: 0.0,
            time: 0.0,
            steps: 0,
            work: Work::default(),
        }
    }
}

/// Keeps states within what their elements allow.
pub(super) fn confine<R: Real>(circuit: &Circuit<R>, m: usize, state: &mut [Vec<R>]) {
    for part in 1..circuit.nodes() {
        if let Some((low, high)) = circuit.range(part) {
            for s in &mut state[part][..m * circuit.widths[part]] {
                *s = s.larger(low).smaller(high);
            }
        }
    }
}
