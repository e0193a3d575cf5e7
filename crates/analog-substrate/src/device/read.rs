//! Fluctuating readings.

use super::{
    Device, Effects, law,
    sections::{Read, ReadAt},
    sigma::Sigma,
};
use crate::flicker::Processes;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use serde::{Deserialize, Serialize};

/// The state of the read noise of devices: Ornstein–Uhlenbeck processes of unit variance, their
/// rates even in the logarithm, whose sum has a 1/f spectrum (van der Ziel 1950); and whether white
/// noise, new with every reading, comes on top.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadNoise {
    /// 1/s.
    rates: Vec<f64>,
    /// Time of the last reading, s after the last programming pulse.
    seconds: f64,
    /// Q of each device where it is that of its target; empty where it follows the conductance.
    amplitudes: Vec<f64>,
    /// `[devices, processes]`.
    states: Vec<f64>,
    is_white: bool,
}

impl ReadNoise {
    /// Stationary noise of devices that were programmed to `targets`, S, their last pulse this many
    /// `seconds` ago; none where the effect is off, or the device has no such law.
    pub fn new(
        device: &Device,
        targets: &[f64],
        seconds: f64,
        effects: &Effects,
        generator: &mut impl Rng,
    ) -> Self {
        let law = device.read.as_ref().filter(|_| effects.read_noise);
        let rates = law.map_or_else(Vec::new, |law| law.rates(seconds));
        let count = targets.len() * rates.len();
        let states = (0..count)
            .map(|_| generator.sample(StandardNormal))
            .collect();
        let stays = law.filter(|law| law.conductance == ReadAt::Target);
        let amplitudes = stays.map_or_else(Vec::new, |law| {
            let targets = targets.iter().map(|&target| device.share(target));
            targets.map(|g| law::value(&law.amplitude, g)).collect()
        });
        Self {
            rates,
            seconds,
            amplitudes,
            states,
            is_white: effects.read_noise && device.read_white.is_some(),
        }
    }
}

impl Read {
    /// Variance of the noise for an amplitude of one, this long after the last programming pulse: the
    /// integral of 1/f from 1/(t + t_read) to 1/(2 t_read), ln((t + t_read)/(2 t_read)).
    fn band(&self, seconds: f64) -> f64 {
        let total = ((seconds + self.time.0) / (2.0 * self.time.0)).ln();
        if total.is_finite() {
            total.max(0.0)
        } else {
            0.0
        }
    }

    /// Rates between 1/(t + t_read) and 1/(2 t_read), 1/s; none where there is no band.
    fn rates(&self, seconds: f64) -> Vec<f64> {
        let total = self.band(seconds);
        if total == 0.0 {
            return Vec::new();
        }
        let rates = Processes::at_least(total).rates();
        rates.map(|rate| rate / (seconds + self.time.0)).collect()
    }

    /// σ of the noise for a band of one, S, of a device with this amplitude Q that has this conductance,
    /// S.
    fn sigma(&self, amplitude: f64, conductance: f64) -> f64 {
        amplitude * self.relative_to.map_or(conductance, |unit| unit.0)
    }
}

impl Device {
    /// Relative standard deviation of a reading of a device whose target and conductance are
    /// `conductance`, S, this long after its last programming pulse: `Q(g)·√ln((t + t_read)/(2 t_read))`
    /// for 1/f noise, and white noise on top; zero without such laws.
    pub fn read_noise_share(&self, conductance: f64, seconds: f64) -> f64 {
        let slow = self.read.as_ref().map_or(0.0, |law| {
            let amplitude = law::value(&law.amplitude, self.share(conductance));
            law.sigma(amplitude, conductance) * law.band(seconds).sqrt()
        });
        if conductance > 0.0 {
            slow.hypot(self.white_sigma(conductance)) / conductance
        } else {
            0.0
        }
    }

    /// Standard deviation of the white noise of a reading, S.
    fn white_sigma(&self, conductance: f64) -> f64 {
        let law = self.read_white.as_ref().map(|law| &law.sigma);
        law.map_or(0.0, |law: &Sigma| {
            law.at(self.share(conductance), self.conductance.max.0)
        })
    }

    /// Reads conductances, S, `elapsed_seconds` after the last reading; never negative. There are as
    /// many as `state` was made for; further ones are read without 1/f noise.
    pub fn read(
        &self,
        conductances: &[f64],
        state: &mut ReadNoise,
        elapsed_seconds: f64,
        generator: &mut impl Rng,
    ) -> Vec<f64> {
        let mut readings = conductances.to_vec();
        let elapsed = elapsed_seconds.max(0.0);
        state.seconds += elapsed;
        if let Some(law) = self.read.as_ref().filter(|_| !state.rates.is_empty()) {
            self.fluctuate(law, &mut readings, state, elapsed, generator);
        }
        if state.is_white {
            for (reading, &g) in readings.iter_mut().zip(conductances) {
                let fresh: f64 = generator.sample(StandardNormal);
                *reading = (*reading + self.white_sigma(g) * fresh).max(0.0);
            }
        }
        readings
    }

    /// Advances the 1/f noise and adds it.
    fn fluctuate(
        &self,
        law: &Read,
        readings: &mut [f64],
        state: &mut ReadNoise,
        elapsed: f64,
        generator: &mut impl Rng,
    ) {
        let decays: Vec<f64> = state
            .rates
            .iter()
            .map(|rate| (-rate * elapsed).exp())
            .collect();
        let deviation = (law.band(state.seconds) / decays.len() as f64).sqrt();
        let amplitudes = &state.amplitudes;
        let processes = state.states.chunks_mut(decays.len());
        for (i, (reading, state)) in readings.iter_mut().zip(processes).enumerate() {
            for (x, decay) in state.iter_mut().zip(&decays) {
                let fresh: f64 = generator.sample(StandardNormal);
                *x = decay * *x + (1.0 - decay * decay).sqrt() * fresh;
            }
            let sum: f64 = state.iter().sum();
            let amplitude = amplitudes
                .get(i)
                .copied()
                .unwrap_or_else(|| law::value(&law.amplitude, self.share(*reading)));
            *reading = (*reading + law.sigma(amplitude, *reading) * deviation * sum).max(0.0);
        }
    }
}
