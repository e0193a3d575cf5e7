//! Adam with gradient clipping, warm-up, decay and an average of the parameters.

use crate::config::{Learn, OptimiserConfig, Schedule};
use analog_substrate::{Couplings, kernels::Real};
use serde::{Deserialize, Serialize};

/// Adam (Kingma & Ba 2015, algorithm 1) and the exponential moving average of what it trains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adam {
    /// First and second moments, in the order of the parameters.
    first: Vec<f32>,
    second: Vec<f32>,
    /// Average of the parameters; empty without averaging.
    average: Vec<f32>,
    /// Updates applied.
    updates: u64,
}

impl Adam {
    /// A fresh optimiser for these parameters.
    pub fn new(parameters: &[f32], config: &OptimiserConfig) -> Self {
        let zeros = vec![0.0; parameters.len()];
        let average = if config.ema_decay > 0.0 {
            parameters.to_vec()
        } else {
            Vec::new()
        };
        Self {
            first: zeros.clone(),
            second: zeros,
            average,
            updates: 0,
        }
    }

    /// The same moments for parameters that an average begins with anew, if they are averaged.
    #[must_use]
    pub fn averaging_from(mut self, parameters: &[f32]) -> Self {
        if !self.average.is_empty() {
            self.average.copy_from_slice(parameters);
        }
        self
    }

    /// Updates applied so far.
    pub fn updates(&self) -> u64 {
        self.updates
    }

    /// The averaged parameters, if they are averaged.
    pub fn average(&self) -> Option<&[f32]> {
        (!self.average.is_empty()).then_some(&self.average)
    }

    /// Moves the parameters against the gradient, clipped to `clip_norm`, by one step of size
    /// `rate`. Returns the gradient's norm before clipping.
    pub fn step(
        &mut self,
        parameters: &mut [f32],
        gradient: &[f32],
        rate: f64,
        config: &OptimiserConfig,
    ) -> f64 {
        let norm = gradient
            .iter()
            .map(|&g| f64::from(g).powi(2))
            .sum::<f64>()
            .sqrt();
        let clip = if config.clip_norm > 0.0 && norm > config.clip_norm {
            config.clip_norm / norm
        } else {
            1.0
        };
        self.updates += 1;
        let t = i32::try_from(self.updates).unwrap_or(i32::MAX);
        // θ −= rate · m̂/(√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ).
        let step = (rate / (1.0 - config.beta1.powi(t))) as f32;
        let second_scale = (1.0 / (1.0 - config.beta2.powi(t))) as f32;
        let (beta1, beta2) = (config.beta1 as f32, config.beta2 as f32);
        let (clip, epsilon) = (clip as f32, config.epsilon as f32);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((parameter, &gradient), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
            let g = clip * gradient;
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *parameter -= step * *m / ((second_scale * *v).sqrt() + epsilon);
        }
        // A young average follows quickly, decay min(d, (1 + t)/(10 + t)), or a short run would keep
        // a part of its initial weights (the customary warm-up; by t = 8,990 for d = 0.999).
        let share = (1.0 - config.ema_decay as f32).max(9.0 / (10.0 + self.updates as f32));
        for (average, &parameter) in self.average.iter_mut().zip(parameters.iter()) {
            *average += share * (parameter - *average);
        }
        norm
    }
}

/// Leaves of a gradient the components of parameters that are learned: the others are 0, and Adam, whose moments are then 0 as
/// well, does not move them by a bit.
pub fn keep_learned<R: Real>(gradient: &mut Couplings<R>, learn: Learn) {
    if learn == Learn::All {
        return;
    }
    for l in 0..gradient.layers().hidden() {
        gradient.parameters_mut(l).fill(R::ZERO);
    }
    if let Some(mut leaks) = gradient.visible_leak_mut() {
        leaks.fill(R::ZERO);
    }
}

/// Learning rate of an epoch: linear warm-up to the peak, then constant or half a cosine
/// (Loshchilov & Hutter 2017, eq. 5, one period) to `final_fraction` of it at the last epoch.
pub fn learning_rate(config: &OptimiserConfig, epoch: u64, epochs: u64) -> f64 {
    let peak = config.learning_rate;
    if epoch < config.warmup_epochs {
        return peak * (epoch + 1) as f64 / config.warmup_epochs as f64;
    }
    match config.schedule {
        Schedule::Constant => peak,
        Schedule::Cosine => {
            let span = epochs.saturating_sub(config.warmup_epochs + 1).max(1);
            let progress = ((epoch - config.warmup_epochs) as f64 / span as f64).min(1.0);
            let wave = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
            peak * (config.final_fraction + (1.0 - config.final_fraction) * wave)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use analog_substrate::{Layers, Topology};

    fn config() -> OptimiserConfig {
        OptimiserConfig {
            learning_rate: 0.1,
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            clip_norm: 1.0,
            warmup_epochs: 10,
            schedule: Schedule::Cosine,
            final_fraction: 0.1,
            ema_decay: 0.5,
            learn: Learn::All,
        }
    }

    #[test]
    fn of_biases_alone_nothing_else_has_a_gradient() {
        let layers = Layers::new(vec![2, 3, 2]).unwrap();
        let topology = Topology::from(layers).with_visible_leak(true);
        let ones = vec![1.0_f32; topology.parameters()];
        let gradient = Couplings::from_flat(topology, ones).unwrap();
        let (mut all, mut biases) = (gradient.clone(), gradient.clone());
        keep_learned(&mut all, Learn::All);
        assert_eq!(all, gradient);
        keep_learned(&mut biases, Learn::Biases);
        let left: Vec<bool> = biases.flat().iter().map(|&g| g != 0.0).collect();
        // b_x, W_0, b_0, W_1, b_1, k.
        let expected = [
            (2, true),
            (6, false),
            (3, true),
            (6, false),
            (2, true),
            (2, false),
        ];
        let expected = expected.map(|(count, left)| vec![left; count]).concat();
        assert_eq!(left, expected);
    }

    #[test]
    fn the_first_step_has_the_size_of_the_rate_whatever_the_gradient() {
        let mut parameters = vec![1.0, 1.0];
        let mut adam = Adam::new(&parameters, &config());
        let norm = adam.step(&mut parameters, &[30.0, -40.0], 0.1, &config());
        assert!((norm - 50.0).abs() < 1e-9);
        assert!((parameters[0] - 0.9).abs() < 1e-6 && (parameters[1] - 1.1).abs() < 1e-6);
        assert!((adam.average().unwrap()[0] - (1.0 - 0.1 * 9.0 / 11.0)).abs() < 1e-6);
    }

    #[test]
    fn a_quadratic_bowl_is_descended() {
        let mut parameters = vec![3.0, -2.0];
        let mut adam = Adam::new(&parameters, &config());
        for _ in 0..500 {
            let gradient: Vec<f32> = parameters.iter().map(|p| 2.0 * p).collect();
            adam.step(&mut parameters, &gradient, 0.02, &config());
        }
        assert!(parameters.iter().all(|p| p.abs() < 0.05), "{parameters:?}");
    }

    #[test]
    fn the_schedule_warms_up_peaks_and_ends_at_its_final_share() {
        let rate = |epoch| learning_rate(&config(), epoch, 100);
        assert!((rate(0) - 0.01).abs() < 1e-12);
        assert!((rate(10) - 0.1).abs() < 1e-12);
        assert!((rate(99) - 0.01).abs() < 1e-12);
        assert!((11..99).all(|epoch| rate(epoch) < rate(epoch - 1)));
    }
}
