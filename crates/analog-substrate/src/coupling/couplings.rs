//! The trainable quantities of the network: biases and the parameters of its couplings.

use super::{Connection, Topology};
use crate::{Layers, kernels::Real};
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2};

/// Biases and coupling parameters of a layered network, in one flat vector.
///
/// Order: visible bias `[n_0]`; then for each `l = 0 … L−1` the parameters of its coupling, which of a dense one are the weight
/// `W_l` `[n_{l+1}, n_l]` (row-major), and the bias `b_l` `[n_{l+1}]`; then, where the topology has them, the leaks of visible
/// nodes `[n_0]`. The flat order is what optimisers, checkpoints and gradients share. Dimensionless.
///
/// ```
/// use analog_substrate::{Couplings, Layers};
///
/// let mut couplings = Couplings::<f32>::zeros(Layers::new(vec![2, 3])?);
/// couplings.weight_mut(0)[(2, 1)] = 0.5;
/// assert_eq!(couplings.weight(0).dim(), (3, 2));
/// assert_eq!(couplings.flat().iter().filter(|&&value| value != 0.0).count(), 1);
/// # Ok::<(), analog_substrate::LayersError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Couplings<R> {
    topology: Topology,
    values: Vec<R>,
}

impl<R: Real> Couplings<R> {
    /// All parameters zero: of dense couplings between [`Layers`], or of a [`Topology`].
    pub fn zeros(topology: impl Into<Topology>) -> Self {
        let topology = topology.into();
        let values = vec![R::ZERO; topology.parameters()];
        Self { topology, values }
    }

    /// Couplings from their flat vector, or `None` where its length is not [`Topology::parameters`].
    pub fn from_flat(topology: impl Into<Topology>, values: Vec<R>) -> Option<Self> {
        let topology = topology.into();
        (values.len() == topology.parameters()).then_some(Self { topology, values })
    }

    /// Nodes per layer.
    pub fn layers(&self) -> &Layers {
        self.topology.layers()
    }

    /// What couples the layers.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// All parameters in their flat order.
    pub fn flat(&self) -> &[R] {
        &self.values
    }

    /// All parameters in their flat order, to change.
    pub fn flat_mut(&mut self) -> &mut [R] {
        &mut self.values
    }

    /// The same couplings in another precision.
    pub fn cast<T: Real>(&self) -> Couplings<T> {
        Couplings {
            topology: self.topology.clone(),
            values: self
                .values
                .iter()
                .map(|v| T::from_f64(v.to_f64()))
                .collect(),
        }
    }

    /// b_x, shape `[n_0]`.
    pub fn visible_bias(&self) -> ArrayView1<'_, R> {
        ArrayView1::from(&self.values[..self.layers().visible()])
    }

    /// b_x, shape `[n_0]`, to change.
    pub fn visible_bias_mut(&mut self) -> ArrayViewMut1<'_, R> {
        let n = self.layers().visible();
        ArrayViewMut1::from(&mut self.values[..n])
    }

    /// k, shape `[n_0]`: conductance to ground of each visible node beside its leak of 1, with the energy ½kx²; none where the
    /// topology has no such leaks.
    pub fn visible_leak(&self) -> Option<ArrayView1<'_, R>> {
        let start = self.topology.leak_place()?;
        Some(ArrayView1::from(&self.values[start..]))
    }

    /// k, shape `[n_0]`, to change.
    pub fn visible_leak_mut(&mut self) -> Option<ArrayViewMut1<'_, R>> {
        let start = self.topology.leak_place()?;
        Some(ArrayViewMut1::from(&mut self.values[start..]))
    }

    /// Raises leaks that are below 0 to it: no conductance is negative.
    pub fn floor_visible_leak(&mut self) {
        if let Some(leak) = self.visible_leak_mut() {
            leak.into_iter().for_each(|k| *k = k.larger(R::ZERO));
        }
    }

    /// Parameters of the coupling of layers `l` and `l + 1`.
    pub fn parameters(&self, l: usize) -> &[R] {
        let (start, count) = self.topology.place(l);
        &self.values[start..start + count]
    }

    /// Parameters of the coupling of layers `l` and `l + 1`, to change.
    pub fn parameters_mut(&mut self, l: usize) -> &mut [R] {
        let (start, count) = self.topology.place(l);
        &mut self.values[start..start + count]
    }

    /// W_l of a dense coupling, shape `[n_{l+1}, n_l]`.
    ///
    /// # Panics
    /// If the coupling is another ([`Topology::first_open`] says so).
    pub fn weight(&self, l: usize) -> ArrayView2<'_, R> {
        ArrayView2::from_shape(self.dense_shape(l), self.parameters(l))
            .expect("a dense coupling has rows × cols parameters")
    }

    /// W_l of a dense coupling, shape `[n_{l+1}, n_l]`, to change.
    ///
    /// # Panics
    /// If the coupling is another ([`Topology::first_open`] says so).
    pub fn weight_mut(&mut self, l: usize) -> ArrayViewMut2<'_, R> {
        ArrayViewMut2::from_shape(self.dense_shape(l), self.parameters_mut(l))
            .expect("a dense coupling has rows × cols parameters")
    }

    fn dense_shape(&self, l: usize) -> (usize, usize) {
        match self.topology.connection(l) {
            Connection::Dense(dense) => (dense.above, dense.below),
            Connection::Open(coupling) => panic!("{coupling:?} has no weight of every pair"),
        }
    }

    /// b_l, shape `[n_{l+1}]`.
    pub fn bias(&self, l: usize) -> ArrayView1<'_, R> {
        let (start, count) = self.bias_place(l);
        ArrayView1::from(&self.values[start..start + count])
    }

    /// b_l, shape `[n_{l+1}]`, to change.
    pub fn bias_mut(&mut self, l: usize) -> ArrayViewMut1<'_, R> {
        let (start, count) = self.bias_place(l);
        ArrayViewMut1::from(&mut self.values[start..start + count])
    }

    fn bias_place(&self, l: usize) -> (usize, usize) {
        let (start, count) = self.topology.place(l);
        (start + count, self.layers().size(l + 1))
    }
}
