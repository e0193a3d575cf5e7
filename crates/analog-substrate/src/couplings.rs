//! The trainable quantities of the network: biases and coupling matrices.

use crate::{Layers, kernels::Real};
use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2};

/// Biases and coupling weights of a layered network, in one flat vector.
///
/// Order: visible bias `[n_0]`; then for each `l = 0 … L−1` the weight `W_l` `[n_{l+1}, n_l]`
/// (row-major) and the bias `b_l` `[n_{l+1}]`. The flat order is what optimisers, checkpoints and
/// gradients share. Dimensionless.
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
    layers: Layers,
    values: Vec<R>,
}

impl<R: Real> Couplings<R> {
    /// All couplings zero.
    pub fn zeros(layers: Layers) -> Self {
        let values = vec![R::ZERO; layers.parameters()];
        Self { layers, values }
    }

    /// Couplings from their flat vector, or `None` where its length is not [`Layers::parameters`].
    pub fn from_flat(layers: Layers, values: Vec<R>) -> Option<Self> {
        (values.len() == layers.parameters()).then_some(Self { layers, values })
    }

    /// The shape of the network.
    pub fn layers(&self) -> &Layers {
        &self.layers
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
            layers: self.layers.clone(),
            values: self
                .values
                .iter()
                .map(|v| T::from_f64(v.to_f64()))
                .collect(),
        }
    }

    /// b_x, shape `[n_0]`.
    pub fn visible_bias(&self) -> ArrayView1<'_, R> {
        ArrayView1::from(&self.values[..self.layers.visible()])
    }

    /// b_x, shape `[n_0]`, to change.
    pub fn visible_bias_mut(&mut self) -> ArrayViewMut1<'_, R> {
        let n = self.layers.visible();
        ArrayViewMut1::from(&mut self.values[..n])
    }

    /// W_l, shape `[n_{l+1}, n_l]`.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the slice has exactly that many elements"
    )]
    pub fn weight(&self, l: usize) -> ArrayView2<'_, R> {
        let (start, rows, cols) = self.weight_place(l);
        ArrayView2::from_shape((rows, cols), &self.values[start..start + rows * cols])
            .expect("the slice has rows × cols elements")
    }

    /// W_l, shape `[n_{l+1}, n_l]`, to change.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the slice has exactly that many elements"
    )]
    pub fn weight_mut(&mut self, l: usize) -> ArrayViewMut2<'_, R> {
        let (start, rows, cols) = self.weight_place(l);
        ArrayViewMut2::from_shape((rows, cols), &mut self.values[start..start + rows * cols])
            .expect("the slice has rows × cols elements")
    }

    /// b_l, shape `[n_{l+1}]`.
    pub fn bias(&self, l: usize) -> ArrayView1<'_, R> {
        let (start, rows, cols) = self.weight_place(l);
        ArrayView1::from(&self.values[start + rows * cols..start + rows * cols + rows])
    }

    /// b_l, shape `[n_{l+1}]`, to change.
    pub fn bias_mut(&mut self, l: usize) -> ArrayViewMut1<'_, R> {
        let (start, rows, cols) = self.weight_place(l);
        let start = start + rows * cols;
        ArrayViewMut1::from(&mut self.values[start..start + rows])
    }

    /// Where W_l starts in the flat vector, and its shape.
    fn weight_place(&self, l: usize) -> (usize, usize, usize) {
        let sizes = self.layers.sizes();
        let before: usize = sizes[..=l].windows(2).map(|w| w[1] * w[0] + w[1]).sum();
        (sizes[0] + before, sizes[l + 1], sizes[l])
    }
}
