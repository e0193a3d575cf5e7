//! Arguments of `gradep check`.

use super::{
    RunOrModel, complete,
    model::RUN_OR_MODEL,
    values::{Precision, named, not_negative, positive},
};
use crate::output::folder;
use analog_substrate::{NudgeKind, chip::Duration};
use clap::{ArgGroup, Args, Subcommand, ValueHint};
use gradep_core::{
    gradep::{LINEAR_RANGE, PhaseScheme},
    oracle::Budget,
};
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep check …`.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// Compare the `GradEP` estimate with the exact gradient by implicit differentiation.
    Gradient(CheckGradientArgs),
}

/// `gradep check gradient`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep check gradient --run runs/first --betas 1e-4,1e-3,1e-2 --budgets explicit:300,anderson:1e-6\n\n\
        Says first whether the estimate agrees with the exact gradient and with which settings it comes\n\
        nearest, then prints cosine and norm ratio of each. The row `as trained` has the run's own relaxation,\n\
        nudge, phases and limits. Estimates that training would refuse are counted; --all shows them.\n\
        Without --model or --run: of the untrained network of the default preset.\n\n\
        On a chip: gradep check gradient --run runs/first --chip D3 --ranges 0.1,0.3 --free 30tau,60tau\n\
        noise is the root of an estimate's variance over the norm of the exact gradient, bias what is left\n\
        of the error after any averaging, signs the share of right signs weighted by |g|.\n\n\
        A map: gradep check gradient --run runs/first --chip D3 --ranges 0.1,0.3 --seeds 3 \\\n      \
        --vary \"node.capacitance=20 fF,100 fF,1 pF\" --vary converters.adc_bits=8,10,12 --out map\n\
        With --out: gradients.json, a table (CSV), a figure (SVG and PNG), and cells/; what is there is not\n\
        computed again, so that the same command goes on after an interruption (exit code 75).",
    group(ArgGroup::new("subject").args(["model", "run"]))
)]
pub struct CheckGradientArgs {
    /// A run directory (its model, or that of its newest checkpoint) or a model file (.safetensors).
    #[arg(long, value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub model: Option<RunOrModel>,
    /// As --model.
    #[arg(long, value_name = RUN_OR_MODEL, value_hint = ValueHint::AnyPath, value_parser = RunOrModel::parser())]
    pub run: Option<RunOrModel>,
    /// Training pairs that the gradient is averaged over.
    #[arg(long, value_name = "N", default_value = "128")]
    pub samples: NonZeroUsize,
    /// Strengths β of the nudge [default: 1e-5,1e-4,1e-3,1e-2,1e-1; of a quadratic nudge on a chip
    /// 3e-4,1e-3,3e-3,1e-2; a tilt on a chip has --ranges].
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = positive)]
    pub betas: Vec<f64>,
    /// Kinds of nudge [default: quadratic,tilt; on a chip tilt].
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = named::<NudgeKind>())]
    pub nudges: Vec<NudgeKind>,
    /// Which phases are compared.
    #[arg(long, value_name = "SCHEME", default_value = "centred", value_parser = named::<PhaseScheme>())]
    pub phases: PhaseScheme,
    /// Scalar types.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_enum,
        default_value = "f32,f64"
    )]
    pub precisions: Vec<Precision>,
    /// Solvers, each with its budget: explicit:STEPS, block:RESIDUAL or anderson:RESIDUAL.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = budget,
        default_value = "explicit:300,anderson:1e-5"
    )]
    pub budgets: Vec<Budget>,
    /// tilt: furthest that a visible node may be pulled against its own stiffness; 0 for any
    /// distance.
    #[arg(long, value_name = "RANGE", default_value_t = LINEAR_RANGE, value_parser = not_negative)]
    pub linear_range: f64,
    /// Seed of the noise and of the choice of samples.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Look at estimates of this chip instead: a shipped hardware spec or a file. They are held against the exact gradient of this very
    /// chip without noise.
    #[arg(
        long, value_name = "SPEC", add = complete::chips(),
        conflicts_with_all = ["precisions", "budgets", "linear_range", "all"]
    )]
    pub chip: Option<String>,
    /// How the chip is looked at.
    #[command(flatten)]
    pub on_chip: ChipGradientArgs,
    /// Show refused estimates, too, each with the reason.
    #[arg(long)]
    pub all: bool,
    /// Print one JSON document, with everything, instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Estimates of a chip.
#[derive(Debug, Args)]
#[command(next_help_heading = "Chip")]
pub struct ChipGradientArgs {
    /// Set one value of the spec, e.g. converters.adc_bits=8; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", requires = "chip", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Number of the chip.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_number: u64,
    /// Seed of the chip.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "chip")]
    pub chip_seed: u64,
    /// Estimates of each way, each with noise of its own; 2 or more.
    #[arg(long, value_name = "N", default_value_t = 8, requires = "chip")]
    pub repeats: u32,
    /// How far a nudge may pull a visible node against its own stiffness, in `V_unit`.
    #[arg(long, value_name = "LIST", value_delimiter = ',', requires = "chip", value_parser = positive, default_value = "0.03,0.1,0.3,1")]
    pub ranges: Vec<f64>,
    /// Durations of the free phase.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        requires = "chip",
        default_value = "30tau"
    )]
    pub free: Vec<Duration>,
    /// Durations of each nudged phase.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        requires = "chip",
        default_value = "10tau"
    )]
    pub nudged: Vec<Duration>,
    /// A key of the spec, or range, beta, free, nudged or phases, and its values; twice for two keys.
    #[arg(long, value_name = "KEY=V1,V2,…", requires = "chip", add = complete::spec_assignments())]
    pub vary: Vec<String>,
    /// Batches, of this seed and those that follow it: means get a 95 % interval by Student's t.
    #[arg(long, value_name = "K", default_value = "1", requires = "chip")]
    pub seeds: NonZeroUsize,
    /// Cosine for which the estimates to be averaged are counted.
    #[arg(long, value_name = "COSINE", default_value_t = 0.99, requires = "chip", value_parser = cosine)]
    pub cosine: f64,
    /// Folder to write to.
    #[arg(short, long, value_name = "DIR", requires = "chip", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
    /// Longest step of the transients in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = 0.25, requires = "chip", value_parser = positive)]
    pub time_step: f64,
}

/// Parses a cosine above 0 and at most 1.
fn cosine(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(cosine) if cosine > 0.0 && cosine <= 1.0 => Ok(cosine),
        _ => Err("expected a number above 0 and at most 1, such as 0.99".to_owned()),
    }
}

/// Share of the nudge's force at which a nudged phase is settled: that of the free phase's tolerance
/// at forces near 0.1, and never looser than training.
fn nudged_tolerance(tolerance: f64) -> f64 {
    (10.0 * tolerance).min(1e-4)
}

/// Parses `explicit:STEPS`, `block:RESIDUAL` or `anderson:RESIDUAL`.
fn budget(text: &str) -> Result<Budget, String> {
    match text.split_once(':') {
        Some(("explicit", steps)) => match steps.parse() {
            Ok(steps) if steps > 0 => Ok(Budget::Explicit { steps }),
            _ => Err("expected a number of steps after explicit:".to_owned()),
        },
        Some(("block", tolerance)) => positive(tolerance).map(|tolerance| Budget::Block {
            tolerance,
            nudged_tolerance: nudged_tolerance(tolerance),
        }),
        Some(("anderson", tolerance)) => positive(tolerance).map(|tolerance| Budget::Anderson {
            tolerance,
            nudged_tolerance: nudged_tolerance(tolerance),
        }),
        _ => Err("expected explicit:STEPS, block:RESIDUAL or anderson:RESIDUAL".to_owned()),
    }
}
