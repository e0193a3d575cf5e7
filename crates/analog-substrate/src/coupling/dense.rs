//! Every node with every node.

use super::{Coupling, Element, Layer, LayerContrast, Products};
use crate::kernels::Real;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, linalg::general_mat_mul, s};
use rayon::prelude::*;

/// Every node of one layer coupled with every node of the next, a parameter each: W `[above, below]`, row-major.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Nodes of the layer below.
    pub below: usize,
    /// Nodes of the layer above.
    pub above: usize,
}

/// Rows that are summed in single precision before the sums are added in double: a number of the
/// algorithm, not of the machine, so that results do not depend on threads.
const ROWS: usize = 256;

impl Dense {
    fn weight<'a, R>(&self, parameters: &'a [R]) -> ArrayView2<'a, R> {
        ArrayView2::from_shape((self.above, self.below), parameters)
            .expect("a dense coupling has above × below parameters")
    }
}

impl<R: Real> Products<R> for Dense {
    fn up(&self, parameters: &[R], below: ArrayView2<'_, R>, mut above: ArrayViewMut2<'_, R>) {
        let weight = self.weight(parameters);
        general_mat_mul(R::ONE, &below, &weight.t(), R::ONE, &mut above);
    }

    fn down(&self, parameters: &[R], above: ArrayView2<'_, R>, mut below: ArrayViewMut2<'_, R>) {
        general_mat_mul(R::ONE, &above, &self.weight(parameters), R::ONE, &mut below);
    }

    fn contrast_gradient(
        &self,
        above: LayerContrast<'_, R>,
        below: LayerContrast<'_, R>,
    ) -> Vec<f64> {
        let chunks = above.mean.nrows().div_ceil(ROWS);
        let part = |array: &ArrayView2<'_, R>, index: usize| {
            let rows = index * ROWS..((index + 1) * ROWS).min(array.nrows());
            array.slice(s![rows, ..]).to_owned()
        };
        let sums: Vec<Array2<R>> = (0..chunks)
            .into_par_iter()
            .map(|i| {
                let mut sum = part(&above.mean, i).t().dot(&part(&below.difference, i));
                general_mat_mul(
                    R::ONE,
                    &part(&above.difference, i).t(),
                    &part(&below.mean, i),
                    R::ONE,
                    &mut sum,
                );
                sum
            })
            .collect();
        let mut total = vec![0.0; self.above * self.below];
        for sum in &sums {
            let pairs = total.iter_mut().zip(sum);
            pairs.for_each(|(total, value)| *total += value.to_f64());
        }
        total
    }
}

impl Coupling for Dense {
    fn below(&self) -> Layer {
        Layer::new(vec![self.below])
    }

    fn above(&self) -> Layer {
        Layer::new(vec![self.above])
    }

    fn parameters(&self) -> usize {
        self.above * self.below
    }

    fn elements(&self, parameters: &[f64]) -> Vec<Element> {
        let weights = self.weight(parameters);
        weights
            .indexed_iter()
            .map(|((above, below), &weight)| Element {
                below,
                above,
                weight,
            })
            .collect()
    }
}
