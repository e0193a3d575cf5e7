//! What the amplifiers' pole makes of the fastest mode of the hidden nodes.

use super::{Design, Trace};
use crate::{Cell, chip::Network, kernels::Real};
use ndarray::Array1;
use serde::Serialize;

/// Iterations for the largest coupling eigenvalue: its part of the vector outgrows one that is 10 %
/// smaller by 1.1¹⁰⁰, four decades.
const ITERATIONS: usize = 100;

/// A mode that rings because the amplifiers lag, with outputs that follow by τ_a:
/// `τ_a s² + (1 + τ_a)s + m = 0` in units of τ, complex where `4mτ_a > (1 + τ_a)²`.
///
/// m = 1 − ρ is the rate without the pole, ρ the most negative eigenvalue of the hidden layers' coupling
/// at rest. Visible nodes, much faster on their springs, are left out: they only raise ρ, so what is
/// found is the most that can ring.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RingingMode {
    /// m in 1/τ.
    pub rate_without_pole: f64,
    /// ω in 1/τ: `√(4mτ_a − (1 + τ_a)²) / 2τ_a`.
    pub angular_frequency: f64,
    /// `(1 + τ_a) / 2τ_a` in 1/τ.
    pub damping: f64,
    /// Overshoot of a step, as a share of it: `exp(−π·damping/ω)`.
    pub overshoot: f64,
}

impl RingingMode {
    /// Of a rate m and a lag τ_a, both in units of τ; none where the mode does not ring.
    pub(super) fn of(rate: f64, lag: f64) -> Option<Self> {
        let square = 4.0 * rate * lag - (1.0 + lag).powi(2);
        (square > 0.0).then(|| {
            let (frequency, damping) = (square.sqrt() / (2.0 * lag), (1.0 + lag) / (2.0 * lag));
            Self {
                rate_without_pole: rate,
                angular_frequency: frequency,
                damping,
                overshoot: (-std::f64::consts::PI * damping / frequency).exp(),
            }
        })
    }
}

/// The mode of a sample's last recorded state that rings most, if any does.
pub(super) fn ringing_mode<R: Real>(
    design: &Design,
    network: &Network<R>,
    trace: &Trace<R>,
    sample: usize,
) -> Option<RingingMode> {
    let bandwidth = design.activation.bandwidth?;
    if network.cell == Cell::Resistive {
        // It has no amplifier.
        return None;
    }
    let lag = 1.0 / (std::f64::consts::TAU * bandwidth * design.time_constant());
    RingingMode::of(1.0 + coupling_strength(network, trace, sample)?, lag)
}

/// −ρ: layers are coupled to the next only, so eigenvalues come in pairs ±ρ, and the largest of the
/// matrix squared is found by iteration. None without two hidden layers or a finite state.
fn coupling_strength<R: Real>(
    network: &Network<R>,
    trace: &Trace<R>,
    sample: usize,
) -> Option<f64> {
    let last = trace.time.len().checked_sub(1)?;
    // A confined node has the slope of the inside also where an offset moves its edge.
    let range = network.activation.state_range();
    let range = range.filter(|_| network.cell == Cell::Gradient);
    let slope = |h: f64| {
        let h = range.map_or(h, |(low, high)| h.clamp(low, high));
        let slope = network.activation.derivatives(h).1;
        match network.cell {
            // a′ in the multiplier of the node that listens, and a′ in the output of the other.
            Cell::Gradient => slope.abs(),
            Cell::Hopfield | Cell::Resistive => slope.max(0.0).sqrt(),
        }
    };
    let slopes: Vec<Array1<f64>> = trace.states[1..]
        .iter()
        .map(|states| {
            let units = 0..states.dim().2;
            units
                .map(|i| slope(states[(sample, last, i)].to_f64()))
                .collect()
        })
        .collect();
    let couplings = network.couplings.cast::<f64>();
    let apply = |v: &[Array1<f64>]| -> Vec<Array1<f64>> {
        let driven: Vec<Array1<f64>> = v.iter().zip(&slopes).map(|(v, d)| v * d).collect();
        let mut out: Vec<Array1<f64>> = v.iter().map(|v| Array1::zeros(v.len())).collect();
        for l in 1..slopes.len() {
            let weight = couplings.weight(l);
            out[l] += &weight.dot(&driven[l - 1]);
            out[l - 1] += &weight.t().dot(&driven[l]);
        }
        out.iter().zip(&slopes).map(|(v, d)| v * d).collect()
    };
    // Any start that no symmetry of the couplings makes an eigenvector of another eigenvalue.
    let mut v: Vec<Array1<f64>> = slopes
        .iter()
        .map(|d| Array1::from_shape_fn(d.len(), |i| 1.0 + (1.0 + i as f64).sin()))
        .collect();
    let norm = |v: &[Array1<f64>]| v.iter().map(|v| v.dot(v)).sum::<f64>().sqrt();
    let mut square = 0.0;
    for _ in 0..ITERATIONS {
        let length = norm(&v);
        if !(length > 0.0 && length.is_finite()) {
            return None;
        }
        for layer in &mut v {
            *layer /= length;
        }
        v = apply(&apply(&v));
        square = norm(&v);
    }
    Some(square.sqrt()).filter(|strength| strength.is_finite())
}
