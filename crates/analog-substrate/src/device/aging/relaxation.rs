//! Conductances that are tabulated at some times.

use super::{AgingLaw, Flaw, Moments, Times, aged};
use crate::device::{
    basis::Basis,
    law,
    programmed::{Programmed, scattered},
    quantity::{Seconds, Siemens},
    sigma::Sigma,
};
use serde::{Deserialize, Serialize};

/// `[relaxation]`: σ, and a shift of the mean, at some times. Each device keeps its deviate while the deviation grows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::device) struct Relaxation {
    start: Seconds,
    /// Whether values between two times are on the straight line between them; they are unknown
    /// otherwise.
    #[serde(default)]
    interpolate: bool,
    later: Vec<Later>,
}

/// One of the times of a [`Relaxation`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Later {
    at: Seconds,
    sigma: Sigma,
    shift: Option<Shift>,
}

/// `unit·Σ polynomial_i (G/unit)^i`: by how much the mean has moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shift {
    unit: Siemens,
    polynomial: Vec<f64>,
}

impl Shift {
    fn at(&self, conductance: f64) -> f64 {
        self.unit.0 * law::polynomial(&self.polynomial, conductance / self.unit.0)
    }
}

impl Relaxation {
    /// Every time of the table, s.
    fn table(&self) -> Vec<f64> {
        std::iter::once(self.start.0)
            .chain(self.later.iter().map(|later| later.at.0))
            .collect()
    }
}

impl AgingLaw for Relaxation {
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw> {
        if self.start.0 < 0.0 || (self.start.0 == 0.0 && !self.interpolate) {
            return Some(Flaw::of("start", "expected a time above zero"));
        }
        let times = self.table();
        if self.later.is_empty() || times.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Some(Flaw::of(
                "later",
                "expected times that rise from relaxation.start",
            ));
        }
        let mut sigmas = self.later.iter().map(|later| &later.sigma);
        let problem = sigmas.find_map(|sigma| sigma.problem(basis.valid_shares(), basis.max()));
        problem.map(|problem| Flaw::of("later", problem))
    }

    fn times(&self) -> Times {
        let times = self.table();
        if self.interpolate {
            Times::Between(times[0], times[times.len() - 1])
        } else {
            Times::At(times)
        }
    }

    fn draws(&self, _: &Basis<'_>, _: f64, deviate: f64) -> f64 {
        deviate
    }

    fn after(&self, basis: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64> {
        if seconds.to_bits() == self.start.0.to_bits() {
            return programmed.achieved.clone();
        }
        aged(programmed, |i, _| {
            let found = self.moments(basis, programmed.goals[i], seconds);
            scattered(found.mean, found.deviation, programmed.deviates[i])
        })
    }

    /// Of those at the times before and after, with which it is on a straight line.
    fn moments(&self, basis: &Basis<'_>, conductance: f64, seconds: f64) -> Moments {
        let mut before = (
            self.start.0,
            conductance,
            basis.programming_sigma(conductance),
        );
        for later in &self.later {
            let shift = later.shift.as_ref();
            let mean = conductance + shift.map_or(0.0, |shift| shift.at(conductance));
            let sigma = later.sigma.at(basis.share(mean), basis.max());
            if seconds <= later.at.0 {
                let share = (seconds - before.0) / (later.at.0 - before.0);
                let between = |a: f64, b: f64| a + share * (b - a);
                return Moments {
                    mean: between(before.1, mean),
                    deviation: between(before.2, sigma),
                };
            }
            before = (later.at.0, mean, sigma);
        }
        Moments {
            mean: before.1,
            deviation: before.2,
        }
    }
}
