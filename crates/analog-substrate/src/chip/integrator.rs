//! Ways to integrate node equations.

use serde::{Deserialize, Serialize};

/// How the node equations are integrated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Integrator {
    /// Exponential Runge–Kutta of order 2 (Cox & Matthews, J. Comput. Phys. 176, 430, 2002), exact in
    /// each node's own damping, with exact Ornstein–Uhlenbeck noise.
    #[default]
    Etd2,
    /// Classical Runge–Kutta of order 4; noise is added at the end of a step.
    Rk4,
    /// A step of its own per sample: Dormand–Prince 5(4), and where the circuit is too stiff for it an
    /// L-stable implicit method of order 4. Without noise only.
    Adaptive,
    /// Explicit Euler, the paper's relaxation; with noise Euler–Maruyama.
    Euler,
}

impl Integrator {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Etd2 => "etd2",
            Self::Rk4 => "rk4",
            Self::Adaptive => "adaptive",
            Self::Euler => "euler",
        }
    }
}
