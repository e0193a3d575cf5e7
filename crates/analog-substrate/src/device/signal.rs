//! What a signal sees of a device.

use super::{Device, quantity::Volts};

impl Device {
    /// The current through a device of `conductance`, S, at a voltage, V: A. In proportion to it
    /// without such a law.
    pub fn current(&self, conductance: f64, volts: f64) -> f64 {
        let (quadratic, cubic) = self.curvature(conductance);
        volts * (conductance + volts * (quadratic + volts * cubic))
    }

    /// What a device of `conductance`, S, is to a signal of zero mean and this r.m.s. voltage, V: the
    /// conductance and the constant current, A, of the best straight line, that of least mean square error for
    /// a normally distributed signal (J. J. Bussgang, MIT RLE report 216, 1952):
    /// `G + 3 c₃ σ²` and `c₂ σ²`.
    pub fn seen_by_signal(&self, conductance: f64, rms: f64) -> (f64, f64) {
        let (quadratic, cubic) = self.curvature(conductance);
        let variance = rms * rms;
        (conductance + 3.0 * cubic * variance, quadratic * variance)
    }

    /// c₂ and c₃; zeros without such a law, and of a device that does not conduct.
    fn curvature(&self, conductance: f64) -> (f64, f64) {
        match &self.current {
            Some(law) if conductance > 0.0 => law.coefficients(conductance, self.conductance.max.0),
            _ => (0.0, 0.0),
        }
    }

    /// Whether currents are known to be out of proportion to the voltage.
    pub const fn is_nonlinear(&self) -> bool {
        self.current.is_some()
    }

    /// Shares of the largest conductance that the law of currents was fitted to; none without such a law.
    pub fn fitted_currents(&self) -> Option<[f64; 2]> {
        self.current.as_ref().map(|law| law.fitted)
    }

    /// Largest voltage at which it may be read, V; none if its file does not say.
    pub fn largest_voltage(&self) -> Option<f64> {
        self.valid.as_ref().map(|valid| {
            let Volts(voltage) = valid.voltage;
            voltage
        })
    }
}
