//! What the chip learns: data, flow matching, GradEP phases and estimator, optimiser, trainer,
//! generator, checkpoints.

pub mod config;
pub mod flow;
