//! What the chip learns: data, objective, pairs of noise and data, GradEP phases and estimator, optimiser, trainer,
//! generator, checkpoints.

pub mod checkpoint;
pub mod config;
pub mod contrastive;
pub mod data;
pub mod draws;
pub mod files;
pub mod flow;
pub mod generate;
pub mod gradep;
mod image;
pub mod objective;
pub mod optimiser;
pub mod oracle;
pub use analog_substrate::random;
pub mod run;
pub mod run_dir;
pub mod trainer;
mod training;
pub mod verify;

pub use training::{Training, TrainingOutcome};
