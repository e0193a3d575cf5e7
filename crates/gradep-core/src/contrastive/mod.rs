//! Contrastive divergence beside an objective: the second phase of Energy Matching (M. Balcerak et al., arXiv 2504.10612).
//!
//! F(x) = min over h of E(x, h), whose slope the velocity is, is lowered at the data and raised at *negatives*, points that
//! chains on the substrate come to:
//!
//! ```text
//! L = mean F(data) − mean F(negatives)
//! ```
//!
//! With all visible nodes clamped hidden ones rest where ∂E/∂h = 0, so that dF/dθ = ∂E/∂θ there (the envelope theorem). Of a
//! coupling that is −a_above a_belowᵀ, of a bias −a, of a leak ½x²: what the learning rule reads of a phase. The gradient is the
//! rule applied to two phases, one at the data and one at the negatives, without a nudge.

mod chain;
#[cfg(test)]
mod tests;

pub use chain::{Address, Chain, Negatives};

use crate::{
    generate::{BEYOND, root_mean_square},
    gradep::{Refusal, Validity, gradient_of, leave_out},
};
use analog_substrate::{
    Couplings, Drive, Substrate, Visible, coupling::CouplingScalar, kernels::Real as _,
};
use ndarray::ArrayView2;

/// The gradient of L, and what it was taken from.
#[derive(Clone, Debug)]
pub struct ContrastEstimate<R> {
    /// dL/dθ, in the order of the couplings; not to be used if there is a refusal.
    pub gradient: Couplings<R>,
    /// L itself; NaN where the substrate cannot tell energies, or no pair was left.
    pub energy_gap: f64,
    /// Share of the pairs of an image and a negative that were left out.
    pub left_out: f64,
    /// Why the gradient is not to be used.
    pub refusal: Option<Refusal>,
}

/// Measures L's gradient at data `[n, n_0]` and as many negatives, row by row: two relaxations with x clamped.
///
/// A negative that ran away, one whose root mean square is above [`BEYOND`], is left out together with its image, so that
/// nothing is learned from it; with [`Validity::exclude`] pairs that did not settle are as well.
///
/// # Errors
/// What the substrate refuses.
pub fn contrast<S: Substrate>(
    substrate: &S,
    data: ArrayView2<'_, S::Scalar>,
    negatives: &Negatives<S::Scalar>,
    validity: &Validity,
) -> Result<ContrastEstimate<S::Scalar>, S::Error>
where
    S::Scalar: CouplingScalar,
{
    let low = substrate.settle(&clamped(data), None)?;
    let high = substrate.settle(&clamped(negatives.x.view()), None)?;
    let is_settled = substrate.is_settled(&low).iter();
    let is_settled = is_settled.zip(substrate.is_settled(&high));
    let valid: Vec<bool> = is_settled
        .zip(&negatives.lost)
        .zip(negatives.x.rows())
        .map(|(((data, negative), lost), x)| {
            let settled = *data && *negative || !validity.exclude;
            settled && !lost && root_mean_square(x) <= BEYOND
        })
        .collect();
    let used = valid.iter().filter(|valid| **valid).count();
    let mut phases = substrate.contrast(&low, &high);
    leave_out(&mut phases, &valid);
    let gradient = gradient_of(substrate, &phases, used.max(1) as f64);
    let energy_gap = match (substrate.energy(&low), substrate.energy(&high)) {
        (Some(low), Some(high)) => {
            let pairs = low.iter().zip(&high).zip(&valid);
            let gaps = pairs.filter_map(|((low, high), valid)| valid.then_some(low - high));
            gaps.sum::<f64>() / used as f64
        }
        _ => f64::NAN,
    };
    let left_out = 1.0 - used as f64 / valid.len().max(1) as f64;
    let limit = validity.max_unsettled;
    let refusal = if used == 0 || left_out > limit {
        let share = left_out;
        Some(Refusal::Negatives { share, limit })
    } else {
        let is_finite = gradient.flat().iter().all(|value| value.is_finite());
        (!is_finite).then_some(Refusal::NotFinite)
    };
    Ok(ContrastEstimate {
        gradient,
        energy_gap,
        left_out,
        refusal,
    })
}

/// All visible nodes held at x.
fn clamped<R>(x: ArrayView2<'_, R>) -> Drive<'_, R> {
    Drive {
        anchor: x,
        visible: Visible::Clamped,
        held: None,
    }
}
