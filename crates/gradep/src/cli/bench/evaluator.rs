//! Arguments of `gradep bench evaluator`.

use crate::output::Output;
use clap::{Args, ValueHint};

/// `gradep bench evaluator`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench evaluator --seed 1 --out other.npz\n  \
        gradep evaluate samples.npz --evaluator other.npz\n\n\
        The network is that of the built-in classifier (64-128-32-10, ReLU); it is trained on the 3,823\n\
        digits of optdigits.tra, written by other people than those that samples are compared with.\n\
        Seed 0 is `--evaluator second`."
)]
pub struct EvaluatorArgs {
    /// Where to write the weights: `weight_l` `[out, in]` and `bias_l` `[out]`; - is standard output.
    #[arg(short, long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: Output,
    /// Initial weights and order of the images.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub seed: u64,
    /// Print how good it is as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}
