//! Arguments of `gradep relax`.

use super::{ModelArgs, SolverArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep relax`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep relax --model model.safetensors --anchor x_t.npy --out states.npz\n\n\
        The output holds x, h1, h2, …, velocity_spring, velocity_clamped;\n\
        per sample residual, iterations, settled, and the same with _clamped for x held."
)]
pub struct RelaxArgs {
    /// Anchors `x_t` of the spring, [batch, visible nodes] (.npy).
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub anchor: PathBuf,
    /// Write the states to this .npz file.
    #[arg(long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// How equilibria are found.
    #[command(flatten)]
    pub solver: SolverArgs,
}
