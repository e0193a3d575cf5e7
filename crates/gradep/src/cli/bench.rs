//! Arguments of `gradep bench`.

use super::{QualityArgs, SensitivityArgs, SweepArgs, ToleranceArgs};
use clap::Subcommand;

/// `gradep bench`.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// Sample quality against flow time, relaxation, seconds and joules.
    Quality(QualityArgs),
    /// Vary one or two keys of a chip's spec: quality, yield, velocity error.
    Sweep(SweepArgs),
    /// Rank a chip's imperfections by what they cost.
    Sensitivity(SensitivityArgs),
    /// Find how much of an imperfection chips bear.
    Tolerance(ToleranceArgs),
}
