//! Arguments of `gradep sample`.

use super::{
    OnChipArgs,
    values::{figure, input, named, positive},
};
use crate::output::Output;
use analog_substrate::{chip::Duration, hw_spec::VisibleNodes};
use bench_hw::generation::Mode;
use clap::{ArgGroup, Args, ValueHint};
use gradep_core::config::{FlowMethod, ReadOut};
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep sample`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep sample runs/first -n 64 --until 1.2 --out samples.npz --figure samples.png\n  gradep sample runs/first --chip D3 --mode free --ratio 50 --out chip.npz --figure chip.png\n\n\
        The output holds samples [n, pixels] as the flow leaves them and time. The data are in [−1, 1]; a flow\n\
        may overshoot, and metrics and pictures clamp what they look at. On a chip its clock and energy ledger,\n\
        per sample, are printed and go to FILE.json, with V_unit and the resolved spec.",
    group(ArgGroup::new("output").args(["out", "figure"]).required(true).multiple(true))
)]
pub struct SampleArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors).
    #[arg(value_name = "RUN|MODEL", value_hint = ValueHint::AnyPath, value_parser = input())]
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
    /// --chip: how the chip generates.
    #[arg(long, value_enum, value_name = "MODE", default_value_t = ChipMode::Stepped, requires = "chip")]
    pub mode: ChipMode,
    /// --chip, stepped and clamped: how long to relax for each velocity, e.g. 300ns or 30tau.
    #[arg(long, value_name = "TIME", default_value = "30tau", requires = "chip")]
    pub settle: Duration,
    /// --chip, stepped and clamped: let hidden nodes start where the last relaxation left them.
    #[arg(long, requires = "chip")]
    pub warm: bool,
    /// --chip, free: `C_x / C` of the floating visible nodes [default: the spec's
    /// `node.visible_ratio`].
    #[arg(long, value_name = "R", requires = "chip", value_parser = positive)]
    pub ratio: Option<f64>,
    /// --chip, free: how long hidden nodes settle under the noise before x is let go.
    #[arg(long, value_name = "TIME", default_value = "5tau", requires = "chip")]
    pub presettle: Duration,
    /// --chip: which chip of the design: the seed of its own deviations.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_seed: u64,
    /// The chip.
    #[command(flatten)]
    pub on_chip: OnChipArgs,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

/// The three ways in which a chip generates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChipMode {
    /// Set x_t, relax with the spring, read its stretch, move x_t, repeat.
    Stepped,
    /// Hold x, relax hidden nodes, read the current into x, move x, repeat.
    Clamped,
    /// Give x large capacitors and let the chip relax from noise.
    Free,
}

impl ChipMode {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stepped => "stepped",
            Self::Clamped => "clamped",
            Self::Free => "free",
        }
    }
}

impl From<ChipMode> for Mode {
    fn from(mode: ChipMode) -> Self {
        match mode {
            ChipMode::Stepped => Self::Stepped,
            ChipMode::Clamped => Self::Clamped,
            ChipMode::Free => Self::Free,
        }
    }
}

impl From<ChipMode> for VisibleNodes {
    fn from(mode: ChipMode) -> Self {
        match mode {
            ChipMode::Stepped => Self::Springs,
            ChipMode::Clamped => Self::Held,
            ChipMode::Free => Self::Floating,
        }
    }
}
