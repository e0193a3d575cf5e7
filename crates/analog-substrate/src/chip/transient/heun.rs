//! Heun's method.

use super::{
    block::Block,
    step::{Moment, Step},
};
use crate::activation::ActivationScalar;

/// Heun's method (K. Heun, Z. Math. Phys. 45, 23, 1900), order 2: Euler to the end of the step, then the mean of the drifts at
/// both ends.
pub(super) struct Steps;

/// Nodes and weights.
const STAGES: [(f64, f64); 2] = [(0.0, 0.5), (1.0, 0.5)];

impl<R: ActivationScalar> Step<R> for Steps {
    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>) {
        block.runge_kutta_step(&STAGES, at);
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Cell,
        chip::{
            Integrator,
            tests::{NATURES, ledger::left_of_balance, transients::measured_order},
        },
    };

    #[test]
    fn it_converges_with_order_two_in_every_cell() {
        for nature in NATURES {
            let order = measured_order(nature, (Integrator::Heun, 0.02));
            assert!((order - 2.0).abs() < 0.2, "{:?}: {order}", nature.1);
        }
    }

    #[test]
    fn its_ledger_closes_to_rounding_with_noise() {
        for nature in NATURES {
            let gain = if nature.1 == Cell::Resistive {
                0.4
            } else {
                1.0
            };
            let missing = left_of_balance((nature, gain), (Integrator::Heun, 0.05));
            assert!(missing < 1e-10, "{:?}: {missing:e}", nature.1);
        }
    }
}
