//! Arguments of `gradep bench inpaint` and `gradep bench classes`.

use crate::cli::{GenerationArgs, OnChipArgs, RunOrModel, given::amplitude, model::RUN_OR_MODEL};
use bench_hw::conditional::Mask;
use clap::{Args, ValueHint};
use std::num::NonZeroUsize;

/// What both measure, and on what.
#[derive(Debug, Args)]
pub struct ConditionalArgs {
    /// A run directory or a model file (.safetensors).
    #[arg(value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub source: RunOrModel,
    /// Seed of the initial noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// --chip: which chip of the design: the seed of its own deviations.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_seed: u64,
    /// The chip.
    #[command(flatten)]
    pub on_chip: OnChipArgs,
    /// How samples are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// `gradep bench inpaint`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench inpaint runs/fill --mask random,upper --draws 8\n\n\
        Images that were kept from training are filled in by the model, and beside it by the mean of the\n\
        training images, by a normal distribution that is conditioned on the known pixels (its mean, and\n\
        draws), and by the nearest training images. accuracy: share of draws whose class is told rightly by\n\
        the built-in classifier and, of digits, by a second one; rmse: of unknown pixels, of single draws and\n\
        of the mean of the draws, which rewards blur; energy: E|X - y| - E|X - X'|/2 of the unknown pixels,\n\
        smaller is better, and no distribution but the right one is best."
)]
pub struct InpaintArgs {
    /// Which pixels are known.
    #[arg(
        long = "mask",
        value_name = "NAME,…",
        value_delimiter = ',',
        default_value = "random,upper"
    )]
    pub masks: Vec<Mask>,
    /// Images [default: all that were kept from training, 898 at most].
    #[arg(short = 'n', long = "count", value_name = "N")]
    pub count: Option<NonZeroUsize>,
    /// Draws of each image.
    #[arg(long, value_name = "K", default_value = "4")]
    pub draws: NonZeroUsize,
    /// The rest.
    #[command(flatten)]
    pub common: ConditionalArgs,
}

/// `gradep bench classes`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench classes runs/classes --class-amplitude 1,2,4\n\n\
        Samples of every class in turn, with the label nodes of the class held: how many are told as what was\n\
        asked for, and what they are worth together. A larger amplitude is truer to the class and less various."
)]
pub struct ClassesArgs {
    /// Values of the label node of the class, 1 in training.
    #[arg(long = "class-amplitude", value_name = "VALUE,…", value_delimiter = ',', default_value = "1", value_parser = amplitude)]
    pub amplitudes: Vec<f64>,
    /// Samples of each amplitude.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "898")]
    pub count: NonZeroUsize,
    /// The rest.
    #[command(flatten)]
    pub common: ConditionalArgs,
}
