//! `gradep bench …`.

mod baselines;
mod quality;
mod study;

pub(super) use baselines::baselines;
pub(super) use quality::quality;
pub(super) use study::{sensitivity, sweep, tolerance};
