//! `gradep bench …`.

mod baselines;

pub(super) use baselines::baselines;
