//! Arguments of `gradep check`.

use super::{
    RunOrModel, complete,
    model::RUN_OR_MODEL,
    values::{Precision, named, not_negative, positive},
};
use analog_substrate::{NudgeKind, chip::Duration};
use clap::{ArgGroup, Args, Subcommand, ValueHint};
use gradep_core::{
    gradep::{LINEAR_RANGE, PhaseScheme},
    oracle::Budget,
};
use std::num::NonZeroUsize;

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
        noise is the root of an estimate's variance over the norm of the exact gradient, bias what is left of the error\n\
        after any averaging, signs the share of right signs weighted by |g|.",
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
    /// Strengths β of the nudge.
    #[arg(
        long, value_name = "LIST", value_delimiter = ',', value_parser = positive,
        default_value = "1e-5,1e-4,1e-3,1e-2,1e-1"
    )]
    pub betas: Vec<f64>,
    /// Kinds of nudge.
    #[arg(
        long, value_name = "LIST", value_delimiter = ',', value_parser = named::<NudgeKind>(),
        default_value = "quadratic,tilt"
    )]
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
        conflicts_with_all = ["betas", "nudges", "phases", "precisions", "budgets", "linear_range", "all"]
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
    /// Longest step of the transients in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = 0.25, requires = "chip", value_parser = positive)]
    pub time_step: f64,
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
