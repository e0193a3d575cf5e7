//! Arguments of `gradep sample`.

use super::{
    GenerationArgs, GivenArgs, OnChipArgs, RunOrModel,
    model::RUN_OR_MODEL,
    values::{figure, named},
};
use crate::output::Output;
use clap::{ArgGroup, Args, ValueHint};
use gradep_core::config::ReadOut;
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep sample`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep sample runs/first -n 64 --until 1.2 --out samples.npz --figure samples.png\n  gradep sample runs/first --chip D3 --mode free --ratio 50 --out chip.npz --figure chip.png\n  gradep sample runs/classes --class 3 -n 16 --figure threes.png\n  gradep sample runs/fill --hold digits.npy --mask known.npy --out filled.npz --figure filled.png\n\n\
        The output holds samples [n, pixels] as the flow leaves them and time. The data are in [−1, 1]; a flow\n\
        may overshoot, and metrics and pictures clamp what they look at. On a chip its clock and energy ledger,\n\
        per sample, are printed and go to FILE.json, with V_unit and the resolved spec.",
    group(ArgGroup::new("output").args(["out", "figure"]).required(true).multiple(true))
)]
pub struct SampleArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors).
    #[arg(value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub source: RunOrModel,
    /// Number of samples [default: 64; with --hold or --start one for each of their images].
    #[arg(short = 'n', long = "count", value_name = "N")]
    pub count: Option<NonZeroUsize>,
    /// How the velocity is read [default: the run's `sampling.read_out`].
    #[arg(long, value_name = "NAME", conflicts_with = "chip", value_parser = named::<ReadOut>())]
    pub read_out: Option<ReadOut>,
    /// Seed of the initial noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the samples to this .npz file; - is standard output.
    #[arg(short, long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: Option<Output>,
    /// Draw the samples as a grid; the name ends in .png or .svg.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = figure())]
    pub figure: Option<PathBuf>,
    /// --chip: which chip of the design: the seed of its own deviations.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_seed: u64,
    /// --chip: which chip of those of this seed.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_number: u64,
    /// The chip.
    #[command(flatten)]
    pub on_chip: OnChipArgs,
    /// What is given of them.
    #[command(flatten)]
    pub given: GivenArgs,
    /// How samples are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}
