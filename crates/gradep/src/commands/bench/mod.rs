//! `gradep bench …`.

mod baselines;
mod evaluator;
mod quality;
mod study;
mod subject;

pub(super) use baselines::baselines;
pub(super) use evaluator::evaluator;
pub(super) use quality::quality;
pub(super) use study::{sensitivity, sweep, tolerance};
