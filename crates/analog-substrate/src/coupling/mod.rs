//! How the outputs of neighbouring layers are coupled, and what of it is trained.
//!
//! The energy of the couplings of two layers is `−a_above·W(θ) a_below`, bilinear in the outputs at both ends and linear in the
//! parameters θ. [`Dense`] has a parameter for every pair of nodes. A [`Coupling`] from outside may share parameters among pairs
//! (a convolution) or leave pairs out (local fields); a [`Topology`] puts couplings on top of each other, and [`Couplings`] are
//! their parameters together with the biases.
//!
//! The ideal substrate, the energy and the learning rule take any coupling. Chips take dense ones alone: what arrays, wires and
//! noise do to others is not modelled.

mod couplings;
mod dense;
mod topology;

pub use couplings::Couplings;
pub use dense::Dense;
pub use topology::{Connection, CouplingScalar, Topology, TopologyError};

use crate::kernels::Real;
use ndarray::{ArrayView2, ArrayViewMut2};
use std::fmt;

/// The nodes of one layer, as a coupling sees them: `[n]`, or height, width and channels, channels last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    shape: Vec<usize>,
}

impl Layer {
    /// A layer of this shape.
    pub fn new(shape: Vec<usize>) -> Self {
        Self { shape }
    }

    /// Nodes along each axis.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Nodes in all, in row-major order; `usize::MAX` where there are more.
    pub fn nodes(&self) -> usize {
        let all = self.shape.iter();
        all.fold(1, |nodes: usize, &n| nodes.saturating_mul(n))
    }
}

/// A layer as read in two phases: `[batch, n_l]` each.
#[derive(Clone, Copy, Debug)]
pub struct LayerContrast<'a, R> {
    /// Mean output of the two phases.
    pub mean: ArrayView2<'a, R>,
    /// First phase minus second.
    pub difference: ArrayView2<'a, R>,
}

/// What a coupling computes in one precision. Arrays are `[batch, n]`, parameters θ a slice of [`Coupling::parameters`] values.
///
/// A sample must not depend on the others of its batch.
pub trait Products<R: Real>: Sync {
    /// Adds `W(θ) a_below` to what the layer above receives.
    fn up(&self, parameters: &[R], below: ArrayView2<'_, R>, above: ArrayViewMut2<'_, R>);

    /// Adds `W(θ)ᵀ a_above` to what the layer below receives.
    fn down(&self, parameters: &[R], above: ArrayView2<'_, R>, below: ArrayViewMut2<'_, R>);

    /// `Σ_b d/dθ [a⁺_above·W(θ) a⁺_below − a⁻_above·W(θ) a⁻_below]`, a value per parameter, from what the two ends show in two
    /// phases. Of a pair of nodes it is `ā_above Δa_below + Δa_above ā_below`, which is exact and does not cancel. There is no
    /// parameter in it: that is what makes the learning rule local.
    fn contrast_gradient(
        &self,
        above: LayerContrast<'_, R>,
        below: LayerContrast<'_, R>,
    ) -> Vec<f64>;
}

/// How the outputs of one layer reach the next and the other way round, with one matrix W(θ) both ways.
///
/// Two couplings are the same where they print the same (`Debug`).
pub trait Coupling: Products<f32> + Products<f64> + fmt::Debug + Send {
    /// The layer that it comes from, the visible side.
    fn below(&self) -> Layer;

    /// The layer that it leads to.
    fn above(&self) -> Layer;

    /// Length of θ.
    fn parameters(&self) -> usize;

    /// Every pair of nodes that it couples, once, with its weight: what a circuit is built of. The order of the pairs does not
    /// depend on θ.
    fn elements(&self, parameters: &[f64]) -> Vec<Element>;

    /// Σ|W| that ends in each node, in units of g_unit: the conductance that couplings are to it.
    fn loads(&self, parameters: &[f64]) -> Loads {
        let mut loads = Loads {
            below: vec![0.0; self.below().nodes()],
            above: vec![0.0; self.above().nodes()],
        };
        for element in self.elements(parameters) {
            loads.below[element.below] += element.weight.abs();
            loads.above[element.above] += element.weight.abs();
        }
        loads
    }
}

/// A weight between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Element {
    /// Node of the layer below.
    pub below: usize,
    /// Node of the layer above.
    pub above: usize,
    /// W between them.
    pub weight: f64,
}

/// Conductance of a coupling at each node of its two layers, in units of g_unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Loads {
    /// Of the layer below, `[n]`.
    pub below: Vec<f64>,
    /// Of the layer above, `[n]`.
    pub above: Vec<f64>,
}
