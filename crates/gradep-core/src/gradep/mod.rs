//! Gradient Equilibrium Propagation (A. Gower, arXiv 2604.08150): phases, estimator, validity.
//!
//! Loss: `L = ½|v − u|²` summed over units, averaged over the batch, with the velocity read from
//! the spring, v = αλ(x* − x_t). A nudge of the visible nodes towards u moves the equilibrium; what
//! the two ends of each coupling then show is −∂L/∂W ([`coupling_gradient`]).

mod estimate;
mod phases;
mod rule;
mod validity;

pub use estimate::{Estimate, GradEp, LINEAR_RANGE, PhaseStatistics, range_above, target_loss};
pub(crate) use estimate::{gradient_of, leave_out, mismatch, sample_loss};
pub use phases::PhaseScheme;
pub use rule::{bias_gradient, coupling_gradient, leak_gradient};
pub use validity::{Refusal, Validity, stiffness_ratio};
