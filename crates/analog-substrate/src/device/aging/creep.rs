//! Conductances that move and spread with the logarithm of time.

use super::{AgingLaw, Flaw, Moments, Times, aged};
use crate::device::{basis::Basis, programmed::Programmed, quantity::Siemens};
use serde::{Deserialize, Serialize};

/// `[creep]`: `G(t) = G + mean·ln(t/1 s) + (start_sd + sd·ln(t/1 s))·N(0, 1)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::device) struct Creep {
    mean: Siemens,
    sd: Siemens,
    start_sd: Siemens,
}

impl AgingLaw for Creep {
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw> {
        let ends = basis.valid_times().unwrap_or([1.0, 1.0]);
        let holds = |&t: &f64| t > 0.0 && self.moments(basis, 0.0, t).deviation >= 0.0;
        if ends.iter().all(holds) {
            return None;
        }
        Some(Flaw::of_section(
            "expected valid.time above zero, and no negative deviation within it",
        ))
    }

    fn times(&self) -> Times {
        Times::From(0.0)
    }

    fn draws(&self, _: &Basis<'_>, _: f64, deviate: f64) -> f64 {
        deviate
    }

    fn after(&self, basis: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64> {
        let moved = self.moments(basis, 0.0, seconds);
        aged(programmed, |i, g| {
            (g + moved.mean + moved.deviation * programmed.aging[i]).max(0.0)
        })
    }

    fn moments(&self, _: &Basis<'_>, conductance: f64, seconds: f64) -> Moments {
        Moments {
            mean: conductance + self.mean.0 * seconds.ln(),
            deviation: self.start_sd.0 + self.sd.0 * seconds.ln(),
        }
    }
}
