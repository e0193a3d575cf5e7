//! How equilibria are found, and why the substrate may refuse.

use serde::{Deserialize, Serialize};
use units::fault::{Blame, Fault};

/// How equilibria are found, and when a sample counts as settled.
///
/// ```
/// use analog_substrate::Relaxation;
///
/// let exact = Relaxation { tolerance: 1e-9, ..Relaxation::default() };
/// assert!(exact.tolerance < Relaxation::default().tolerance);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relaxation {
    /// Which solver.
    pub solver: SolverKind,
    /// A sample is settled when max|∂S/∂s| is at most this (of hopfield and resistive cells,
    /// max|h − z|: the current out of balance).
    pub tolerance: f64,
    /// Sweeps after which a sample is left unsettled. Not used by `explicit`.
    pub max_sweeps: u32,
    /// Steps per phase of `explicit`.
    pub steps: u32,
    /// ε of `explicit`.
    pub step_size: f64,
    /// Nudged phases of `block` and `anderson`: settled when the residual is at most this share of
    /// the largest nudging force on the sample.
    pub nudged_tolerance: f64,
}

impl Default for Relaxation {
    /// Anderson to a residual of 1e-6; the explicit numbers are the paper's.
    fn default() -> Self {
        Self {
            solver: SolverKind::Anderson,
            tolerance: 1e-6,
            max_sweeps: 2000,
            steps: 300,
            step_size: 0.1,
            nudged_tolerance: 1e-4,
        }
    }
}

/// How equilibria are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SolverKind {
    /// s ← s − ε∇S, a fixed number of steps (the paper); the circuit's h ← h + ε(z − h) for hopfield
    /// and resistive cells.
    Explicit,
    /// Exact block-coordinate sweeps.
    Block,
    /// Anderson acceleration of the block sweeps.
    Anderson,
}

impl SolverKind {
    /// Whether it goes on until a sample is settled, and not for a number of steps.
    pub const fn iterates_until_settled(self) -> bool {
        match self {
            Self::Explicit => false,
            Self::Block | Self::Anderson => true,
        }
    }
}

/// Why the ideal substrate refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IdealError {
    /// The cell cannot have that activation.
    #[error("{0}")]
    Cell(#[from] crate::CellError),
    /// The couplings belong to another network.
    #[error("the couplings have layers {found:?}, the substrate {expected:?}")]
    Layers {
        /// Layers of the substrate.
        expected: Vec<usize>,
        /// Layers of the couplings.
        found: Vec<usize>,
    },
    /// The couplings are of another kind.
    #[error("coupling {coupling} is {found}, in the substrate {expected}")]
    Coupling {
        /// Its number, from 0.
        coupling: usize,
        /// As that of the substrate prints itself.
        expected: String,
        /// As that of the couplings does.
        found: String,
    },
    /// One of couplings and substrate has leaks of the visible nodes, and the other has none.
    #[error("{}", leaks_differ(*expected))]
    VisibleLeak {
        /// Whether the substrate has them.
        expected: bool,
    },
    /// An array has the wrong shape.
    #[error("{what} has shape {found:?}, expected {expected:?}")]
    Shape {
        /// Which array.
        what: &'static str,
        /// Its shape.
        found: [usize; 2],
        /// `[batch, n_0]`.
        expected: [usize; 2],
    },
    /// An array holds an infinity or NaN.
    #[error("{what} is not finite at [{row}, {column}]")]
    NotFinite {
        /// Which array.
        what: &'static str,
        /// Sample.
        row: usize,
        /// Unit.
        column: usize,
    },
    /// The visible nodes have no stable position: 1 + λ + κ ≤ 0.
    #[error(
        "1 + λ + κ = {stiffness} is not positive: the visible nodes have no energy minimum; \
         use a smaller β, or the tilt nudge"
    )]
    Unstable {
        /// 1 + λ + κ.
        stiffness: f64,
    },
    /// A solver from outside returned something else than the states of the batch.
    #[error(
        "solver {solver} returned states of shapes {found:?} and the sweeps of {iterations} samples, expected \
         {expected:?}"
    )]
    Solver {
        /// As it prints itself.
        solver: String,
        /// Shapes of the states, layer by layer.
        found: Vec<[usize; 2]>,
        /// Samples whose sweeps it told.
        iterations: usize,
        /// `[batch, n_l]`.
        expected: Vec<[usize; 2]>,
    },
    /// A clamped visible layer cannot be nudged.
    #[error("the visible nodes are clamped: there is nothing to nudge")]
    Clamped,
}

/// What is wrong where only one of couplings and substrate has leaks of the visible nodes.
pub(crate) fn leaks_differ(expected: bool) -> String {
    let (of_couplings, of_substrate) = if expected {
        ("have no leaks of visible nodes", "has some")
    } else {
        ("have leaks of visible nodes", "has none")
    };
    format!("the couplings {of_couplings}, the substrate {of_substrate} (key network.visible_leak)")
}

impl Blame for IdealError {
    fn fault(&self) -> Fault {
        match self {
            Self::Cell(cause) => cause.fault(),
            Self::NotFinite { .. } | Self::Unstable { .. } => Fault::Numbers,
            Self::Layers { .. }
            | Self::Coupling { .. }
            | Self::VisibleLeak { .. }
            | Self::Shape { .. }
            | Self::Solver { .. }
            | Self::Clamped => Fault::Input,
        }
    }
}
