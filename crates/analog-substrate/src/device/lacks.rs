//! Effects that a device does not have.

use super::Device;

impl Device {
    /// What a device lacks for one of [`super::Effects::NAMES`] to change anything; none where it has it.
    pub fn lacks(&self, effect: &str) -> Option<&'static str> {
        let (on, off) = self.stuck_shares();
        let (has_it, what) = match effect {
            "levels" => (
                self.levels.is_some() || self.pulses.is_some(),
                "levels (give array.level_count)",
            ),
            "stuck" => (
                on > 0.0 || off > 0.0,
                "stuck devices (give array.stuck_on or array.stuck_off)",
            ),
            "drift" => (self.ages(), "law of what time does to it"),
            "read_noise" => (
                self.read.is_some() || self.read_white.is_some(),
                "law of read noise",
            ),
            "nonlinearity" => (self.is_nonlinear(), "law of bent currents"),
            "programming_noise" => (
                self.scatters(),
                "law of programming noise (give array.programming_sigma)",
            ),
            _ => (true, ""),
        };
        (!has_it).then_some(what)
    }

    /// Whether its programming scatters anywhere in the range.
    fn scatters(&self) -> bool {
        let (min, max) = self.conductance_range();
        [min, f64::midpoint(min, max), max]
            .into_iter()
            .any(|conductance| self.programming_sigma(conductance) > 0.0)
    }
}
