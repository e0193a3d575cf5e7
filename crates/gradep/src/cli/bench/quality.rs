//! Arguments of `gradep bench quality`.

use crate::{
    cli::{
        evaluate::TrackName,
        values::{input, positive},
    },
    output::folder,
};
use analog_substrate::chip::Duration;
use bench_hw::generation::Mode;
use clap::{Args, ValueEnum, ValueHint};
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
    #[arg(long = "run", value_name = "RUN|MODEL", required = true, num_args = 1.., value_hint = ValueHint::AnyPath, value_parser = input())]
    pub runs: Vec<PathBuf>,
    /// Chips: shipped hardware specs (`gradep chip list`) or spec files.
    #[arg(long = "chip", value_name = "SPEC", num_args = 1..)]
    pub chips: Vec<String>,
    /// Set one value of every chip's spec, e.g. node.capacitance="50 fF"; may be repeated.
    #[arg(
        short = 's',
        long = "set",
        value_name = "KEY=VALUE",
        requires = "chips"
    )]
    pub overrides: Vec<String>,
    /// How the flow is integrated [default: free on chips, ideal without].
    #[arg(
        long = "mode",
        value_enum,
        value_name = "MODE,…",
        value_delimiter = ','
    )]
    pub modes: Vec<QualityMode>,
    /// End of the flow; points are at the default times up to it [default: 3].
    #[arg(long, value_name = "TIME", value_parser = positive, conflicts_with = "times")]
    pub until: Option<f64>,
    /// Flow times of the points, ascending.
    #[arg(long, value_name = "T,…", value_parser = positive, value_delimiter = ',')]
    pub times: Vec<f64>,
    /// What to compare with.
    #[arg(long, value_enum, value_name = "TRACK", default_value_t = TrackName::H, ignore_case = true)]
    pub track: TrackName,
    /// Samples per point.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "898")]
    pub count: NonZeroUsize,
    /// Sampling seeds: 0 to K − 1.
    #[arg(long, value_name = "K", default_value = "1")]
    pub seeds: NonZeroUsize,
    /// Chips of each design, by the seeds 0 to K − 1 of their own deviations.
    #[arg(
        long = "chips",
        value_name = "K",
        default_value = "1",
        requires = "chips"
    )]
    pub chips_of_each: NonZeroUsize,
    /// Stepped and clamped: how long to relax for each velocity.
    #[arg(
        long,
        value_name = "TIME,…",
        value_delimiter = ',',
        default_value = "30tau"
    )]
    pub settle: Vec<Duration>,
    /// Stepped and clamped: let hidden nodes start where the last relaxation left them.
    #[arg(long, value_enum, value_name = "START", default_value_t = Start::Cold, num_args = 0..=1, default_missing_value = "warm")]
    pub warm: Start,
    /// Stepped and clamped: steps of x up to the last time; points are at the multiples of a step that
    /// are nearest to the times [default: 10 per unit of flow time].
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub steps: Vec<NonZeroUsize>,
    /// Free: `C_x / C` of the floating visible nodes [default: the spec's `node.visible_ratio`].
    #[arg(long = "ratio", value_name = "R,…", value_delimiter = ',', value_parser = positive)]
    pub ratios: Vec<f64>,
    /// Free: how long hidden nodes settle under the noise before x is let go.
    #[arg(long, value_name = "TIME", default_value = "5tau")]
    pub presettle: Duration,
    /// Longest step of the chips' integrator in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = 0.1, value_parser = positive)]
    pub time_step: f64,
    /// Folder of the result [default: bench/quality-ID].
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
    /// Print quality.json instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// How the flow is integrated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QualityMode {
    /// Set x_t, relax with the spring, read its stretch, move x_t, repeat.
    Stepped,
    /// Hold x, relax hidden nodes, read the current into x, move x, repeat.
    Clamped,
    /// Give x large capacitors and let the chip relax from noise.
    Free,
    /// Exact equilibria, without a chip: always measured.
    Ideal,
}

impl From<QualityMode> for Mode {
    fn from(mode: QualityMode) -> Self {
        match mode {
            QualityMode::Stepped => Self::Stepped,
            QualityMode::Clamped => Self::Clamped,
            QualityMode::Free => Self::Free,
            QualityMode::Ideal => Self::Ideal,
        }
    }
}

/// Where hidden nodes start each relaxation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Start {
    /// At rest.
    Cold,
    /// Where the last relaxation left them.
    Warm,
    /// One curve each.
    Both,
}

impl Start {
    /// Whether they start warm, for each curve.
    pub fn warm(self) -> Vec<bool> {
        match self {
            Self::Cold => vec![false],
            Self::Warm => vec![true],
            Self::Both => vec![false, true],
        }
    }
}
