//! The reference, one sample at a time with a step of its own: Dormand–Prince 5(4), and from where the
//! circuit turns out stiff on implicit steps.

use super::{
    super::{
        ChipError,
        circuit::Circuit,
        instant::{External, Instant},
    },
    Course, Drives, Schedule, Work,
    dormand_prince::{ERROR, NODES, STAGES},
    implicit::{self, Evaluated, Implicit},
    limits::{confine, imbalances},
    power::{powers, stored},
    watch::Bounds,
};
use crate::{Cell, activation::ActivationScalar};
use ndarray::ArrayView1;

/// Safety factor and bounds of the change of a step (Hairer, Nørsett & Wanner 1993, II.4).
const SAFETY: f64 = 0.9;
const SHRINK: f64 = 0.2;
const GROW: f64 = 5.0;

/// Steps after which a sample is given up: the tolerance cannot be met.
const MAX_STEPS: u32 = 1_000_000;

/// Explicit steps longer than this over the fastest rate count as limited by stability (Dormand & Prince's
/// method: 3.3). Step control swings about that limit by a factor of up to three, so that a shorter one
/// takes back one strike, not all; after so many, with so many more steps to come, the sample goes on
/// with implicit ones, of which one costs as much as some twenty.
const STIFF: f64 = 1.0;
const STRIKES: u32 = 3;
const MANY_STEPS: f64 = 1000.0;

/// Where nodes reach the ends of their range the path has corners, at which any step is of first order.
/// Errors there are forgotten at rest: from a rate that no unsaturated circuit has, in 1/τ, implicit
/// steps are allowed so many times the tolerance.
const SATURATED: f64 = 1e3;
const AT_CORNERS: f64 = 1e4;

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
    implicit: Implicit<'a, R>,
    /// Fastest damping rate of a node where the sample is, in 1/τ.
    rate: f64,
}

impl<'a, R: ActivationScalar> Stepper<'a, R> {
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
            implicit: Implicit::new(circuit),
            rate: 0.0,
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
        self.load(drives, row, start);
        self.implicit.begin();
        let mut course = Course::start(schedule);
        let intervals = schedule.intervals.max(1);
        let (mut t, mut h) = (0.0, schedule.step.min(schedule.duration));
        self.evaluate(drives, row, 0, t);
        self.rate = self.fastest(drives.stiffening);
        // Of implicit steps; none while steps are explicit.
        let mut implicit = None;
        let mut strikes: u32 = 0;
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
                let (error, order) = match implicit {
                    None => (
                        self.try_step(schedule.tolerance, drives, row, t, trial),
                        5.0,
                    ),
                    Some(tolerance) => {
                        let place = (row, t, trial);
                        (self.try_implicit_step(tolerance, drives, place), 4.0)
                    }
                };
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
                let factor = (SAFETY * error.powf(-1.0 / order)).clamp(SHRINK, GROW);
                if error <= 1.0 {
                    schedule.tally.add(trial);
                    t = if trial >= left { end } else { t + trial };
                    match implicit {
                        None => self.accept(trial),
                        Some(_) => self.accept_implicit(drives, (row, t, trial)),
                    }
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
                if implicit.is_none() {
                    strikes = if trial * self.rate > STIFF {
                        strikes + 1
                    } else {
                        strikes.saturating_sub(1)
                    };
                    // What a refused step evaluated is not where the sample is.
                    if error <= 1.0 {
                        self.rate = self.fastest(drives.stiffening);
                    }
                    let many = (schedule.duration - t) / h > MANY_STEPS;
                    if strikes >= STRIKES && many && Implicit::knows(self.circuit) {
                        self.evaluate(drives, row, 0, t);
                        implicit = Some(self.give_way(schedule.tolerance, drives.stiffening));
                    }
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
        course.newton = self.implicit.iterations();
        course.time = t;
        course.work = self.work_of();
        Ok(course)
    }

    /// Takes up a sample.
    fn load(&mut self, drives: &Drives<'_, R>, row: usize, start: ArrayView1<'_, R>) {
        let mut column = 0;
        for (part, &n) in self.circuit.widths.iter().enumerate() {
            let values = start.iter().skip(column);
            self.state[part]
                .iter_mut()
                .zip(values)
                .for_each(|(s, &v)| *s = v);
            column += n;
        }
        let fixed = drives.fixed_of(row, self.circuit.widths[0]);
        self.instant.hold(fixed.iter().copied());
        self.work = Work {
            stored: -stored(self.circuit, &self.state, 0, fixed),
            ..Work::default()
        };
    }

    /// Goes on with implicit steps from the state that was evaluated last; their tolerance.
    fn give_way(&mut self, tolerance: f64, stiffening: f64) -> f64 {
        self.rate = self.fastest(stiffening);
        self.implicit.start(&self.state, &self.instant);
        let corners = self.rate > SATURATED;
        let factor = if corners { AT_CORNERS } else { 1.0 };
        factor * tolerance
    }

    /// What the transient took so far.
    fn work_of(&self) -> Work {
        let mut work = self.work;
        work.stored += stored(self.circuit, &self.state, 0, self.instant.fixed());
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

    /// Fastest damping rate of a node at the state that was evaluated last, in 1/τ.
    fn fastest(&self, stiffening: f64) -> f64 {
        let mut fastest: f64 = 0.0;
        for part in 0..self.circuit.widths.len() {
            let bent = part > 0 && part < self.circuit.nodes();
            let bent = bent && self.circuit.cell == Cell::Resistive;
            let added = if part == 0 { stiffening } else { 0.0 };
            for i in 0..self.circuit.widths[part] {
                let linear = self.circuit.stiffness[part][i].to_f64() + added;
                let slope = if bent {
                    self.instant.slope[part][i].to_f64()
                } else {
                    1.0
                };
                fastest = fastest.max(self.circuit.mobility[part][i].to_f64() * linear * slope);
            }
        }
        fastest
    }

    /// An implicit step of size `h` from `t`; its error as a multiple of what is tolerated.
    fn try_implicit_step(
        &mut self,
        tolerance: f64,
        drives: &Drives<'_, R>,
        (row, t, h): (usize, f64, f64),
    ) -> f64 {
        let mut stages = Stages {
            circuit: self.circuit,
            instant: &mut self.instant,
            drift: &mut self.slopes[6],
            power: &mut self.power,
            force: Vec::new(),
            drives,
            place: (row, t, h),
        };
        let settings = (tolerance, drives.stiffening);
        self.implicit.try_step(settings, h, &mut stages)
    }

    /// The end of the implicit step becomes the state. Powers are integrated with the weights of the
    /// method; the leaks are booked with what closes the balance of the nodes, since the charge that
    /// passes a saturated leak is known better than its voltage.
    fn accept_implicit(&mut self, drives: &Drives<'_, R>, (row, t, h): (usize, f64, f64)) {
        let before = stored(self.circuit, &self.state, 0, self.instant.fixed());
        let mut step = Work::default();
        for (power, weight) in self.power[1..].iter().zip(implicit::STAGES[4]) {
            step.add_scaled(h * weight, power);
        }
        self.implicit.accept();
        let ends = self.state.iter_mut().zip(self.implicit.end());
        ends.for_each(|(to, from)| to.copy_from_slice(from));
        let gained = stored(self.circuit, &self.state, 0, self.instant.fixed()) - before;
        step.leak = step.couplings + step.source - step.spring - gained;
        self.work.add_scaled(1.0, &step);
        self.evaluate(drives, row, 0, t);
    }

    /// Drift and power of stage `stage`: at the state for the first, else at the trial.
    fn evaluate(&mut self, drives: &Drives<'_, R>, row: usize, stage: usize, t: f64) {
        let force = force_at(drives, row, self.circuit.widths[0], t);
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

/// The current into the `n` visible nodes of a sample at time `t`.
fn force_at<R: ActivationScalar>(drives: &Drives<'_, R>, row: usize, n: usize, t: f64) -> Vec<R> {
    let held = R::from_f64((-drives.droop * t).exp());
    let mut force: Vec<R> = drives.anchor_force[row * n..][..n]
        .iter()
        .map(|&a| held * a)
        .collect();
    if !drives.nudge_force.is_empty() {
        let nudge = &drives.nudge_force[row * n..][..n];
        force.iter_mut().zip(nudge).for_each(|(f, &a)| *f += a);
    }
    force
}

/// What the stages of an implicit step see of the circuit.
struct Stages<'s, R> {
    circuit: &'s Circuit<R>,
    instant: &'s mut Instant<R>,
    drift: &'s mut Vec<Vec<R>>,
    /// Powers of stage k go to place k + 1.
    power: &'s mut [Work; 7],
    /// The current into the visible nodes where the circuit was evaluated last.
    force: Vec<R>,
    drives: &'s Drives<'s, R>,
    /// Sample, start and length of the step.
    place: (usize, f64, f64),
}

impl<R: ActivationScalar> Evaluated<R> for Stages<'_, R> {
    fn evaluate(&mut self, state: &[Vec<R>], stage: usize) -> (&[Vec<R>], &Instant<R>) {
        let (row, t, h) = self.place;
        let time = t + implicit::NODES[stage] * h;
        let force = force_at(self.drives, row, self.circuit.widths[0], time);
        let stiffening = R::from_f64(self.drives.stiffening);
        let external = External {
            force: &force,
            stiffening,
            disturbance: None,
        };
        self.instant
            .drift(self.circuit, 1, state, &external, self.drift);
        self.force = force;
        (self.drift, self.instant)
    }

    fn book(&mut self, state: &[Vec<R>], stage: usize) {
        let held = (&self.force[..], R::from_f64(self.drives.stiffening));
        self.power[stage + 1] = powers(self.circuit, self.instant, state, 0, held);
    }
}
