//! What an integration takes.

use ndarray::Array2;

/// What integration took up to a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    /// Integrator steps.
    pub steps: u64,
    /// Velocity evaluations, each one relaxation; of adaptive steps those of the sample that took most.
    pub evaluations: u64,
    /// The same, in the mean over samples.
    pub mean_evaluations: f64,
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
pub(super) struct Course<T> {
    /// The last state, if the next relaxation is to start from there.
    pub(super) last: Option<T>,
    pub(super) evaluations: u64,
    pub(super) relaxations: u64,
    pub(super) sweeps: u64,
    pub(super) unsettled: u64,
    pub(super) first_speed: f64,
    pub(super) speed: f64,
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
    /// Of `samples` samples, after `steps` steps.
    pub(super) fn effort(&self, steps: u64, samples: usize) -> Effort {
        let relaxations = self.relaxations.max(1) as f64;
        Effort {
            steps,
            evaluations: self.evaluations,
            mean_evaluations: self.relaxations as f64 / samples.max(1) as f64,
            sweeps: self.sweeps as f64 / relaxations,
            unsettled: self.unsettled as f64 / relaxations,
            first_speed: self.first_speed,
            speed: self.speed,
        }
    }

    /// Notes a velocity that was read.
    pub(super) fn note(&mut self, velocity: &Array2<f32>) {
        self.speed = speed(velocity);
        if self.evaluations == 1 {
            self.first_speed = self.speed;
        }
    }
}

/// Root mean square of all numbers; 0 of none.
pub(super) fn speed(velocity: &Array2<f32>) -> f64 {
    let square: f64 = velocity.iter().map(|&v| f64::from(v).powi(2)).sum();
    (square / velocity.len().max(1) as f64).sqrt()
}
