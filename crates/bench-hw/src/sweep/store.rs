//! Results on the disk, one file a chip: what is there is not computed again.

use super::{Outcome, SweepError};
use gradep_core::files::{
    FolderLock, Inventory, first_entry, make_folder, read_document, sealed_json, unsealed,
    write_atomically,
};
use serde::Serialize;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Held while a process computes a study: two would write the same files.
pub const LOCK: &str = "study.lock";

/// The folder of a sweep: `plan.json` says which, `cells/` holds a folder for each condition. This process
/// alone writes to it.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
    _lock: Arc<FolderLock>,
}

impl Store {
    /// Begins in an empty or new folder, or goes on in one of the same plan.
    ///
    /// # Errors
    /// [`SweepError::Occupied`] for a folder of another plan or of something else.
    pub fn open(root: &Path, plan: &serde_json::Value) -> Result<Self, SweepError> {
        let path = root.join("plan.json");
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

    fn path(&self, condition: &str, chip: u64) -> PathBuf {
        let folder = self.root.join("cells").join(condition);
        folder.join(format!("chip_{chip}.json"))
    }

    /// Whether a chip's result is there.
    pub fn has(&self, condition: &str, chip: u64) -> bool {
        self.path(condition, chip).exists()
    }

    /// The result of a chip, if there is one.
    ///
    /// # Errors
    /// [`SweepError::Damaged`], [`SweepError::File`].
    pub fn get(&self, condition: &str, chip: u64) -> Result<Option<Outcome>, SweepError> {
        let path = self.path(condition, chip);
        let bytes = match read_document(&path) {
            Ok(bytes) => bytes,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(reason) => return Err(SweepError::File { path, reason }),
        };
        let plain = unsealed(&path, &bytes)?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|error| SweepError::Damaged {
                path,
                reason: error.to_string(),
            })
    }

    /// Keeps the result of a chip: whole, or not at all.
    ///
    /// # Errors
    /// [`SweepError::File`].
    pub fn put(&self, condition: &str, chip: u64, outcome: &Outcome) -> Result<(), SweepError> {
        self.write(&self.path(condition, chip), &document(outcome))
    }

    /// Writes a document of the sweep.
    ///
    /// # Errors
    /// [`SweepError::File`].
    pub fn write_document(&self, name: &str, value: &impl Serialize) -> Result<(), SweepError> {
        self.write(&self.root.join(name), &document(value))
    }

    /// Writes `files.json`: all that the study holds, now that it is finished.
    ///
    /// # Errors
    /// [`SweepError::File`].
    pub fn close(&self) -> Result<(), SweepError> {
        Inventory::write_all(&self.root, LOCK).map_err(at(&self.root))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), SweepError> {
        make_folder(path.parent().unwrap_or(&self.root))
            .and_then(|()| write_atomically(path, |file| io::Write::write_all(file, bytes)))
            .map_err(at(path))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> SweepError {
    let path = path.to_owned();
    move |reason| SweepError::File { path, reason }
}

/// Whether a folder has this plan already; an error where it has another one or something else.
fn is_of(
    root: &Path,
    path: &Path,
    plan: &serde_json::Value,
    text: &[u8],
) -> Result<bool, SweepError> {
    match read_document(path) {
        Ok(found) if found == text => Ok(true),
        Ok(found) => Err(of_another_plan(root, &unsealed(path, &found)?, plan)),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
            match first_entry(root, LOCK).map_err(at(root))? {
                None => Ok(false),
                Some(name) => Err(SweepError::Occupied {
                    folder: root.into(),
                    found: name.display().to_string(),
                }),
            }
        }
        Err(reason) => Err(at(path)(reason)),
    }
}

/// What the folder holds instead of `plan`.
fn of_another_plan(root: &Path, found: &[u8], plan: &serde_json::Value) -> SweepError {
    let found: serde_json::Value = serde_json::from_slice(found).unwrap_or_default();
    let what = |name: &str| found[name].as_str().unwrap_or("unknown").to_owned();
    let model = |plan: &serde_json::Value| plan["settings"]["model_blake3"].clone();
    let other = match (model(&found), model(plan)) {
        (serde_json::Value::String(there), serde_json::Value::String(asked)) if there != asked => {
            format!("of model {there}, this is model {asked}")
        }
        _ => "other settings".to_owned(),
    };
    SweepError::Occupied {
        folder: root.into(),
        found: format!("{} of chip {}, {other}", what("kind"), what("chip")),
    }
}

fn document(value: &impl Serialize) -> Vec<u8> {
    sealed_json(value).expect("objects of numbers, text and lists of them")
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert_eq!(store.get("a", 3).unwrap(), None);
        let outcome = Outcome {
            scores: [
                ("mmd".to_owned(), 0.1 + 0.2),
                ("kid".to_owned(), 1e-300 / 3.0),
            ]
            .into(),
            joules: 4.9e-324,
            ..Outcome::default()
        };
        store.put("a", 3, &outcome).unwrap();
        let busy = Store::open(&root, &plan).unwrap_err().to_string();
        assert!(busy.contains("another process"), "{busy}");
        drop(store);
        let again = Store::open(&root, &plan).unwrap();
        assert_eq!(again.get("a", 3).unwrap(), Some(outcome));
        assert!(again.has("a", 3) && !again.has("b", 3));

        let message = Store::open(&root, &json!({"kind": "tolerance", "chip": "D4"}))
            .unwrap_err()
            .to_string();
        assert!(message.contains("sweep of chip D3"), "{message}");
        let message = Store::open(folder.path(), &plan).unwrap_err().to_string();
        assert!(message.contains("(sweep)"), "{message}");
        assert!(!folder.path().join(LOCK).exists(), "not its folder");
        fs::write(root.join("cells/a/chip_3.json"), "{").unwrap();
        let message = again.get("a", 3).unwrap_err().to_string();
        assert!(message.contains("chip_3.json"), "{message}");
    }
}
