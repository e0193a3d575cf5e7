//! Arguments of `gradep bench`.

use super::QualityArgs;
use clap::Subcommand;

/// `gradep bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Sample quality against flow time, relaxation, seconds and joules.
    Quality(QualityArgs),
}
