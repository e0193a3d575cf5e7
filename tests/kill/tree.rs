//! Folders before and after.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// All files under a folder by their name within it.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What a clock says, and what follows from it, in documents of this program.
const CLOCK: [&str; 6] = [
    "seconds",
    "seconds_per_epoch",
    "cpu_seconds_per_sample",
    "started",
    "ended",
    "seal",
];

/// Files that tell of sessions, how often and when something was done and by which command, and the list of hashes that has
/// theirs.
const SESSIONS: [&str; 3] = ["manifest.json", "status.json", "files.json"];

fn without_clock(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !CLOCK.contains(&key.as_str()));
            fields.values_mut().for_each(without_clock);
        }
        Value::Array(items) => items.iter_mut().for_each(without_clock),
        _ => {}
    }
}

/// A file as far as it has to be the same in every run.
fn lasting(name: &Path, bytes: &[u8]) -> Vec<u8> {
    let of_sessions = SESSIONS.iter().any(|session| name.ends_with(session));
    if of_sessions {
        return Vec::new();
    }
    let timed = ["summary.json", "quality.json"]
        .iter()
        .any(|n| name.ends_with(n));
    match serde_json::from_slice::<Value>(bytes) {
        Ok(mut value) if timed => {
            without_clock(&mut value);
            value.to_string().into_bytes()
        }
        _ => bytes.to_owned(),
    }
}

/// What is in one folder and not, or not the same, in the other.
pub(super) fn differences(found: &Path, expected: &Path) -> Vec<String> {
    let (found, expected) = (files(found), files(expected));
    let mut differences = Vec::new();
    for (name, bytes) in &found {
        match expected.get(name) {
            None => differences.push(format!("{} is too much", name.display())),
            Some(other) if lasting(name, bytes) != lasting(name, other) => {
                differences.push(format!("{} differs", name.display()));
            }
            Some(_) => {}
        }
    }
    let missing = expected.keys().filter(|name| !found.contains_key(*name));
    differences.extend(missing.map(|name| format!("{} is missing", name.display())));
    differences
}

/// Whether every file that a stopped command left is the old one or the new one, whole. Tables that grow by
/// rows may end early; documents of sessions and checkpoints on the way are in neither.
pub(super) fn is_whole(place: &Path, before: &Path, after: &Path) -> Result<(), String> {
    let (before, after) = (files(before), files(after));
    for (name, bytes) in files(place) {
        let text = name.display().to_string();
        if text.ends_with(".gradep-tmp") || text.contains("checkpoints") {
            continue;
        }
        let same = |files: &BTreeMap<PathBuf, Vec<u8>>| {
            files.get(&name).is_some_and(|file| {
                lasting(&name, file) == lasting(&name, &bytes)
                    || (name.ends_with("metrics.csv") && file.starts_with(&bytes))
            })
        };
        if !same(&before) && !same(&after) {
            return Err(format!("{text} is neither the old file nor the new one"));
        }
    }
    Ok(())
}

/// Temporary files that are still there.
pub(super) fn leftovers(place: &Path) -> Vec<PathBuf> {
    let is_temporary = |name: &PathBuf| name.display().to_string().ends_with(".gradep-tmp");
    files(place).into_keys().filter(is_temporary).collect()
}

/// Bytes that the files of a folder take on a disk of pages of 4096 bytes.
pub(super) fn bytes(place: &Path) -> u64 {
    let pages = |length: usize| (length as u64).div_ceil(4096) * 4096;
    files(place).values().map(|file| pages(file.len())).sum()
}
