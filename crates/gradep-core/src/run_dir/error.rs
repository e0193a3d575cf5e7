//! Why a run directory cannot be used.

use crate::{
    config::ConfigError,
    files::{Changed, LockError},
};
use std::{
    io,
    path::{Path, PathBuf},
};
use units::fault::{Blame, Fault};

/// Why a run directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunDirError {
    /// The file system refused.
    #[error("{}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A new run would mix with what is there.
    #[error("{}: is not empty; {advice}", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// What can be done, by what is in it.
        advice: &'static str,
    },
    /// The folder was not made by a run.
    #[error("{}: is not a run directory, it has no run.lock", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// Another process works in the directory, or it cannot be locked.
    #[error("{0}")]
    Lock(#[from] LockError),
    /// A file is not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// The run's configuration cannot be used.
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// A JSON file is damaged.
    #[error("{}: cannot be understood", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The metrics table cannot be read or written.
    #[error("{}", path.display())]
    Metrics {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: csv::Error,
    },
    /// The metrics table lacks a row before the epoch to resume from.
    #[error("{}: has no row for epoch {expected}, but the checkpoint was written after {checkpoint} epochs", path.display())]
    MetricsGap {
        /// The file.
        path: PathBuf,
        /// The first epoch without a row.
        expected: u64,
        /// Epochs done at the checkpoint.
        checkpoint: u64,
    },
    /// The metrics table has other columns than the run writes.
    #[error("{}: has the columns {found}, but this version writes {expected}", path.display())]
    MetricsColumns {
        /// The file.
        path: PathBuf,
        /// Its header.
        found: String,
        /// The header that would be written.
        expected: String,
    },
    /// The metrics table lacks a column.
    #[error("{}: has no column `{column}`", path.display())]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// Its name.
        column: String,
    },
}

impl Blame for RunDirError {
    fn fault(&self) -> Fault {
        match self {
            Self::Io { source, .. } => source.fault(),
            Self::Lock(cause) => cause.fault(),
            Self::Changed(cause) => cause.fault(),
            Self::Config(cause) => cause.fault(),
            Self::Metrics { source, .. } => match source.kind() {
                csv::ErrorKind::Io(cause) => cause.fault(),
                _ => Fault::Input,
            },
            Self::NotEmpty { .. }
            | Self::NotARun { .. }
            | Self::Json { .. }
            | Self::MetricsGap { .. }
            | Self::MetricsColumns { .. }
            | Self::NoColumn { .. } => Fault::Input,
        }
    }
}

impl RunDirError {
    /// Wraps an I/O error at `path`.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Wraps a CSV error at `path`.
    pub(super) fn metrics(path: &Path) -> impl FnOnce(csv::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Metrics { path, source }
    }
}
