//! Arguments of `gradep bench …`.

mod baselines;
mod quality;

pub use baselines::BaselinesArgs;
pub use quality::{QualityArgs, QualityMode, Start};

use clap::Subcommand;

/// `gradep bench …`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make sample sets of known quality and measure them: what scores mean.
    Baselines(BaselinesArgs),
    /// Measure sample quality against flow time, relaxation, seconds and joules.
    Quality(QualityArgs),
}
