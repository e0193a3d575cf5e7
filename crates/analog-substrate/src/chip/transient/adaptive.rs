//! The reference: Dormand–Prince 5(4), one sample at a time with a step of its own.

use super::super::{
    ChipError,
    circuit::Circuit,
    instant::{External, Instant},
};
use super::{
    Course, Drives, Schedule, Work,
    limits::{confine, imbalances},
    power::{powers, stored},
    watch::Bounds,
};
use crate::kernels::Real;
use ndarray::ArrayView1;

/// Coefficients of Dormand & Prince (1980), as in Hairer, Nørsett & Wanner (1993), table 5.2 of
/// chapter II: nodes, stages, and the difference of the two orders' weights. The last stage is the
/// first of the next step.
const NODES: [f64; 7] = [0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0];
const STAGES: [&[f64]; 7] = [
    &[],
    &[1.0 / 5.0],
    &[3.0 / 40.0, 9.0 / 40.0],
    &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
    &[
        19372.0 / 6561.0,
        -25360.0 / 2187.0,
        64448.0 / 6561.0,
        -212.0 / 729.0,
    ],
    &[
        9017.0 / 3168.0,
        -355.0 / 33.0,
        46732.0 / 5247.0,
        49.0 / 176.0,
        -5103.0 / 18656.0,
    ],
    &[
        35.0 / 384.0,
        0.0,
        500.0 / 1113.0,
        125.0 / 192.0,
        -2187.0 / 6784.0,
        11.0 / 84.0,
    ],
];
const ERROR: [f64; 7] = [
    71.0 / 57600.0,
    0.0,
    -71.0 / 16695.0,
    71.0 / 1920.0,
    -17253.0 / 339_200.0,
    22.0 / 525.0,
    -1.0 / 40.0,
];

/// Safety factor and bounds of the change of a step (Hairer, Nørsett & Wanner 1993, II.4).
const SAFETY: f64 = 0.9;
const SHRINK: f64 = 0.2;
const GROW: f64 = 5.0;

/// Steps after which a sample is given up: the tolerance cannot be met.
const MAX_STEPS: u32 = 1_000_000;

/// Buffers for one sample.
pub(super) struct Stepper<'a, R> {
    circuit: &'a Circuit<R>,
    instant: Instant<R>,
    state: Vec<Vec<R>>,
    trial: Vec<Vec<R>>,
    /// Drift of each stage, per part.
    slopes: Vec<Vec<Vec<R>>>,
    power: [Work; 7],
    work: Work,
}

impl<'a, R: Real> Stepper<'a, R> {
    pub(super) fn new(circuit: &'a Circuit<R>) -> Self {
        let buffers =
            || -> Vec<Vec<R>> { circuit.widths.iter().map(|&n| vec![R::ZERO; n]).collect() };
        Self {
            instant: Instant::new(circuit, 1),
            state: buffers(),
            trial: buffers(),
            slopes: (0..7).map(|_| buffers()).collect(),
            power: [Work::default(); 7],
            work: Work::default(),
            circuit,
        }
    }

    pub(super) fn run(
        &mut self,
        (schedule, bounds): (&Schedule<'_>, &Bounds),
        drives: &Drives<'_, R>,
        row: usize,
        start: ArrayView1<'_, R>,
    ) -> Result<Course<R>, ChipError> {
        let mut column = 0;
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            let values = start.iter().skip(column);
            self.state[part]
                .iter_mut()
                .zip(values)
                .for_each(|(s, &v)| *s = v);
            column += n;
        }
        self.work = Work {
            stored: -stored(self.circuit, &self.state, 0),
            ..Work::default()
        };
        let mut course = Course::start(schedule);
        let intervals = schedule.intervals.max(1);
        let (mut t, mut h) = (0.0, schedule.step.min(schedule.duration));
        self.evaluate(drives, row, 0, t);
        self.observe(t, &mut course);
        self.record(schedule, 0, &mut course);
        for interval in 1..=intervals {
            let end = schedule.duration * interval as f64 / intervals as f64;
            while t < end && !self.settled(schedule) {
                // Steps end on the recorded instants, without slivers.
                let left = end - t;
                let trial = if h >= left {
                    left
                } else if h > 0.5 * left {
                    0.5 * left
                } else {
                    h
                };
                let error = self.try_step(schedule.tolerance, drives, row, t, trial);
                course.steps += 1;
                if course.steps > MAX_STEPS || t + trial <= t {
                    return Err(ChipError::GaveUp {
                        sample: row,
                        time: t,
                        duration: schedule.duration,
                        steps: course.steps,
                        step: trial,
                    });
                }
                let factor = (SAFETY * error.powf(-0.2)).clamp(SHRINK, GROW);
                if error <= 1.0 {
                    t = if trial >= left { end } else { t + trial };
                    self.accept(trial);
                    self.observe(t, &mut course);
                    let largest = self.largest();
                    if largest.is_nan() || largest > bounds.limit {
                        return Err(bounds.ran_away(row, t, largest));
                    }
                    // A step cut short by a recorded instant says nothing against the longer one.
                    h = if trial < h { h } else { trial * factor };
                } else {
                    h = trial * if error.is_finite() { factor } else { SHRINK };
                }
            }
            if self.settled(schedule) {
                break;
            }
            self.record(schedule, interval, &mut course);
        }
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            course.last.extend_from_slice(&self.state[part][..n]);
        }
        course.residual = self.residual();
        course.time = t;
        course.work = self.work_of();
        Ok(course)
    }

    /// What the transient took so far.
    fn work_of(&self) -> Work {
        let mut work = self.work;
        work.stored += stored(self.circuit, &self.state, 0);
        work
    }

    fn settled(&self, schedule: &Schedule<'_>) -> bool {
        schedule
            .stop_at
            .is_some_and(|limit| self.residual() <= limit)
    }

    fn record(&self, schedule: &Schedule<'_>, interval: usize, course: &mut Course<R>) {
        if schedule.records(interval) {
            for (part, &n) in self.circuit.widths.iter().enumerate() {
                course.recorded.extend_from_slice(&self.state[part][..n]);
            }
            course.residuals.push(self.residual());
            course.works.push(self.work_of());
        }
    }

    /// Drift and power of stage `stage`: at the state for the first, else at the trial.
    fn evaluate(&mut self, drives: &Drives<'_, R>, row: usize, stage: usize, t: f64) {
        let n = self.circuit.widths[0];
        let held = R::from_f64((-drives.droop * t).exp());
        let mut force: Vec<R> = drives.anchor_force[row * n..][..n]
            .iter()
            .map(|&a| held * a)
            .collect();
        if !drives.nudge_force.is_empty() {
            let nudge = &drives.nudge_force[row * n..][..n];
            force.iter_mut().zip(nudge).for_each(|(f, &a)| *f += a);
        }
        let stiffening = R::from_f64(drives.stiffening);
        let external = External {
            force: &force,
            stiffening,
            disturbance: None,
        };
        let state = if stage == 0 { &self.state } else { &self.trial };
        self.instant
            .drift(self.circuit, 1, state, &external, &mut self.slopes[stage]);
        self.power[stage] = powers(self.circuit, &self.instant, state, 0, (&force, stiffening));
    }

    /// Computes all stages of a step of size `h`; the trial state is the result. Returns the error as
    /// a multiple of what is tolerated.
    fn try_step(
        &mut self,
        tolerance: f64,
        drives: &Drives<'_, R>,
        row: usize,
        t: f64,
        h: f64,
    ) -> f64 {
        for stage in 1..7 {
            for part in 0..self.circuit.widths.len() {
                for i in 0..self.circuit.widths[part] {
                    let moved: f64 = STAGES[stage]
                        .iter()
                        .enumerate()
                        .map(|(k, a)| a * self.slopes[k][part][i].to_f64())
                        .sum();
                    self.trial[part][i] = R::from_f64(self.state[part][i].to_f64() + h * moved);
                }
            }
            confine(self.circuit, 1, &mut self.trial);
            self.evaluate(drives, row, stage, t + NODES[stage] * h);
        }
        let mut worst: f64 = 0.0;
        for part in 0..self.circuit.widths.len() {
            for i in 0..self.circuit.widths[part] {
                let error: f64 = ERROR
                    .iter()
                    .enumerate()
                    .map(|(k, e)| e * self.slopes[k][part][i].to_f64())
                    .sum();
                let size = self.state[part][i].to_f64().abs();
                let size = size.max(self.trial[part][i].to_f64().abs());
                let share = (h * error).abs() / (tolerance * (1.0 + size));
                if share.is_nan() {
                    return f64::INFINITY;
                }
                worst = worst.max(share);
            }
        }
        worst.max(1e-10)
    }

    /// The trial becomes the state, its drift the first stage of the next step.
    fn accept(&mut self, h: f64) {
        for (power, weight) in self.power.iter().zip(STAGES[6]) {
            self.work.add_scaled(h * weight, power);
        }
        std::mem::swap(&mut self.state, &mut self.trial);
        self.slopes.swap(0, 6);
        self.power.swap(0, 6);
    }

    /// What a step's end says of when the sample has settled.
    fn observe(&self, t: f64, course: &mut Course<R>) {
        if let Some(settling) = &mut course.settling {
            settling.observe(t, self.residual());
        }
    }

    /// Largest |state|; NaN where one is.
    fn largest(&self) -> f64 {
        let values = self.state.iter().flatten().map(|s| s.to_f64().abs());
        values.fold(0.0, |most, s| if s > most || s.is_nan() { s } else { most })
    }

    fn residual(&self) -> f64 {
        let mut worst = [R::ZERO];
        imbalances(self.circuit, &self.state, &self.slopes[0], &mut worst);
        worst[0].to_f64()
    }
}
