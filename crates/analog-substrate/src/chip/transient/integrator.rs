//! How the node equations are integrated: the list of integrators, and what one of equal steps has to do.

use super::{Drives, block::Block, etd2, euler, runge_kutta};
use crate::kernels::Real;
use serde::{Deserialize, Serialize};

/// An integrator a line: its name here, in options and files; its steps, none where every sample takes its own; what it is.
macro_rules! integrators {
    ($($name:ident = $text:literal, $step:expr, $doc:literal;)*) => {
        /// How the node equations are integrated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Integrator {
            $(#[doc = $doc] #[serde(rename = $text)] $name,)*
        }

        impl Integrator {
            /// As options and files write it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The equal steps that blocks of samples take together; none where every sample takes its own.
            pub(super) fn step<R: Real>(self) -> Option<&'static dyn Step<R>> {
                match self {
                    $(Self::$name => $step,)*
                }
            }
        }
    };
}

integrators! {
    Etd2 = "etd2", Some(&etd2::Exponential), "Exponential Runge–Kutta of order 2 (Cox & Matthews, J. Comput. Phys. 176, 430, 2002), exact in each node's own damping, with exact Ornstein–Uhlenbeck noise.";
    Rk4 = "rk4", Some(&runge_kutta::Rk4), "Classical Runge–Kutta of order 4; noise is added at the end of a step.";
    Adaptive = "adaptive", None, "A step of its own per sample: Dormand–Prince 5(4), and where the circuit is too stiff for it an L-stable implicit method of order 4. Without noise only.";
    Euler = "euler", Some(&euler::Euler), "Explicit Euler, the paper's relaxation; with noise Euler–Maruyama.";
}

#[expect(
    clippy::derivable_impls,
    reason = "the list has no place for an attribute"
)]
impl Default for Integrator {
    fn default() -> Self {
        Self::Etd2
    }
}

impl Integrator {
    /// Whether all samples take steps of equal size.
    pub(crate) fn takes_equal_steps(self) -> bool {
        self.step::<f64>().is_some()
    }

    /// [`Step::stability_limit`], which is the same in every precision.
    pub(super) fn stability_limit(self) -> Option<f64> {
        self.step::<f64>()?.stability_limit()
    }
}

/// What an integrator of equal steps does to a block of samples.
///
/// The block has evaluated the drift at the present state, opened its ledger, and afterwards evaluates the drift at the new
/// state and closes the ledger. In between, a step moves the state, and
/// - *charges* the ledger with every drift that it uses, by [`Block::charge`] with the weight that the drift has in the step:
///   what currents move is then the integral of the same quadrature that moves the nodes;
/// - keeps nodes within what their elements allow, by [`confine_metered`](super::limits::confine_metered) at the end.
///
/// Thermal noise of a whole step is added at its end, unless the method adds it itself.
pub(super) trait Step<R: Real>: Sync {
    /// Longest step times the rate of a node that decays by itself (Hairer & Wanner 1996, IV.2): where |R(−z)| is 1. None of a
    /// method that is exact in it.
    fn stability_limit(&self) -> Option<f64>;

    /// Whether [`Block::coefficients`] are those of each node's own damping, and not of none.
    fn is_exponential(&self) -> bool {
        false
    }

    /// Whether the step itself adds the noise, by [`Block::add_noise`].
    fn adds_noise(&self) -> bool {
        false
    }

    /// Moves the block's state by one step.
    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>);
}

/// Where in a transient a block of samples is.
pub(super) struct Moment<'a, R> {
    pub(super) drives: &'a Drives<'a, R>,
    /// The samples, as rows of the batch.
    pub(super) rows: &'a [usize],
    /// Steps that lie behind.
    pub(super) steps: f64,
}

/// The two states that a block has a drift of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The state at the beginning of the step, until it is moved.
    State,
    /// The stage within the step.
    Stage,
}
