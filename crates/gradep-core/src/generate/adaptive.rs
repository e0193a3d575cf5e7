//! Steps that each sample takes by its own error.

use super::{
    GenerateError, Generation, Generator,
    effort::{Course, Effort, speed},
    plan::Leg,
    root_mean_square,
};
use analog_substrate::Substrate;
use ndarray::{Array2, Array3, ArrayView1, Axis};

/// What a step adds to x over its length, in velocities at its beginning, a half, three quarters and its end: the pair of
/// orders 3 and 2 of Bogacki & Shampine (Appl. Math. Lett. 2, 321 (1989); Hairer, Nørsett & Wanner 1993, II.4). The last velocity
/// is the first of the next step.
const WEIGHTS: [f32; 3] = [2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0];
/// The same less that of the solution of order 2: (7/24, 1/4, 1/3, 1/8).
const ERROR: [f64; 4] = [-5.0 / 72.0, 1.0 / 12.0, 1.0 / 9.0, -1.0 / 8.0];

/// Share of the step that the tolerance would let pass that is tried next, and how much steps change at most (ibid.).
const SAFETY: f64 = 0.9;
const SHORTER: f64 = 0.2;
const LONGER: f64 = 5.0;

/// Steps that a sample may try in a flow. Flows of trained networks take some tens.
const MOST_TRIES: u64 = 2_000;

/// One sample on its way.
#[derive(Clone, Debug)]
struct Walker {
    /// Flow time reached.
    time: f64,
    /// Length of the next step, but for the moment that it must not pass.
    step: f64,
    /// Steps taken, and tried.
    taken: u64,
    tried: u64,
    evaluations: u64,
    /// Root mean square of its first velocity.
    first: f64,
    /// Whether it stays where it is.
    resting: bool,
}

impl Walker {
    /// Length of the step to try, and whether it ends at the moment `until`.
    fn stride(&self, until: f64) -> (f64, bool) {
        let left = until - self.time;
        // A step that leaves next to nothing would be followed by one of rounding.
        if self.step >= left * (1.0 - 1e-9) {
            (left, true)
        } else {
            (self.step, false)
        }
    }

    /// Chooses the next step after one whose error was `excess` times the tolerance. Per unit of time the error grows with
    /// the square of the step.
    fn adapt(&mut self, (stride, lands): (f64, bool), excess: f64) {
        let factor = if excess.is_finite() {
            (SAFETY / excess.sqrt()).clamp(SHORTER, LONGER)
        } else {
            SHORTER
        };
        let next = stride * factor;
        // A step that a moment has cut short says nothing against the longer one before it.
        self.step = if excess <= 1.0 && lands {
            self.step.max(next)
        } else {
            next
        };
    }
}

/// All samples, `[n, n_0]`.
struct Walk {
    x: Array2<f32>,
    /// The velocity at x, once it is known.
    velocity: Array2<f32>,
    walkers: Vec<Walker>,
}

impl Walk {
    /// Notes the first velocity of all samples.
    fn begin(&mut self) {
        for (walker, velocity) in self.walkers.iter_mut().zip(self.velocity.rows()) {
            walker.first = root_mean_square(velocity);
            walker.evaluations = 1;
        }
    }

    /// The samples that have not come to `until`, and are not at rest.
    fn moving(&self, until: f64) -> Vec<usize> {
        let walkers = self.walkers.iter().enumerate();
        let moving = walkers.filter(|(_, walker)| !walker.resting && walker.time < until);
        moving.map(|(sample, _)| sample).collect()
    }

    fn mean_time(&self) -> f64 {
        let times = self.walkers.iter().map(|walker| walker.time);
        times.sum::<f64>() / self.walkers.len().max(1) as f64
    }

    /// What it took so far, of steps and velocities those of the sample that took most.
    fn effort<T>(&self, cost: &Course<T>) -> Effort {
        let most = |of: fn(&Walker) -> u64| self.walkers.iter().map(of).max().unwrap_or(0);
        Effort {
            evaluations: most(|walker| walker.evaluations),
            speed: speed(&self.velocity),
            ..cost.effort(most(|walker| walker.taken), self.walkers.len())
        }
    }

    /// Refuses samples that have tried too many steps.
    fn check_tries<E: std::error::Error>(&self, tolerance: f64) -> Result<(), GenerateError<E>> {
        let lost = |walker: &&Walker| walker.tried >= MOST_TRIES;
        let samples = self.walkers.iter().filter(lost).count();
        let Some(first) = self.walkers.iter().find(lost) else {
            return Ok(());
        };
        Err(GenerateError::TooManySteps {
            samples,
            of: self.walkers.len(),
            steps: MOST_TRIES,
            time: first.time,
            step: first.step,
            tolerance,
        })
    }
}

impl<S: Substrate<Scalar = f32>> Generator<'_, S> {
    /// As [`Generator::integrate_observed`], with steps that keep the local error of each sample at the tolerance.
    pub(super) fn walk(
        &self,
        x: Array2<f32>,
        (legs, step): (&[Leg], f64),
        mut observe: impl FnMut(Effort),
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Generation, GenerateError<S::Error>> {
        let mut samples = Array3::zeros((legs.len(), x.nrows(), x.ncols()));
        let until = legs.last().map_or(0.0, |leg| leg.until);
        let mut cost = Course::default();
        let walker = Walker {
            time: 0.0,
            step,
            taken: 0,
            tried: 0,
            evaluations: 0,
            first: 0.0,
            resting: false,
        };
        let mut walk = Walk {
            velocity: Array2::zeros((0, 0)),
            walkers: vec![walker; x.nrows()],
            x,
        };
        let mut effort = Effort::default();
        for (index, leg) in legs.iter().enumerate() {
            loop {
                let moving = walk.moving(leg.until);
                if moving.is_empty() {
                    break;
                }
                if !go_on(walk.mean_time() / until) {
                    return Err(GenerateError::Interrupted);
                }
                self.step_each(&mut walk, &moving, leg.until, &mut cost)?;
            }
            samples.index_axis_mut(Axis(0), index).assign(&walk.x);
            effort = walk.effort(&cost);
            observe(effort);
        }
        Ok(Generation {
            samples,
            times: legs.iter().map(|leg| leg.until).collect(),
            steps: effort.steps,
            evaluations: effort.evaluations,
            sweeps: effort.sweeps,
            unsettled: effort.unsettled,
        })
    }

    /// Tries one step of each of the samples `moving`, none of which passes the moment `until`.
    fn step_each(
        &self,
        walk: &mut Walk,
        moving: &[usize],
        until: f64,
        cost: &mut Course<S::Settled>,
    ) -> Result<(), GenerateError<S::Error>> {
        let held = self.held.map(|held| held.select(Axis(0), moving));
        let held = held.as_ref().map(|held| held.view());
        let mut at = |x: &Array2<f32>| {
            let velocity = self.counted_velocity(x.view(), held, cost);
            velocity.map_err(GenerateError::Substrate)
        };
        if walk.velocity.is_empty() {
            // All move at first.
            walk.velocity = at(&walk.x)?;
            walk.begin();
        }
        let x = walk.x.select(Axis(0), moving);
        let strides: Vec<(f64, bool)> = moving
            .iter()
            .map(|&sample| walk.walkers[sample].stride(until))
            .collect();
        let k1 = walk.velocity.select(Axis(0), moving);
        let k2 = at(&ahead(&x, &strides, &[(0.5, &k1)]))?;
        let k3 = at(&ahead(&x, &strides, &[(0.75, &k2)]))?;
        let [b1, b2, b3] = WEIGHTS;
        let next = ahead(&x, &strides, &[(b1, &k1), (b2, &k2), (b3, &k3)]);
        let k4 = at(&next)?;
        let stages = [&k1, &k2, &k3, &k4];
        for (row, &sample) in moving.iter().enumerate() {
            let held = held.as_ref().map(|held| held.row(row));
            let error = local_error(stages.map(|k| k.row(row)), held);
            let (stride, lands) = strides[row];
            let walker = &mut walk.walkers[sample];
            walker.evaluations += 3;
            walker.tried += 1;
            let accepted = error <= self.tolerance;
            if accepted {
                walker.taken += 1;
                walker.time = if lands { until } else { walker.time + stride };
                walk.x.row_mut(sample).assign(&next.row(row));
                walk.velocity.row_mut(sample).assign(&k4.row(row));
                let speed = root_mean_square(k4.row(row));
                walker.resting |= speed < self.stop_below * walker.first;
            }
            walker.adapt((stride, lands), error / self.tolerance);
        }
        let latest = moving.iter().map(|&sample| walk.walkers[sample].time);
        let shortest = strides.iter().map(|stride| stride.0);
        self.check_range(
            walk.x.view(),
            latest.fold(0.0, f64::max),
            shortest.fold(f64::INFINITY, f64::min),
        )?;
        walk.check_tries(self.tolerance)
    }
}

/// x moved on by each row's stride along weighted velocities.
fn ahead(x: &Array2<f32>, strides: &[(f64, bool)], stages: &[(f32, &Array2<f32>)]) -> Array2<f32> {
    let mut moved = x.clone();
    for (row, (mut x, &(stride, _))) in moved.rows_mut().into_iter().zip(strides).enumerate() {
        for (weight, velocity) in stages {
            x.scaled_add(weight * stride as f32, &velocity.row(row));
        }
    }
    moved
}

/// Local error of a step per unit of time: root mean square over the nodes that are not held, 0 where all are.
fn local_error(stages: [ArrayView1<'_, f32>; 4], held: Option<ArrayView1<'_, bool>>) -> f64 {
    let (mut square, mut free) = (0.0, 0_usize);
    for i in 0..stages[0].len() {
        if held.is_some_and(|held| held[i]) {
            continue;
        }
        let terms = ERROR.iter().zip(&stages);
        let error: f64 = terms.map(|(weight, k)| weight * f64::from(k[i])).sum();
        square += error * error;
        free += 1;
    }
    (square / free.max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::{FlowSteps, starting_noise};
    use super::*;
    use crate::config::{FlowMethod, ReadOut, SamplingConfig};
    use analog_substrate::{
        Activation, Couplings, Ideal, IdealError, Layers, Relaxation,
        random::{Purpose, stream},
    };
    use ndarray::s;
    use rand::RngExt as _;
    use rand_distr::StandardNormal;
    use units::fault::{Blame as _, Fault};

    const ALPHA: f64 = 2.0;

    /// A network with random weights, relaxed to a hundredth of the smallest tolerance that is tried.
    fn network() -> Ideal<f32> {
        let layers = Layers::new(vec![6, 8, 8]).unwrap();
        let mut draws = stream(3, Purpose::Weights, 0, 0);
        let values = (0..layers.parameters()).map(|_| 0.2 * draws.sample::<f32, _>(StandardNormal));
        let couplings = Couplings::from_flat(layers.clone(), values.collect()).unwrap();
        let relaxation = Relaxation {
            tolerance: 1e-6,
            ..Relaxation::default()
        };
        let mut substrate = Ideal::new(layers, Activation::PAPER, relaxation);
        substrate.program(&couplings).unwrap();
        substrate
    }

    fn config(method: FlowMethod, step: f64, tolerance: f64) -> SamplingConfig {
        SamplingConfig {
            step,
            method,
            tolerance,
            read_out: ReadOut::Clamped,
            ..SamplingConfig::default()
        }
    }

    const MOMENTS: [f64; 3] = [0.0, 0.7, 3.0];

    fn flow(
        config: &SamplingConfig,
        x: Array2<f32>,
        held: Option<&Array2<bool>>,
    ) -> Result<(Generation, Vec<Effort>), GenerateError<IdealError>> {
        let substrate = network();
        let generator =
            Generator::new(&substrate, 15.0, ALPHA, config).holding(held.map(|held| held.view()));
        let steps = FlowSteps {
            moments: &MOMENTS,
            step: config.step,
            extra_steps: 0,
        };
        let mut efforts = Vec::new();
        let generation =
            generator.integrate_observed(x, &steps, |effort| efforts.push(effort), |_| true)?;
        Ok((generation, efforts))
    }

    fn largest(a: &Generation, b: &Generation) -> f64 {
        (&a.samples - &b.samples).fold(0.0, |worst, d| worst.max(f64::from(d.abs())))
    }

    /// The error of the whole flow follows the tolerance; a hundredth of it costs √100 times the steps, of a pair whose error
    /// goes with their square.
    #[test]
    fn the_error_falls_with_the_tolerance() {
        let noise = starting_noise(1, 12, 6);
        let exact = flow(&config(FlowMethod::Rk4, 0.05, 1.0), noise.clone(), None)
            .unwrap()
            .0;
        let at = |tolerance| {
            flow(
                &config(FlowMethod::Adaptive, 0.05, tolerance),
                noise.clone(),
                None,
            )
            .unwrap()
        };
        let mut last: Option<(f64, u64)> = None;
        for tolerance in [1e-1, 1e-2, 1e-3] {
            let (found, efforts) = at(tolerance);
            let error = largest(&found, &exact);
            assert!(error < 10.0 * tolerance, "{tolerance}: {error}");
            if let Some((coarse, cheap)) = last {
                assert!(error < 0.5 * coarse, "{tolerance}: {error} after {coarse}");
                let more = found.evaluations as f64 / cheap as f64;
                assert!((1.2..4.5).contains(&more), "{tolerance}: {more}");
            }
            last = Some((error, found.evaluations));
            // Moments are those asked for, and the first is the start.
            assert_eq!(found.times, MOMENTS);
            assert_eq!(found.samples.index_axis(Axis(0), 0), noise);
            assert_eq!(efforts[0].evaluations, 0);
            let effort = efforts[2];
            assert!(effort.mean_evaluations <= effort.evaluations as f64);
            assert!(effort.mean_evaluations > 0.3 * effort.evaluations as f64);
            assert!(effort.speed > 0.0 && effort.speed < effort.first_speed);
        }
    }

    #[test]
    fn a_sample_takes_its_own_steps_whatever_is_beside_it() {
        let mut noise = starting_noise(1, 9, 6);
        // One that needs shorter steps than the others.
        noise.row_mut(4).mapv_inplace(|x| 10.0 * x);
        let config = config(FlowMethod::Adaptive, 0.05, 1e-2);
        let (many, _) = flow(&config, noise.clone(), None).unwrap();
        for row in [0, 4, 8] {
            let alone = noise.slice(s![row..=row, ..]).to_owned();
            let (alone, _) = flow(&config, alone, None).unwrap();
            assert_eq!(
                alone.samples,
                many.samples.slice(s![.., row..=row, ..]),
                "{row}"
            );
        }
    }

    #[test]
    fn held_nodes_stay_and_do_not_count() {
        let noise = starting_noise(1, 4, 6);
        let config = config(FlowMethod::Adaptive, 0.05, 1e-2);
        let held = Array2::from_shape_fn((4, 6), |(sample, i)| sample == 0 || i < 3);
        let (found, _) = flow(&config, noise.clone(), Some(&held)).unwrap();
        for (sample, i) in ndarray::indices((4, 6)) {
            let found = found.samples[(2, sample, i)];
            let stayed = found.to_bits() == noise[(sample, i)].to_bits();
            assert_eq!(stayed, held[(sample, i)], "{sample} {i}");
        }
        // Of three free nodes as of all six: the mean is over those that move.
        let ones = Array2::<f32>::ones((4, 4));
        let rows = [0, 1, 2, 3].map(|row| ones.row(row));
        let skewed = [2.0, 0.0, 0.0, 0.0_f32].map(|k| Array2::from_elem((1, 4), k));
        let stages = [0, 1, 2, 3].map(|k: usize| skewed[k].row(0));
        assert!(local_error(rows, None) < 1e-15);
        let half = ndarray::array![true, true, false, false];
        let error = local_error(stages, Some(half.view()));
        assert!((error - 10.0 / 72.0).abs() < 1e-15);
    }

    #[test]
    fn a_sample_may_come_to_rest() {
        let config = SamplingConfig {
            stop_below: 0.3,
            ..config(FlowMethod::Adaptive, 0.05, 1e-2)
        };
        let noise = starting_noise(1, 8, 6);
        let (stopped, efforts) = flow(&config, noise.clone(), None).unwrap();
        let whole = SamplingConfig {
            stop_below: 0.0,
            ..config
        };
        let (whole, all) = flow(&whole, noise, None).unwrap();
        assert!(efforts[2].mean_evaluations < all[2].mean_evaluations);
        assert_ne!(stopped.samples, whole.samples);
    }

    #[test]
    fn a_tolerance_that_cannot_be_met_is_an_error() {
        let config = config(FlowMethod::Adaptive, 0.05, 1e-300);
        let refused = flow(&config, starting_noise(1, 1, 6), None).unwrap_err();
        assert!(
            matches!(refused, GenerateError::TooManySteps { samples: 1, .. }),
            "{refused}"
        );
        assert_eq!(refused.fault(), Fault::Numbers);
    }
}
