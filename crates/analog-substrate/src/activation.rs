//! Activations of the hidden nodes.

use serde::{Deserialize, Serialize};

/// The nonlinearity f of a hidden node before soft clamping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivationKind {
    /// h·sigmoid(h) (Elfwing et al. 2018; the paper's choice).
    Silu,
    /// tanh(h).
    Tanh,
    /// ln(1 + e^h).
    Softplus,
    /// clip(h, 0, 1) (Scellier & Bengio 2017).
    HardSigmoid,
    /// h.
    Identity,
}

/// A hidden node's output as a function of its state: `a(h) = c·tanh(f(h)/c)`, or `f(h)` unclamped.
///
/// The soft clamp c = 10 around SiLU is the paper's default (arXiv 2604.08150, official code).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    /// f.
    pub kind: ActivationKind,
    /// The soft clamp c > 0, or none.
    pub clamp: Option<f64>,
}

impl Activation {
    /// The paper's default: 10·tanh(SiLU(h)/10).
    pub const PAPER: Self = Self {
        kind: ActivationKind::Silu,
        clamp: Some(10.0),
    };
}
