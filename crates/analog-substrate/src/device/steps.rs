//! Steps of devices that are pulsed from where they are.

use super::pulses::{Pulses, Way};
use rand::{Rng, RngExt as _};
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// By how much one pulse moves a device, and what differs from device to device and from pulse to pulse.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Steps {
    /// How the step depends on the state.
    pub law: StepLaw,
    /// P: a step in the middle of the range is 1/P of the range, but for [`StepLaw::Response`], whose P pulses lead from one end to
    /// the other.
    pub count: u32,
    /// a: steps upwards are 1 + a, steps downwards 1 − a times as large.
    pub asymmetry: f64,
    /// σ of one pulse, as a share of its step.
    pub cycle: f64,
    /// σ of the step from device to device, as a share of it; of each way on its own.
    pub variation: f64,
}

/// How a step depends on the share ω of the range that is left in its way: 1 at the other end, 0 at the end that it leads to. Relative to
/// the step in the middle of the range, ω = ½. Families of M. J. Rasch et al., AICAS 2021, arXiv 2104.02184 (aihwkit's pulsed devices), whose
/// weight 0 is the middle here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum StepLaw {
    /// That of the device's own file, of P pulses from end to end.
    Response(Pulses),
    /// 1: the same everywhere.
    Constant,
    /// `1 + γ(2ω − 1)`: `LinearStep`. With γ = 1 the bounds are soft, `SoftBounds`.
    Linear {
        /// γ, from 0 to 1.
        slope: f64,
    },
    /// `(2ω)^γ`: `PowStep`.
    Power {
        /// γ.
        exponent: f64,
    },
    /// `(1 − exp(−γω))/(1 − exp(−γ/2))`: `ExpStep`, `1 − A·exp(γ(1 − ω))` with the A that ends it at the end of the range.
    Exponential {
        /// γ, above 0.
        rate: f64,
    },
}

/// What has become of a device by pulses, and what it takes along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pulsed {
    /// Conductance less that of programming, in siemens.
    pub(crate) shift: f64,
    /// Pulses up to now.
    pub(crate) pulses: u32,
    /// Pulses that it is owed, less than one either way, where a digital accumulator keeps count of them.
    pub(crate) owed: f64,
}

impl Pulsed {
    /// Adds pulses that are wanted, positive ones upwards, to what is owed, and takes the whole ones of it.
    pub(crate) fn pay(&mut self, wanted: f64) -> (u32, Way) {
        self.owed += wanted;
        let count = whole(self.owed.abs());
        let way = Way::of(self.owed);
        self.owed -= f64::from(count).copysign(self.owed);
        (count, way)
    }
}

impl Steps {
    /// The step from a state as a share of the range, with its sign; `deviate` is the device's own in this way. A state is the share of the
    /// range from its smallest conductance, and counts as the nearest one within.
    pub fn step(&self, share: f64, way: Way, deviate: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        let (left, sign) = match way {
            Way::Up => (1.0 - share, 1.0),
            Way::Down => (share, -1.0),
        };
        let size = match &self.law {
            StepLaw::Response(pulses) => (pulses.after_pulse(share, way) - share).abs(),
            StepLaw::Constant => self.unit(),
            StepLaw::Linear { slope } => self.unit() * (1.0 + slope * (2.0 * left - 1.0)),
            StepLaw::Power { exponent } => self.unit() * (2.0 * left).powf(*exponent),
            StepLaw::Exponential { rate } => {
                self.unit() * (-rate * left).exp_m1() / (-rate / 2.0).exp_m1()
            }
        };
        let own = (1.0 + self.variation * deviate).max(0.0);
        sign * size * own * (1.0 + sign * self.asymmetry)
    }

    /// The state at which a step up and one down are of the same size, as a share of the range; none where there is none, or where all are.
    pub fn symmetry_point(&self) -> Option<f64> {
        let surplus = |share| self.step(share, Way::Up, 0.0) + self.step(share, Way::Down, 0.0);
        let (mut low, mut high) = (0.0, 1.0);
        // Steps become smaller towards the end that they lead to.
        if surplus(low) <= 0.0 || surplus(high) >= 0.0 {
            return None;
        }
        while high - low > f64::EPSILON {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if surplus(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Some(f64::midpoint(low, high))
    }

    fn unit(&self) -> f64 {
        1.0 / f64::from(self.count)
    }

    /// How many pulses stand for a change of a state, from the step in the middle of the range: blind to where the device is.
    pub fn pulses_for(&self, change: f64) -> f64 {
        change * f64::from(self.count)
    }

    /// Gives a device this many pulses, and returns the share of the range at which it is then. It does not leave the range, or where it
    /// was beyond it.
    pub(crate) fn pulse(
        &self,
        from: f64,
        (count, way): (u32, Way),
        deviate: f64,
        generator: &mut impl Rng,
    ) -> f64 {
        let bounds = (from.min(0.0), from.max(1.0));
        let mut share = from;
        for _ in 0..count {
            let step = self.step(share, way, deviate);
            let noise = if self.cycle > 0.0 {
                self.cycle * generator.sample::<f64, _>(StandardNormal)
            } else {
                0.0
            };
            share = (share + step * (1.0 + noise)).clamp(bounds.0, bounds.1);
        }
        share
    }
}

/// Whole pulses for a wanted number, which is their mean over many draws: its whole part, and one more with the chance of the rest.
pub(crate) fn rounded_by_chance(wanted: f64, generator: &mut impl Rng) -> u32 {
    let uniform: f64 = generator.random();
    whole(wanted.abs() + uniform)
}

/// The whole part of a number that is not negative; the largest that there is for more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates; negative ones are none"
)]
fn whole(number: f64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn steps(law: StepLaw) -> Steps {
        Steps {
            law,
            count: 1000,
            asymmetry: 0.0,
            cycle: 0.0,
            variation: 0.0,
        }
    }

    fn laws() -> [StepLaw; 5] {
        [
            StepLaw::Constant,
            StepLaw::Linear { slope: 1.0 },
            StepLaw::Linear { slope: 0.4 },
            StepLaw::Power { exponent: 1.7 },
            StepLaw::Exponential { rate: 6.0 },
        ]
    }

    /// In the middle all laws agree, both ways; a step becomes no larger towards the end that it leads to, and ways mirror each other.
    #[test]
    fn laws_are_relative_to_the_middle_of_the_range() {
        for law in laws() {
            let steps = steps(law);
            assert!((steps.step(0.5, Way::Up, 0.0) - 1e-3).abs() < 1e-15);
            assert!((steps.step(0.5, Way::Down, 0.0) + 1e-3).abs() < 1e-15);
            let ups: Vec<f64> = (0..=10)
                .map(|i| steps.step(f64::from(i) / 10.0, Way::Up, 0.0))
                .collect();
            assert!(
                ups.windows(2).all(|pair| pair[1] <= pair[0] + 1e-18),
                "{steps:?}"
            );
            for (i, up) in ups.iter().enumerate() {
                let down = steps.step(1.0 - i as f64 / 10.0, Way::Down, 0.0);
                assert!((up + down).abs() < 1e-15);
            }
        }
    }

    /// Of soft bounds: P·dG/dn = 2(1 − G), so that n pulses leave `(1 − 2/P)^n` of the way.
    #[test]
    fn soft_bounds_are_approached_exponentially() {
        let steps = steps(StepLaw::Linear { slope: 1.0 });
        let mut generator = stream(0, Purpose::Check, 0, 0);
        let share = steps.pulse(0.0, (700, Way::Up), 0.0, &mut generator);
        assert!((1.0 - share - (1.0_f64 - 2e-3).powi(700)).abs() < 1e-12);
    }

    /// Of a linear law: `(1 + γ(1 − 2G))(1 + a) = (1 + γ(2G − 1))(1 − a)` at G = (1 + a/γ)/2.
    #[test]
    fn asymmetry_moves_the_point_of_symmetry() {
        let mut steps = steps(StepLaw::Linear { slope: 0.5 });
        steps.asymmetry = 0.1;
        let found = steps.symmetry_point().unwrap();
        assert!((found - 0.6).abs() < 1e-12, "{found}");
        // Beyond the end of the range there is none; a constant step has none.
        steps.asymmetry = 0.6;
        assert_eq!(steps.symmetry_point(), None);
        assert_eq!(self::steps(StepLaw::Constant).symmetry_point(), None);
    }

    /// As many pulses up as down, in turn, lead a device to its point of symmetry, whatever it begins at.
    #[test]
    fn pulses_in_turn_lead_to_the_point_of_symmetry() {
        let mut steps = steps(StepLaw::Linear { slope: 1.0 });
        (steps.asymmetry, steps.count) = (0.2, 2000);
        let goal = steps.symmetry_point().unwrap();
        let mut generator = stream(0, Purpose::Check, 0, 0);
        for start in [0.0, 0.5, 1.0] {
            let mut share = start;
            for _ in 0..10_000 {
                share = steps.pulse(share, (1, Way::Up), 0.0, &mut generator);
                share = steps.pulse(share, (1, Way::Down), 0.0, &mut generator);
            }
            assert!((share - goal).abs() < 2e-3, "{start} {share} {goal}");
        }
    }

    /// n pulses of relative noise s are off by s·√n steps; a device does not leave the range.
    #[test]
    fn noise_of_pulses_adds_by_squares() {
        let mut steps = steps(StepLaw::Constant);
        steps.cycle = 0.3;
        let (count, trials) = (100, 4000);
        let mut sums = [0.0; 2];
        for trial in 0..trials {
            let mut generator = stream(0, Purpose::Check, 0, trial);
            let moved = steps.pulse(0.4, (count, Way::Up), 0.0, &mut generator) - 0.4;
            sums[0] += moved;
            sums[1] += moved * moved;
        }
        let mean = sums[0] / trials as f64;
        let sigma = (sums[1] / trials as f64 - mean * mean).sqrt();
        assert!((mean - 0.1).abs() < 5.0 * 0.003 / (trials as f64).sqrt());
        assert!((sigma / 0.003 - 1.0).abs() < 0.05, "{sigma}");
        let mut generator = stream(1, Purpose::Check, 0, 0);
        let end = steps.pulse(0.9, (1000, Way::Up), 0.0, &mut generator);
        assert_eq!(end.to_bits(), 1.0_f64.to_bits());
    }

    /// Rounding by chance has the right mean, and none of nothing.
    #[test]
    fn rounding_by_chance_has_the_mean_that_is_wanted() {
        let mut generator = stream(2, Purpose::Check, 0, 0);
        let trials = 20_000;
        let sum: u32 = (0..trials)
            .map(|_| rounded_by_chance(-0.3, &mut generator))
            .sum();
        assert!((f64::from(sum) / f64::from(trials) - 0.3).abs() < 0.02);
        assert_eq!(rounded_by_chance(0.0, &mut generator), 0);
        assert_eq!(rounded_by_chance(3.0, &mut generator), 3);
    }
}
