//! `gradep bench …`.

mod baselines;
mod evaluator;

pub(super) use baselines::baselines;
pub(super) use evaluator::evaluator;
