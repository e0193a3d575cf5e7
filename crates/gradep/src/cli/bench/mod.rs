//! Arguments of `gradep bench …`.

mod baselines;

pub use baselines::BaselinesArgs;

use clap::Subcommand;

/// `gradep bench …`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Make sample sets of known quality and measure them: what scores mean.
    Baselines(BaselinesArgs),
}
