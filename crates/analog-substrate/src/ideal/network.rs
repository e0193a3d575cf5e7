//! The programmed couplings as the sweeps use them: packed both ways, padded; those that are not dense as they are.

use crate::{
    Couplings, Layers,
    coupling::{Connection, Coupling, CouplingScalar, Products},
    kernels::{Compiled, PackedMatrix, Real, SimdLevel, multiply, padded},
};
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder as _};
use std::sync::Arc;

/// Couplings of all layers, ready for [`multiply`].
#[derive(Clone, Debug)]
pub(crate) struct Network<R> {
    pub(crate) layers: Layers,
    level: SimdLevel,
    /// b_x then b_0 … b_{L−1}: the bias of layer l, padded with zeros.
    biases: Vec<Vec<R>>,
    /// k of the visible nodes, padded with zeros; none where they have no leak of their own.
    leak: Option<Vec<R>>,
    pairs: Vec<Pair<R>>,
}

/// What carries outputs between layers l and l + 1.
#[derive(Clone, Debug)]
enum Pair<R> {
    Dense {
        /// W_lᵀ, `[n_l, n_{l+1}]`: carries the outputs of layer l up.
        up: PackedMatrix<R>,
        /// W_l, `[n_{l+1}, n_l]`: carries the outputs of layer l + 1 down.
        down: PackedMatrix<R>,
    },
    Open {
        coupling: Arc<dyn Coupling>,
        products: fn(&dyn Coupling) -> &dyn Products<R>,
        parameters: Vec<R>,
    },
}

impl<R: CouplingScalar> Network<R> {
    /// Couplings of any kind, the same both ways.
    pub(crate) fn new(couplings: &Couplings<R>, level: SimdLevel) -> Self {
        let pair = |l: usize| match couplings.topology().connection(l) {
            Connection::Dense(_) => Pair::dense(couplings, couplings, l),
            Connection::Open(coupling) => Pair::Open {
                coupling: Arc::clone(coupling),
                products: R::products,
                parameters: couplings.parameters(l).to_vec(),
            },
        };
        Self::of(couplings, level, pair)
    }
}

impl<R: Real> Network<R> {
    /// Dense couplings that differ with the direction: `up` carries outputs up and has the biases, the
    /// transposes of `down` carry them down.
    pub(crate) fn directed(
        couplings: &Couplings<R>,
        down: &Couplings<R>,
        level: SimdLevel,
    ) -> Self {
        Self::of(couplings, level, |l| Pair::dense(couplings, down, l))
    }

    fn of(couplings: &Couplings<R>, level: SimdLevel, pair: impl Fn(usize) -> Pair<R>) -> Self {
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
            leak: couplings.visible_leak().map(pad),
            pairs: hidden.map(pair).collect(),
            layers,
            level,
        }
    }

    /// The bias of layer l, padded.
    pub(crate) fn bias(&self, l: usize) -> &[R] {
        &self.biases[l]
    }

    /// k of the visible nodes, padded; none where they have no leak of their own.
    pub(crate) fn leak(&self) -> Option<&[R]> {
        self.leak.as_deref()
    }
}

impl<R: Compiled> Network<R> {
    /// Adds to `z` `[m, ·]` of layer `l` what its neighbours send: `W_{l−1} a_{l−1} + W_lᵀ a_{l+1}`.
    /// `outputs` holds a block of outputs per layer, visible first.
    pub(crate) fn add_inputs(&self, l: usize, m: usize, outputs: &[Vec<R>], z: &mut [R]) {
        if l > 0 {
            match &self.pairs[l - 1] {
                Pair::Dense { up, .. } => multiply(self.level, m, &outputs[l - 1], up, z),
                Pair::Open {
                    coupling,
                    products,
                    parameters,
                } => {
                    let below = self.rows(l - 1, m, &outputs[l - 1]);
                    let above = self.rows_mut(l, m, z);
                    products(coupling.as_ref()).up(parameters, below, above);
                }
            }
        }
        if l < self.layers.hidden() {
            match &self.pairs[l] {
                Pair::Dense { down, .. } => multiply(self.level, m, &outputs[l + 1], down, z),
                Pair::Open {
                    coupling,
                    products,
                    parameters,
                } => {
                    let above = self.rows(l + 1, m, &outputs[l + 1]);
                    let below = self.rows_mut(l, m, z);
                    products(coupling.as_ref()).down(parameters, above, below);
                }
            }
        }
    }

    /// `m` rows of layer l without their padding.
    fn rows<'a>(&self, l: usize, m: usize, values: &'a [R]) -> ArrayView2<'a, R> {
        let n = self.layers.size(l);
        ArrayView2::from_shape((m, n).strides((padded(n), 1)), values)
            .expect("m padded rows of the layer")
    }

    fn rows_mut<'a>(&self, l: usize, m: usize, values: &'a mut [R]) -> ArrayViewMut2<'a, R> {
        let n = self.layers.size(l);
        ArrayViewMut2::from_shape((m, n).strides((padded(n), 1)), values)
            .expect("m padded rows of the layer")
    }
}

impl<R: Real> Pair<R> {
    fn dense(couplings: &Couplings<R>, down: &Couplings<R>, l: usize) -> Self {
        Self::Dense {
            up: PackedMatrix::new(couplings.weight(l).t()),
            down: PackedMatrix::new(down.weight(l)),
        }
    }
}

/// Fills the first `m` rows of `z` with `row`.
pub(crate) fn broadcast<R: Real>(m: usize, row: &[R], z: &mut [R]) {
    for target in z[..m * row.len()].chunks_exact_mut(row.len()) {
        target.copy_from_slice(row);
    }
}
