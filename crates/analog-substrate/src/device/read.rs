//! Fluctuating readings.

use super::{Device, Effects, law, sigma::Sigma};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Processes per decade of the 1/f spectrum.
const PER_DECADE: f64 = 2.0;

/// The state of the read noise of devices: Ornstein–Uhlenbeck processes of unit variance, their
/// rates even in the logarithm, whose sum has a 1/f spectrum (van der Ziel 1950); and whether white
/// noise, new with every reading, comes on top.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadNoise {
    /// 1/s.
    rates: Vec<f64>,
    /// Variance of one process for an amplitude of one.
    variance: f64,
    /// `[devices, processes]`.
    states: Vec<f64>,
    is_white: bool,
}

impl ReadNoise {
    /// Stationary noise of `devices` devices that are watched for `seconds`; none where the effect is
    /// off, or the device has no such law.
    pub fn new(
        device: &Device,
        devices: usize,
        seconds: f64,
        effects: &Effects,
        generator: &mut impl Rng,
    ) -> Self {
        let law = device.read.as_ref().filter(|_| effects.read_noise);
        let (rates, variance) = law.map_or((Vec::new(), 0.0), |law| bands(law.time.0, seconds));
        let count = devices * rates.len();
        let states = (0..count)
            .map(|_| generator.sample(StandardNormal))
            .collect();
        Self {
            rates,
            variance,
            states,
            is_white: effects.read_noise && device.read_white.is_some(),
        }
    }
}

/// Rates between 1/(t + t_read) and 1/(2 t_read), and the variance of each: together
/// ln((t + t_read)/(2 t_read)).
fn bands(read: f64, seconds: f64) -> (Vec<f64>, f64) {
    let total = ((seconds + read) / (2.0 * read)).ln();
    if !(total.is_finite() && total > 0.0) {
        return (Vec::new(), 0.0);
    }
    let count = (total / std::f64::consts::LN_10 * PER_DECADE)
        .ceil()
        .max(1.0);
    let width = total / count;
    #[expect(clippy::cast_sign_loss, reason = "at least one")]
    let rates = (0..count as usize)
        .map(|k| (width * (k as f64 + 0.5)).exp() / (seconds + read))
        .collect();
    (rates, width)
}

impl Device {
    /// Relative standard deviation of a reading of a device at `conductance`, S, this long after
    /// programming: `Q(g)·√ln((t + t_read)/(2 t_read))` for 1/f noise, and white noise on top; zero
    /// without such laws.
    pub fn read_noise_share(&self, conductance: f64, seconds: f64) -> f64 {
        let slow = self.read.as_ref().map_or(0.0, |law| {
            let total = ((seconds + law.time.0) / (2.0 * law.time.0)).ln().max(0.0);
            self.amplitude(conductance) * total.sqrt()
        });
        if conductance > 0.0 {
            slow.hypot(self.white_sigma(conductance)) / conductance
        } else {
            0.0
        }
    }

    /// Standard deviation of the 1/f noise for a variance of one of its processes' sum, S: Q(g) of
    /// the conductance, or of what it is relative to; zero without such noise.
    fn amplitude(&self, conductance: f64) -> f64 {
        self.read.as_ref().map_or(0.0, |law| {
            let of = law.relative_to.map_or(conductance, |unit| unit.0);
            of * law::value(&law.amplitude, self.share(conductance))
        })
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
        if !state.rates.is_empty() {
            self.fluctuate(&mut readings, state, elapsed_seconds.max(0.0), generator);
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
        let deviation = state.variance.sqrt();
        for (reading, state) in readings
            .iter_mut()
            .zip(state.states.chunks_mut(decays.len()))
        {
            for (x, decay) in state.iter_mut().zip(&decays) {
                let fresh: f64 = generator.sample(StandardNormal);
                *x = decay * *x + (1.0 - decay * decay).sqrt() * fresh;
            }
            let sum: f64 = state.iter().sum();
            *reading = (*reading + self.amplitude(*reading) * deviation * sum).max(0.0);
        }
    }
}
