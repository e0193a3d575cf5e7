//! Why quality could not be measured.

use crate::{generation::GenerationError, metrics::MetricsError, store::StoreError};
use units::fault::{Blame, Fault};

/// Why quality could not be measured or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QualityError {
    /// Samples could not be generated.
    #[error("{label}, model {run}")]
    Generation {
        /// The setting.
        label: Box<str>,
        /// The model.
        run: Box<str>,
        /// Why.
        #[source]
        cause: GenerationError,
    },
    /// Samples could not be measured.
    #[error("{label}, model {run}, t = {flow_time}")]
    Metrics {
        /// The setting.
        label: Box<str>,
        /// The model.
        run: Box<str>,
        /// Flow time of the samples.
        flow_time: f64,
        /// Why.
        #[source]
        cause: MetricsError,
    },
    /// The folder of the measurement cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The measurement was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Blame for QualityError {
    fn fault(&self) -> Fault {
        match self {
            Self::Generation { cause, .. } => cause.fault(),
            Self::Metrics { cause, .. } => cause.fault(),
            Self::Store(cause) => cause.fault(),
            Self::Interrupted => Fault::Interrupted,
        }
    }
}
