//! What a recorded relaxation shows: how fast its slowest mode decays, whether nodes ring, whether the
//! energy rises, and which imperfection of the chip is to blame.

mod attribution;
mod oscillation;
mod pole;

mod tail;
#[cfg(test)]
mod tests;

pub use attribution::{Effect, attribute};
pub use oscillation::Oscillation;
pub use pole::RingingMode;

pub use tail::Tail;

use crate::{
    chip::{Design, Integrator, Network, Trace, TransientSettings},
    kernels::Real,
};
use ndarray::{Array2, ArrayView1};
use serde::Serialize;

/// Rise of the energy, relative to its largest value along the relaxation, that rounding explains:
/// about the resolution of single precision.
const ROUNDING_RISE: f64 = 1e-7;
/// Residual that rounding, or the tolerance of an adaptive step, leaves of sums of some hundred
/// currents that are up to tens of units each.
const LEFT_BY_ROUNDING: f64 = 1e3;

/// How one sample relaxed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Rate in 1/τ at which the residual decays at last, before it meets what limits it; none if it
    /// does not decay, or too fast for the recorded instants.
    pub slowest_rate: Option<f64>,
    /// What the end of the residual's course is.
    pub tail: Tail,
    /// When the residual fell to the limit for good, in τ.
    pub settling_tau: Option<f64>,
    /// The mode that the amplifiers' pole makes ring at the last recorded state, if any.
    pub ringing: Option<RingingMode>,
    /// The node that swings most often, if any keeps to and fro for periods: what is stable and symmetric
    /// hardly can, since a pole's overshoots are at most some per cent of each other.
    pub oscillation: Option<Oscillation>,
    /// Recorded intervals in which the energy rose by more than rounding explains.
    pub energy_rises: usize,
    /// The largest of these rises, in watts; 0 without.
    pub largest_rise_w: f64,
}

/// Diagnoses every sample of a trace of chips of one design; `energy_w` is
/// [`Chip::co_content`](crate::chip::Chip::co_content), `[batch, T]`.
///
/// Nothing is seen that is faster than the recorded intervals.
///
/// # Panics
/// If `energy_w` does not have the trace's shape.
pub fn diagnose<R: Real>(
    design: &Design,
    settings: &TransientSettings,
    network: &Network<R>,
    trace: &Trace<R>,
    energy_w: &Array2<f64>,
) -> Vec<Diagnosis> {
    assert_eq!(
        energy_w.dim(),
        trace.residual.dim(),
        "an energy per recorded residual"
    );
    let precision = match settings.integrator {
        Integrator::Adaptive => R::EPSILON.to_f64().max(settings.tolerance),
        _ => R::EPSILON.to_f64(),
    };
    let least_swing =
        (oscillation::NOISE_SWING * noise_rms(design)).max(LEFT_BY_ROUNDING * precision);
    (0..energy_w.nrows())
        .map(|sample| {
            let oscillation = oscillation::find(trace, sample, least_swing);
            let residual = trace.residual.row(sample).to_vec();
            let nature = tail::Nature {
                is_noisy: design.is_noisy(),
                rings: oscillation.is_some(),
                left_by_rounding: LEFT_BY_ROUNDING * precision,
            };
            let (tail, slowest_rate) = tail::fit(&trace.time, &residual, &nature);
            let (energy_rises, largest_rise_w) = energy_rises(energy_w.row(sample));
            Diagnosis {
                slowest_rate,
                tail,
                settling_tau: trace.settled[sample],
                ringing: pole::ringing_mode(design, network, trace, sample),
                oscillation,
                energy_rises,
                largest_rise_w,
            }
        })
        .collect()
}

/// Recorded intervals in which a sample's energy `[T]` rises by more than rounding leaves of its
/// largest value, and the largest of these rises in the unit of the energy.
pub fn energy_rises(energy: ArrayView1<'_, f64>) -> (usize, f64) {
    let scale = energy.iter().fold(0.0_f64, |worst, e| worst.max(e.abs()));
    let steps = energy.iter().zip(energy.iter().skip(1)).map(|(a, b)| b - a);
    steps
        .filter(|rise| *rise > ROUNDING_RISE * scale)
        .fold((0, 0.0), |(count, largest), rise| {
            (count + 1, rise.max(largest))
        })
}

/// Standard deviation of a passive node in units of V_unit: kT/C, and the amplifiers' noise in the
/// node's noise bandwidth 1/(4τ) (of a single pole, any text on noise).
fn noise_rms(design: &Design) -> f64 {
    let volt = design.node.unit_voltage;
    let amplifier = design.activation.noise_density.powi(2) / (4.0 * design.time_constant());
    let flicker = design.activation.flicker.map_or(0.0, |flicker| {
        flicker.coefficient * (flicker.high / flicker.low).ln()
    });
    (design.thermal_variance() + (amplifier + flicker) / (volt * volt)).sqrt()
}
