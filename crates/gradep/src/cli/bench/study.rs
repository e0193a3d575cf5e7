//! Arguments of studies of chips: `gradep bench sweep`, `sensitivity`, `tolerance`.

use crate::{
    cli::{
        GenerationArgs, RunOrModel, complete,
        evaluate::TrackName,
        model::RUN_OR_MODEL,
        values::{input, named, share},
    },
    output::folder,
};
use clap::{Args, ValueHint};
use gradep_core::config::ReadOut;
use std::{num::NonZeroUsize, path::PathBuf};

const FILES: &str = "The folder gets sweep.json, a table (CSV), a figure (SVG and PNG), and cells/ with one file a chip:\n\
    what is there is not computed again, so that the same command goes on after an interruption (exit\n\
    code 75), and with more --chips only the new ones are tried.";

/// `gradep bench sweep`.
#[derive(Debug, Args)]
#[command(after_help = format!(
    "Example:\n  gradep bench sweep --run runs/first --chip D3 -s device=generic --only programming_noise \\\n      \
     --vary \"array.programming_sigma=0 %,0.5 %,1 %,2 %,4 %\" --chips 100 --until 1.2\n\n\
     Chip k draws the same deviations, scaled by the spec, and its samples start from the same noise in\n\
     every cell. A chip is within the rule if its fd_features exceed those of the ideal chip (every\n\
     imperfection exactly off) with its number by no more than --within.\n\n{FILES}"
))]
pub struct SweepArgs {
    /// A key of the spec and its values with units; twice for two keys.
    #[arg(long, value_name = "KEY=V1,V2,…", required = true, add = complete::spec_assignments())]
    pub vary: Vec<String>,
    /// The study.
    #[command(flatten)]
    pub study: StudyArgs,
}

/// `gradep bench sensitivity`.
#[derive(Debug, Args)]
#[command(after_help = format!(
    "Example:\n  gradep bench sensitivity --run runs/first --chip D3-PCM --chips 10 --until 1.2\n\n\
     Every imperfection that is on (`gradep chip explain`) is tried alone, against the ideal chip, and\n\
     left out, against the whole chip: what one would gain by paying for it. Differences are between\n\
     chips of the same number.\n\n{FILES}"
))]
pub struct SensitivityArgs {
    /// The study.
    #[command(flatten)]
    pub study: StudyArgs,
}

/// `gradep bench tolerance`.
#[derive(Debug, Args)]
#[command(after_help = format!(
    "Example:\n  gradep bench tolerance --run runs/first --chip D3 -s device=generic --only programming_noise \\\n      \
     --key array.programming_sigma --between \"0 %\" \"5 %\" --chips 20 --until 1.2\n\n\
     Each chip's last level within the rule is found by bisection, its draws scaled by the level. The\n\
     interval of the median over chips is by order statistics, and the level that 95 % of the chips\n\
     bear is given as well.\n\n{FILES}"
))]
pub struct ToleranceArgs {
    /// The key.
    #[arg(long, value_name = "KEY", add = complete::keys_of_specs())]
    pub key: String,
    /// A level that is borne and one that is not.
    #[arg(long, value_names = ["GOOD", "BAD"], num_args = 2, required = true, allow_hyphen_values = true)]
    pub between: Vec<String>,
    /// Number of equal steps between the levels; keys with whole numbers take each of them.
    #[arg(long, value_name = "N", default_value = "128")]
    pub steps_between: std::num::NonZeroU32,
    /// The study.
    #[command(flatten)]
    pub study: StudyArgs,
}

/// What all studies of chips have in common.
#[derive(Debug, Args)]
pub struct StudyArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors).
    #[arg(long, value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub run: RunOrModel,
    /// Hardware spec: a shipped one (`gradep chip list`) or a file.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: String,
    /// Set one value of the spec, e.g. device=pcm; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Switch every imperfection off but this one: a key, or what follows its section; may be repeated.
    #[arg(long, value_name = "NAME", add = complete::keys_of_specs())]
    pub only: Vec<String>,
    /// Samples of each chip.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "898")]
    pub count: NonZeroUsize,
    /// How many chips of each cell.
    #[arg(long, value_name = "K", default_value = "10")]
    pub chips: NonZeroUsize,
    /// What samples are compared with: H, images that were kept from training, or P, those of the
    /// training [default: H for a run on data.source = digits-half or with data.held_out, else P].
    #[arg(long, value_enum, value_name = "TRACK", ignore_case = true)]
    pub track: Option<TrackName>,
    /// Real images to compare samples with: a file, a folder, or a run that was trained on them
    /// [default: those that the model was trained on].
    #[arg(long, value_name = "FILE|RUN", value_hint = ValueHint::AnyPath, value_parser = input())]
    pub data: Option<PathBuf>,
    /// Seed of chips, of starting noise and of noise along transients.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Largest excess of fd_features over the ideal chip.
    #[arg(long, value_name = "SHARE", default_value = "10 %", value_parser = share)]
    pub within: f64,
    /// How velocities are read that are compared with exact ones [default: spring if stepped, else
    /// clamped].
    #[arg(long, value_name = "NAME", value_parser = named::<ReadOut>())]
    pub read_out: Option<ReadOut>,
    /// How samples are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// Folder to write to [default: `bench/KIND-ID`, by what was asked].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
    /// Print the document instead of a table.
    #[arg(long)]
    pub json: bool,
}
