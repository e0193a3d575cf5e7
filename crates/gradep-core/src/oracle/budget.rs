//! How much relaxation an estimate is given.

use analog_substrate::{Relaxation, SolverKind};
use serde::Serialize;

/// How much relaxation an estimate is given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "solver", rename_all = "kebab-case")]
pub enum Budget {
    /// This many steps of the paper's solver per phase, converged or not.
    Explicit {
        /// Steps per phase.
        steps: u32,
    },
    /// Block sweeps without acceleration until every sample is settled.
    Block {
        /// As for the accelerated solver.
        tolerance: f64,
        /// As for the accelerated solver.
        nudged_tolerance: f64,
    },
    /// The accelerated solver until every sample is settled.
    Anderson {
        /// Largest |∂S/∂s| of a settled free phase.
        tolerance: f64,
        /// The same for nudged phases, as a share of the nudging force.
        nudged_tolerance: f64,
    },
}

impl Budget {
    /// The solver's settings for this much.
    pub(super) fn relaxation(self) -> Relaxation {
        match self {
            Self::Explicit { steps } => Relaxation {
                solver: SolverKind::Explicit,
                steps,
                ..Relaxation::default()
            },
            Self::Block {
                tolerance,
                nudged_tolerance,
            } => Relaxation {
                solver: SolverKind::Block,
                tolerance,
                nudged_tolerance,
                ..Relaxation::default()
            },
            Self::Anderson {
                tolerance,
                nudged_tolerance,
            } => Relaxation {
                solver: SolverKind::Anderson,
                tolerance,
                nudged_tolerance,
                ..Relaxation::default()
            },
        }
    }
}

impl From<&Relaxation> for Budget {
    fn from(relaxation: &Relaxation) -> Self {
        let Relaxation {
            tolerance,
            nudged_tolerance,
            steps,
            ..
        } = *relaxation;
        match relaxation.solver {
            SolverKind::Explicit => Self::Explicit { steps },
            SolverKind::Block => Self::Block {
                tolerance,
                nudged_tolerance,
            },
            SolverKind::Anderson => Self::Anderson {
                tolerance,
                nudged_tolerance,
            },
        }
    }
}

impl std::fmt::Display for Budget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Explicit { steps } => write!(f, "explicit, {steps} steps"),
            Self::Block { tolerance, .. } => write!(f, "block to {tolerance:.0e}"),
            Self::Anderson { tolerance, .. } => write!(f, "anderson to {tolerance:.0e}"),
        }
    }
}
