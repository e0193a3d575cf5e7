//! Which conductances a weight asks for.

use ndarray::{Array2, ArrayView2};

/// The two conductances of every weight, as asked.
pub(super) struct Pairs {
    /// Siemens per unit of weight.
    pub(super) scale: f64,
    /// G⁺ in siemens.
    pub(super) plus: Array2<f64>,
    /// G⁻ in siemens.
    pub(super) minus: Array2<f64>,
}

/// Maps weights to pairs: `G± = G_min + scale·max(±W, 0)`, the other half at G_min. What is beyond
/// G_max is left for the programming to clip and count. Without a scale `headroom` times the largest weight takes the
/// whole range.
pub(super) fn pairs(
    weights: ArrayView2<'_, f64>,
    (least, most): (f64, f64),
    scale: Option<f64>,
    headroom: f64,
) -> Pairs {
    let scale = scale.unwrap_or_else(|| {
        let largest = weights.iter().fold(0.0_f64, |max, w| max.max(w.abs())) * headroom;
        let range = most - least;
        if largest > 0.0 {
            range / largest
        } else {
            range
        }
    });
    Pairs {
        scale,
        plus: weights.mapv(|w| least + scale * w.max(0.0)),
        minus: weights.mapv(|w| least + scale * (-w).max(0.0)),
    }
}
