//! Currents that are not in proportion to the voltage.

use super::quantity::{PerVolt, PerVolt2};
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
    pub(super) fn coefficients(&self, conductance: f64, max: f64) -> (f64, f64) {
        let [low, high] = self.fitted;
        let x = conductance.clamp(low * max, high * max).log10();
        let at = |values: Vec<f64>| super::law::polynomial(&values, x);
        (
            at(self.quadratic.iter().map(|c| c.0).collect()),
            at(self.cubic.iter().map(|c| c.0).collect()),
        )
    }
}
