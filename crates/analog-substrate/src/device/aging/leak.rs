//! Conductances that decay exponentially.

use super::{AgingLaw, Flaw, Moments, Times, aged};
use crate::device::{
    basis::Basis,
    programmed::Programmed,
    quantity::{Seconds, Share, Siemens},
};
use serde::{Deserialize, Serialize};

/// `[leak]`: `G(t) = rest + (G − rest)·exp(−t/T)`, T = time·exp(spread·N(0, 1)).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::device) struct Leak {
    time: Seconds,
    rest: Siemens,
    #[serde(default = "none")]
    spread: Share,
}

fn none() -> Share {
    Share(0.0)
}

impl AgingLaw for Leak {
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw> {
        if self.time.0 <= 0.0 {
            return Some(Flaw::of("time", "expected a time above zero"));
        }
        let rests = (0.0..=basis.max()).contains(&self.rest.0);
        if rests && (0.0..=1.0).contains(&self.spread.0) {
            return None;
        }
        Some(Flaw::of_section(
            "expected a rest from 0 to the largest conductance and a spread from 0 to 100 %",
        ))
    }

    fn times(&self) -> Times {
        Times::From(0.0)
    }

    fn draws(&self, _: &Basis<'_>, _: f64, deviate: f64) -> f64 {
        deviate
    }

    fn after(&self, _: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64> {
        aged(programmed, |i, g| {
            let time = self.time.0 * (self.spread.0 * programmed.aging[i]).exp();
            self.rest.0 + (g - self.rest.0) * (-seconds / time).exp()
        })
    }

    fn moments(&self, _: &Basis<'_>, conductance: f64, seconds: f64) -> Moments {
        let left = (-seconds / self.time.0).exp();
        let sd = (conductance - self.rest.0) * left * seconds / self.time.0 * self.spread.0;
        Moments {
            mean: self.rest.0 + (conductance - self.rest.0) * left,
            deviation: sd.abs(),
        }
    }
}
