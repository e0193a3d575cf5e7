//! Published values that a device has to reproduce.

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
    pub(super) const fn unit(&self) -> Unit {
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
