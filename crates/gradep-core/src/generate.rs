//! Generation: dx/dt = v(x) from noise, t = 0 → 1 and beyond, one relaxation per velocity.

mod motion;
mod reach;

pub(crate) use reach::root_mean_square;
pub use reach::{BEYOND, Reach};

use crate::{
    config::{FlowMethod, ReadOut, SamplingConfig},
    draws::normal_rows,
    random::Purpose,
};
use analog_substrate::{Drive, RUNAWAY, Substrate, Visible, kernels::Real};
use motion::Motion;
use ndarray::{Array2, Array3, ArrayView2, Axis, Zip};
use units::budget::{BudgetError, MOST_STEPS, check_count};
use units::fault::{Blame, Fault};

/// Why generation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError<E: std::error::Error> {
    /// The substrate refused.
    #[error("{0}")]
    Substrate(#[source] E),
    /// The flow left every range: its steps are too long, or the energy has no minimum.
    #[error(
        "{samples} of {of} samples ran away by t = {time}: steps of {step} in flow time are too long, or \
         the model's energy has no minimum there"
    )]
    RanAway {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
        /// Flow time reached.
        time: f64,
        /// The step.
        step: f64,
    },
    /// More than can be computed.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A time or step is not usable.
    #[error("{what} = {value} is not a positive finite number")]
    NotPositive {
        /// Which quantity.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// A moment lies outside the flow.
    #[error("cannot show t = {moment}: the flow runs from 0 to {until}")]
    Moment {
        /// Asked for.
        moment: f64,
        /// End of the flow.
        until: f64,
    },
}

impl<E: Blame + 'static> Blame for GenerateError<E> {
    fn fault(&self) -> Fault {
        match self {
            Self::Substrate(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::RanAway { .. } => Fault::Numbers,
            Self::Interrupted => Fault::Interrupted,
            Self::NotPositive { .. } | Self::Moment { .. } => Fault::Input,
        }
    }
}

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
}

/// Share of its last step that a sample goes on by before the velocity is read, with momentum: that of arXiv 2510.02300.
const MOMENTUM: f32 = 0.3;

/// The steps of a flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowSteps<'a> {
    /// Flow times at which x is wanted, ascending; 0 is the start itself.
    pub moments: &'a [f64],
    /// Longest step between them.
    pub step: f64,
    /// More such steps after the last moment, as the published sampler takes one.
    pub extra_steps: u64,
}

/// Samples, and what they cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// x at each requested moment, `[moments, n, n_0]`, as integrated: not clamped.
    pub samples: Array3<f32>,
    /// Flow time of each moment.
    pub times: Vec<f64>,
    /// Integrator steps taken.
    pub steps: u64,
    /// Velocity evaluations, each one relaxation of the batch.
    pub evaluations: u64,
    /// Mean relaxation sweeps (or steps) per evaluation and sample.
    pub sweeps: f64,
    /// Share of relaxations that ended unsettled.
    pub unsettled: f64,
}

/// What integration took up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    /// Integrator steps.
    pub steps: u64,
    /// Velocity evaluations, each one relaxation of the batch.
    pub evaluations: u64,
    /// Mean relaxation sweeps (or steps) per evaluation and sample; 0 before the first.
    pub sweeps: f64,
    /// Share of relaxations that ended unsettled; 0 before the first.
    pub unsettled: f64,
    /// Root mean square over samples and visible nodes of the first velocity; 0 before it was read.
    pub first_speed: f64,
    /// The same of the last velocity, which a step to this moment was taken with.
    pub speed: f64,
}

/// Running totals of relaxations, and where the last one ended.
struct Course<T> {
    /// The last state, if the next relaxation is to start from there.
    last: Option<T>,
    evaluations: u64,
    relaxations: u64,
    sweeps: u64,
    unsettled: u64,
    first_speed: f64,
    speed: f64,
}

impl<T> Default for Course<T> {
    fn default() -> Self {
        Self {
            last: None,
            evaluations: 0,
            relaxations: 0,
            sweeps: 0,
            unsettled: 0,
            first_speed: 0.0,
            speed: 0.0,
        }
    }
}

impl<T> Course<T> {
    fn effort(&self, steps: u64) -> Effort {
        let relaxations = self.relaxations.max(1) as f64;
        Effort {
            steps,
            evaluations: self.evaluations,
            sweeps: self.sweeps as f64 / relaxations,
            unsettled: self.unsettled as f64 / relaxations,
            first_speed: self.first_speed,
            speed: self.speed,
        }
    }

    /// Notes a velocity that was read.
    fn note(&mut self, velocity: &Array2<f32>) {
        let square: f64 = velocity.iter().map(|&v| f64::from(v).powi(2)).sum();
        self.speed = (square / velocity.len().max(1) as f64).sqrt();
        if self.evaluations == 1 {
            self.first_speed = self.speed;
        }
    }
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
        }
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
        self.counted_velocity(x, &mut Course::default())
    }

    fn counted_velocity(
        &self,
        x: ArrayView2<'_, f32>,
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
            held: self.held,
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
        if let Some(held) = self.held {
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
    /// [`GenerateError::Interrupted`] where the answer is no.
    pub fn integrate_observed(
        &self,
        x: Array2<f32>,
        steps: &FlowSteps<'_>,
        observe: impl FnMut(Effort),
        go_on: impl FnMut(f64) -> bool,
    ) -> Result<Generation, GenerateError<S::Error>> {
        self.run(x, &plan(steps)?, observe, go_on)
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
                check_range(x.view(), began + (step + 1) as f64 * leg.dt, leg.dt)?;
                steps += 1;
            }
            began = leg.until;
            samples.index_axis_mut(Axis(0), index).assign(&x);
            observe(cost.effort(steps));
        }
        let effort = cost.effort(steps);
        Ok(Generation {
            samples,
            times: legs.iter().map(|leg| leg.until).collect(),
            steps,
            evaluations: effort.evaluations,
            sweeps: effort.sweeps,
            unsettled: effort.unsettled,
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
        let mut at = |x: &Array2<f32>| self.counted_velocity(x.view(), cost);
        let mut next = x.clone();
        match self.method {
            FlowMethod::Euler => {
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

/// The steps that lead to a moment.
struct Leg {
    steps: u64,
    dt: f64,
    until: f64,
}

/// The steps to each of the moments, equal between two of them, and those after the last.
fn plan<E: std::error::Error>(steps: &FlowSteps<'_>) -> Result<Vec<Leg>, GenerateError<E>> {
    let &FlowSteps {
        moments,
        step,
        extra_steps,
    } = steps;
    let positive = |what, value: f64| {
        if value.is_finite() && value > 0.0 {
            Ok(())
        } else {
            Err(GenerateError::NotPositive { what, value })
        }
    };
    positive("step", step)?;
    let until = moments.last().copied().unwrap_or_default();
    positive("the end of the flow", until)?;
    check_count(
        || format!("a flow to t = {until} in steps of {step:e}"),
        until / step + moments.len() as f64,
        "steps",
        MOST_STEPS,
        "lengthen the step (--step, --steps, sampling.step)",
    )?;
    let mut legs = Vec::with_capacity(moments.len());
    let mut t = 0.0;
    for &moment in moments {
        if !(t..=until).contains(&moment) {
            return Err(GenerateError::Moment { moment, until });
        }
        // The number of equal steps that keeps them at `step` or below, but for rounding.
        #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
        let steps = ((moment - t) / step - 1e-9).ceil().max(0.0) as u64;
        let dt = if steps > 0 {
            (moment - t) / steps as f64
        } else {
            step
        };
        legs.push(Leg {
            steps,
            dt,
            until: moment,
        });
        t = moment;
    }
    if let Some(last) = legs.last_mut() {
        last.steps += extra_steps;
    }
    Ok(legs)
}

/// Refuses samples that no chip's nodes can hold.
fn check_range<E: std::error::Error>(
    x: ArrayView2<'_, f32>,
    time: f64,
    step: f64,
) -> Result<(), GenerateError<E>> {
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
    })
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
