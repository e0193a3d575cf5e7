//! Why a chip cannot be adapted.

use crate::{generation::GenerationError, metrics::MetricsError};
use analog_substrate::{IdealError, chip::ChipError};
use gradep_core::{gradep::Refusal, trainer::TrainError};
use units::fault::{Blame, Fault};

/// Why a chip cannot be adapted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdaptationError {
    /// The chip cannot be made, or refuses to run.
    #[error("{0}")]
    Chip(#[from] ChipError),
    /// Exact equilibria cannot be had.
    #[error("{0}")]
    Ideal(#[from] IdealError),
    /// It cannot learn.
    #[error("{0}")]
    Train(#[from] TrainError),
    /// Samples cannot be generated.
    #[error("{0}")]
    Generation(#[from] GenerationError),
    /// Samples cannot be measured.
    #[error("{0}")]
    Metrics(#[from] MetricsError),
    /// Every update of an epoch was refused: nothing is learned.
    #[error("all updates of epoch {epoch} were refused: {reason}")]
    Refused {
        /// The epoch.
        epoch: u64,
        /// Why the last of them was.
        reason: Refusal,
    },
    /// Nothing that decides can be measured at any of the times.
    #[error("{metric} cannot be measured at any of the flow times {times:?}")]
    Unmeasured {
        /// The metric.
        metric: &'static str,
        /// Flow times.
        times: Vec<f64>,
    },
    /// Devices are to be looked at later, and there are none.
    #[error("chip {design} has no device that could age; expected --later for a chip with devices")]
    NothingAges {
        /// The spec.
        design: String,
    },
    /// A refresh before the chip has learned.
    #[error(
        "a refresh {seconds} s after programming: the chip learns only {begins} s after it; expected ages of --later from then on"
    )]
    RefreshedTooEarly {
        /// Age of the refresh in seconds.
        seconds: f64,
        /// Age at which the chip learns.
        begins: f64,
    },
    /// Whoever looked on said that it is enough.
    #[error("interrupted")]
    Interrupted,
}

impl Blame for AdaptationError {
    fn fault(&self) -> Fault {
        match self {
            Self::Chip(cause) => cause.fault(),
            Self::Ideal(cause) => cause.fault(),
            Self::Train(cause) => cause.fault(),
            Self::Generation(cause) => cause.fault(),
            Self::Metrics(cause) => cause.fault(),
            Self::Refused { .. } | Self::Unmeasured { .. } => Fault::Numbers,
            Self::NothingAges { .. } | Self::RefreshedTooEarly { .. } => Fault::Input,
            Self::Interrupted => Fault::Machine,
        }
    }
}
