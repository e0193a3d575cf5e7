//! The learning rule. Its signatures are its claim: a coupling's gradient is computed from the
//! readings of the two layers at its ends, and a bias's from its own node, in two phases. No weight,
//! no Jacobian and no other node can be seen from here.

use analog_substrate::{
    coupling::{LayerContrast, Products},
    kernels::Real,
};
use ndarray::{Array1, Axis};

/// `−Σ_b d/dθ [a⁺_above·W(θ) a⁺_below − a⁻_above·W(θ) a⁻_below]/span`, a value per parameter of the coupling: its gradient from
/// its two ends (arXiv 2604.08150, the local update). Of a dense coupling that is `−Σ_b [a⁺_{l+1} a⁺_lᵀ − a⁻_{l+1} a⁻_lᵀ]/span`.
///
/// The difference of products is taken as `ā Δbᵀ + Δa b̄ᵀ`, which is exact and does not cancel.
/// `span` is the distance of the two phases in β times the number of samples.
pub fn coupling_gradient<R: Real>(
    coupling: &dyn Products<R>,
    above: LayerContrast<'_, R>,
    below: LayerContrast<'_, R>,
    span: f64,
) -> Vec<R> {
    let total = coupling.contrast_gradient(above, below).into_iter();
    total.map(|value| R::from_f64(-value / span)).collect()
}

/// `Σ_b ½[x⁺² − x⁻²]/span`, `[n_0]`: the gradient of the visible nodes' leaks, with energy ½kx² each, from their own nodes.
/// Of centred phases at ±β that is `(x⁺² − x⁻²)/(4β)`, of one-sided ones `(x⁺² − x²)/(2β)`, as `x̄ Δx` without cancellation.
pub fn leak_gradient<R: Real>(layer: LayerContrast<'_, R>, span: f64) -> Array1<R> {
    let mut total = vec![0.0; layer.difference.ncols()];
    let samples = layer.mean.rows().into_iter().zip(layer.difference.rows());
    for (mean, difference) in samples {
        for ((total, x), dx) in total.iter_mut().zip(mean).zip(difference) {
            *total += x.to_f64() * dx.to_f64();
        }
    }
    let gradient = total.into_iter();
    gradient.map(|value| R::from_f64(value / span)).collect()
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
