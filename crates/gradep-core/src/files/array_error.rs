//! Why an array file is refused.

use super::{Changed, FileAccessError, NpyError};
use std::path::{Path, PathBuf};
use units::fault::{Blame, Fault};

/// Why an array file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArrayFileError {
    /// The file system refuses to read, or to write: then nothing is left of the file.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// Not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// Neither of `NumPy`'s formats.
    #[error("{}: is neither a .npy nor a .npz file", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// An archive that cannot be unpacked.
    #[error("{}: damaged .npz archive: {reason}", path.display())]
    Archive {
        /// The file.
        path: PathBuf,
        /// What the unpacker says.
        reason: String,
    },
    /// An array that cannot be used.
    #[error("{array}: {cause}")]
    Npy {
        /// The file, and the array in it.
        array: String,
        /// What is wrong with it.
        cause: NpyError,
    },
    /// Not exactly one array, and no name was given.
    #[error("{}: {}", path.display(), which_array(path, names))]
    WhichArray {
        /// The file.
        path: PathBuf,
        /// The arrays in it.
        names: Vec<String>,
    },
    /// No array of that name.
    #[error("{}: has no array `{name}`; {}", path.display(), which_array(path, names))]
    NoSuchArray {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
        /// The arrays in it.
        names: Vec<String>,
    },
    /// A name for what has none.
    #[error("{}: is a single array and has no `{name}` in it; expected the file alone", path.display())]
    Nameless {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
    },
    /// An array that is not a batch.
    #[error("{array}: has shape {shape:?}; expected two axes, [batch, unit]")]
    Rank {
        /// The file, and the array in it.
        array: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// NaN or an infinity.
    #[error("{array}: element [{row}, {column}] is {value}; expected a finite number")]
    NotFinite {
        /// The file, and the array in it.
        array: String,
        /// Index in the batch, from 0.
        row: usize,
        /// Unit, from 0.
        column: usize,
        /// The element in the precision asked for (1e300 is infinite in f32).
        value: f64,
    },
}

impl Blame for ArrayFileError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Changed(cause) => cause.fault(),
            Self::Npy { cause, .. } => cause.fault(),
            Self::Format { .. }
            | Self::Archive { .. }
            | Self::WhichArray { .. }
            | Self::NoSuchArray { .. }
            | Self::Nameless { .. }
            | Self::Rank { .. }
            | Self::NotFinite { .. } => Fault::Input,
        }
    }
}

/// What an archive holds, and how to say which array is meant.
fn which_array(path: &Path, names: &[String]) -> String {
    match names.first() {
        None => "holds no arrays".to_owned(),
        Some(first) => format!(
            "it holds the arrays {names:?}; say which one, as in {}:{first}",
            path.display()
        ),
    }
}
