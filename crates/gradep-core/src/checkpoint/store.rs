//! The checkpoints of one run.

use super::{CheckpointError, CheckpointHeader, read_checkpoint, write_checkpoint};
use crate::files::{FileAccessError, make_folder};
use serde::{Serialize, de::DeserializeOwned};
use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Older checkpoints are a second and a third chance, at the price of a few hundred kilobytes each.
const KEPT: NonZeroUsize = NonZeroUsize::new(3).expect("3 is not 0");

/// A folder of checkpoints, `epoch-000500.ck` and so on. One run writes to it at a time.
#[derive(Clone, Debug)]
pub struct CheckpointStore {
    folder: PathBuf,
    kept: NonZeroUsize,
}

/// A checkpoint that has passed every check.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedCheckpoint<T> {
    /// Where it is.
    pub path: PathBuf,
    /// What it says about itself.
    pub header: CheckpointHeader,
    /// The state of the run.
    pub payload: T,
}

/// The newest checkpoint that can be resumed, and the newer ones that cannot.
#[derive(Debug)]
pub struct Latest<T> {
    /// The newest that passes every check, if any does.
    pub checkpoint: Option<SavedCheckpoint<T>>,
    /// Newer files that do not, newest first, each with the reason.
    pub damaged: Vec<(PathBuf, CheckpointError)>,
}

impl CheckpointStore {
    /// The store in `folder`, which [`save`](Self::save) makes where it is missing. Keeps the last
    /// three checkpoints.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            kept: KEPT,
        }
    }

    /// Keeps the last `kept` checkpoints instead.
    #[must_use]
    pub fn keeping(self, kept: NonZeroUsize) -> Self {
        Self { kept, ..self }
    }

    /// Writes the checkpoint of `header.epoch` atomically, then removes those that are more than the
    /// store keeps, the oldest first.
    ///
    /// Files of later epochs are left alone: they belong to the same run before it was resumed from an
    /// older checkpoint, and are replaced when their epoch comes.
    ///
    /// # Errors
    /// [`CheckpointError::Encode`], [`CheckpointError::Access`].
    pub fn save<T: Serialize>(
        &self,
        header: &CheckpointHeader,
        payload: &T,
    ) -> Result<PathBuf, CheckpointError> {
        let failed = FileAccessError::writing;
        make_folder(&self.folder).map_err(failed(&self.folder))?;
        let path = self.folder.join(file_name(header.epoch));
        write_checkpoint(&path, header, payload)?;
        self.remove_surplus(header.epoch)?;
        Ok(path)
    }

    /// Removes checkpoints up to `epoch` that are more than the store keeps, the oldest first: a process that was killed
    /// after it saved one has not.
    ///
    /// # Errors
    /// [`CheckpointError::Access`].
    pub fn remove_surplus(&self, epoch: u64) -> Result<(), CheckpointError> {
        let failed = FileAccessError::writing;
        let mut saved = self.epochs().map_err(failed(&self.folder))?;
        saved.retain(|(of, _)| *of <= epoch);
        let surplus = saved.len().saturating_sub(self.kept.get());
        for (_, old) in &saved[..surplus] {
            fs::remove_file(old).map_err(failed(old))?;
        }
        Ok(())
    }

    /// The newest checkpoint that passes every check of [`read_checkpoint`], and the reasons against
    /// the newer ones. A missing folder has no checkpoints.
    ///
    /// # Errors
    /// [`CheckpointError::Access`] where the folder cannot be listed.
    pub fn latest<T: DeserializeOwned>(&self) -> Result<Latest<T>, CheckpointError> {
        let saved = match self.epochs() {
            Ok(saved) => saved,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(FileAccessError::reading(&self.folder)(cause).into()),
        };
        let mut damaged = Vec::new();
        for (_, path) in saved.into_iter().rev() {
            match read_checkpoint(&path) {
                Ok((header, payload)) => {
                    let checkpoint = Some(SavedCheckpoint {
                        path,
                        header,
                        payload,
                    });
                    return Ok(Latest {
                        checkpoint,
                        damaged,
                    });
                }
                Err(reason) => damaged.push((path, reason)),
            }
        }
        Ok(Latest {
            checkpoint: None,
            damaged,
        })
    }

    /// Epoch and path of every file that is named as a checkpoint, the oldest first.
    fn epochs(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut saved = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if let Some(epoch) = entry.file_name().to_str().and_then(epoch_of) {
                saved.push((epoch, entry.path()));
            }
        }
        saved.sort();
        Ok(saved)
    }
}

fn file_name(epoch: u64) -> String {
    format!("epoch-{epoch:06}.ck")
}

/// The epoch in a checkpoint's file name; other names have none.
fn epoch_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("epoch-")?.strip_suffix(".ck")?;
    let epoch = digits.parse().ok()?;
    (file_name(epoch) == name).then_some(epoch)
}

#[cfg(test)]
mod tests {
    use super::super::container::tests::{State, header, state};
    use super::*;

    fn saved_at(epochs: &[u64]) -> (tempfile::TempDir, CheckpointStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = CheckpointStore::new(folder.path().join("checkpoints"));
        for &epoch in epochs {
            let step = epoch;
            store
                .save(&header(epoch), &State { step, ..state() })
                .unwrap();
        }
        (folder, store)
    }

    fn epochs(store: &CheckpointStore) -> Vec<u64> {
        let saved = store.epochs().unwrap();
        saved.into_iter().map(|(epoch, _)| epoch).collect()
    }

    #[test]
    fn the_last_ones_are_kept_in_the_order_of_epochs() {
        // By name, epoch-1000000.ck would come before epoch-999999.ck.
        let (_folder, store) = saved_at(&[5, 999_998, 999_999, 1_000_000]);
        assert_eq!(epochs(&store), [999_998, 999_999, 1_000_000]);
        let latest = store.latest::<State>().unwrap();
        assert_eq!(latest.checkpoint.unwrap().payload.step, 1_000_000);
        assert!(latest.damaged.is_empty());
    }

    #[test]
    fn damaged_files_are_passed_over_and_reported() {
        let (_folder, store) = saved_at(&[100, 200, 300]);
        let path = |epoch| store.folder.join(file_name(epoch));
        let mut bytes = fs::read(path(300)).unwrap();
        fs::write(path(300), &bytes[..bytes.len() / 2]).unwrap();
        bytes[60] ^= 1;
        fs::write(path(200), &bytes).unwrap();
        let latest = store.latest::<State>().unwrap();
        assert_eq!(latest.checkpoint.unwrap().header.epoch, 100);
        let [(newest, cut), (older, changed)] = &latest.damaged[..] else {
            panic!("two files are damaged: {:?}", latest.damaged);
        };
        assert_eq!((newest, older), (&path(300), &path(200)));
        assert!(matches!(cut, CheckpointError::Length { .. }), "{cut}");
        assert!(
            matches!(changed, CheckpointError::Checksum { .. }),
            "{changed}"
        );
        // The run resumes at 100; the checkpoint that it writes next must survive the tidying.
        let store = store.keeping(NonZeroUsize::MIN);
        store.save(&header(150), &state()).unwrap();
        assert_eq!(epochs(&store), [150, 200, 300]);
        let latest = store.latest::<State>().unwrap();
        assert_eq!(latest.checkpoint.unwrap().header.epoch, 150);
        store.save(&header(300), &state()).unwrap();
        assert_eq!(epochs(&store), [300]);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let store = CheckpointStore::new("a folder that does not exist");
        let latest = store.latest::<State>().unwrap();
        assert!(latest.checkpoint.is_none() && latest.damaged.is_empty());
    }

    #[test]
    fn leftovers_of_a_killed_writer_are_ignored_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = CheckpointStore::new(folder.path());
        let leftover = store.folder.join(".epoch-000002.ck.Xy12Za.gradep-tmp");
        let foreign = store.folder.join("epoch-2.ck");
        fs::write(&leftover, b"GRADEPCK half").unwrap();
        fs::write(&foreign, b"not ours").unwrap();
        let latest = store.latest::<State>().unwrap();
        assert!(latest.checkpoint.is_none() && latest.damaged.is_empty());
        store.save(&header(3), &state()).unwrap();
        assert!(!leftover.exists() && foreign.exists());
        assert_eq!(epochs(&store), [3]);
    }
}
