//! Whether files are what this program wrote.

use crate::{
    checkpoint::is_whole_checkpoint,
    files::{
        FileAccessError, Found, INDEX, INVENTORY, Inventory, is_leftover, read_document, read_file,
        sealed_file, sealed_model,
    },
};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// Files, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Each with how it is found.
    pub files: Vec<VerifiedFile>,
}

/// A file and how it is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifiedFile {
    /// Name within the folder, or the path of a single file.
    pub name: String,
    /// How it is found.
    pub found: Found,
}

impl Verified {
    /// How many files are found so.
    pub fn count(&self, found: Found) -> usize {
        self.files.iter().filter(|file| file.found == found).count()
    }

    /// Whether something says what was written, and nothing is changed or missing.
    pub fn is_whole(&self) -> bool {
        self.count(Found::Changed) + self.count(Found::Missing) == 0 && self.count(Found::Whole) > 0
    }
}

/// Looks at a folder with all that is below it, or at one file.
///
/// A file is held against the `files.json` of a folder that it lies in, and against what it says itself: the seal of a
/// document or a model, the checksum of a checkpoint, the one that a table of conductances has in its sidecar.
///
/// # Errors
/// The path cannot be read.
pub fn verify(path: &Path) -> Result<Verified, FileAccessError> {
    let read = |path: &Path| fs::metadata(path).map_err(FileAccessError::reading(path));
    let mut found = BTreeMap::new();
    if read(path)?.is_dir() {
        walk(path, path, &mut found)?;
    } else {
        let bytes = read_file(path)?;
        let listed = match Inventory::check(path, &bytes) {
            Err(_) => Found::Changed,
            Ok(()) => Found::Unknown,
        };
        let name = path.display().to_string();
        found.insert(name, worse(listed, own(path, &bytes)));
    }
    let files = found
        .into_iter()
        .map(|(name, found)| VerifiedFile { name, found });
    Ok(Verified {
        files: files.collect(),
    })
}

fn walk(
    root: &Path,
    folder: &Path,
    all: &mut BTreeMap<String, Found>,
) -> Result<(), FileAccessError> {
    let mut names: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(FileAccessError::reading(folder))? {
        names.push(entry.map_err(FileAccessError::reading(folder))?.path());
    }
    let named = |path: &Path| {
        let inner = path.strip_prefix(root).unwrap_or(path);
        inner.to_string_lossy().into_owned()
    };
    for path in &names {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            walk(root, path, all)?;
        } else if !is_leftover(name) && path.extension() != Some(OsStr::new("lock")) {
            let bytes = read_file(path)?;
            note(all, named(path), own(path, &bytes));
        }
    }
    // Tables that no index speaks of: an export that was not finished.
    if names.iter().any(|path| is_sidecar(path)) && !folder.join(INDEX).is_file() {
        note(all, named(&folder.join(INDEX)), Found::Missing);
    }
    match Inventory::read(folder) {
        Err(_) => note(all, named(&folder.join(INVENTORY)), Found::Changed),
        Ok(None) => {}
        Ok(Some(inventory)) => {
            for (name, found) in inventory.compare(folder) {
                note(all, named(&folder.join(name)), found);
            }
        }
    }
    Ok(())
}

fn note(all: &mut BTreeMap<String, Found>, name: String, found: Found) {
    let known = all.entry(name).or_insert(Found::Unknown);
    *known = worse(*known, found);
}

/// Of two answers the one that says more.
fn worse(a: Found, b: Found) -> Found {
    let rank = |found| match found {
        Found::Unknown => 0,
        Found::Whole => 1,
        Found::Missing => 2,
        Found::Changed => 3,
    };
    if rank(a) >= rank(b) { a } else { b }
}

fn is_sidecar(path: &Path) -> bool {
    path.extension() == Some(OsStr::new("json")) && path.with_extension("csv").is_file() && {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        stem.starts_with("weight_") || stem.starts_with("bias_")
    }
}

/// What a file says of itself, or its sidecar of it.
fn own(path: &Path, bytes: &[u8]) -> Found {
    match path.extension().and_then(OsStr::to_str) {
        Some("json") => sealed_file(bytes),
        Some("safetensors") => sealed_model(bytes),
        Some("ck") if is_whole_checkpoint(path, bytes) => Found::Whole,
        Some("ck") => Found::Changed,
        Some("csv") => told_by(&path.with_extension("json"), "table_blake3", bytes),
        Some("npz") => told_by(&path.with_file_name(INDEX), "numpy_blake3", bytes),
        _ => Found::Unknown,
    }
}

/// What a document beside a file says that it was.
fn told_by(document: &Path, key: &str, bytes: &[u8]) -> Found {
    let document = read_document(document).unwrap_or_default();
    let document: serde_json::Value = serde_json::from_slice(&document).unwrap_or_default();
    match document[key].as_str() {
        None => Found::Unknown,
        Some(hash) if blake3::hash(bytes).to_hex().as_str() == hash => Found::Whole,
        Some(_) => Found::Changed,
    }
}
