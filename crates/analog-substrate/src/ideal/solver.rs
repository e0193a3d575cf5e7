//! What finds equilibria, and what it is given to find them with.

use super::{network::Network, settled::Record, sweep::Nodes};
use crate::{
    Layers,
    activation::ActivationScalar,
    kernels::{Real, SimdLevel},
};
use ndarray::Array2;
use std::fmt;

/// Finds equilibria of a network, sample by sample: where no force is left on any node.
///
/// The solvers of [`SolverKind`](crate::SolverKind) are compiled over blocks of samples. This is how another one is given
/// to [`Ideal::with_solver`](crate::Ideal::with_solver): over whole arrays, with nothing to go by but the forces.
///
/// What it leaves is measured and not believed: a sample is settled where the largest force that is left is at most the
/// tolerance, whatever the solver found. Samples must not depend on each other, nor on how many there are.
pub trait Solver<R: Real>: fmt::Debug + Send + Sync {
    /// Moves `state` towards an equilibrium: `[x, h_1, …, h_L]`, each `[batch, n_l]`, from where it is. Returns the sweeps
    /// that each sample took, `[batch]`.
    ///
    /// Nudged phases start from the free one.
    fn relax(&self, phase: &Phase<'_, R>, state: &mut [Array2<R>]) -> Vec<u32>;
}

/// One relaxation of a batch: a programmed network, and what acts on it.
#[derive(Debug)]
pub struct Phase<'a, R: Real> {
    pub(super) network: &'a Network<R>,
    pub(super) record: &'a Record,
    pub(super) nodes: Nodes<'a, R>,
    pub(super) level: SimdLevel,
    /// Constant force on the visible nodes, `[batch, padded n_0]`.
    pub(super) force: &'a [R],
    /// 1 + λ + κ; none where x is clamped.
    pub(super) stiffness: Option<f64>,
    /// Visible nodes that do not move, `[batch, n_0]`; none: all are on their springs.
    pub(super) held: Option<&'a Array2<bool>>,
    pub(super) tolerance: Tolerance<'a>,
    /// Records of the free phase, if states are deviations from it.
    pub(super) reference: Option<&'a Array2<R>>,
}

/// Residual at which a sample is settled.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tolerance<'a> {
    All(f64),
    Each(&'a [f64]),
}

impl<R: ActivationScalar> Phase<'_, R> {
    /// Shape of the network.
    pub fn layers(&self) -> &Layers {
        &self.network.layers
    }

    /// Largest force at which a sample is settled.
    pub fn tolerance(&self, sample: usize) -> f64 {
        match self.tolerance {
            Tolerance::All(tolerance) => tolerance,
            Tolerance::Each(tolerances) => tolerances[sample],
        }
    }

    /// Stiffness 1 + k + λ + κ of the visible nodes (leaks, spring and quadratic nudge): the largest curvature that they have
    /// by themselves. None where they are clamped.
    pub fn stiffness(&self) -> Option<f64> {
        let leak = self.network.leak().unwrap_or_default().iter();
        let largest = leak.fold(R::ZERO, |most, &k| most.larger(k));
        self.stiffness.map(|others| others + largest.to_f64())
    }

    /// Whether a visible node of a sample is held where it is: no force moves it.
    pub fn is_held(&self, sample: usize, node: usize) -> bool {
        self.held.is_some_and(|held| held[(sample, node)])
    }

    /// The interval in which hidden states have to stay: that of gradient cells with a hard sigmoid.
    pub fn range(&self) -> Option<(R, R)> {
        self.nodes.range()
    }
}
