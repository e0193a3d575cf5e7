//! A batch on the chip after a relaxation.

use crate::{
    Visible,
    kernels::{Real, padded},
};
use ndarray::{Array2, s};

/// What holds the visible nodes of a batch.
#[derive(Clone, Debug)]
pub(super) struct Anchors<R> {
    /// As converters and capacitors hold them, `[batch, n_0]`.
    pub(super) held: Array2<R>,
    pub(super) visible: Visible,
    /// Nodes that sources hold, `[batch, padded n_0]`; empty where there are none.
    pub(super) fixed: Vec<bool>,
}

/// A batch on the chip after a relaxation.
#[derive(Clone, Debug)]
pub struct AtRest<R> {
    /// All parts of the state, `[batch, Σ padded parts]`.
    pub(super) parts: Array2<R>,
    /// Outputs of the layers, visible first, `[batch, n_l]`.
    pub(super) outputs: Vec<Array2<R>>,
    pub(super) current: Array2<R>,
    pub(super) anchors: Anchors<R>,
    pub(super) residuals: Vec<f64>,
    pub(super) steps: Vec<u32>,
    pub(super) settled: Vec<bool>,
}

impl<R: Real> AtRest<R> {
    /// State of layer `l` (x, h_l; y_l of a resistive cell), `[batch, n_l]`.
    pub fn state(&self, l: usize) -> Array2<R> {
        let start: usize = self.outputs[..l].iter().map(|a| padded(a.ncols())).sum();
        let n = self.outputs[l].ncols();
        self.parts.slice(s![.., start..start + n]).to_owned()
    }
}
