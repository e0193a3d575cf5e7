//! Arguments of `gradep bench quality`.

use crate::{
    cli::{
        GenerationArgs, RunOrModel, complete,
        evaluate::TrackName,
        model::RUN_OR_MODEL,
        values::{input, positive},
    },
    output::folder,
};
use clap::{Args, ValueHint};
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep bench quality`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench quality --run runs/h-0 runs/h-1 runs/h-2 --chip D3 D2 D3-PCM D2-ReRAM --out quality\n  gradep bench quality --run runs/h-0 --chip D3 --mode free,stepped --ratio 10,20,50 --steps 4,12 \\\n    --settle 10tau,30tau --warm both --until 1.2 --out trade-offs\n\n\
        Lists, separated by commas, make every combination. Exact equilibria are always measured beside.\n\
        The folder holds quality.json, quality.csv, samples.npz and figures; finished curves are kept\n\
        in cells/, so that the same command goes on where it was interrupted."
)]
pub struct QualityArgs {
    /// Run directories or model files (.safetensors).
    #[arg(long = "run", value_name = RUN_OR_MODEL, required = true, num_args = 1.., value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub runs: Vec<RunOrModel>,
    /// Chips: shipped hardware specs (`gradep chip list`) or spec files.
    #[arg(id = "chip", long, value_name = "SPEC", add = complete::chips(), num_args = 1..)]
    pub chips: Vec<String>,
    /// Set one value of every chip's spec, e.g. node.capacitance="50 fF"; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", requires = "chip", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Flow times of the points, ascending.
    #[arg(long, value_name = "T,…", value_parser = positive, value_delimiter = ',', conflicts_with = "until")]
    pub times: Vec<f64>,
    /// What to compare with: H, images that were kept from training, or P, those of the training
    /// [default: H; of own data without data.held_out P].
    #[arg(long, value_enum, value_name = "TRACK", ignore_case = true)]
    pub track: Option<TrackName>,
    /// Real images to compare with: a file, a folder, or a run that was trained on them [default: those
    /// that the models were trained on].
    #[arg(long, value_name = "FILE|RUN", value_hint = ValueHint::AnyPath, value_parser = input())]
    pub data: Option<PathBuf>,
    /// Samples per point.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "898")]
    pub count: NonZeroUsize,
    /// Seed of the initial noise, the first of --seeds.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How many sampling seeds, from --seed on.
    #[arg(long, value_name = "K", default_value = "1")]
    pub seeds: NonZeroUsize,
    /// Which chip of each design: the seed of its own deviations, the first of --chips.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_seed: u64,
    /// Chips of each design, by the seeds of their own deviations from --chip-seed on.
    #[arg(
        long = "chips",
        value_name = "K",
        default_value = "1",
        requires = "chip"
    )]
    pub chips_of_each: NonZeroUsize,
    /// How samples are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// Folder of the result [default: bench/quality-ID].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
    /// Print quality.json instead of a table.
    #[arg(long)]
    pub json: bool,
}
