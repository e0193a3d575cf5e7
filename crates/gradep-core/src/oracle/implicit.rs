//! The gradient by implicit differentiation at the equilibrium.

use super::{
    EQUILIBRIUM_TOLERANCE, OracleError, conjugate_gradient,
    equilibrium::{Equilibrium, drive},
};
use crate::{files::Model, gradep::sample_loss};
use analog_substrate::{
    Activation, Couplings, Energy, Points,
    coupling::{CouplingScalar as _, LayerContrast},
};
use ndarray::{Array2, ArrayView2, Axis};

/// The exact gradient of the loss, and what it rests on.
#[derive(Clone, Debug)]
pub struct ImplicitGradient {
    /// ∂L/∂θ, averaged over the usable samples.
    pub gradient: Couplings<f64>,
    /// The loss of the usable samples: mean square of v − u over units (those that are not held) and samples.
    pub loss: f64,
    /// v = αλ(x* − x_t), `[batch, n_0]`; of held nodes, which have no spring, the target.
    pub velocity: Array2<f64>,
    /// What is known of each sample, `[batch]`.
    pub samples: Vec<SampleCertificate>,
}

/// Whether the loss of one sample can be differentiated, and how well that was done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleCertificate {
    /// Whether ∇S vanishes to [`EQUILIBRIUM_TOLERANCE`].
    pub at_equilibrium: bool,
    /// Iterations of conjugate gradients.
    pub iterations: usize,
    /// What they left, |Hp − b|/|b|.
    pub residual: f64,
    /// Smallest curvature of S that they met, in the metric of the circuit's descent: close to the
    /// smallest eigenvalue of the Hessian of gradient cells, and to the slowest rate of relaxation in
    /// 1/τ of others. Negative at a saddle. Near zero the equilibrium is near-marginal. NaN where
    /// v = u.
    pub smallest_curvature: f64,
    /// Whether the sample counts: at a minimum, and solved.
    pub usable: bool,
}

impl ImplicitGradient {
    /// Rows of the samples that the gradient averages.
    pub fn usable(&self) -> Vec<usize> {
        let samples = self.samples.iter().enumerate();
        samples
            .filter(|(_, sample)| sample.usable)
            .map(|(row, _)| row)
            .collect()
    }
}

/// The exact gradient for anchors x_t and target velocities u, both `[batch, n_0]`.
///
/// At ∇S(s*; θ) = 0, `ds*/dθ = −H⁻¹ ∂∇S/∂θ`. With `H p = ∂L/∂s`, which is αλ(v − u) on x and zero on
/// h, the gradient is `∂L/∂θ = −p·∂∇S/∂θ = −d/dε ∂S/∂θ (s* + εp)` at ε = 0:
///
/// ```text
/// ∂L/∂W_l = d/dε [a_{l+1} a_lᵀ],   ∂L/∂b_l = d/dε a_{l+1},   ∂L/∂b_x = p_x,   ∂L/∂k = −x p_x
/// ```
///
/// The tilt moves the state by −βp to first order, so this is what its estimate tends to as β → 0.
/// Nodes that rest on the edge of the hard sigmoid have p = 0, and so have held ones: they do not move.
///
/// Samples that are at no minimum, or whose p is not found, are left out and marked.
///
/// # Errors
/// Any [`OracleError`] but `Lost` and `DirectionLayers`.
pub fn implicit_gradient<'p>(
    model: &Model<f64>,
    anchor: impl Into<Points<'p, f64>>,
    target: ArrayView2<'_, f64>,
) -> Result<ImplicitGradient, OracleError> {
    let anchor = anchor.into();
    let couplings = &model.couplings;
    let equilibrium = Equilibrium::find(model, couplings, (anchor, target), None)?;
    let state = equilibrium.state(couplings);
    let hessian = Energy::new(couplings, model.activation)
        .with_cell(model.cell)
        .hessian(&state, &drive(model, anchor));
    let scale = model.output_scale * model.spring_stiffness;
    let mut slope: Vec<Array2<f64>> = state.iter().map(|s| Array2::zeros(s.raw_dim())).collect();
    slope[0].assign(&(&equilibrium.error * scale));
    let (mut adjoint, outcomes) = conjugate_gradient::solve(&hessian, slope);
    let samples: Vec<SampleCertificate> = outcomes
        .into_iter()
        .zip(&equilibrium.converged)
        .map(|(outcome, &at_equilibrium)| SampleCertificate {
            at_equilibrium,
            iterations: outcome.iterations,
            residual: outcome.residual,
            smallest_curvature: outcome.smallest_curvature,
            usable: at_equilibrium && outcome.solved,
        })
        .collect();
    let count = samples.iter().filter(|sample| sample.usable).count();
    if count == 0 {
        return Err(OracleError::NoEquilibrium {
            samples: samples.len(),
            tolerance: EQUILIBRIUM_TOLERANCE,
        });
    }
    for layer in &mut adjoint {
        let rows = layer.axis_iter_mut(Axis(0)).zip(&samples);
        rows.filter(|(_, sample)| !sample.usable)
            .for_each(|(mut row, _)| row.fill(0.0));
    }
    let velocity = &equilibrium.error + &target;
    let losses = sample_loss(&equilibrium.error, anchor.held);
    let used = losses
        .iter()
        .zip(&samples)
        .filter(|(_, sample)| sample.usable);
    let mut gradient = correlations_along(couplings, model.activation, &state, &adjoint);
    gradient
        .flat_mut()
        .iter_mut()
        .for_each(|value| *value /= count as f64);
    Ok(ImplicitGradient {
        gradient,
        loss: used.map(|(loss, _)| loss).sum::<f64>() / count as f64,
        velocity,
        samples,
    })
}

/// `Σ_b d/dε [a_{l+1} a_lᵀ]` and `Σ_b d/dε a_l` at s + εp, in the places of the couplings.
fn correlations_along(
    couplings: &Couplings<f64>,
    activation: Activation,
    state: &[Array2<f64>],
    direction: &[Array2<f64>],
) -> Couplings<f64> {
    let outputs: Vec<(Array2<f64>, Array2<f64>)> =
        std::iter::once((state[0].clone(), direction[0].clone()))
            .chain(state.iter().zip(direction).skip(1).map(|(h, p)| {
                let slope = h.mapv(|h| activation.derivatives(h).1);
                (h.mapv(|h| activation.derivatives(h).0), slope * p)
            }))
            .collect();
    let mut sum = Couplings::zeros(couplings.topology().clone());
    sum.visible_bias_mut()
        .assign(&direction[0].sum_axis(Axis(0)));
    if let Some(mut leak) = sum.visible_leak_mut() {
        // d/dε of −½x²: the energy of a leak has the other sign than that of a coupling.
        leak.assign(&-(&state[0] * &direction[0]).sum_axis(Axis(0)));
    }
    for (l, pair) in outputs.windows(2).enumerate() {
        let [(before, before_change), (after, after_change)] = pair else {
            unreachable!("windows of two")
        };
        let end = |mean, difference| LayerContrast { mean, difference };
        let change = f64::products(couplings.topology().connection(l).coupling())
            .contrast_gradient(
                end(after.view(), after_change.view()),
                end(before.view(), before_change.view()),
            );
        sum.parameters_mut(l).copy_from_slice(&change);
        sum.bias_mut(l).assign(&after_change.sum_axis(Axis(0)));
    }
    sum
}
