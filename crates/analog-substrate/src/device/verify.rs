//! Programming that is verified and repeated.

use super::{
    Device, Effects, Programmed, Stuck,
    programmed::scattered,
    pulses::{Pulses, Way},
};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::Serialize;

/// Largest number of pulses that a device can be given.
pub const MOST_PULSES: u32 = 1_000_000;

/// When programming is good enough.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Verify {
    /// Largest error, as a share of the range of conductances.
    pub tolerance: f64,
    /// Pulses after which a device is left as it is.
    pub most_pulses: u32,
}

/// Where the draws of verified programming come from.
#[derive(Clone, Debug)]
pub struct Draws<F, P, R> {
    /// What stays with a device.
    pub fabrication: F,
    /// What the first pulse does.
    pub programming: P,
    /// What pulses after the first do.
    pub repeats: R,
}

impl Device {
    /// Programs as [`Device::program`], then reads every device and gives pulses to those that are out
    /// of tolerance, until they are within or have had all pulses.
    ///
    /// A device that takes its level at once is written again, each time with a new error of the
    /// same law: it needs 1/p pulses on average, p the chance that an error is within tolerance. One
    /// that pulses move step by step starts at its smallest conductance and is led up or down by one
    /// pulse at a time, each with the error of one pulse and the device's own step.
    /// It stops as soon as it is within tolerance: errors pile up at the edge that it comes from.
    ///
    /// Verifying readings are without error, and what an erasure costs is not counted. What stays
    /// with a device that takes its level at once is not corrected: its aim stays the same.
    ///
    /// All draws but the repeats are those of [`Device::program`].
    pub fn program_verified(
        &self,
        targets: &[f64],
        effects: &Effects,
        verify: &Verify,
        draws: Draws<impl Rng, impl Rng, impl Rng>,
    ) -> Programmed {
        let Draws {
            mut fabrication,
            mut programming,
            mut repeats,
        } = draws;
        let repeats = &mut repeats;
        let mut made = self.program(targets, effects, &mut fabrication, &mut programming);
        let tolerance = verify.tolerance * self.span();
        for i in 0..targets.len() {
            match (&self.pulses, made.stuck[i]) {
                (Some(pulses), Stuck::Free) => {
                    self.lead(&mut made, i, (pulses, verify), *effects, repeats);
                }
                (None, Stuck::Free) => self.repeat(&mut made, i, verify, *effects, repeats),
                _ if !within(&made, i, tolerance) => made.pulses[i] = verify.most_pulses,
                _ => {}
            }
            made.exhausted += usize::from(!within(&made, i, tolerance));
        }
        made
    }

    /// Writes a device again until it is within tolerance.
    fn repeat(
        &self,
        made: &mut Programmed,
        i: usize,
        verify: &Verify,
        effects: Effects,
        repeats: &mut impl Rng,
    ) {
        let tolerance = verify.tolerance * self.span();
        let sigma = self.programming_sigma(made.levels[i]);
        // The same pulse without an error of its own would do the same again.
        if !within(made, i, tolerance) && (!effects.programming_noise || sigma == 0.0) {
            made.pulses[i] = verify.most_pulses;
            return;
        }
        while !within(made, i, tolerance) && made.pulses[i] < verify.most_pulses {
            made.deviates[i] = repeats.sample(StandardNormal);
            made.achieved[i] = scattered(made.goals[i], sigma, made.deviates[i]);
            made.pulses[i] += 1;
        }
    }

    /// Leads a device from its smallest conductance to its level, pulse by pulse.
    fn lead(
        &self,
        made: &mut Programmed,
        i: usize,
        (pulses, verify): (&Pulses, &Verify),
        effects: Effects,
        repeats: &mut impl Rng,
    ) {
        let goal = self.range_share(made.levels[i]);
        let step = 1.0 + self.variation * made.devices[i];
        let (min, span) = (self.conductance.min.0, self.span());
        let mut share = 0.0_f64;
        let mut count = 0;
        while (share - goal).abs() > verify.tolerance && count < verify.most_pulses {
            let way = if share < goal { Way::Up } else { Way::Down };
            let moved = pulses.after_pulse(share, way);
            share += step * (moved - share.clamp(0.0, 1.0));
            if effects.programming_noise {
                let deviate: f64 = repeats.sample(StandardNormal);
                share += pulses.cycle.0 * deviate;
            }
            // No negative conductance.
            share = share.max(-min / span);
            count += 1;
        }
        made.achieved[i] = min + span * share;
        made.pulses[i] = count;
    }
}

/// Whether a device is as near to its level as it has to be; to within rounding.
fn within(made: &Programmed, i: usize, tolerance: f64) -> bool {
    let error = (made.achieved[i] - made.levels[i]).abs();
    error <= tolerance + 4.0 * f64::EPSILON * made.levels[i].abs()
}
