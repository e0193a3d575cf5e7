//! Whole files, and why the file system refuses them.

use super::write_atomically;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

/// The file system refuses.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileAccessError {
    /// To read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// To write; nothing is left of the file.
    #[error("{}: cannot be written: {cause}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
}

impl FileAccessError {
    /// That `path` cannot be read.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Read { path, cause }
    }

    /// That `path` cannot be written.
    pub(crate) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Write { path, cause }
    }
}

/// The bytes of a file.
///
/// # Errors
/// [`FileAccessError::Read`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, FileAccessError> {
    fs::read(path).map_err(FileAccessError::reading(path))
}

/// [`write_atomically`] with an error that names the file.
///
/// # Errors
/// [`FileAccessError::Write`].
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), FileAccessError> {
    write_atomically(path, write).map_err(FileAccessError::writing(path))
}
