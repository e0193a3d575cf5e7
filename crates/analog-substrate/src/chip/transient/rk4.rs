//! The classical Runge–Kutta method.

use super::{
    block::Block,
    step::{Moment, Step},
};
use crate::activation::ActivationScalar;

/// The classical method of order 4.
pub(super) struct Steps;

/// Nodes and weights of the classical Runge–Kutta method of order 4 (Kutta 1901).
const STAGES: [(f64, f64); 4] = [
    (0.0, 1.0 / 6.0),
    (0.5, 1.0 / 3.0),
    (0.5, 1.0 / 3.0),
    (1.0, 1.0 / 6.0),
];

impl<R: ActivationScalar> Step<R> for Steps {
    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>) {
        block.runge_kutta_step(&STAGES, at);
    }
}
