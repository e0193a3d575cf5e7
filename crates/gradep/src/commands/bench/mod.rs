//! `gradep bench …`.

mod baselines;
mod evaluator;
mod quality;

pub(super) use baselines::baselines;
pub(super) use evaluator::evaluator;
pub(super) use quality::quality;
