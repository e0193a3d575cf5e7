//! One process at a time writes into a folder.

use super::is_leftover;
use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};
use thiserror::Error;
use units::fault::{Blame, Fault};

/// Why a folder is not held.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error(
        "{}: another process is writing there; wait until it ends, or give another folder",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The lock's file cannot be made.
    #[error("{}: cannot be written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Another process holds it, or the disk refuses: nothing that was given is at fault.
impl Blame for LockError {
    fn fault(&self) -> Fault {
        match self {
            Self::InUse { .. } | Self::Io { .. } => Fault::Machine,
        }
    }
}

/// A folder that this process holds as long as this lives; the operating system lets it go when the
/// process ends, however it ends. The file stays: it is empty, and says nothing of whether it is held.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Holds `folder` by its file `name`. A file system without locks (some networks have none) is
    /// written to all the same, with a warning.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(folder: &Path, name: &str) -> Result<Self, LockError> {
        let path = folder.join(name);
        let open = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = open.map_err(|source| LockError::Io {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::InUse {
                    path: folder.to_owned(),
                });
            }
            Err(TryLockError::Error(error)) => {
                tracing::warn!("cannot lock {}: {error}", path.display());
            }
        }
        Ok(Self { _file: file })
    }
}

/// The first thing in a folder besides its lock and what killed processes left: none in an empty folder,
/// and none where there is no folder.
///
/// # Errors
/// Those of the file system.
pub fn first_entry(folder: &Path, lock: &str) -> io::Result<Option<OsString>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if name != lock && !is_leftover(&name) {
            names.push(name);
        }
    }
    Ok(names.into_iter().min())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_until_it_is_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let held = FolderLock::take(folder.path(), "run.lock").unwrap();
        let second = FolderLock::take(folder.path(), "run.lock");
        assert!(matches!(second, Err(LockError::InUse { .. })));
        drop(held);
        FolderLock::take(folder.path(), "run.lock").unwrap();
        assert_eq!(first_entry(folder.path(), "run.lock").unwrap(), None);
        fs::write(folder.path().join(".plan.json.Ab12Cd.gradep-tmp"), "").unwrap();
        assert_eq!(first_entry(folder.path(), "run.lock").unwrap(), None);
        fs::write(folder.path().join("notes"), "").unwrap();
        let found = first_entry(folder.path(), "run.lock").unwrap();
        assert_eq!(found, Some("notes".into()));
        assert_eq!(first_entry(&folder.path().join("none"), "").unwrap(), None);
        let none = FolderLock::take(&folder.path().join("none"), "run.lock");
        assert!(matches!(none, Err(LockError::Io { .. })));
    }
}
