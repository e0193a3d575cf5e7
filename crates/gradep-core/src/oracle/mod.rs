//! The gradient oracle: what an estimate of the gradient should have been.
//!
//! The loss is that of GradEP, `L = ½|v − u|²` summed over units and averaged over samples, with the
//! velocity v = αλ(x* − x_t) read at the equilibrium s* of the spring. Two ways to its exact gradient,
//! neither of which nudges anything:
//! - [`implicit_gradient`]: implicit differentiation at the equilibrium;
//! - [`directional_difference`]: the loss at equilibria of slightly different couplings.
//!
//! Everything is in double precision and uses the plain arrays of [`Energy`](analog_substrate::Energy); only
//! the equilibria come from the solvers under test. [`gradient_table`] holds estimates against it. Those of a chip are held
//! against the gradient of this very chip without noise: [`ChipCheck`].

mod budget;
mod chip;
mod conjugate_gradient;
mod difference;
mod equilibrium;
mod implicit;
mod table;
#[cfg(test)]
mod tests;
mod worth;

pub use budget::Budget;
pub use chip::{ChipCheck, ChipExact, ChipNudge, ChipRow, ChipTable, ChipWay};
pub use difference::{DirectionalDifference, directional_difference};
pub use equilibrium::{EQUILIBRIUM_TOLERANCE, OracleError};
pub use implicit::{ImplicitGradient, SampleCertificate, implicit_gradient};
pub use table::{
    Agreement, AsTrained, CheckPlan, GradientRow, GradientTable, Precision, check_batch,
    gradient_table,
};
pub use worth::Averaging;
