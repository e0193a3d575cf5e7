//! Generation: dx/dt = v(x) from noise, t = 0 → 1 and beyond, one relaxation per velocity.

mod adaptive;
mod annealing;
mod effort;
mod error;
mod motion;
mod plan;
mod reach;

pub use annealing::Annealing;
pub use effort::Effort;
pub use error::GenerateError;
pub use plan::FlowSteps;
pub(crate) use reach::root_mean_square;
pub use reach::{BEYOND, Reach};

use crate::{
    config::{FlowMethod, InvalidConfig, ReadOut, SamplingConfig, check_noise},
    draws::normal_rows,
    random::Purpose,
};
use analog_substrate::{Drive, RUNAWAY, Substrate, Visible, kernels::Real};
use effort::Course;
use motion::Motion;
use ndarray::{Array2, Array3, ArrayView2, Axis, Zip};
use plan::{Leg, plan};

/// Reads velocities from a substrate and integrates them.
#[derive(Clone, Copy, Debug)]
pub struct Generator<'a, S> {
    substrate: &'a S,
    /// λ of the spring read-out.
    spring: f64,
    /// α.
    output_scale: f64,
    method: FlowMethod,
    read_out: ReadOut,
    warm: bool,
    /// Nodes that stay where they begin, `[n, n_0]`.
    held: Option<ArrayView2<'a, bool>>,
    stop_below: f64,
    annealing: Annealing,
    /// Local error of adaptive steps per unit of flow time.
    tolerance: f64,
    /// Of the noise along the flow.
    seed: u64,
}

/// Share of its last step that a sample goes on by before the velocity is read, with momentum: that of arXiv 2510.02300.
const MOMENTUM: f32 = 0.3;

/// Samples, and what they cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// x at each requested moment, `[moments, n, n_0]`, as integrated: not clamped.
    pub samples: Array3<f32>,
    /// Flow time of each moment.
    pub times: Vec<f64>,
    /// Integrator steps taken.
    pub steps: u64,
    /// Velocity evaluations, each one relaxation; of adaptive steps those of the sample that took most.
    pub evaluations: u64,
    /// Mean relaxation sweeps (or steps) per evaluation and sample.
    pub sweeps: f64,
    /// Share of relaxations that ended unsettled.
    pub unsettled: f64,
}

impl<'a, S: Substrate<Scalar = f32>> Generator<'a, S> {
    /// A generator on a programmed substrate.
    pub fn new(substrate: &'a S, spring: f64, output_scale: f64, config: &SamplingConfig) -> Self {
        Self {
            substrate,
            spring,
            output_scale,
            method: config.method,
            read_out: config.read_out,
            warm: false,
            held: None,
            stop_below: config.stop_below,
            annealing: config.into(),
            tolerance: config.tolerance,
            seed: 0,
        }
    }

    /// Seed of the noise along the flow, where its temperature is above 0. Default 0.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Visible nodes that stay where x begins, `[n, n_0]`, held by sources while the others flow.
    #[must_use]
    pub fn holding(self, held: Option<ArrayView2<'a, bool>>) -> Self {
        Self { held, ..self }
    }

    /// Whether hidden nodes start each relaxation where the last one left them, as those of a chip do
    /// unless they are reset, or at rest.
    #[must_use]
    pub fn warm(self, warm: bool) -> Self {
        Self { warm, ..self }
    }

    /// The velocity field at x, `[n, n_0]`: v = αλ(x* − x), or −α ∂E/∂x at the clamped x; 0 on held nodes.
    pub fn velocity(&self, x: ArrayView2<'_, f32>) -> Result<Array2<f32>, S::Error> {
        self.counted_velocity(x, self.held, &mut Course::default())
    }

    /// The velocity at some samples' x, of which these nodes are held.
    fn counted_velocity(
        &self,
        x: ArrayView2<'_, f32>,
        held: Option<ArrayView2<'_, bool>>,
        cost: &mut Course<S::Settled>,
    ) -> Result<Array2<f32>, S::Error> {
        let visible = match self.read_out {
            ReadOut::Spring => Visible::Spring {
                stiffness: self.spring,
            },
            ReadOut::Clamped => Visible::Clamped,
        };
        let drive = Drive {
            anchor: x,
            visible,
            held,
        };
        let settled = self.substrate.settle(&drive, cost.last.as_ref())?;
        cost.evaluations += 1;
        cost.relaxations += x.nrows() as u64;
        cost.sweeps += self
            .substrate
            .iterations(&settled)
            .iter()
            .map(|&n| u64::from(n))
            .sum::<u64>();
        cost.unsettled += self
            .substrate
            .is_settled(&settled)
            .iter()
            .filter(|ok| !**ok)
            .count() as u64;
        let alpha = f32::from_f64(self.output_scale);
        let mut velocity = self.substrate.current(&settled);
        if self.warm {
            cost.last = Some(settled);
        }
        velocity.par_mapv_inplace(|current| alpha * current);
        if let Some(held) = held {
            let nodes = Zip::from(&mut velocity).and(held);
            nodes.for_each(|v, &held| *v = if held { 0.0 } else { *v });
        }
        cost.note(&velocity);
        Ok(velocity)
    }

    /// Integrates from `x` `[n, n_0]` to each of the moments.
    pub fn integrate(
        &self,
        x: Array2<f32>,
        steps: &FlowSteps<'_>,
    ) -> Result<Generation, GenerateError<S::Error>> {
        self.integrate_observed(x, steps, |_| {}, |_| true)
    }

    /// [`Generator::integrate`] that shows what it took so far at each of the moments. Before every step it says
    /// which share of the steps is done, and asks whether to go on.
    ///
    /// # Errors
    /// [`GenerateError::Interrupted`] where the answer is no, [`GenerateError::Sampling`] for noise where it has no law,
    /// [`GenerateError::WarmAdaptive`], [`GenerateError::TooManySteps`] and [`GenerateError::RanAway`] of the flow itself.
    pub fn integrate_observed(
        &self,
        x: Array2<f32>,
        steps: &FlowSteps<'_>,
        observe: impl FnMut(Effort),
        go_on: impl FnMut(f64) -> bool,
    ) -> Result<Generation, GenerateError<S::Error>> {
        check_noise(self.annealing.temperature, self.method, self.stop_below)?;
        let legs = plan(steps)?;
        if self.method != FlowMethod::Adaptive {
            return self.run(x, &legs, observe, go_on);
        }
        if steps.extra_steps > 0 {
            return Err(InvalidConfig::ExtraAdaptiveStep.into());
        }
        if self.warm {
            return Err(GenerateError::WarmAdaptive);
        }
        self.walk(x, (&legs, steps.step), observe, go_on)
    }

    fn run(
        &self,
        mut x: Array2<f32>,
        legs: &[Leg],
        mut observe: impl FnMut(Effort),
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Generation, GenerateError<S::Error>> {
        let all = legs.iter().map(|leg| leg.steps).sum::<u64>().max(1) as f64;
        let mut samples = Array3::zeros((legs.len(), x.nrows(), x.ncols()));
        let (mut steps, mut cost) = (0, Course::default());
        let mut motion = Motion::new(x.nrows(), self.stop_below);
        let mut began = 0.0;
        for (index, leg) in legs.iter().enumerate() {
            for step in 0..leg.steps {
                if !go_on(steps as f64 / all) {
                    return Err(GenerateError::Interrupted);
                }
                if !motion.is_over() {
                    self.advance(&mut x, leg.dt as f32, &mut cost, &mut motion)
                        .map_err(GenerateError::Substrate)?;
                }
                let at = began + step as f64 * leg.dt;
                self.heat(&mut x, (at, leg.dt), steps);
                self.check_range(x.view(), at + leg.dt, leg.dt)?;
                steps += 1;
            }
            began = leg.until;
            samples.index_axis_mut(Axis(0), index).assign(&x);
            observe(cost.effort(steps, x.nrows()));
        }
        let effort = cost.effort(steps, x.nrows());
        Ok(Generation {
            samples,
            times: legs.iter().map(|leg| leg.until).collect(),
            steps,
            evaluations: effort.evaluations,
            sweeps: effort.sweeps,
            unsettled: effort.unsettled,
        })
    }

    /// Adds the noise of step number `number`, which begins at flow time `from` and takes `dt`.
    fn heat(&self, x: &mut Array2<f32>, (from, dt): (f64, f64), number: u64) {
        let deviation = self.annealing.kick(self.output_scale, from, dt);
        if deviation <= 0.0 {
            return;
        }
        let (count, width) = x.dim();
        let mut noise = normal_rows(self.seed, Purpose::Annealing, number, count, width);
        if let Some(held) = self.held {
            let nodes = Zip::from(&mut noise).and(held);
            nodes.for_each(|xi, &held| *xi = if held { 0.0 } else { *xi });
        }
        x.scaled_add(deviation as f32, &noise);
    }

    /// Refuses samples that no chip's nodes can hold.
    fn check_range(
        &self,
        x: ArrayView2<'_, f32>,
        time: f64,
        step: f64,
    ) -> Result<(), GenerateError<S::Error>> {
        let held = |row: &ndarray::ArrayView1<'_, f32>| {
            let mut values = row.iter();
            values.all(|x| f64::from(x.abs()) <= RUNAWAY)
        };
        let lost = x.rows().into_iter().filter(|row| !held(row)).count();
        if lost == 0 {
            return Ok(());
        }
        Err(GenerateError::RanAway {
            samples: lost,
            of: x.nrows(),
            time,
            step,
            temperature: self.annealing.temperature,
        })
    }

    /// One step of the integrator: Euler, Heun's trapezoid, the classical Runge–Kutta of order 4
    /// (Hairer, Nørsett & Wanner 1993, tables 1.1–1.2 of chapter II), or Nesterov's accelerated descent, whose steps are
    /// shortened by what momentum adds: in a steady field it moves as Euler does.
    fn advance(
        &self,
        x: &mut Array2<f32>,
        dt: f32,
        cost: &mut Course<S::Settled>,
        motion: &mut Motion,
    ) -> Result<(), S::Error> {
        let mut at = |x: &Array2<f32>| self.counted_velocity(x.view(), self.held, cost);
        let mut next = x.clone();
        match self.method {
            // Adaptive steps are taken elsewhere.
            FlowMethod::Euler | FlowMethod::Adaptive => {
                let k1 = at(x)?;
                motion.begin(&k1);
                next.scaled_add(dt, &k1);
            }
            FlowMethod::Nesterov => {
                next = motion.ahead(x, MOMENTUM);
                let k1 = at(&next)?;
                motion.begin(&k1);
                next.scaled_add((1.0 - MOMENTUM) * dt, &k1);
            }
            FlowMethod::Heun => {
                let k1 = at(x)?;
                motion.begin(&k1);
                let k2 = at(&(&*x + &(&k1 * dt)))?;
                next.scaled_add(0.5 * dt, &k1);
                next.scaled_add(0.5 * dt, &k2);
            }
            FlowMethod::Rk4 => {
                let k1 = at(x)?;
                motion.begin(&k1);
                let k2 = at(&(&*x + &(&k1 * (0.5 * dt))))?;
                let k3 = at(&(&*x + &(&k2 * (0.5 * dt))))?;
                let k4 = at(&(&*x + &(&k3 * dt)))?;
                for (k, share) in [(k1, 1.0), (k2, 2.0), (k3, 2.0), (k4, 1.0)] {
                    next.scaled_add(share * dt / 6.0, &k);
                }
            }
        }
        motion.advance(x, next);
        Ok(())
    }
}

/// Starting points x_0 ~ N(0, I) of `count` generated samples, `[count, n_0]`.
pub fn starting_noise(seed: u64, count: usize, dimension: usize) -> Array2<f32> {
    normal_rows(seed, Purpose::Generation, 0, count, dimension)
}

/// Samples clamped to the data's range [−1, 1], as published samples are.
pub fn clamped(samples: ArrayView2<'_, f32>) -> Array2<f32> {
    samples.mapv(|x| x.clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests;
