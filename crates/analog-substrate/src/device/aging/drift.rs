//! Power-law drift.

use super::{AgingLaw, Flaw, Moments, Times, aged};
use crate::device::{
    basis::Basis,
    law::{self, Piece},
    programmed::Programmed,
    quantity::Seconds,
};
use serde::{Deserialize, Serialize};

/// `[drift]`: `G(t) = G·(t/start)^(−ν)`, ν = |mean + sd·N(0, 1)|, with t from the last programming pulse
/// and G the conductance at t = start, which is the one that was programmed (S. R. Nandakumar et al.,
/// ICECS 2019). Before `start` the device is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::device) struct Drift {
    pub(in crate::device) start: Seconds,
    mean: Vec<Piece>,
    sd: Vec<Piece>,
}

impl Drift {
    /// What a device of this exponent has left this long after its last programming pulse, of what it
    /// had when the law begins.
    fn left(&self, seconds: f64, exponent: f64) -> f64 {
        (seconds / self.start.0).powf(-exponent)
    }

    /// Mean and standard deviation of the exponent at a share of the largest conductance.
    pub(in crate::device) fn exponent(&self, share: f64) -> (f64, f64) {
        (law::value(&self.mean, share), law::value(&self.sd, share))
    }
}

impl AgingLaw for Drift {
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw> {
        if self.start.0 <= 0.0 {
            return Some(Flaw::of("start", "expected a time above zero"));
        }
        if let Some(problem) = law::problem(&self.mean) {
            return Some(Flaw::of("mean", problem));
        }
        if let Some(problem) = law::problem(&self.sd) {
            return Some(Flaw::of("sd", problem));
        }
        let negative = law::negative(|g| law::value(&self.sd, g), basis.valid_shares());
        negative.map(|negative| Flaw::of("sd", law::says_negative(negative)))
    }

    fn times(&self) -> Times {
        Times::From(self.start.0)
    }

    fn draws(&self, basis: &Basis<'_>, level: f64, deviate: f64) -> f64 {
        let (mean, sd) = self.exponent(basis.share(level));
        (mean + sd * deviate).abs()
    }

    fn after(&self, _: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64> {
        aged(programmed, |i, g| {
            g * self.left(seconds, programmed.aging[i])
        })
    }

    fn moments(&self, basis: &Basis<'_>, conductance: f64, seconds: f64) -> Moments {
        let (exponent, sd) = self.exponent(basis.share(conductance));
        let mean = conductance * self.left(seconds, exponent);
        Moments {
            mean,
            deviation: mean * (seconds / self.start.0).ln() * sd,
        }
    }
}
