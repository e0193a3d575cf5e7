//! Where samples begin, and what of them is given.

use gradep_core::files::Model;
use ndarray::{Array2, ArrayView2, Zip, s};

/// Where the visible nodes of samples begin, and which of them stay there.
///
/// ```
/// use bench_hw::generation::Start;
/// use ndarray::array;
///
/// // Of the second sample the first node is known.
/// let noise = array![[0.1, 0.2], [0.3, 0.4]];
/// let start = Start::given(noise, array![[f32::NAN, f32::NAN], [1.0, f32::NAN]].view());
/// assert_eq!(start.x, array![[0.1, 0.2], [1.0, 0.4]]);
/// assert_eq!(start.held, Some(array![[false, false], [true, false]]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// x at flow time 0, `[n, n_0]`.
    pub x: Array2<f32>,
    /// Nodes that sources hold where they begin, `[n, n_0]`; none: all flow.
    pub held: Option<Array2<bool>>,
}

impl Start {
    /// Noise `[n, n_0]`, but where `given` `[n, n_0]` has a number: a node is held there. NaN leaves it free.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn given(mut noise: Array2<f32>, given: ArrayView2<'_, f32>) -> Self {
        let held = given.mapv(|value| !value.is_nan());
        let nodes = Zip::from(&mut noise).and(given).and(&held);
        nodes.for_each(|x, &value, &held| *x = if held { value } else { *x });
        let some = held.iter().any(|&held| held);
        Self {
            x: noise,
            held: some.then_some(held),
        }
    }

    /// Copies hold what is held of their pixels, and 0 for what is not; a model that has none is left as it is.
    ///
    /// # Panics
    /// If the nodes are not those of the model.
    #[must_use]
    pub fn with_copies(mut self, model: &Model<f32>) -> Self {
        if !model.beside_pixels().copies {
            return self;
        }
        let pixels = model.pixels();
        let of_copies = s![.., self.x.ncols() - pixels..];
        let mut held = self
            .held
            .unwrap_or_else(|| Array2::from_elem(self.x.raw_dim(), false));
        let known = held.slice(s![.., ..pixels]);
        let images = self.x.slice(s![.., ..pixels]);
        let copies = Zip::from(known).and(images);
        let copies = copies.map_collect(|&held, &pixel| if held { pixel } else { 0.0 });
        self.x.slice_mut(of_copies).assign(&copies);
        held.slice_mut(of_copies).fill(true);
        Self {
            x: self.x,
            held: Some(held),
        }
    }

    /// Which nodes are held; none where all flow.
    pub fn held(&self) -> Option<ArrayView2<'_, bool>> {
        self.held.as_ref().map(|held| held.view())
    }
}

impl From<Array2<f32>> for Start {
    fn from(x: Array2<f32>) -> Self {
        Self { x, held: None }
    }
}

/// What is given of images `[n, pixels]` (NaN is free) and of their label nodes `[n, classes]`, for the visible nodes of
/// a model, `[n, n_0]`: none of the one or the other is NaN. So are copies, which [`Start::with_copies`] fills in.
///
/// # Panics
/// If an array does not fit the model, or `count`.
pub fn given_nodes(
    model: &Model<f32>,
    count: usize,
    images: Option<ArrayView2<'_, f32>>,
    labels: Option<ArrayView2<'_, f32>>,
) -> Array2<f32> {
    let free = |columns| Array2::from_elem((count, columns), f32::NAN);
    let images = images.map_or_else(|| free(model.pixels()), |images| images.to_owned());
    let labels = labels.map_or_else(|| free(model.label_nodes()), |labels| labels.to_owned());
    let copies = if model.beside_pixels().copies {
        model.pixels()
    } else {
        0
    };
    ndarray::concatenate![ndarray::Axis(1), images, labels, free(copies)]
}
