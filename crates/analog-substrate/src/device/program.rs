//! Programming, and what time does to it.

use super::{Device, DeviceError, Effects};
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
    /// What the devices aim at: the asked conductance in range, at a level, with its variation, S.
    goals: Vec<f64>,
    /// Normal deviates of the programming noise; zeros where it is off.
    deviates: Vec<f64>,
}

impl Device {
    /// Programs one device per target, S. `fabrication` gives what stays with a device however often
    /// it is programmed, `programming` what is new every time. Whatever the effects, every device
    /// draws a uniform and a normal number of the one and two normals of the other: switching an
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
        let mut out = Programmed {
            asked: targets.to_vec(),
            achieved: Vec::with_capacity(count),
            stuck: Vec::with_capacity(count),
            clipped: 0,
            drift_exponents: Vec::with_capacity(count),
            goals: Vec::with_capacity(count),
            deviates: Vec::with_capacity(count),
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
            let goal = if effects.device_variation && self.variation > 0.0 {
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
            let exponent = (mean + sd * exponent).abs();
            out.drift_exponents
                .push(if effects.drift && stuck == Stuck::Free {
                    exponent
                } else {
                    0.0
                });
            out.stuck.push(stuck);
            out.goals.push(goal);
            out.deviates.push(deviate);
        }
        out
    }

    /// Conductances this long after programming, S: `G·((t + t0)/t0)^(−ν)` for power-law drift; for
    /// a tabulated relaxation each device keeps its deviate while the deviation grows.
    /// Stuck devices stay.
    ///
    /// # Errors
    /// A time that is negative or not finite, or at which a tabulated device is not known.
    pub fn after(
        &self,
        programmed: &Programmed,
        seconds_since_programming: f64,
        effects: &Effects,
    ) -> Result<Vec<f64>, DeviceError> {
        let seconds = seconds_since_programming;
        let unknown = |expected: String| DeviceError::Time {
            device: self.name().to_owned(),
            seconds,
            expected,
        };
        if !(seconds.is_finite() && seconds >= 0.0) {
            return Err(unknown("a finite time, not negative".to_owned()));
        }
        if !effects.drift {
            return Ok(programmed.achieved.clone());
        }
        if let Some(drift) = &self.drift {
            let stretch = (seconds + drift.start.0) / drift.start.0;
            let pairs = programmed.achieved.iter().zip(&programmed.drift_exponents);
            return Ok(pairs
                .map(|(g, exponent)| g * stretch.powf(-exponent))
                .collect());
        }
        let Some(table) = &self.relaxation else {
            return Ok(programmed.achieved.clone());
        };
        if seconds.to_bits() == table.start.0.to_bits() {
            return Ok(programmed.achieved.clone());
        }
        let same = |at: f64| at.to_bits() == seconds.to_bits();
        let later = table
            .later
            .iter()
            .find(|later| same(later.at.0))
            .ok_or_else(|| {
                let times = table
                    .later
                    .iter()
                    .map(|later| format!(", {} s", later.at.0));
                unknown(format!("{} s{}", table.start.0, times.collect::<String>()))
            })?;
        let states = programmed.goals.iter().zip(&programmed.deviates);
        let devices = states.zip(programmed.achieved.iter().zip(&programmed.stuck));
        Ok(devices
            .map(|((&goal, &deviate), (&achieved, stuck))| match stuck {
                Stuck::Free => scattered(goal, self.sigma(&later.sigma, goal), deviate),
                _ => achieved,
            })
            .collect())
    }

    /// The nearest of the evenly spaced levels.
    fn level(&self, conductance: f64) -> f64 {
        let (min, max) = self.conductance_range();
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
fn scattered(goal: f64, sigma: f64, deviate: f64) -> f64 {
    if sigma * deviate == 0.0 {
        goal
    } else {
        (goal + sigma * deviate).max(0.0)
    }
}
