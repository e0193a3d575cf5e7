//! Free equilibria in double precision, and the loss there.

use crate::{files::Model, gradep::mismatch};
use analog_substrate::{
    Couplings, Drive, Ideal, IdealError, Points, Relaxation, Settled, SolverKind, Substrate,
    Visible,
};
use ndarray::{Array2, ArrayView2};
use units::fault::{Blame, Fault};

/// Residual at which the oracle takes a sample to be at equilibrium: some hundred times the rounding
/// of ∇S, whose terms are of order 10.
pub const EQUILIBRIUM_TOLERANCE: f64 = 1e-12;

/// Sweeps after which a sample counts as not converging: samples of trained models need up to
/// hundreds.
const MAX_SWEEPS: u32 = 20_000;

/// Why the oracle has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OracleError {
    /// The substrate refused the anchors or the couplings.
    #[error("{0}")]
    Substrate(#[from] IdealError),
    /// Anchors and target velocities differ in shape.
    #[error("the target velocities have shape {target:?}, the anchors {anchor:?}")]
    TargetShape {
        /// Shape of x_t.
        anchor: [usize; 2],
        /// Shape of u.
        target: [usize; 2],
    },
    /// A direction for another network.
    #[error("the direction has layers {found:?}, the model {expected:?}")]
    DirectionLayers {
        /// Layers of the model.
        expected: Vec<usize>,
        /// Layers of the direction.
        found: Vec<usize>,
    },
    /// No sample has an equilibrium at which the loss can be differentiated.
    #[error("none of the {samples} samples has a stable equilibrium within {tolerance:e}")]
    NoEquilibrium {
        /// Samples tried.
        samples: usize,
        /// Residual asked for.
        tolerance: f64,
    },
    /// An equilibrium was lost when the couplings moved.
    #[error("sample {sample} has no equilibrium within {tolerance:e} at couplings {step:e} away")]
    Lost {
        /// Row of the anchors.
        sample: usize,
        /// Residual asked for.
        tolerance: f64,
        /// Distance along the direction.
        step: f64,
    },
}

impl Blame for OracleError {
    fn fault(&self) -> Fault {
        match self {
            Self::Substrate(cause) => cause.fault(),
            Self::NoEquilibrium { .. } | Self::Lost { .. } => Fault::Numbers,
            Self::TargetShape { .. } | Self::DirectionLayers { .. } => Fault::Input,
        }
    }
}

/// A batch at its free equilibria.
pub(super) struct Equilibrium {
    pub(super) settled: Settled<f64>,
    /// Whether each sample is within [`EQUILIBRIUM_TOLERANCE`].
    pub(super) converged: Vec<bool>,
    /// v − u, `[batch, n_0]`; 0 on held nodes.
    pub(super) error: Array2<f64>,
}

impl Equilibrium {
    /// Relaxes all samples of a model with the given couplings, from rest or from where they were.
    pub(super) fn find(
        model: &Model<f64>,
        couplings: &Couplings<f64>,
        (points, target): (Points<'_, f64>, ArrayView2<'_, f64>),
        from: Option<&Settled<f64>>,
    ) -> Result<Self, OracleError> {
        let anchor = points.x;
        if anchor.dim() != target.dim() {
            let shape = |array: &ArrayView2<'_, f64>| [array.nrows(), array.ncols()];
            return Err(OracleError::TargetShape {
                anchor: shape(&anchor),
                target: shape(&target),
            });
        }
        let relaxation = Relaxation {
            solver: SolverKind::Anderson,
            tolerance: EQUILIBRIUM_TOLERANCE,
            max_sweeps: MAX_SWEEPS,
            ..Relaxation::default()
        };
        let mut substrate = Ideal::new(couplings.topology().clone(), model.activation, relaxation)
            .with_cell(model.cell)?;
        substrate.program(couplings)?;
        let settled = substrate.settle(&drive(model, points), from)?;
        let scale = model.output_scale * model.spring_stiffness;
        Ok(Self {
            converged: substrate.is_settled(&settled).to_vec(),
            error: mismatch(&((settled.state(0) - anchor) * scale), target, points.held),
            settled,
        })
    }

    /// `[x*, h_1*, …]`, each `[batch, n_l]`.
    pub(super) fn state(&self, couplings: &Couplings<f64>) -> Vec<Array2<f64>> {
        let layers = 0..couplings.layers().sizes().len();
        layers.map(|l| self.settled.state(l)).collect()
    }
}

/// The spring of a model at the anchors.
pub(super) fn drive<'a>(model: &Model<f64>, points: Points<'a, f64>) -> Drive<'a, f64> {
    let visible = Visible::Spring {
        stiffness: model.spring_stiffness,
    };
    Drive {
        anchor: points.x,
        visible,
        held: points.held,
    }
}
