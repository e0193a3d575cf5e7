//! Explicit Euler.

use super::{
    block::Block,
    integrator::{Moment, Place, Step},
};
use crate::kernels::Real;

/// Explicit Euler, order 1.
pub(super) struct Euler;

impl<R: Real> Step<R> for Euler {
    fn stability_limit(&self) -> Option<f64> {
        Some(2.0)
    }

    fn advance(&self, block: &mut Block<'_, R>, at: &Moment<'_, R>) {
        let m = at.rows.len();
        block.charge(m, block.step, Place::State);
        block.first_stage(m);
        std::mem::swap(&mut block.state, &mut block.stage);
    }
}
