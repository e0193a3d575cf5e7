//! Arguments of `gradep train`.

use super::ConfigArgs;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep train`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep train --preset paper --epochs 200 --out runs/first\n\n\
        SIGINT or SIGTERM finishes the epoch, writes a checkpoint and exits with 75; go on with\n  \
        gradep train --resume runs/first"
)]
pub struct TrainArgs {
    /// Run directory [default: runs/TIME-HASH, UTC and of the configuration].
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Go on with an interrupted run, exactly as it would have gone on by itself.
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        conflicts_with_all = ["preset", "config", "overrides", "seed", "epochs", "out", "force"]
    )]
    pub resume: Option<PathBuf>,
    /// Replace the run that lies in --out.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Print the result as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// What to train.
    #[command(flatten)]
    pub config: ConfigArgs,
}
