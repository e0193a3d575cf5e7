//! A device against the published values of its file.

use super::{
    Device, DeviceCheck, DeviceError,
    golden::{Golden, GoldenQuantity},
};
use units::Quantity;

impl Device {
    /// Holds the device against the published values of its file.
    ///
    /// # Errors
    /// [`DeviceError::Golden`] for the first that does not hold; as [`Device::after`] for a time at
    /// which the device is not known.
    pub fn check(&self) -> Result<Vec<DeviceCheck>, DeviceError> {
        let mut checks = Vec::new();
        for golden in &self.golden {
            let check = self.check_one(golden)?;
            if !check.holds() {
                return Err(DeviceError::Golden {
                    device: self.name().to_owned(),
                    what: check.what,
                    actual: check.actual.rounded(5),
                    expected: check.expected.rounded(5),
                    tolerance: format!("{:.4} %", 100.0 * check.tolerance),
                });
            }
            checks.push(check);
        }
        Ok(checks)
    }

    fn check_one(&self, golden: &Golden) -> Result<DeviceCheck, DeviceError> {
        let g = golden.share * self.conductance_range().1;
        let t = golden.seconds;
        let (name, value) = match golden.quantity {
            GoldenQuantity::ProgrammingSigma => ("programming sigma", self.programming_sigma(g)),
            GoldenQuantity::DriftMean => ("mean drift exponent", self.drift_exponent(g).0),
            GoldenQuantity::DriftSd => ("spread of drift exponents", self.drift_exponent(g).1),
            GoldenQuantity::ReadNoise => ("relative read noise", self.read_noise_share(g, t)),
            GoldenQuantity::AgedMean => ("mean", self.aged_moments(g, t)?.0),
            GoldenQuantity::AgedSigma => ("sigma", self.aged_moments(g, t)?.1),
            GoldenQuantity::Level => ("level", self.level(g)),
            GoldenQuantity::PulseResponse => ("pulse response", self.after_pulses(golden.share)),
            GoldenQuantity::Current => ("current", self.current(g, golden.volts)),
        };
        let mut what = format!("{name} at g = {}", golden.share);
        if t > 0.0 {
            what = format!("{what}, {t} s");
        }
        if golden.volts != 0.0 {
            what = format!("{what}, {} V", golden.volts);
        }
        Ok(DeviceCheck {
            what,
            expected: golden.expected().map_err(|problem| DeviceError::Value {
                file: self.name().to_owned(),
                key: "golden".to_owned(),
                problem,
            })?,
            actual: Quantity {
                value,
                unit: golden.unit(),
            },
            tolerance: golden.tolerance,
        })
    }
}
