//! What a configuration asks for, as the types that do it.

use super::{Config, InvalidSamples, NetworkConfig, SpringConfig};
use crate::gradep::{GradEp, Validity};
use analog_substrate::{Activation, ActivationKind, Topology};

impl NetworkConfig {
    /// What there is to train: dense couplings, biases, and leaks of the visible nodes if there are any.
    pub fn topology(&self) -> Topology {
        Topology::from(self.layers.clone()).with_visible_leak(self.visible_leak)
    }

    /// The activation of the hidden nodes.
    pub fn activation(&self) -> Activation {
        Activation {
            kind: self.activation,
            clamp: (self.clamp > 0.0).then_some(self.clamp),
        }
    }
}

impl SpringConfig {
    /// a = αλ/(1 + λ): a network without couplings answers v = −a x_t.
    pub(crate) fn decay(&self) -> f64 {
        self.output_scale * self.stiffness / (1.0 + self.stiffness)
    }
}

impl Config {
    /// Activation of hopfield and resistive cells where none is chosen. Of those that rise everywhere,
    /// tanh learned best in 120 epochs of `best` (loss 0.37, hard-sigmoid 0.37, softplus 0.42).
    pub const MONOTONE_ACTIVATION: ActivationKind = ActivationKind::Tanh;

    /// The gradient estimator that this configuration asks for.
    pub fn gradep(&self) -> GradEp {
        GradEp {
            spring: self.spring.stiffness,
            output_scale: self.spring.output_scale,
            nudge: self.nudge.kind,
            phases: self.nudge.phases,
            beta: self.nudge.beta,
            linear_range: (self.nudge.linear_range > 0.0).then_some(self.nudge.linear_range),
            validity: Validity {
                max_unsettled: self.training.max_unsettled,
                exclude: self.training.invalid_samples == InvalidSamples::Exclude,
                max_displacement: self.training.max_displacement,
            },
        }
    }
}
