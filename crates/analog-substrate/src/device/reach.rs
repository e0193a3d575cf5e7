//! Which conductances a device can be found at.

use super::Device;

/// Standard deviations that no device is beyond: of a normal number the share 6e-16 is above eight.
const DEVIATIONS: f64 = 8.0;
/// Conductances between the ends of the range at which spreads are looked at.
const LOOKS: u32 = 64;
/// Standard deviation of what is reached, as a share of the range, of a device whose file has no law of
/// write noise: with eight of them, a tenth of the range.
const UNSTATED: f64 = 0.1 / DEVIATIONS;

impl Device {
    /// Least and largest conductance, S, that a measurement of a programmed device can find: the range, as
    /// its laws of time move it, and eight standard deviations of what it has of write noise, differences
    /// between devices, ageing and read noise. Whether these effects are on does not matter: it is a
    /// question about the device, not about a simulation of it.
    pub fn reach(&self) -> (f64, f64) {
        let (min, max) = self.conductance_range();
        let (mut least, mut most) = (min, max);
        let known = self.known_times();
        let times = known.iter().copied().filter(|time| time.is_finite());
        let times: Vec<f64> = times.collect();
        for k in 0..=LOOKS {
            let g = min + self.span() * f64::from(k) / f64::from(LOOKS);
            let written = match self.programming_sigma(g) {
                sigma if sigma > 0.0 => sigma,
                _ => UNSTATED * self.span(),
            };
            let fixed = written.hypot(self.variation * g);
            for &time in &times {
                // Times that a law does not know between others.
                let Ok((mean, aged)) = self.aged_moments(g, time) else {
                    continue;
                };
                let read = self.read_noise_share(mean.max(0.0), time) * mean;
                let reach = DEVIATIONS * fixed.hypot(aged).hypot(read);
                least = least.min(mean - reach);
                most = most.max(mean + reach);
            }
        }
        (least.max(0.0), most)
    }
}
