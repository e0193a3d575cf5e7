//! What was typed. Each subcommand's arguments are a module of their own; none of them decides
//! anything that a library could.

mod adapt;
mod bench;
mod check;
mod chip;
mod complete;
mod config;
mod evaluate;
mod export;
mod fit;
mod generation;
mod given;
mod gradient;
mod import;
mod man;
mod model;
mod on_chip;
mod relax;
mod relaxation;
mod report;
mod sample;
mod train;
mod unused;
pub mod values;
mod verify;

pub use adapt::AdaptArgs;
pub use bench::{
    BaselinesArgs, BenchCommand, ClassesArgs, ConditionalArgs, EvaluatorArgs, InpaintArgs,
    OutliersArgs, QualityArgs, SensitivityArgs, StudyArgs, SweepArgs, ToleranceArgs,
};
pub use check::{CheckCommand, CheckGradientArgs, ChipGradientArgs};
pub use chip::{ChipCheckArgs, ChipCommand, ChipExplainArgs, ChipListArgs, ChipShowArgs, SpecArgs};
pub use config::{ConfigArgs, ConfigCommand, ConfigExplainArgs, ConfigShowArgs};
pub use evaluate::{EvaluateArgs, EvaluatorName, TrackName};
pub use export::{
    Couplings as ExportCouplings, ExportCommand, ExportConductancesArgs, ExportNetlistArgs,
    FigureFormat,
};
pub use fit::{ChipFitArgs, ChipMeasureArgs};
pub use generation::{GenerationArgs, Start};
pub use given::GivenArgs;
pub use gradient::GradientArgs;
pub use import::{ImportCommand, ImportConductancesArgs};
pub use man::{CompletionsArgs, ManArgs};
pub use model::{ModelArgs, RunOrModel};
pub use on_chip::{OnChipArgs, TransientArgs, warn_of_idle};
pub use relax::{RelaxArgs, TraceNodes};
pub use relaxation::{NudgeArgs, SolverArgs};
pub use report::ReportArgs;
pub use sample::SampleArgs;
pub use train::TrainArgs;
pub use unused::unused_options;
pub use values::Precision;
pub use verify::VerifyArgs;

use clap::{ArgAction, Args, Parser, Subcommand};
use std::{num::NonZeroUsize, sync::LazyLock};

/// Train generative models the way a chip can: by relaxation and local contrasts.
#[derive(Debug, Parser)]
#[command(name = "gradep", version = version(), propagate_version = true)]
pub struct Cli {
    /// Options of every subcommand.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Print errors only: no progress, warnings, tables or summaries. Documents for programs (--json,
    /// --out -, configurations, completions) are printed all the same.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more: -v for debugging, -vv for everything.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Worker threads, at most four on each core [default: all cores]. Results do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Train a model.
    Train(TrainArgs),
    /// Let chips with errors learn on, each by itself.
    Adapt(Box<AdaptArgs>),
    /// Draw samples from a trained model.
    Sample(SampleArgs),
    /// Measure samples: distance, fidelity, diversity, classes, copying.
    Evaluate(EvaluateArgs),
    /// Measure how good, how fast and at what cost.
    #[command(subcommand)]
    Bench(BenchCommand),
    /// Make one self-contained page of a run and its results.
    Report(ReportArgs),
    /// Relax a network under a spring, and with the visible nodes held.
    Relax(RelaxArgs),
    /// Estimate the gradient of the flow-matching loss by nudged relaxations.
    Gradient(GradientArgs),
    /// Hold the machinery against exact computations.
    #[command(subcommand)]
    Check(CheckCommand),
    /// Look at hardware specs.
    #[command(subcommand)]
    Chip(ChipCommand),
    /// Write a network for other programs.
    #[command(subcommand)]
    Export(ExportCommand),
    /// Read what other programs, or instruments, wrote.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Look at configurations.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Say whether a run, a map, a study or a model is what was written.
    Verify(VerifyArgs),
    /// Print or write man pages.
    Man(ManArgs),
    /// Print shell completions.
    Completions(CompletionsArgs),
}

/// The environment variable with which a shell asks this program what can follow.
pub const COMPLETING: &str = "GRADEP_COMPLETE";

/// The version, with the git id of the source if the build recorded one (`GRADEP_GIT_ID`).
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("GRADEP_GIT_ID") {
        Some(git) => format!("{} ({git})", env!("CARGO_PKG_VERSION")),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    });
    &VERSION
}

#[cfg(test)]
mod tests;
