//! How updates are written on devices.

use crate::device::Steps;
use serde::{Deserialize, Serialize};

/// How an update moves devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Update {
    /// Each by exactly what is asked of it, from where it is.
    #[default]
    Exact,
    /// By pulses: as many as are asked in the mean, each update rounded to a whole number by chance. No copy of the weights is kept.
    Pulses(Steps),
    /// By pulses that a digital accumulator of each device has saved up to whole ones (S. R. Nandakumar et al., Front. Neurosci. 14, 406,
    /// 2020).
    MixedPrecision(Steps),
    /// Every device is written anew, as at first, towards weights that are kept in digital.
    Rewrite,
}

impl Update {
    /// Whether devices take just what is asked.
    pub fn is_exact(&self) -> bool {
        *self == Self::Exact
    }

    /// The steps of pulses, and whether what is left of whole ones is kept.
    pub(crate) fn steps(&self) -> Option<(&Steps, bool)> {
        match self {
            Self::Pulses(steps) => Some((steps, false)),
            Self::MixedPrecision(steps) => Some((steps, true)),
            Self::Exact | Self::Rewrite => None,
        }
    }

    /// Whether what devices are, and not a digital copy, is the model.
    pub fn is_kept_in_devices(&self) -> bool {
        self.steps().is_some()
    }
}

/// Which devices are pulsed at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One after another.
    #[default]
    Serial,
    /// All devices of a row of one array that go the same way: a row takes as long as the device with most pulses up, and that with most
    /// down.
    Rows,
}
