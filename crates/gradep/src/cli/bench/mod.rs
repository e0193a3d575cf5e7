//! Arguments of `gradep bench …`.

mod baselines;
mod evaluator;

pub use baselines::BaselinesArgs;
pub use evaluator::EvaluatorArgs;

use clap::Subcommand;

/// `gradep bench …`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make sample sets of known quality and measure them: what scores mean.
    Baselines(BaselinesArgs),
    /// Train a classifier of digits to judge samples with.
    Evaluator(EvaluatorArgs),
}
