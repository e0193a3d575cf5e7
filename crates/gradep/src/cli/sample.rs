//! Arguments of `gradep sample`.

use super::values::{figure, named, positive};
use clap::{ArgGroup, Args, ValueHint};
use gradep_core::config::{FlowMethod, ReadOut};
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep sample`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep sample runs/first -n 64 --until 1.2 --out samples.npz --figure samples.png\n\n\
        The output holds samples (clamped to [−1, 1]), samples_raw and time.",
    group(ArgGroup::new("output").args(["out", "figure"]).required(true).multiple(true))
)]
pub struct SampleArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors).
    #[arg(value_name = "RUN|MODEL", value_hint = ValueHint::AnyPath)]
    pub source: PathBuf,
    /// Number of samples.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "64")]
    pub count: NonZeroUsize,
    /// End of the flow; 1 is where the data is [default: the run's sampling.until].
    #[arg(long, value_name = "TIME", value_parser = positive)]
    pub until: Option<f64>,
    /// Number of integration steps, instead of their size.
    #[arg(long, value_name = "N", conflicts_with = "step")]
    pub steps: Option<NonZeroUsize>,
    /// Size of an integration step in flow time [default: the run's sampling.step].
    #[arg(long, value_name = "DT", value_parser = positive)]
    pub step: Option<f64>,
    /// Integrator of dx/dt = v(x) [default: the run's sampling.method].
    #[arg(long, value_name = "NAME", value_parser = named::<FlowMethod>())]
    pub method: Option<FlowMethod>,
    /// How the velocity is read [default: the run's `sampling.read_out`].
    #[arg(long, value_name = "NAME", value_parser = named::<ReadOut>())]
    pub read_out: Option<ReadOut>,
    /// Seed of the initial noise.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the samples to this .npz file.
    #[arg(long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Draw the samples as a grid; the name ends in .png or .svg.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = figure)]
    pub figure: Option<PathBuf>,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}
