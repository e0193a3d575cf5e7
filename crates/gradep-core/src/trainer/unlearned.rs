//! What a network that has learned nothing loses.

use ndarray::Array2;

/// Losses of networks that have learned nothing, for noise and images paired at random. Matched pairs are
/// closer, so that training begins below the larger of the two, but for large initial weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unlearned {
    /// Of the velocity zero: the mean of u² is 1 + m, where m is the mean square of a pixel.
    pub zero_velocity: f64,
    /// Of a network without couplings. A visible node then rests at λx_t/(1+λ), which reads as
    /// v = −a x_t, a = αλ/(1+λ). With u = x_1 − x_0, x_t = (1 − t)x_0 + t x_1 and t uniform, the mean of (v − u)² is
    /// ∫(a(1 − t) − 1)² dt + m ∫(1 + at)² dt = (1 − a + a²/3) + m (1 + a + a²/3).
    pub zero_couplings: f64,
}

/// How many times the loss of a network that has learned nothing counts as far above it: a healthy training
/// begins near once and falls.
const FAR_ABOVE: f64 = 10.0;

impl Unlearned {
    /// For images in [−1, 1], spring λ and output scale α.
    pub fn of(images: &Array2<f32>, spring: f64, output_scale: f64) -> Self {
        let square: f64 = images.iter().map(|&v| f64::from(v).powi(2)).sum();
        let mean_square = square / images.len() as f64;
        let a = output_scale * spring / (1.0 + spring);
        Self {
            zero_velocity: 1.0 + mean_square,
            zero_couplings: (1.0 - a + a * a / 3.0) + mean_square * (1.0 + a + a * a / 3.0),
        }
    }

    /// The larger of the two.
    pub fn worst(&self) -> f64 {
        self.zero_velocity.max(self.zero_couplings)
    }

    /// Whether a loss is so far above both that it cannot be a beginner's.
    pub fn is_far_above(&self, loss: f64) -> bool {
        loss > FAR_ABOVE * self.worst()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Config, CouplingKind},
        data::Dataset,
        flow::BatchSource,
    };

    #[test]
    fn losses_are_those_of_the_samples() {
        let mut config = Config::preset("paper").unwrap();
        config.flow.coupling = CouplingKind::Independent;
        let images = Dataset::digits().images().clone();
        let unlearned = Unlearned::of(&images, 15.0, 2.0);
        let samples = BatchSource::new(images, config.flow, 3)
            .unwrap()
            .epoch(0)
            .unwrap();
        let mean = |of: &dyn Fn(f32, f32) -> f32| {
            let pairs = samples.anchor.iter().zip(&samples.velocity);
            let sum: f64 = pairs.map(|(&x, &u)| f64::from(of(x, u))).sum();
            sum / samples.anchor.len() as f64
        };
        let zero_velocity = mean(&|_, u| u * u);
        let zero_couplings = mean(&|x, u| (u + 1.875 * x).powi(2));
        // 1,797 flow times: the standard error of either mean is below 1 %.
        assert!(
            (zero_velocity / unlearned.zero_velocity - 1.0).abs() < 0.03,
            "{zero_velocity}"
        );
        assert!(
            (zero_couplings / unlearned.zero_couplings - 1.0).abs() < 0.05,
            "{zero_couplings}"
        );
    }
}
