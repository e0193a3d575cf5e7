//! Standard deviations as functions of the conductance.

use super::{law, quantity::Siemens};
use serde::{Deserialize, Serialize};

/// A standard deviation σ(G).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "toml::Value", untagged)]
pub(super) enum Sigma {
    /// Σ c_i g^i with g = G/max.
    Polynomial(Vec<Siemens>),
    /// A(1 − exp(−G/B)) (V. Agrawal et al., IEDM 2022, 21.7).
    Saturating(Saturating),
}

/// `A(1 − exp(−G/B))`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saturating {
    /// A, reached by large conductances.
    amplitude: Siemens,
    /// B, the conductance at which 63 % of it is reached.
    scale: Siemens,
}

impl TryFrom<toml::Value> for Sigma {
    type Error = String;

    /// A list of coefficients, or a table of amplitude and scale.
    fn try_from(value: toml::Value) -> Result<Self, String> {
        let cause = |error: toml::de::Error| error.message().replace('\n', "; ");
        match value {
            toml::Value::Array(_) => value.try_into().map(Self::Polynomial).map_err(cause),
            toml::Value::Table(_) => value.try_into().map(Self::Saturating).map_err(cause),
            other => Err(format!(
                "{other} is no standard deviation; expected a list of coefficients such as [\"0.3 uS\", \"1 uS\"], or \
                 {{ amplitude = \"0.2 uS\", scale = \"2 uS\" }}"
            )),
        }
    }
}

impl Default for Sigma {
    fn default() -> Self {
        Self::Polynomial(Vec::new())
    }
}

impl Sigma {
    /// The same everywhere, S.
    pub(super) fn constant(sigma: f64) -> Self {
        Self::Polynomial(vec![Siemens(sigma)])
    }

    /// Its value in siemens at a share g of the largest conductance `max`.
    pub(super) fn at(&self, g: f64, max: f64) -> f64 {
        match self {
            Self::Polynomial(coefficients) => {
                let coefficients: Vec<f64> = coefficients.iter().map(|c| c.0).collect();
                law::polynomial(&coefficients, g)
            }
            Self::Saturating(law) => law.amplitude.0 * -(-g * max / law.scale.0).exp_m1(),
        }
    }

    /// What is wrong with it between two shares of `max`.
    pub(super) fn problem(&self, shares: [f64; 2], max: f64) -> Option<String> {
        if let Self::Saturating(law) = self
            && law.scale.0 <= 0.0
        {
            return Some("expected a scale above zero".to_owned());
        }
        law::negative(|g| self.at(g, max), shares).map(|(g, value)| {
            format!("is {value:.3e} S at {g:.4} of the largest conductance; expected no negative value within the validity range")
        })
    }
}
