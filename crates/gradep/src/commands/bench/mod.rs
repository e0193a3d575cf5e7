//! `gradep bench …`.

mod baselines;
mod quality;

pub(super) use baselines::baselines;
pub(super) use quality::quality;
