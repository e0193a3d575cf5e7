//! Explicit Euler.

use super::{
    block::Block,
    step::{Moment, Place, Step},
};
use crate::activation::ActivationScalar;

/// Explicit Euler, order 1.
pub(super) struct Steps;

impl<R: ActivationScalar> Step<R> for Steps {
    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>) {
        let m = at.rows.len();
        block.charge(m, block.step, Place::State);
        block.first_stage(m);
        std::mem::swap(&mut block.state, &mut block.stage);
    }
}
