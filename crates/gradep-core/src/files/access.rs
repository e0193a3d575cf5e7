//! Whole files, and why the file system refuses them.

use super::write_atomically;
use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
};
use units::fault::{Blame, Fault};
use units::{bounded, budget::available};

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

impl Blame for FileAccessError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { cause, .. } | Self::Write { cause, .. } => cause.fault(),
        }
    }
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

/// Most bytes that are read of what does not say how long it is: a pipe, a device.
const MOST_OF_A_STREAM: u64 = 1 << 30;

/// Largest document of results (`quality.json`, `sweep.json`, a summary) or table beside it, in bytes. A study
/// of 5,000 curves has some 200 MB.
const LONGEST_DOCUMENT: u64 = 1 << 28;

/// The bytes of a file: one of half the free memory at most, since what is in it is held beside it.
///
/// # Errors
/// [`FileAccessError::Read`].
pub fn read_file(path: &Path) -> Result<Vec<u8>, FileAccessError> {
    read_whole(path).map_err(FileAccessError::reading(path))
}

/// [`read_file`] with the error of the system.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a longer file; those of the file system.
pub(crate) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let half = available().bytes / 2;
    let known = fs::metadata(path).is_ok_and(|known| known.is_file());
    let longest = if known {
        half
    } else {
        half.min(MOST_OF_A_STREAM)
    };
    bounded::read_bytes(path, longest)
}

/// The bytes of a document of results or of a small file of a run, at most 256 MiB.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a longer one; those of the file system.
pub fn read_document(path: &Path) -> io::Result<Vec<u8>> {
    bounded::read_bytes(path, LONGEST_DOCUMENT)
}

/// Most bytes that a packed file may unpack to: a quarter of the free memory, and 16 GiB.
pub(crate) fn most_unpacked() -> u64 {
    (available().bytes / 4).min(1 << 34)
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
