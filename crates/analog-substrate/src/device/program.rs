//! Programming.

use super::{Device, Effects, Programmed, Pulses, Stuck, programmed::scattered};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

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
        let basis = self.basis();
        let numbers = || Vec::with_capacity(count);
        let mut out = Programmed {
            asked: targets.to_vec(),
            achieved: numbers(),
            stuck: Vec::with_capacity(count),
            clipped: 0,
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
            let [noise, time]: [f64; 2] =
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
            out.achieved.push(match stuck {
                Stuck::On => max,
                Stuck::Off => min,
                Stuck::Free => scattered(goal, self.programming_sigma(level), deviate),
            });
            let ages = self
                .aging()
                .filter(|_| effects.drift && stuck == Stuck::Free);
            out.aging
                .push(ages.map_or(0.0, |law| law.draws(&basis, level, time)));
            out.pulses.push(self.pulses_to(level));
            out.stuck.push(stuck);
            out.levels.push(level);
            out.goals.push(goal);
            out.deviates.push(deviate);
            out.devices.push(if varied { device } else { 0.0 });
        }
        out
    }

    /// Standard deviation of what is reached about the target in one go, S: the law of the file, and
    /// what the pulses add that lead there.
    pub fn programming_sigma(&self, target: f64) -> f64 {
        self.basis().programming_sigma(target)
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
        self.basis().range_share(conductance)
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
