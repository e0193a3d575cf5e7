//! Arguments of `gradep check`.

use super::values::{Precision, named, positive};
use analog_substrate::{NudgeKind, SolverKind};
use clap::{ArgGroup, Args, Subcommand, ValueHint};
use gradep_core::config::PhaseScheme;
use std::{fmt, num::NonZeroUsize, path::PathBuf, str::FromStr};

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
        Prints cosine and norm ratio of the estimate to the exact gradient.",
    group(ArgGroup::new("subject").args(["model", "run"]).required(true))
)]
pub struct CheckGradientArgs {
    /// Model file (.safetensors).
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub model: Option<PathBuf>,
    /// Run directory; its latest checkpoint is used.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub run: Option<PathBuf>,
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
        default_value = "explicit:300,anderson:1e-5"
    )]
    pub budgets: Vec<Budget>,
    /// Seed of the noise and of the choice of samples.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A solver and how long it may work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// `explicit:STEPS`.
    Explicit {
        /// Steps per phase.
        steps: u32,
    },
    /// `block:RESIDUAL` or `anderson:RESIDUAL`.
    Until {
        /// Which of the two.
        solver: SolverKind,
        /// max|∂S/∂s| at which a sample is settled.
        tolerance: f64,
    },
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let until = |solver, budget| {
            let tolerance = positive(budget)?;
            Ok(Self::Until { solver, tolerance })
        };
        match text.split_once(':') {
            Some(("explicit", budget)) => match budget.parse() {
                Ok(steps) if steps > 0 => Ok(Self::Explicit { steps }),
                _ => Err("expected a number of steps after explicit:".to_owned()),
            },
            Some(("block", budget)) => until(SolverKind::Block, budget),
            Some(("anderson", budget)) => until(SolverKind::Anderson, budget),
            _ => Err("expected explicit:STEPS, block:RESIDUAL or anderson:RESIDUAL".to_owned()),
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Explicit { steps } => write!(f, "explicit:{steps}"),
            Self::Until {
                solver: SolverKind::Block,
                tolerance,
            } => write!(f, "block:{tolerance:e}"),
            Self::Until { tolerance, .. } => write!(f, "anderson:{tolerance:e}"),
        }
    }
}
