//! Arguments of `gradep gradient`.

use super::{ModelArgs, NudgeArgs, SolverArgs, values::input};
use crate::output::Output;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep gradient`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep gradient --model model.safetensors --anchor x_t.npy --velocity u_t.npy \\\n    \
        --beta 1e-3 --nudge tilt --phases centred --out gradient.npz\n\n\
        The output holds one array per parameter (visible_bias, weight_l, bias_l): the gradient of\n\
        ½|v − u|² summed over nodes, averaged over the batch; and loss, the mean over both."
)]
pub struct GradientArgs {
    /// Anchors `x_t` of the spring, [batch, visible nodes]: FILE.npy, FILE.npz or FILE.npz:NAME.
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath, value_parser = input())]
    pub anchor: PathBuf,
    /// Target velocities u, [batch, visible nodes]: FILE.npy, FILE.npz or FILE.npz:NAME.
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath, value_parser = input())]
    pub velocity: PathBuf,
    /// Seed of the sign, for --phases random-sign.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the gradient to this .npz file; - is standard output.
    #[arg(short, long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: Output,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// How equilibria are found.
    #[command(flatten)]
    pub solver: SolverArgs,
    /// How the network is nudged.
    #[command(flatten)]
    pub nudge: NudgeArgs,
}
