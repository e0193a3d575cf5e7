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
    /// clip(h, 0, 1) (Scellier & Bengio 2017). A node that would leave [0, 1] rests on its edge.
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

    /// `(a, a′, a″)` at `h`, in double precision with the standard library's functions: the
    /// reference against which the kernels are tested.
    pub fn derivatives(&self, h: f64) -> (f64, f64, f64) {
        let (f, f1, f2) = match self.kind {
            ActivationKind::Silu => {
                let s = 1.0 / (1.0 + (-h).exp());
                let s1 = s * (1.0 - s);
                (h * s, s + h * s1, s1 * (2.0 + h * (1.0 - 2.0 * s)))
            }
            ActivationKind::Tanh => {
                let t = h.tanh();
                (t, 1.0 - t * t, -2.0 * t * (1.0 - t * t))
            }
            ActivationKind::Softplus => {
                let s = 1.0 / (1.0 + (-h).exp());
                (h.max(0.0) + (-h.abs()).exp().ln_1p(), s, s * (1.0 - s))
            }
            ActivationKind::HardSigmoid => {
                let inside = f64::from(u8::from((0.0..=1.0).contains(&h)));
                (h.clamp(0.0, 1.0), inside, 0.0)
            }
            ActivationKind::Identity => (h, 1.0, 0.0),
        };
        match self.clamp {
            None => (f, f1, f2),
            Some(c) => {
                let t = (f / c).tanh();
                let slope = 1.0 - t * t;
                (
                    c * t,
                    slope * f1,
                    slope * f2 - 2.0 * t * slope * f1 * f1 / c,
                )
            }
        }
    }

    /// The interval to which a node's state is confined: [0, 1] for the hard sigmoid.
    pub fn state_range(&self) -> Option<(f64, f64)> {
        (self.kind == ActivationKind::HardSigmoid).then_some((0.0, 1.0))
    }
}
