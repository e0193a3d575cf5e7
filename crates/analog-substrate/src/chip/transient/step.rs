//! What an integrator of equal steps has to do.

use super::{Drives, block::Block};
use crate::activation::ActivationScalar;

/// What an integrator of equal steps does to a block of samples.
///
/// The block has evaluated the drift at the present state, opened its ledger, and afterwards evaluates the drift at the new
/// state and closes the ledger. In between, a step moves the state, and
/// - *charges* the ledger with every drift that it uses, by [`Block::charge`] with the weight that the drift has in the step:
///   what currents move is then the integral of the same quadrature that moves the nodes;
/// - keeps nodes within what their elements allow, by [`confine_metered`](super::limits::confine_metered) at the end.
///
/// Thermal noise of a whole step is added at its end, unless the method adds it itself.
pub(super) trait Step<R: ActivationScalar>: Sync {
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
