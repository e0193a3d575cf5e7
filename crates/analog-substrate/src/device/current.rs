//! Currents that are not in proportion to the voltage.

use super::{
    Device,
    quantity::{PerVolt, PerVolt2, Volts},
};
use serde::{Deserialize, Serialize};

/// `[current]`: `I = G V + c₂(G) V² + c₃(G) V³`, coefficients as polynomials in x = log₁₀(G/1 S),
/// lowest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Current {
    /// c₂, A/V².
    #[serde(default)]
    pub(super) quadratic: Vec<PerVolt>,
    /// c₃, A/V³.
    #[serde(default)]
    pub(super) cubic: Vec<PerVolt2>,
    /// Conductances that the coefficients were fitted to, as shares of the largest; beyond them
    /// those of the nearer end hold.
    pub(super) fitted: [f64; 2],
}

impl Current {
    /// c₂ and c₃ of a conductance, A/V² and A/V³.
    fn coefficients(&self, conductance: f64, max: f64) -> (f64, f64) {
        let [low, high] = self.fitted;
        let x = conductance.clamp(low * max, high * max).log10();
        let at = |values: Vec<f64>| super::law::polynomial(&values, x);
        (
            at(self.quadratic.iter().map(|c| c.0).collect()),
            at(self.cubic.iter().map(|c| c.0).collect()),
        )
    }
}

impl Device {
    /// The current through a device of `conductance`, S, at a voltage, V: A. In proportion to it
    /// without such a law.
    pub fn current(&self, conductance: f64, volts: f64) -> f64 {
        let (quadratic, cubic) = self.curvature(conductance);
        volts * (conductance + volts * (quadratic + volts * cubic))
    }

    /// What a device of `conductance`, S, is to a signal of zero mean and this r.m.s. voltage, V: the
    /// conductance and the constant current, A, of the best straight line, that of least mean square error for
    /// a normally distributed signal (J. J. Bussgang, MIT RLE report 216, 1952):
    /// `G + 3 c₃ σ²` and `c₂ σ²`.
    pub fn seen_by_signal(&self, conductance: f64, rms: f64) -> (f64, f64) {
        let (quadratic, cubic) = self.curvature(conductance);
        let variance = rms * rms;
        (conductance + 3.0 * cubic * variance, quadratic * variance)
    }

    /// c₂ and c₃; zeros without such a law, and of a device that does not conduct.
    fn curvature(&self, conductance: f64) -> (f64, f64) {
        match &self.current {
            Some(law) if conductance > 0.0 => law.coefficients(conductance, self.conductance.max.0),
            _ => (0.0, 0.0),
        }
    }

    /// Whether currents are known to be out of proportion to the voltage.
    pub const fn is_nonlinear(&self) -> bool {
        self.current.is_some()
    }

    /// Shares of the largest conductance that the law of currents was fitted to; none without such a law.
    pub fn fitted_currents(&self) -> Option<[f64; 2]> {
        self.current.as_ref().map(|law| law.fitted)
    }

    /// Largest voltage at which it may be read, V; none if its file does not say.
    pub fn largest_voltage(&self) -> Option<f64> {
        self.valid.as_ref().map(|valid| {
            let Volts(voltage) = valid.voltage;
            voltage
        })
    }
}
