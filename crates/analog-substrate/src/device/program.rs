//! Programming.

use super::{Device, Effects, Pulses};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Whether a device can be programmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stuck {
    /// It can.
    Free,
    /// Stuck at the largest conductance.
    On,
    /// Stuck at the smallest conductance.
    Off,
}

/// Programmed devices.
#[derive(Clone, Debug, PartialEq)]
pub struct Programmed {
    /// What was asked for, S.
    pub asked: Vec<f64>,
    /// What was reached, S; never negative.
    pub achieved: Vec<f64>,
    /// Which devices cannot be programmed.
    pub stuck: Vec<Stuck>,
    /// How many targets were outside the range.
    pub clipped: usize,
    /// Exponents of power-law drift, none negative; zeros where drift is off.
    pub drift_exponents: Vec<f64>,
    /// Pulses that each device was given.
    pub pulses: Vec<u32>,
    /// Devices that had all the pulses there were and are out of tolerance.
    pub exhausted: usize,
    /// The level in range that is nearest to what was asked, S: what verification compares with.
    pub(super) levels: Vec<f64>,
    /// What the devices aim at: the level with its device's variation, S.
    pub(super) goals: Vec<f64>,
    /// Normal deviates of the programming noise; zeros where it is off.
    pub(super) deviates: Vec<f64>,
    /// Normal deviates of what time does.
    pub(super) aging: Vec<f64>,
    /// Normal deviates of what devices have of their own.
    pub(super) devices: Vec<f64>,
}

impl Programmed {
    /// The state that each device was programmed to, S: its level, or where it is stuck.
    pub fn targets(&self) -> Vec<f64> {
        let devices = self.levels.iter().zip(&self.achieved).zip(&self.stuck);
        devices
            .map(|((&level, &achieved), stuck)| match stuck {
                Stuck::Free => level,
                Stuck::On | Stuck::Off => achieved,
            })
            .collect()
    }
}

impl Device {
    /// Programs one device per target, S, in one go. `fabrication` gives what stays with a device
    /// however often it is programmed, `programming` what is new every time. Whatever the effects, every
    /// device draws a uniform and a normal number of the one and two normals of the other: switching an
    /// effect leaves the draws of the others as they are.
    pub fn program(
        &self,
        targets: &[f64],
        effects: &Effects,
        fabrication: &mut impl Rng,
        programming: &mut impl Rng,
    ) -> Programmed {
        let (min, max) = self.conductance_range();
        let count = targets.len();
        let numbers = || Vec::with_capacity(count);
        let mut out = Programmed {
            asked: targets.to_vec(),
            achieved: numbers(),
            stuck: Vec::with_capacity(count),
            clipped: 0,
            drift_exponents: numbers(),
            pulses: Vec::with_capacity(count),
            exhausted: 0,
            levels: numbers(),
            goals: numbers(),
            deviates: numbers(),
            aging: numbers(),
            devices: numbers(),
        };
        for &target in targets {
            let uniform: f64 = fabrication.random();
            let device: f64 = fabrication.sample(StandardNormal);
            let [noise, exponent]: [f64; 2] =
                std::array::from_fn(|_| programming.sample(StandardNormal));
            let inside = target.max(min).min(max);
            out.clipped += usize::from(target < min || target > max);
            let level = if effects.levels {
                self.level(inside)
            } else {
                inside
            };
            let stuck = if effects.stuck {
                self.stuck_at(uniform)
            } else {
                Stuck::Free
            };
            let varied = effects.device_variation && self.variation > 0.0;
            let goal = if varied {
                (level * (1.0 + self.variation * device)).max(0.0)
            } else {
                level
            };
            let deviate = if effects.programming_noise {
                noise
            } else {
                0.0
            };
            let (mean, sd) = self.drift_exponent(level);
            out.achieved.push(match stuck {
                Stuck::On => max,
                Stuck::Off => min,
                Stuck::Free => scattered(goal, self.programming_sigma(level), deviate),
            });
            let drifts = effects.drift && stuck == Stuck::Free;
            out.drift_exponents.push(if drifts {
                (mean + sd * exponent).abs()
            } else {
                0.0
            });
            out.pulses.push(self.pulses_to(level));
            out.stuck.push(stuck);
            out.levels.push(level);
            out.goals.push(goal);
            out.deviates.push(deviate);
            out.aging.push(exponent);
            out.devices.push(if varied { device } else { 0.0 });
        }
        out
    }

    /// Standard deviation of what is reached about the target in one go, S: the law of the file, and
    /// what the pulses add that lead there.
    pub fn programming_sigma(&self, target: f64) -> f64 {
        let law = self
            .programming
            .sigma
            .at(self.share(target), self.conductance.max.0);
        match &self.pulses {
            None => law,
            Some(pulses) => {
                let count = pulses.needed(self.range_share(target));
                law.hypot(pulses.cycle.0 * self.span() * count.sqrt())
            }
        }
    }

    /// Conductance after this share of all pulses, S; the target itself without a law of pulses.
    pub fn after_pulses(&self, share: f64) -> f64 {
        let reached = self
            .pulses
            .as_ref()
            .map_or(share, |pulses| pulses.reached(share));
        self.conductance.min.0 + self.span() * reached
    }

    /// Its response to identical pulses; none if pulses do not add up.
    pub const fn pulses(&self) -> Option<&Pulses> {
        self.pulses.as_ref()
    }

    /// Pulses that lead from the smallest conductance to a level: one for a device that takes a level
    /// at once.
    fn pulses_to(&self, level: f64) -> u32 {
        let Some(pulses) = &self.pulses else { return 1 };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to count"
        )]
        let count = pulses.needed(self.range_share(level)).round() as u32;
        count
    }

    /// Where a conductance is in the range, from 0 to 1.
    pub(super) fn range_share(&self, conductance: f64) -> f64 {
        ((conductance - self.conductance.min.0) / self.span()).clamp(0.0, 1.0)
    }

    /// The nearest level: of the evenly spaced ones, or of those that pulses reach.
    pub(super) fn level(&self, conductance: f64) -> f64 {
        let (min, max) = self.conductance_range();
        if let Some(pulses) = &self.pulses {
            let count = f64::from(pulses.count);
            let below = pulses.needed(self.range_share(conductance)).floor();
            let levels = [below, (below + 1.0).min(count)].map(|n| self.after_pulses(n / count));
            let [low, high] = levels;
            return if conductance - low <= high - conductance {
                low
            } else {
                high.min(max)
            };
        }
        self.levels.map_or(conductance, |levels| {
            let step = (max - min) / f64::from(levels - 1);
            (min + ((conductance - min) / step).round() * step).min(max)
        })
    }

    fn stuck_at(&self, uniform: f64) -> Stuck {
        let (on, off) = self.stuck;
        if uniform < on {
            Stuck::On
        } else if uniform < on + off {
            Stuck::Off
        } else {
            Stuck::Free
        }
    }
}

/// A goal with its deviation; exactly the goal without, and no negative conductance.
pub(super) fn scattered(goal: f64, sigma: f64, deviate: f64) -> f64 {
    if sigma * deviate == 0.0 {
        goal
    } else {
        (goal + sigma * deviate).max(0.0)
    }
}
