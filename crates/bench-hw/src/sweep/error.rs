//! Why a sweep was not made.

use crate::{generation::GenerationError, metrics::MetricsError, store::StoreError};
use analog_substrate::{chip::ChipError, hw_spec::SpecError};
use units::fault::{Blame, Fault};

/// Why a sweep was not made, or not to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The spec does not have the key, or not that value.
    #[error("{0}")]
    Spec(#[from] SpecError),
    /// What is to be varied is not `KEY=v1,v2,…`.
    #[error("--vary {text}: {expected}")]
    Axis {
        /// What was given.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Nothing is varied, or more than a figure shows.
    #[error("{found} keys are varied; expected one or two")]
    Axes {
        /// Number of keys.
        found: usize,
    },
    /// A key that cannot change anything.
    #[error("{key} does nothing on chip {chip}: {reason}; nothing would change with its value")]
    Idle {
        /// The key.
        key: String,
        /// The spec.
        chip: String,
        /// Why.
        reason: String,
    },
    /// The levels between which a tolerance is looked for are no numbers.
    #[error("--between {text}: {expected}")]
    Between {
        /// What was given.
        text: String,
        /// What was expected.
        expected: String,
    },
    /// A chip without imperfections has nothing to rank.
    #[error("chip {chip} has no imperfection that is on: there is nothing to rank")]
    Perfect {
        /// The spec.
        chip: String,
    },
    /// The folder of the study cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The chip refuses.
    #[error("{0}")]
    Chip(#[from] ChipError),
    /// Samples cannot be generated.
    #[error("{0}")]
    Generation(#[from] GenerationError),
    /// The samples cannot be measured.
    #[error("{0}")]
    Metrics(#[from] MetricsError),
    /// It was asked to stop; what was finished is on the disk.
    #[error("interrupted")]
    Interrupted,
}

impl Blame for SweepError {
    fn fault(&self) -> Fault {
        match self {
            Self::Spec(cause) => cause.fault(),
            Self::Store(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::Generation(cause) => cause.fault(),
            Self::Metrics(cause) => cause.fault(),
            Self::Interrupted => Fault::Interrupted,
            Self::Axis { .. }
            | Self::Axes { .. }
            | Self::Idle { .. }
            | Self::Between { .. }
            | Self::Perfect { .. } => Fault::Input,
        }
    }
}
