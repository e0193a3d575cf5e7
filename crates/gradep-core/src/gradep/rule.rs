//! The learning rule. Its signatures are its claim: a coupling's gradient is computed from the
//! readings of the two layers at its ends, and a bias's from its own node, in two phases. No weight,
//! no Jacobian and no other node can be seen from here.

use analog_substrate::kernels::Real;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

/// One layer as read in two phases: `[batch, n_l]` each.
#[derive(Clone, Copy, Debug)]
pub struct LayerContrast<'a, R> {
    /// Mean output of the two phases.
    pub mean: ArrayView2<'a, R>,
    /// First phase minus second.
    pub difference: ArrayView2<'a, R>,
}

/// Rows that are summed in single precision before the sums are added in double: a number of the
/// algorithm, not of the machine, so that results do not depend on threads.
const ROWS: usize = 256;

/// `−Σ_b [a⁺_{l+1} a⁺_lᵀ − a⁻_{l+1} a⁻_lᵀ]/span`, `[n_{l+1}, n_l]`: the gradient of a coupling matrix
/// from its two ends (arXiv 2604.08150, the local update).
///
/// The difference of products is taken as `ā Δbᵀ + Δa b̄ᵀ`, which is exact and does not cancel.
/// `span` is the distance of the two phases in β times the number of samples.
pub fn coupling_gradient<R: Real>(
    after: LayerContrast<'_, R>,
    before: LayerContrast<'_, R>,
    span: f64,
) -> Array2<R> {
    let chunks = |array: &ArrayView2<'_, R>| array.nrows().div_ceil(ROWS);
    let part = |array: &ArrayView2<'_, R>, index: usize| {
        let rows = index * ROWS..((index + 1) * ROWS).min(array.nrows());
        array.slice(ndarray::s![rows, ..]).to_owned()
    };
    let sums: Vec<Array2<R>> = (0..chunks(&after.mean))
        .into_par_iter()
        .map(|i| {
            let mut sum = part(&after.mean, i).t().dot(&part(&before.difference, i));
            ndarray::linalg::general_mat_mul(
                R::ONE,
                &part(&after.difference, i).t(),
                &part(&before.mean, i),
                R::ONE,
                &mut sum,
            );
            sum
        })
        .collect();
    let mut total = Array2::<f64>::zeros((after.mean.ncols(), before.mean.ncols()));
    for sum in &sums {
        total.zip_mut_with(sum, |total, value| *total += value.to_f64());
    }
    total.mapv(|value| R::from_f64(-value / span))
}

/// `−Σ_b [a⁺ − a⁻]/span`, `[n_l]`: the gradient of a layer's bias from its own nodes.
pub fn bias_gradient<R: Real>(layer: LayerContrast<'_, R>, span: f64) -> Array1<R> {
    let mut total = vec![0.0; layer.difference.ncols()];
    for row in layer.difference.axis_iter(Axis(0)) {
        for (total, value) in total.iter_mut().zip(row) {
            *total += value.to_f64();
        }
    }
    total
        .into_iter()
        .map(|value| R::from_f64(-value / span))
        .collect()
}
