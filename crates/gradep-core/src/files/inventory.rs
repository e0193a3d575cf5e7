//! What a finished folder holds: `files.json`, the BLAKE3 of every file that was written into it.
//!
//! It is removed before anything in the folder changes and written last, so that a folder with an inventory was
//! finished. Files that are not in it are a user's own.

use super::seal::{LISTED, SEAL, look_within};
use super::{
    Changed, Seal, is_leftover, look, read_file, read_whole, sealed_json, unsealed,
    write_atomically,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, io, io::Write as _, path::Path};

/// Name of the inventory's file.
pub const INVENTORY: &str = "files.json";

/// Files by their name within the folder, `/` between its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    schema: u32,
    written_by: String,
    files: BTreeMap<String, String>,
}

/// How a file is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// As it was written.
    Whole,
    /// With other bytes.
    Changed,
    /// Not at all.
    Missing,
    /// Nothing says what it was.
    Unknown,
}

impl Inventory {
    /// Hashes files of a folder and writes the inventory.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(folder: &Path, names: impl IntoIterator<Item = String>) -> io::Result<()> {
        let mut files = BTreeMap::new();
        for name in names {
            let bytes = read_whole(&folder.join(&name))?;
            files.insert(name, blake3::hash(&bytes).to_hex().to_string());
        }
        let inventory = Self {
            schema: 1,
            written_by: format!("gradep {}", env!("CARGO_PKG_VERSION")),
            files,
        };
        let bytes = sealed_json(&inventory)?;
        write_atomically(&folder.join(INVENTORY), |file| file.write_all(&bytes))
    }

    /// As [`Inventory::write`], of everything in a folder that is this program's alone, but for its lock.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_all(folder: &Path, lock: &str) -> io::Result<()> {
        let mut names = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(inner) = folders.pop() {
            for entry in fs::read_dir(folder.join(&inner))? {
                let entry = entry?;
                let name = entry.file_name();
                if is_leftover(&name) || name == lock || name == INVENTORY {
                    continue;
                }
                let name = format!("{inner}{}", name.to_string_lossy());
                if entry.file_type()?.is_dir() {
                    folders.push(name + "/");
                } else {
                    names.push(name);
                }
            }
        }
        Self::write(folder, names)
    }

    /// Removes the inventory of a folder that is about to change.
    ///
    /// # Errors
    /// Those of the file system; none where there is none.
    pub fn remove(folder: &Path) -> io::Result<()> {
        match fs::remove_file(folder.join(INVENTORY)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    /// The inventory of a folder, if it has one.
    ///
    /// # Errors
    /// [`Changed`], also where it cannot be read.
    pub fn read(folder: &Path) -> Result<Option<Self>, Changed> {
        let path = folder.join(INVENTORY);
        let Ok(bytes) = read_file(&path) else {
            return Ok(None);
        };
        let changed = || Changed {
            path: path.clone(),
            what: SEAL,
        };
        // Another program's.
        if look(&bytes) == Seal::None {
            return Ok(None);
        }
        let plain = unsealed(&path, &bytes)?;
        serde_json::from_slice(&plain).map_err(|_| changed())
    }

    /// Files and how they are found, in the order of their names.
    pub fn compare(&self, folder: &Path) -> Vec<(String, Found)> {
        let found = |(name, hash): (&String, &String)| {
            let found = match read_whole(&folder.join(name)) {
                Err(_) => Found::Missing,
                Ok(bytes) if blake3::hash(&bytes).to_hex().as_str() == hash => Found::Whole,
                Ok(_) => Found::Changed,
            };
            (name.clone(), found)
        };
        self.files.iter().map(found).collect()
    }

    /// Holds what was read from a file against the inventory of its folder, if there is one that lists it.
    ///
    /// # Errors
    /// [`Changed`].
    pub fn check(path: &Path, bytes: &[u8]) -> Result<(), Changed> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(());
        };
        let known = Self::read(folder)?;
        let hash = known.and_then(|known| known.files.get(&*name.to_string_lossy()).cloned());
        match hash {
            Some(hash) if blake3::hash(bytes).to_hex().as_str() != hash => Err(Changed {
                path: path.to_owned(),
                what: LISTED,
            }),
            _ => Ok(()),
        }
    }
}

/// How a file with a seal of its own is found.
pub fn sealed_file(bytes: &[u8]) -> Found {
    match look(bytes) {
        Seal::Whole(_) => Found::Whole,
        Seal::Broken => Found::Changed,
        Seal::None => Found::Unknown,
    }
}

/// How a model file is found.
pub fn sealed_model(bytes: &[u8]) -> Found {
    let length = bytes.first_chunk().copied().map(u64::from_le_bytes);
    let end = length.and_then(|length| usize::try_from(length).ok()?.checked_add(8));
    match look_within(bytes, end.unwrap_or(bytes.len())) {
        Seal::Whole(_) => Found::Whole,
        Seal::Broken => Found::Changed,
        // A length that was changed hides the header from its seal.
        Seal::None if look(bytes) != Seal::None => Found::Changed,
        Seal::None => Found::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_against_its_inventory() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("cells")).unwrap();
        for name in ["a.csv", "b.csv", "cells/c.json", "mine.txt"] {
            fs::write(at(name), name).unwrap();
        }
        let names = ["a.csv", "b.csv", "cells/c.json"].map(str::to_owned);
        assert_eq!(Inventory::read(folder.path()).unwrap(), None);
        Inventory::check(&at("a.csv"), b"anything").unwrap();
        Inventory::write(folder.path(), names.clone()).unwrap();
        let inventory = Inventory::read(folder.path()).unwrap().unwrap();
        let whole: Vec<_> = names.clone().map(|name| (name, Found::Whole)).into();
        assert_eq!(inventory.compare(folder.path()), whole);
        fs::write(at("cells/c.json"), "x").unwrap();
        fs::remove_file(at("b.csv")).unwrap();
        let found = inventory
            .compare(folder.path())
            .into_iter()
            .map(|(_, found)| found);
        assert!(found.eq([Found::Whole, Found::Missing, Found::Changed]));
        Inventory::check(&at("a.csv"), b"a.csv").unwrap();
        Inventory::check(&at("mine.txt"), b"other").unwrap();
        let changed = Inventory::check(&at("a.csv"), b"b")
            .unwrap_err()
            .to_string();
        assert!(changed.contains("a.csv: was changed"), "{changed}");
        let text = fs::read_to_string(at(INVENTORY)).unwrap();
        fs::write(at(INVENTORY), text.replacen("a.csv", "d.csv", 1)).unwrap();
        assert!(Inventory::read(folder.path()).is_err());
        fs::write(at(INVENTORY), "[\"of another program\"]").unwrap();
        assert_eq!(Inventory::read(folder.path()).unwrap(), None);
        Inventory::remove(folder.path()).unwrap();
        Inventory::remove(folder.path()).unwrap();
    }
}
