//! What the laws of a device file may ask of the rest of it.

use super::{
    pulses::Pulses,
    sections::{Programming, Range, Valid},
};

/// The range of a device, where its laws hold, and how it is written.
#[derive(Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) conductance: &'a Range,
    pub(super) valid: Option<&'a Valid>,
    pub(super) programming: &'a Programming,
    pub(super) pulses: Option<&'a Pulses>,
}

impl Basis<'_> {
    /// The largest conductance, S.
    pub(super) const fn max(&self) -> f64 {
        self.conductance.max.0
    }

    /// The range of conductances that can be asked for, S.
    pub(super) const fn span(&self) -> f64 {
        self.conductance.max.0 - self.conductance.min.0
    }

    /// The shares of the largest conductance at which laws hold.
    pub(super) fn valid_shares(&self) -> [f64; 2] {
        self.valid.map_or([0.0, 1.0], |valid| valid.share)
    }

    /// The first and the last time at which laws hold, s, if the file says so.
    pub(super) fn valid_times(&self) -> Option<[f64; 2]> {
        self.valid.map(|valid| valid.time.map(|time| time.0))
    }

    /// The share of the largest conductance; that of the nearer end for conductances that noise has
    /// carried out of the range in which laws hold.
    pub(super) fn share(&self, conductance: f64) -> f64 {
        let [low, high] = self.valid_shares();
        (conductance / self.conductance.max.0).clamp(low, high)
    }

    /// Where a conductance is in the range, from 0 to 1.
    pub(super) fn range_share(&self, conductance: f64) -> f64 {
        ((conductance - self.conductance.min.0) / self.span()).clamp(0.0, 1.0)
    }

    /// Standard deviation of what is reached about the target in one go, S: the law of the file, and
    /// what the pulses add that lead there.
    pub(super) fn programming_sigma(&self, target: f64) -> f64 {
        let law = self
            .programming
            .sigma
            .at(self.share(target), self.conductance.max.0);
        match self.pulses {
            None => law,
            Some(pulses) => {
                let count = pulses.needed(self.range_share(target));
                law.hypot(pulses.cycle.0 * self.span() * count.sqrt())
            }
        }
    }
}
