//! Arguments of `gradep export`.

use super::{
    ModelArgs, RunOrModel, complete,
    model::RUN_OR_MODEL,
    values::{input, positive, siemens},
};
use crate::output::{Output, folder};
use analog_substrate::{
    chip::{Duration, Summing},
    netlist::CouplingStyle,
};
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep export …`.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write one sample's circuit as a SPICE deck for ngspice.
    Netlist(ExportNetlistArgs),
    /// Write the conductances that a chip is to be programmed with, and those that it gets.
    Conductances(ExportConductancesArgs),
}

/// `gradep export conductances`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep export conductances runs/first --chip D3 -s device=pcm --chips 4 --out maps\n\n\
        The folder gets one folder per chip, chip_0, chip_1, …: NAME.csv with its sidecar NAME.json for\n\
        every array (siemens: asked, achieved, error; stuck devices, tiles), conductances.npz with the\n\
        same, and chip.json."
)]
pub struct ExportConductancesArgs {
    /// A run directory (its model, or its latest checkpoint before there is one) or a model file
    /// (.safetensors).
    #[arg(value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub source: RunOrModel,
    /// Hardware spec with a device: a built-in name or a file.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: String,
    /// How many chips of the design.
    #[arg(long, value_name = "K", default_value = "1")]
    pub chips: NonZeroUsize,
    /// Seed of the chips' own deviations and of their programming.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Set one value of the spec, e.g. device=pcm; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// Also draw every array, NAME.png beside its table: asked, achieved and error in µS, tiles, stuck
    /// devices. --figures=svg for SVG.
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "png")]
    pub figures: Option<FigureFormat>,
    /// Folder to write to; made if it is not there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: PathBuf,
}

/// `gradep export netlist`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep export netlist --chip ideal --model model.safetensors --anchor x_t.npy --sample 0 \\\n      --duration 30tau --out deck.cir\n  ngspice -b deck.cir\n\n\
        With --chip-number K the deck is the chip that K + 1 chips of `gradep relax --chips` end with, with\n\
        --conductances the one that replays that map.\n\n\
        The deck writes deck.txt beside itself: a line of names, then time in seconds and the node\n\
        voltages x_0 …, h1_0 …, h2_0 … divided by V_unit (outputs y for resistive cells)."
)]
pub struct ExportNetlistArgs {
    /// Hardware spec: a built-in name or a file.
    #[arg(long, value_name = "SPEC", add = complete::chips(), default_value = "ideal")]
    pub chip: String,
    /// Anchors `x_t`, [batch, visible nodes]: FILE.npy, FILE.npz or FILE.npz:NAME.
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath, value_parser = input())]
    pub anchor: PathBuf,
    /// Which row of the anchors, from 0.
    #[arg(long, value_name = "I", default_value_t = 0)]
    pub sample: usize,
    /// Visible nodes that a voltage source holds at their anchors: not 0 or true, [visible nodes].
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath, value_parser = input())]
    pub held: Option<PathBuf>,
    /// How long the transient is, e.g. 300ns or 30tau.
    #[arg(long, value_name = "TIME")]
    pub duration: Duration,
    /// Longest step in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = 0.1, value_parser = positive)]
    pub step: f64,
    /// ngspice's relative tolerance.
    #[arg(long, value_name = "RELTOL", default_value_t = 1e-6, value_parser = positive)]
    pub reltol: f64,
    /// What couplings are made of [default: as the chip sums].
    #[arg(long, value_enum, value_name = "STYLE")]
    pub couplings: Option<Couplings>,
    /// Load of every sensed line of couplings that are devices, e.g. "200 uS", whose current is read
    /// [default: a virtual ground].
    #[arg(long, value_name = "SIEMENS", value_parser = siemens)]
    pub load: Option<f64>,
    /// Free-running generation: no spring, x floats from the anchor.
    #[arg(long)]
    pub free: bool,
    /// C_x / C of floating visible nodes [default: the chip's].
    #[arg(long, value_name = "R", requires = "free", value_parser = positive)]
    pub ratio: Option<f64>,
    /// Seed of the chips' own deviations and of their programming.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Which chip of the design, from 0: as `relax --chips` and `export conductances --chips` count
    /// them.
    #[arg(long, value_name = "K", default_value_t = 0)]
    pub chip_number: u64,
    /// Replay a map of conductances (a folder of `gradep export conductances`, or of one of its chips)
    /// instead of programming the devices.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub conductances: Option<PathBuf>,
    /// Set one key of the spec, e.g. node.capacitance="1 pF"; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Write the deck to this file; - is standard output.
    #[arg(short, long, value_name = "FILE.cir", value_hint = ValueHint::FilePath)]
    pub out: Output,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
}

/// Formats of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FigureFormat {
    /// Pixels.
    Png,
    /// Vectors.
    Svg,
}

impl FigureFormat {
    /// The extension of a file.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}

/// What couplings are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Couplings {
    /// Controlled sources into a virtual ground.
    Behavioural,
    /// Resistors from differential drivers.
    Resistors,
    /// The arrays of a chip with devices: each device, and each segment of a line, a resistor. For
    /// small networks: ngspice solves the arrays with the network.
    Devices,
}

impl Couplings {
    /// The style asked for, or the one that the chip's summing is.
    pub fn style(asked: Option<Self>, summing: Summing) -> CouplingStyle {
        match asked {
            None => summing.into(),
            Some(Self::Behavioural) => CouplingStyle::Behavioural,
            Some(Self::Resistors) => CouplingStyle::Resistors,
            Some(Self::Devices) => CouplingStyle::Devices,
        }
    }
}
