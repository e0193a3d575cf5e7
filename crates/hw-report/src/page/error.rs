//! Why a page could not be made.

use analog_substrate::{chip::ChipError, hw_spec::SpecError};
use bench_hw::{generation::GenerationError, results::ResultsError};
use gradep_core::{
    data::DataError,
    files::{ArrayFileError, Changed, ConductanceFileError},
    run::RunError,
    run_dir::RunDirError,
};
use std::{io, path::PathBuf};
use units::fault::{Blame, Fault};

/// Why a page could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A file is not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// Nothing to report on lies there.
    #[error(
        "{}: is neither a run directory (no config.resolved.toml) nor a directory of results (no quality.json, no sweep.json)",
        path.display()
    )]
    NotASource {
        /// The directory.
        path: PathBuf,
    },
    /// A run directory where results were expected.
    #[error(
        "{}: holds no results (neither quality.json nor sweep.json); the run itself is the first argument",
        path.display()
    )]
    NotResults {
        /// The directory.
        path: PathBuf,
    },
    /// A file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Results cannot be read.
    #[error("{0}")]
    Results(#[from] ResultsError),
    /// Pictures that do not go with their table.
    #[error("{}: `{key}` has shape {found:?}; expected {expected}", path.display())]
    Samples {
        /// The file.
        path: PathBuf,
        /// The array.
        key: String,
        /// Its shape.
        found: Vec<usize>,
        /// What was expected.
        expected: String,
    },
    /// The run cannot be read.
    #[error("{0}")]
    Run(#[from] RunError),
    /// The run directory refused.
    #[error("{0}")]
    Directory(#[from] RunDirError),
    /// The training data cannot be read.
    #[error("{0}")]
    Data(#[from] DataError),
    /// An array cannot be read.
    #[error("{0}")]
    Array(#[from] ArrayFileError),
    /// A map of conductances was refused.
    #[error("{0}")]
    Conductances(#[from] ConductanceFileError),
    /// The chip's spec was refused.
    #[error("{0}")]
    Spec(#[from] SpecError),
    /// The chip refused.
    #[error("{0}")]
    Chip(#[from] ChipError),
    /// Samples cannot be generated.
    #[error("generating samples: {0}")]
    Generate(#[from] GenerationError),
    /// The page is larger than mail and browsers take.
    #[error(
        "the page would have {found} bytes, more than the {limit} it may have: give fewer --bench directories"
    )]
    TooLarge {
        /// Bytes of the page.
        found: usize,
        /// [`super::LARGEST`].
        limit: usize,
    },
}

impl Blame for PageError {
    fn fault(&self) -> Fault {
        match self {
            Self::Changed(cause) => cause.fault(),
            Self::Read { source, .. } => source.fault(),
            Self::Run(cause) => cause.fault(),
            Self::Directory(cause) => cause.fault(),
            Self::Data(cause) => cause.fault(),
            Self::Array(cause) => cause.fault(),
            Self::Conductances(cause) => cause.fault(),
            Self::Spec(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::Generate(cause) => cause.fault(),
            Self::Results(cause) => cause.fault(),
            Self::NotASource { .. }
            | Self::NotResults { .. }
            | Self::Samples { .. }
            | Self::TooLarge { .. } => Fault::Input,
        }
    }
}
