//! Why a sweep was not made.

use crate::{generation::GenerationError, metrics::MetricsError};
use analog_substrate::{chip::ChipError, hw_spec::SpecError};
use gradep_core::files::{Changed, LockError};
use std::{io, path::PathBuf};
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
    /// The folder holds something else.
    #[error(
        "{}: holds the result of something else ({found}); expected an empty folder, or one of \
         exactly this command, which would then be resumed",
        folder.display()
    )]
    Occupied {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        found: String,
    },
    /// A file is not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// The folder is another process's.
    #[error("{0}")]
    Lock(#[from] LockError),
    /// A result that cannot be read back.
    #[error("{}: is no result of a chip: {reason}; delete it to have it computed again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// A file cannot be read or written.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        reason: io::Error,
    },
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
            Self::Changed(cause) => cause.fault(),
            Self::Lock(cause) => cause.fault(),
            Self::File { reason, .. } => reason.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::Generation(cause) => cause.fault(),
            Self::Metrics(cause) => cause.fault(),
            Self::Interrupted => Fault::Interrupted,
            Self::Axis { .. }
            | Self::Idle { .. }
            | Self::Between { .. }
            | Self::Perfect { .. }
            | Self::Occupied { .. }
            | Self::Damaged { .. } => Fault::Input,
        }
    }
}
