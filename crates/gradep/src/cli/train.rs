//! Arguments of `gradep train`.

use super::ConfigArgs;
use super::values::input;
use crate::output::folder;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep train`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep train --preset paper --epochs 200 --out runs/first\n\n\
        SIGINT or SIGTERM finishes the epoch, writes a checkpoint and exits with 75; go on with\n  \
        gradep train --resume runs/first\n\n\
        Train a finished run on (the learning rate follows the schedule of the new length from there), \
        or begin another from its model:\n  \
        gradep train --resume runs/first --epochs 400\n  \
        gradep train --from runs/first --preset paper --epochs 200 --seed 1 --out runs/second\n\n\
        Train on a simulated chip, whose noise, deviations and devices are then those that are learned with:\n  \
        gradep train --chip D3 -s device=pcm -s network.cell=resistive --epochs 20 --out runs/on-chip"
)]
pub struct TrainArgs {
    /// Run directory [default: runs/TIME-HASH, UTC and of the configuration].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
    /// Go on with a run: an interrupted one exactly as it would have gone on by itself, or one with more --epochs;
    /// -s takes training.epochs, training.checkpoint_every, data.source and sampling.
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        value_parser = input(),
        conflicts_with_all = ["preset", "config", "seed", "data", "label_column", "labels", "held_out", "layers", "chip", "chip_number", "chip_seed", "out", "force", "from"]
    )]
    pub resume: Option<PathBuf>,
    /// Begin from the couplings of this run or model file, of the same network, instead of random ones.
    #[arg(long, value_name = "RUN|MODEL", value_hint = ValueHint::AnyPath)]
    pub from: Option<PathBuf>,
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
