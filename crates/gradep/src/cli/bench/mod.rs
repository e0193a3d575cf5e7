//! Arguments of `gradep bench …`.

mod baselines;
mod evaluator;
mod quality;

pub use baselines::BaselinesArgs;
pub use evaluator::EvaluatorArgs;
pub use quality::{QualityArgs, QualityMode, Start};

use clap::Subcommand;

/// `gradep bench …`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make sample sets of known quality and measure them: what scores mean.
    Baselines(BaselinesArgs),
    /// Train a classifier of digits to judge samples with.
    Evaluator(EvaluatorArgs),
    /// Measure sample quality against flow time, relaxation, seconds and joules.
    Quality(Box<QualityArgs>),
}
