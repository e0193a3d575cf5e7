//! Arguments of `gradep bench outliers`.

use crate::cli::{RunOrModel, model::RUN_OR_MODEL, values::input};
use crate::output::Output;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep bench outliers`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench outliers runs/first strange.npz --out scores.npz\n\n\
        One relaxation with the image held gives its energy E and how fast the flow would carry it away, |v|:\n\
        the larger, the less it is like what was learned. Beside each mean: the share of pairs with a real image\n\
        in which the other scores higher, 1 where all are told apart and 0.5 where none is. Images that were made\n\
        unlike are always measured beside: noise, pixels in another order, black for white, half noise."
)]
pub struct OutliersArgs {
    /// A run directory or a model file (.safetensors).
    #[arg(value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub source: RunOrModel,
    /// Images to score, [n, pixels] or [n, h, w] in [−1, 1]: .npy files, or arrays of .npz files.
    #[arg(value_name = "IMAGES", value_hint = ValueHint::FilePath, value_parser = input())]
    pub images: Vec<PathBuf>,
    /// Write energy and speed of each image of the first file to this .npz file; - is standard output.
    #[arg(short, long, value_name = "FILE.npz", requires = "images", value_hint = ValueHint::FilePath)]
    pub out: Option<Output>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}
