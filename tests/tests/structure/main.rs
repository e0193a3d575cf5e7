//! Order in the house: modules without circles, files that can be read, functions whose calls say what they mean.

mod circles;
mod functions;
mod modules;
mod text;

use circles::circles;
use functions::unclear;
use modules::{Crate, files};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Most lines of a file.
const LONGEST: usize = 500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Name and source folder of every crate of the program.
fn crates() -> Vec<(String, PathBuf)> {
    let mut found: Vec<_> = fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, entry.path().join("src"))
        })
        .filter(|(_, src)| src.is_dir())
        .collect();
    found.sort();
    assert!(found.len() >= 4, "{found:?}");
    found
}

#[test]
fn modules_have_an_order() {
    let mut found = Vec::new();
    for (name, src) in crates() {
        for circle in circles(&Crate::read(&src)) {
            found.push(format!(
                "{name}, in {}: {:?}\n    {}",
                circle.parent,
                circle.members,
                circle.uses.join("\n    ")
            ));
        }
    }
    assert!(
        found.is_empty(),
        "circles of modules:\n{}",
        found.join("\n")
    );
}

#[test]
fn files_can_be_read() {
    let root = root();
    let mut long = Vec::new();
    let mut count = 0;
    for folder in ["crates", "tests", "fuzz", "examples"] {
        for file in files(&root.join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            count += 1;
            if lines > LONGEST {
                long.push(format!("{}: {lines}", file.display()));
            }
        }
    }
    assert!(count > 100, "{count} files");
    assert!(
        long.is_empty(),
        "more than {LONGEST} lines:\n{}",
        long.join("\n")
    );
}

#[test]
fn calls_say_what_they_mean() {
    let mut found = Vec::new();
    for (name, src) in crates() {
        for file in files(&src) {
            let inside = file.strip_prefix(&src).unwrap();
            if inside.components().any(|part| part.as_os_str() == "tests") {
                continue;
            }
            for function in unclear(&fs::read_to_string(&file).unwrap()) {
                found.push(format!("{name}: {} has {}", function.name, function.why));
            }
        }
    }
    assert!(found.is_empty(), "public functions:\n{}", found.join("\n"));
}
