//! The gradient along a direction of parameter space, by differences of the loss.

use super::{EQUILIBRIUM_TOLERANCE, OracleError, equilibrium::Equilibrium};
use crate::files::Model;
use analog_substrate::{Couplings, Points};
use ndarray::ArrayView2;

/// A directional derivative, and an estimate of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirectionalDifference {
    /// dL(θ + εd)/dε at 0.
    pub derivative: f64,
    /// By how much the difference over twice the step disagrees: a bound on the truncation error
    /// where the step is small enough for one.
    pub error: f64,
}

/// `dL(θ + εd)/dε` at ε = 0, by central differences over `step` and twice `step`, extrapolated
/// (L. F. Richardson 1911): `D = (4D(ε) − D(2ε))/3`, error O(ε⁴).
///
/// L is GradEP's: ½|v − u|² summed over units, averaged over the batch (anchors and target velocities
/// `[batch, n_0]`). Every equilibrium is re-solved to [`EQUILIBRIUM_TOLERANCE`] from the unperturbed
/// one, so that it stays the same minimum.
///
/// # Errors
/// [`OracleError::Lost`] where a sample does not converge, here or at the displaced couplings;
/// [`OracleError::DirectionLayers`]; what the substrate refuses.
pub fn directional_difference<'p>(
    model: &Model<f64>,
    anchor: impl Into<Points<'p, f64>>,
    target: ArrayView2<'_, f64>,
    direction: &Couplings<f64>,
    step: f64,
) -> Result<DirectionalDifference, OracleError> {
    if direction.topology() != model.couplings.topology() {
        return Err(OracleError::DirectionLayers {
            expected: model.couplings.layers().sizes().to_vec(),
            found: direction.layers().sizes().to_vec(),
        });
    }
    let anchor = anchor.into();
    let batch = (anchor, target);
    let start = Equilibrium::find(model, &model.couplings, batch, None)?;
    require(&start, 0.0)?;
    let loss = |step: f64| -> Result<f64, OracleError> {
        let mut couplings = model.couplings.clone();
        let pairs = couplings.flat_mut().iter_mut().zip(direction.flat());
        pairs.for_each(|(value, d)| *value += step * d);
        let moved = Equilibrium::find(model, &couplings, batch, Some(&start.settled))?;
        require(&moved, step)?;
        let squares = moved.error.iter().map(|e| 0.5 * e * e);
        Ok(squares.sum::<f64>() / target.nrows() as f64)
    };
    let near = (loss(step)? - loss(-step)?) / (2.0 * step);
    let far = (loss(2.0 * step)? - loss(-2.0 * step)?) / (4.0 * step);
    Ok(DirectionalDifference {
        derivative: (4.0 * near - far) / 3.0,
        error: (near - far).abs() / 3.0,
    })
}

fn require(equilibrium: &Equilibrium, step: f64) -> Result<(), OracleError> {
    match equilibrium
        .converged
        .iter()
        .position(|&converged| !converged)
    {
        None => Ok(()),
        Some(sample) => Err(OracleError::Lost {
            sample,
            tolerance: EQUILIBRIUM_TOLERANCE,
            step,
        }),
    }
}
