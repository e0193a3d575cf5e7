//! Device files.

use super::{
    DeviceError,
    law::{self, Piece},
};
use crate::{
    chip::spec::{Quantity, Unit, one_line},
    nearest,
};
use serde::{Deserialize, Serialize};

/// A memory device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    name: String,
    summary: String,
    evidence: DeviceEvidence,
    sources: Vec<String>,
    alternative: Option<String>,
    pub(super) levels: Option<u32>,
    pub(super) conductance: Range,
    #[serde(default)]
    pub(super) programming: Programming,
    pub(super) drift: Option<Drift>,
    pub(super) relaxation: Option<Relaxation>,
    pub(super) read: Option<Read>,
    #[serde(default, skip_serializing)]
    pub(super) golden: Vec<Golden>,
    #[serde(skip_deserializing)]
    pub(super) variation: f64,
    #[serde(skip_deserializing)]
    pub(super) stuck: (f64, f64),
}

/// How the values of a device are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum DeviceEvidence {
    Measured,
    Fitted,
    Derived,
    Assumed,
    Extrapolated,
}

macro_rules! quantity {
    ($name:ident, $unit:expr) => {
        /// A number that files write with its unit.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub(super) struct $name(pub(super) f64);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                Quantity::parse(&text, $unit)
                    .map(|quantity| Self(quantity.value))
                    .map_err(|reason| format!("{text:?} {reason}; expected {}", $unit.example()))
            }
        }
    };
}
quantity!(Siemens, Unit::Siemens);
quantity!(Seconds, Unit::Second);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    pub(super) min: Siemens,
    pub(super) max: Siemens,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Programming {
    pub(super) sigma: Vec<Siemens>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Drift {
    pub(super) start: Seconds,
    pub(super) mean: Vec<Piece>,
    pub(super) sd: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Relaxation {
    pub(super) start: Seconds,
    pub(super) later: Vec<Later>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Later {
    pub(super) at: Seconds,
    pub(super) sigma: Vec<Siemens>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Read {
    pub(super) time: Seconds,
    pub(super) amplitude: Vec<Piece>,
}

/// A published value that the device must reproduce; the tests check it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Golden {
    pub(super) quantity: GoldenQuantity,
    pub(super) share: f64,
    #[serde(default)]
    pub(super) seconds: f64,
    pub(super) value: String,
    pub(super) tolerance: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GoldenQuantity {
    ProgrammingSigma,
    DriftMean,
    ReadNoise,
}

/// Name and text of the files of `hw-specs/devices`.
macro_rules! shipped {
    ($($stem:literal),*) => {
        [$(($stem, include_str!(concat!("../../../../hw-specs/devices/", $stem, ".toml")))),*]
    };
}
const SHIPPED: [(&str, &str); 6] = shipped!(
    "generic",
    "pcm",
    "pcm-joshi",
    "hermes-1",
    "hermes-2",
    "reram-wan"
);

impl Device {
    /// The shipped device of this name, in capitals or not, or the one of a TOML file.
    ///
    /// # Errors
    /// No such device, or a file that is none.
    pub fn load(reference: &str) -> Result<Self, DeviceError> {
        let named = SHIPPED
            .iter()
            .find(|(stem, _)| stem.eq_ignore_ascii_case(reference));
        if let Some((stem, text)) = named {
            return Self::parse(text, &format!("hw-specs/devices/{stem}.toml"));
        }
        match std::fs::read_to_string(reference) {
            Ok(text) => Self::parse(&text, reference),
            Err(reason) if reason.kind() == std::io::ErrorKind::NotFound => {
                Err(DeviceError::Unknown {
                    reference: reference.to_owned(),
                    nearest: nearest(&reference.to_lowercase(), SHIPPED.map(|(stem, _)| stem)),
                })
            }
            Err(reason) => Err(DeviceError::Read {
                file: reference.to_owned(),
                reason,
            }),
        }
    }

    /// The devices that come with the crate.
    ///
    /// # Errors
    /// As [`Device::load`].
    pub fn shipped() -> Result<Vec<Self>, DeviceError> {
        SHIPPED.iter().map(|(stem, _)| Self::load(stem)).collect()
    }

    /// Reads a device; messages name `file`.
    pub(super) fn parse(text: &str, file: &str) -> Result<Self, DeviceError> {
        let device: Self = toml::from_str(text).map_err(|reason| DeviceError::Syntax {
            file: file.to_owned(),
            message: one_line(text, &reason),
        })?;
        match device.problem() {
            Some((key, problem)) => Err(DeviceError::Value {
                file: file.to_owned(),
                key,
                problem: problem.to_owned(),
            }),
            None => Ok(device),
        }
    }

    /// The first key with a value that makes no sense.
    fn problem(&self) -> Option<(&'static str, &'static str)> {
        let (min, max) = self.conductance_range();
        if !(min >= 0.0 && max > min) {
            return Some(("conductance", "expected 0 <= min < max"));
        }
        if self.levels.is_some_and(|levels| levels < 2) {
            return Some(("levels", "expected at least 2"));
        }
        if self.drift.is_some() && self.relaxation.is_some() {
            return Some(("drift", "expected drift or relaxation, not both"));
        }
        let times = [
            ("drift.start", self.drift.as_ref().map(|drift| drift.start)),
            (
                "relaxation.start",
                self.relaxation.as_ref().map(|law| law.start),
            ),
            ("read.time", self.read.as_ref().map(|read| read.time)),
        ];
        let late = times
            .into_iter()
            .find(|(_, time)| time.is_some_and(|time| time.0 <= 0.0));
        if let Some((key, _)) = late {
            return Some((key, "expected a time above zero"));
        }
        let drift = self.drift.as_ref();
        let laws = [
            ("drift.mean", drift.map(|law| &law.mean)),
            ("drift.sd", drift.map(|law| &law.sd)),
            (
                "read.amplitude",
                self.read.as_ref().map(|law| &law.amplitude),
            ),
        ];
        laws.into_iter()
            .find_map(|(key, pieces)| Some((key, law::problem(pieces?)?)))
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in one line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Where its values come from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Another fit of the same device.
    pub fn alternative(&self) -> Option<&str> {
        self.alternative.as_deref()
    }

    /// How its values are known.
    pub const fn evidence(&self) -> &'static str {
        match self.evidence {
            DeviceEvidence::Measured => "measured",
            DeviceEvidence::Fitted => "fitted",
            DeviceEvidence::Derived => "derived",
            DeviceEvidence::Assumed => "assumed",
            DeviceEvidence::Extrapolated => "extrapolated",
        }
    }

    /// Smallest and largest conductance, S.
    pub const fn conductance_range(&self) -> (f64, f64) {
        (self.conductance.min.0, self.conductance.max.0)
    }

    /// Number of levels, evenly spaced over the range; none if continuous.
    pub const fn levels(&self) -> Option<u32> {
        self.levels
    }

    /// Shares of devices that are stuck at the largest and at the smallest conductance.
    pub const fn stuck_shares(&self) -> (f64, f64) {
        self.stuck
    }

    /// Whether conductances are known at every time, not at some times only.
    pub const fn drifts_continuously(&self) -> bool {
        self.relaxation.is_none()
    }

    /// The share of the largest conductance, within [0, 1].
    pub(super) fn share(&self, conductance: f64) -> f64 {
        (conductance / self.conductance.max.0).clamp(0.0, 1.0)
    }

    /// Standard deviation of what is reached about the target, S.
    pub fn programming_sigma(&self, target: f64) -> f64 {
        self.sigma(&self.programming.sigma, target)
    }

    /// The standard deviation of these coefficients; never below zero.
    pub(super) fn sigma(&self, coefficients: &[Siemens], target: f64) -> f64 {
        let coefficients: Vec<f64> = coefficients.iter().map(|c| c.0).collect();
        law::polynomial(&coefficients, self.share(target)).max(0.0)
    }

    /// Mean and standard deviation of the exponent of power-law drift; zeros without such drift.
    pub fn drift_exponent(&self, target: f64) -> (f64, f64) {
        let g = self.share(target);
        self.drift.as_ref().map_or((0.0, 0.0), |drift| {
            (
                law::value(&drift.mean, g),
                law::value(&drift.sd, g).max(0.0),
            )
        })
    }

    /// With other levels; fewer than two are none.
    pub fn with_levels(mut self, levels: Option<u32>) -> Self {
        self.levels = levels.filter(|&levels| levels >= 2);
        self
    }

    /// With the same programming noise everywhere, a share of the range; it does not grow later.
    pub fn with_programming_noise(mut self, share: f64) -> Self {
        let (min, max) = self.conductance_range();
        self.programming.sigma = vec![Siemens(share * (max - min))];
        self.relaxation = None;
        self
    }

    /// With these shares of devices stuck at the largest and at the smallest conductance.
    pub fn with_stuck(mut self, on: f64, off: f64) -> Self {
        self.stuck = (on, off);
        self
    }

    /// With a relative spread of the conductance from device to device.
    pub fn with_device_variation(mut self, share: f64) -> Self {
        self.variation = share;
        self
    }
}
