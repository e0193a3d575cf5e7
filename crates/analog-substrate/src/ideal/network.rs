//! The programmed couplings as the sweeps use them: packed both ways, padded.

use crate::{
    Couplings, Layers,
    kernels::{Compiled, PackedMatrix, Real, SimdLevel, multiply, padded},
};

/// Couplings of all layers, ready for [`multiply`].
#[derive(Clone, Debug)]
pub(crate) struct Network<R> {
    pub(crate) layers: Layers,
    level: SimdLevel,
    /// b_x then b_0 … b_{L−1}: the bias of layer l, padded with zeros.
    biases: Vec<Vec<R>>,
    /// W_lᵀ, `[n_l, n_{l+1}]`: carries the outputs of layer l up.
    up: Vec<PackedMatrix<R>>,
    /// W_l, `[n_{l+1}, n_l]`: carries the outputs of layer l + 1 down.
    down: Vec<PackedMatrix<R>>,
}

impl<R: Real> Network<R> {
    pub(crate) fn new(couplings: &Couplings<R>, level: SimdLevel) -> Self {
        Self::directed(couplings, couplings, level)
    }

    /// Couplings that differ with the direction: `up` carries outputs up and has the biases, the
    /// transposes of `down` carry them down.
    pub(crate) fn directed(
        couplings: &Couplings<R>,
        down: &Couplings<R>,
        level: SimdLevel,
    ) -> Self {
        let layers = couplings.layers().clone();
        let pad = |values: ndarray::ArrayView1<'_, R>| {
            let mut row = values.to_vec();
            row.resize(padded(row.len()), R::ZERO);
            row
        };
        let hidden = 0..layers.hidden();
        Self {
            biases: std::iter::once(pad(couplings.visible_bias()))
                .chain(hidden.clone().map(|l| pad(couplings.bias(l))))
                .collect(),
            up: hidden
                .clone()
                .map(|l| PackedMatrix::new(couplings.weight(l).t()))
                .collect(),
            down: hidden.map(|l| PackedMatrix::new(down.weight(l))).collect(),
            layers,
            level,
        }
    }

    /// The bias of layer l, padded.
    pub(crate) fn bias(&self, l: usize) -> &[R] {
        &self.biases[l]
    }
}

impl<R: Compiled> Network<R> {
    /// Adds to `z` `[m, ·]` of layer `l` what its neighbours send: `W_{l−1} a_{l−1} + W_lᵀ a_{l+1}`.
    /// `outputs` holds a block of outputs per layer, visible first.
    pub(crate) fn add_inputs(&self, l: usize, m: usize, outputs: &[Vec<R>], z: &mut [R]) {
        if l > 0 {
            multiply(self.level, m, &outputs[l - 1], &self.up[l - 1], z);
        }
        if l < self.layers.hidden() {
            multiply(self.level, m, &outputs[l + 1], &self.down[l], z);
        }
    }
}

/// Fills the first `m` rows of `z` with `row`.
pub(crate) fn broadcast<R: Real>(m: usize, row: &[R], z: &mut [R]) {
    for target in z[..m * row.len()].chunks_exact_mut(row.len()) {
        target.copy_from_slice(row);
    }
}
