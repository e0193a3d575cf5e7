//! What a network that has learned nothing loses.

use super::Examples;

/// Losses of networks that have learned nothing, for noise and images paired at random: mean squares over nodes and
/// examples. Matched pairs are closer, so that training begins below the larger of the two, but for large initial weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unlearned {
    /// Of the answer zero: the mean of u².
    pub zero_velocity: f64,
    /// Of a network without couplings. A visible node then rests at λx_t/(1+λ), which reads as
    /// v = −a x_t, a = αλ/(1+λ): the mean of (v − u)².
    pub zero_couplings: f64,
}

/// How many times the loss of a network that has learned nothing counts as far above it: a healthy training
/// begins near once and falls.
const FAR_ABOVE: f64 = 10.0;

impl Unlearned {
    /// On these examples, where a network without couplings answers v = −`decay`·x.
    pub fn on(examples: &Examples, decay: f64) -> Self {
        let pairs = || examples.anchor.iter().zip(&examples.target);
        let mean = |of: &dyn Fn(f64, f64) -> f64| {
            let squares = pairs().map(|(&x, &u)| of(f64::from(x), f64::from(u)).powi(2));
            squares.sum::<f64>() / examples.anchor.len() as f64
        };
        Self {
            zero_velocity: mean(&|_, u| u),
            zero_couplings: mean(&|x, u| u + decay * x),
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
