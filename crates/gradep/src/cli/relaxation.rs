//! Arguments about equilibria that several subcommands share.

use super::values::{Precision, named, not_negative, positive};
use analog_substrate::{NudgeKind, Relaxation, SolverKind};
use clap::Args;
use gradep_core::gradep::{LINEAR_RANGE, PhaseScheme};

/// How equilibria are found.
#[derive(Debug, Args)]
#[command(next_help_heading = "Relaxation")]
pub struct SolverArgs {
    /// Which solver.
    #[arg(long, value_name = "NAME", default_value = "anderson", value_parser = named::<SolverKind>())]
    pub solver: SolverKind,
    /// explicit: steps per phase.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// explicit: size ε of a step in units of a node's time constant.
    #[arg(long, value_name = "EPS", default_value_t = 0.1, value_parser = positive)]
    pub step_size: f64,
    /// block, anderson: settled when no |∂S/∂s| is larger [default: 1e-9 in f64, 1e-5 in f32].
    #[arg(long, value_name = "RESIDUAL", value_parser = positive)]
    pub tolerance: Option<f64>,
    /// block, anderson: a nudged phase is settled when the residual is at most this share of the
    /// nudge's force [default: 1e-8 in f64, 1e-4 in f32].
    #[arg(long, value_name = "SHARE", value_parser = positive)]
    pub nudged_tolerance: Option<f64>,
    /// block, anderson: sweeps after which a sample is left unsettled.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_sweeps: u32,
    /// Scalar type of the computation.
    #[arg(long, value_name = "TYPE", value_enum, default_value_t = Precision::F64)]
    pub precision: Precision,
}

impl SolverArgs {
    /// The tolerance, or the default of the precision: two to three digits above what rounding
    /// leaves of residuals of order 1 to 10.
    pub fn tolerance(&self) -> f64 {
        self.tolerance.unwrap_or(match self.precision {
            Precision::F32 => 1e-5,
            Precision::F64 => 1e-9,
        })
    }

    /// How the ideal substrate is to relax.
    pub fn relaxation(&self) -> Relaxation {
        let nudged_tolerance = match self.precision {
            Precision::F32 => 1e-4,
            Precision::F64 => 1e-8,
        };
        Relaxation {
            solver: self.solver,
            tolerance: self.tolerance(),
            max_sweeps: self.max_sweeps,
            steps: self.steps,
            step_size: self.step_size,
            nudged_tolerance: self.nudged_tolerance.unwrap_or(nudged_tolerance),
        }
    }
}

/// How the network is nudged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Nudge")]
pub struct NudgeArgs {
    /// β, strength of the nudge. Centred quadratic phases need q = β(αλ)²/(1+λ) < 1.
    #[arg(long, value_name = "BETA", default_value_t = 1e-3, value_parser = positive)]
    pub beta: f64,
    /// What nudges: a conductance (the paper) or a current.
    #[arg(long, value_name = "KIND", default_value = "tilt", value_parser = named::<NudgeKind>())]
    pub nudge: NudgeKind,
    /// tilt: furthest that a visible node may be pulled against its own stiffness; a sample that
    /// would exceed it gets a smaller β. 0 for any distance.
    #[arg(long, value_name = "RANGE", default_value_t = LINEAR_RANGE, value_parser = not_negative)]
    pub linear_range: f64,
    /// Which phases are compared.
    #[arg(long, value_name = "SCHEME", default_value = "centred", value_parser = named::<PhaseScheme>())]
    pub phases: PhaseScheme,
}
