//! The folder of a study, which can be gone on with: what is there is not computed again.

use gradep_core::files::{
    Changed, FileAccessError, FolderLock, Inventory, LockError, first_entry, make_folder,
    read_document, read_file, sealed_json, unsealed, write_atomically,
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};
use units::fault::{Blame, Fault};

/// Held while a process computes a study: two would write the same files.
const LOCK: &str = "study.lock";
/// The file that says what a folder is the result of.
const PLAN: &str = "plan.json";
/// The folder of what is finished.
const CELLS: &str = "cells";

/// Why the folder of a study cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
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
    /// An archive cannot be read.
    #[error("{0}")]
    Archive(#[from] FileAccessError),
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
}

impl Blame for StoreError {
    fn fault(&self) -> Fault {
        match self {
            Self::Changed(cause) => cause.fault(),
            Self::Lock(cause) => cause.fault(),
            Self::Archive(cause) => cause.fault(),
            Self::File { reason, .. } => reason.fault(),
            Self::Occupied { .. } | Self::Damaged { .. } => Fault::Input,
        }
    }
}

/// The folder of a study: `plan.json` says which, `cells/` holds what is finished, each under a name that says
/// all that it depends on. This process alone writes to it.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    _lock: Arc<FolderLock>,
}

impl Store {
    /// Begins in an empty or new folder, or goes on in one of the same plan.
    ///
    /// # Errors
    /// [`StoreError::Occupied`] for a folder of another plan or of something else.
    pub fn open(root: &Path, plan: &serde_json::Value) -> Result<Self, StoreError> {
        let path = root.join(PLAN);
        let text = document(plan);
        // A stranger's folder gets no lock.
        is_of(root, &path, plan, &text)?;
        make_folder(root).map_err(at(root))?;
        let store = Self {
            root: root.into(),
            _lock: Arc::new(FolderLock::take(root, LOCK)?),
        };
        Inventory::remove(root).map_err(at(root))?;
        // Another process may have begun since.
        if !is_of(root, &path, plan, &text)? {
            store.write(&path, &text)?;
        }
        Ok(store)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where something finished is: a name with its ending, with folders before it if there are any.
    fn path(&self, name: &str, ending: &str) -> PathBuf {
        self.root.join(CELLS).join(format!("{name}.{ending}"))
    }

    /// Whether something is finished.
    pub fn has(&self, name: &str) -> bool {
        self.path(name, "json").exists()
    }

    /// What is finished under a name, if it is there.
    ///
    /// # Errors
    /// [`StoreError::Changed`] and [`StoreError::Damaged`] for what is not as it was written,
    /// [`StoreError::File`].
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let path = self.path(name, "json");
        let bytes = match read_document(&path) {
            Ok(bytes) => bytes,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(StoreError::File { path, reason }),
        };
        let plain = unsealed(&path, &bytes)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|error| StoreError::Damaged {
                path,
                reason: error.to_string(),
            })
    }

    /// Keeps something finished: whole, or not at all.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn put(&self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        self.write(&self.path(name, "json"), &document(value))
    }

    /// The archive of arrays that was kept under a name, with its path.
    ///
    /// # Errors
    /// [`StoreError::Archive`], also where there is none.
    pub fn archive(&self, name: &str) -> Result<(PathBuf, Vec<u8>), StoreError> {
        let path = self.path(name, "npz");
        let bytes = read_file(&path)?;
        Ok((path, bytes))
    }

    /// Keeps an archive of arrays. What it belongs to is put after it, so that what is there has its arrays.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn put_archive(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(&self.path(name, "npz"), bytes)
    }

    /// Writes `files.json`: all that the study holds, now that it is finished.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn close(&self) -> Result<(), StoreError> {
        Inventory::write_all(&self.root, LOCK).map_err(at(&self.root))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        make_folder(path.parent().unwrap_or(&self.root))
            .and_then(|()| write_atomically(path, |file| io::Write::write_all(file, bytes)))
            .map_err(at(path))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    let path = path.to_owned();
    move |reason| StoreError::File { path, reason }
}

/// Whether a folder has this plan already; an error where it has another one or something else.
fn is_of(
    root: &Path,
    path: &Path,
    plan: &serde_json::Value,
    text: &[u8],
) -> Result<bool, StoreError> {
    match read_document(path) {
        Ok(found) if found == text => Ok(true),
        Ok(found) => Err(of_another_plan(root, &unsealed(path, &found)?, plan)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
            match first_entry(root, LOCK).map_err(at(root))? {
                None => Ok(false),
                Some(name) => Err(StoreError::Occupied {
                    folder: root.into(),
                    found: name.display().to_string(),
                }),
            }
        }
        Err(reason) => Err(at(path)(reason)),
    }
}

/// What the folder holds instead of `plan`.
fn of_another_plan(root: &Path, found: &[u8], plan: &serde_json::Value) -> StoreError {
    let found: serde_json::Value = serde_json::from_slice(found).unwrap_or_default();
    let study = match (found["kind"].as_str(), found["chip"].as_str()) {
        (Some(kind), Some(chip)) => format!("{kind} of chip {chip}"),
        _ => found["schema"]
            .as_str()
            .unwrap_or("an unknown study")
            .to_owned(),
    };
    let difference = match (models(&found), models(plan)) {
        (there, asked) if there != asked && !there.is_empty() => {
            format!("of model {there}, this is model {asked}")
        }
        _ => "other settings".to_owned(),
    };
    StoreError::Occupied {
        folder: root.into(),
        found: format!("{study}, {difference}"),
    }
}

/// The models of a plan, as it names them.
fn models(plan: &serde_json::Value) -> String {
    let one = plan["settings"]["model_blake3"].as_str();
    let several = plan["models"].as_array().into_iter().flatten();
    let all: Vec<&str> = one
        .into_iter()
        .chain(several.filter_map(|model| model.as_str()))
        .collect();
    all.join(", ")
}

fn document(value: &impl Serialize) -> Vec<u8> {
    sealed_json(value).expect("objects of numbers, text and lists of them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::Outcome;
    use serde_json::json;
    use std::fs;

    #[test]
    fn a_study_that_was_killed_while_it_wrote_its_plan_begins_again() {
        let folder = tempfile::tempdir().unwrap();
        let half = folder.path().join(".plan.json.Ab12Cd.gradep-tmp");
        fs::write(&half, "{").unwrap();
        fs::write(folder.path().join(LOCK), "").unwrap();
        Store::open(folder.path(), &json!({"kind": "sweep"})).unwrap();
        assert!(!half.exists() && folder.path().join("plan.json").exists());
    }

    #[test]
    fn results_come_back_to_the_last_bit_and_folders_keep_to_their_plan() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("sweep");
        let plan = json!({"kind": "sweep", "chip": "D3"});
        let store = Store::open(&root, &plan).unwrap();
        assert_eq!(store.get::<Outcome>("a/chip_3").unwrap(), None);
        let outcome = Outcome {
            scores: [
                ("mmd".to_owned(), 0.1 + 0.2),
                ("kid".to_owned(), 1e-300 / 3.0),
            ]
            .into(),
            joules: 4.9e-324,
            ..Outcome::default()
        };
        store.put("a/chip_3", &outcome).unwrap();
        let busy = Store::open(&root, &plan).unwrap_err().to_string();
        assert!(busy.contains("another process"), "{busy}");
        drop(store);
        let again = Store::open(&root, &plan).unwrap();
        assert_eq!(again.get("a/chip_3").unwrap(), Some(outcome));
        assert!(again.has("a/chip_3") && !again.has("b/chip_3"));

        let message = Store::open(&root, &json!({"kind": "tolerance", "chip": "D4"}))
            .unwrap_err()
            .to_string();
        assert!(message.contains("sweep of chip D3"), "{message}");
        let message = Store::open(folder.path(), &plan).unwrap_err().to_string();
        assert!(message.contains("(sweep)"), "{message}");
        assert!(!folder.path().join(LOCK).exists(), "not its folder");
        fs::write(root.join("cells/a/chip_3.json"), "{").unwrap();
        let message = again.get::<Outcome>("a/chip_3").unwrap_err().to_string();
        assert!(message.contains("chip_3.json"), "{message}");
    }
}
