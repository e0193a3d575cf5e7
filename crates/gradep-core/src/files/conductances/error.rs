//! Why a conductance map was refused.

use crate::files::{ArrayFileError, Changed, FileAccessError};
use std::path::PathBuf;
use units::fault::{Blame, Fault};

/// Why a conductance map was refused; the message names file, place, value and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConductanceFileError {
    /// The file system refuses.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// An array file cannot be written.
    #[error("{0}")]
    Arrays(#[from] ArrayFileError),
    /// Not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// A folder without `chip.json`.
    #[error("{}: is missing: an export that was not finished, or no map; export it again", path.display())]
    NoIndex {
        /// The index.
        path: PathBuf,
    },
    /// The map holds another model.
    #[error(
        "{}: is a map of the model {found}, and this is {expected}; export the conductances of this model, or take the \
         model that was exported",
        path.display()
    )]
    OtherModel {
        /// The index.
        path: PathBuf,
        /// Identity of the model in the map.
        found: String,
        /// Identity of the model at hand.
        expected: String,
    },
    /// A table without its JSON.
    #[error("{}: is missing; a table of conductances means nothing without its sidecar", path.display())]
    NoSidecar {
        /// The sidecar.
        path: PathBuf,
    },
    /// Not the JSON of a map.
    #[error("{}: is no description of conductances: {cause}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Line, column and cause.
        cause: serde_json::Error,
    },
    /// Another chip's map, or values that contradict each other.
    #[error("{}: `{key}` is {found}; expected {expected}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Which value.
        key: String,
        /// What it is.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Not the table of a map.
    #[error("{}: is no table of conductances: {cause}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Line and cause.
        cause: String,
    },
    /// A line of a table that cannot be.
    #[error("{}: line {line}: `{column}` is {found:?}; expected {expected}", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: String,
        /// The text.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// The number of lines is not that of the crosspoints.
    #[error("{}: has {found} crosspoints; the sidecar says {rows} rows of {columns}", path.display())]
    Count {
        /// The file.
        path: PathBuf,
        /// Lines in the table.
        found: usize,
        /// Rows of the array.
        rows: usize,
        /// Columns of the array.
        columns: usize,
    },
}

impl Blame for ConductanceFileError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Arrays(cause) => cause.fault(),
            Self::Changed(cause) => cause.fault(),
            Self::NoIndex { .. }
            | Self::OtherModel { .. }
            | Self::NoSidecar { .. }
            | Self::Json { .. }
            | Self::Value { .. }
            | Self::Csv { .. }
            | Self::Cell { .. }
            | Self::Count { .. } => Fault::Input,
        }
    }
}
