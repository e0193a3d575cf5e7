//! Published values that a device has to reproduce.

use super::{Device, DeviceError};
use serde::{Deserialize, Serialize};
use units::{Quantity, Unit};

/// `[[golden]]`: a published value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Golden {
    pub(super) quantity: GoldenQuantity,
    /// Share of the largest conductance.
    pub(super) share: f64,
    /// Time since the last programming pulse.
    #[serde(default)]
    pub(super) seconds: f64,
    /// Voltage across the device.
    #[serde(default)]
    pub(super) volts: f64,
    pub(super) value: String,
    pub(super) tolerance: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GoldenQuantity {
    /// σ of what is reached.
    ProgrammingSigma,
    /// Mean exponent of power-law drift.
    DriftMean,
    /// Spread of that exponent.
    DriftSd,
    /// Relative σ of a reading.
    ReadNoise,
    /// Mean of the conductance at a time, without write noise at the start.
    AgedMean,
    /// σ of the conductance at a time, that of programming not included where the law adds to it.
    AgedSigma,
    /// The level that is nearest to a conductance.
    Level,
    /// Conductance after `share` of all pulses.
    PulseResponse,
    /// Current at a voltage.
    Current,
}

/// A golden value and what the device says.
#[derive(Clone, Debug)]
pub struct DeviceCheck {
    /// Which quantity, and where.
    pub what: String,
    /// The published value.
    pub expected: Quantity,
    /// That of the device.
    pub actual: Quantity,
    /// Largest relative difference.
    pub tolerance: f64,
}

impl DeviceCheck {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        let (actual, expected) = (self.actual.value, self.expected.value);
        (actual - expected).abs() <= self.tolerance * expected.abs()
    }
}

impl Golden {
    const fn unit(&self) -> Unit {
        match self.quantity {
            GoldenQuantity::DriftMean | GoldenQuantity::DriftSd | GoldenQuantity::ReadNoise => {
                Unit::One
            }
            GoldenQuantity::Current => Unit::Ampere,
            _ => Unit::Siemens,
        }
    }

    /// The published value.
    pub(super) fn expected(&self) -> Result<Quantity, String> {
        let unit = self.unit();
        Quantity::parse(&self.value, unit)
            .map_err(|reason| format!("{:?} {reason}; expected {}", self.value, unit.example()))
    }
}

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
