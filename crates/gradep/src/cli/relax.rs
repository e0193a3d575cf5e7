//! Arguments of `gradep relax`.

use super::{
    ModelArgs, OnChipArgs, SolverArgs, TransientArgs,
    values::{figure, input},
};
use crate::output::Output;
use analog_substrate::{chip::Duration, hw_spec::VisibleNodes};
use clap::{Args, ValueHint};
use std::{num::NonZeroUsize, path::PathBuf, str::FromStr};

/// `gradep relax`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep relax --model model.safetensors --anchor x_t.npy --out states.npz\n\n\
        The output holds x, h1, h2, …, velocity_spring, velocity_clamped;\n\
        per sample residual, iterations, settled, and the same with _clamped for x held.\n\n\
        On a chip it holds time_s [T]; x, h1, h2, … [batch, T, unit] in units of V_unit (outputs y for\n\
        resistive cells) and x_volt, h1_volt, … in volts; energy_w and residual [batch, T]; tau_s and\n\
        v_unit_v; spec_json, the resolved spec as bytes of UTF-8. Clock, energy ledger and the spec go to\n\
        FILE.json.\n\
        A sample is settled from when on its residual stays at or below --settled-below, found between\n\
        the integrator's steps however coarse the trace is. Samples are read at the end of --duration, or\n\
        with --stop-when-settled at the end of the step in which they settle: at read_time_s [batch],\n\
        from when on the trace holds what was read."
)]
pub struct RelaxArgs {
    /// Anchors `x_t` of the spring, [batch, visible nodes]: FILE.npy, FILE.npz or FILE.npz:NAME.
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath, value_parser = input())]
    pub anchor: PathBuf,
    /// Write the states, or the trace, to this .npz file; - is standard output.
    #[arg(short, long, value_name = "FILE.npz", value_hint = ValueHint::FilePath)]
    pub out: Output,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// --chip: how long to relax, e.g. 300ns or 30tau.
    #[arg(long, value_name = "TIME", default_value = "30tau", requires = "chip")]
    pub duration: Duration,
    /// --chip: seed of the chip's own deviations and of its noise.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub seed: u64,
    /// --chip: relax on this many chips of the design; their samples follow one another.
    #[arg(long, value_name = "K", default_value = "1", requires = "chip")]
    pub chips: NonZeroUsize,
    /// --chip: which nodes to record: all, or names such as `x_0,h1_3`.
    #[arg(long, value_name = "NODES", default_value = "all", requires = "chip")]
    pub trace: TraceNodes,
    /// --chip: equal intervals after which nodes are recorded.
    #[arg(long, value_name = "N", default_value = "300", requires = "chip")]
    pub intervals: NonZeroUsize,
    /// --chip: hold the visible nodes at the anchors instead of tying them with springs.
    #[arg(long, requires = "chip")]
    pub clamped: bool,
    /// --chip: draw voltages, energy and residual; the name ends in .png or .svg.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = figure(), requires = "chip")]
    pub figure: Option<PathBuf>,
    /// --chip: say how every sample relaxed, and what each imperfection alone does to it.
    #[arg(long, requires = "chip", conflicts_with = "conductances")]
    pub diagnose: bool,
    /// The chip.
    #[command(flatten)]
    pub on_chip: OnChipArgs,
    /// How its transients are computed.
    #[command(flatten)]
    pub transients: TransientArgs,
    /// The model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// How equilibria are found.
    #[command(flatten)]
    pub solver: SolverArgs,
}

impl RelaxArgs {
    /// What visible nodes do on a chip.
    pub fn visible_nodes(&self) -> VisibleNodes {
        if self.clamped {
            VisibleNodes::Held
        } else {
            VisibleNodes::Springs
        }
    }
}

/// Nodes that a trace records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TraceNodes {
    /// Every node.
    All,
    /// `(layer, unit)` of some.
    Some(Vec<(usize, usize)>),
}

impl FromStr for TraceNodes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        let node = |name: &str| -> Option<(usize, usize)> {
            let (layer, unit) = name.trim().split_once('_')?;
            let layer = match layer {
                "x" => 0,
                hidden => hidden.strip_prefix('h')?.parse().ok().filter(|&l| l > 0)?,
            };
            Some((layer, unit.parse().ok()?))
        };
        text.split(',')
            .map(|name| {
                node(name)
                    .ok_or_else(|| format!("{name:?}: expected all, or nodes such as x_0 or h1_3"))
            })
            .collect::<Result<_, _>>()
            .map(Self::Some)
    }
}
