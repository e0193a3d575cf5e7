//! Order in the house: modules without circles, files that can be read, functions whose calls say what they mean.

mod circles;
mod functions;
mod modules;
mod text;

use circles::circles;
use functions::unclear;
use modules::{Crate, files};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Most lines of a file.
const LONGEST: usize = 500;

/// Files that are known to be longer: the list may only get shorter.
const KNOWN_FILES: &[&str] = &[];

/// Circles that are known, by crate and parent, with all that may be in them: the list may only get shorter.
const KNOWN_CIRCLES: &[(&str, &str, &[&str])] = &[];

/// Public functions that are known to have too many parameters or a tuple for one, by crate and name: the list may only
/// get shorter.
const KNOWN_FUNCTIONS: &[(&str, &[&str])] = &[("bench-hw", &["measure_baseline"])];

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
    let mut unknown = Vec::new();
    let mut met = BTreeSet::new();
    for (name, src) in crates() {
        for circle in circles(&Crate::read(&src)) {
            let known = KNOWN_CIRCLES.iter().position(|(of, parent, members)| {
                *of == name
                    && *parent == circle.parent
                    && circle.members.iter().all(|m| members.contains(&&**m))
            });
            match known {
                Some(place) => {
                    met.insert(place);
                }
                None => unknown.push(format!(
                    "{name}, in {}: {:?}\n    {}",
                    circle.parent,
                    circle.members,
                    circle.uses.join("\n    ")
                )),
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "circles of modules:\n{}",
        unknown.join("\n")
    );
    let gone = (0..KNOWN_CIRCLES.len()).filter(|k| !met.contains(k));
    let gone: Vec<_> = gone.map(|k| KNOWN_CIRCLES[k]).collect();
    assert!(
        gone.is_empty(),
        "no circles any more, take them off the list: {gone:?}"
    );
}

#[test]
fn files_can_be_read() {
    let root = root();
    let mut long = BTreeSet::new();
    let mut count = 0;
    for folder in ["crates", "tests", "fuzz", "examples"] {
        for file in files(&root.join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            count += 1;
            if lines > LONGEST {
                let name = file.strip_prefix(&root).unwrap();
                long.insert(name.to_string_lossy().into_owned());
            }
        }
    }
    assert!(count > 100, "{count} files");
    let known: BTreeSet<String> = KNOWN_FILES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        long, known,
        "more than {LONGEST} lines, and what is known to have"
    );
}

#[test]
fn calls_say_what_they_mean() {
    let mut unknown = Vec::new();
    let mut met = BTreeSet::new();
    for (name, src) in crates() {
        let known = KNOWN_FUNCTIONS.iter().find(|(of, _)| *of == name);
        for file in files(&src) {
            let inside = file.strip_prefix(&src).unwrap();
            if inside.components().any(|part| part.as_os_str() == "tests") {
                continue;
            }
            for function in unclear(&fs::read_to_string(&file).unwrap()) {
                let listed =
                    known.and_then(|(_, names)| names.iter().find(|n| **n == function.name));
                match listed {
                    Some(&listed) => {
                        met.insert((name.clone(), listed));
                    }
                    None => unknown.push(format!("{name}: {} has {}", function.name, function.why)),
                }
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "public functions:\n{}",
        unknown.join("\n")
    );
    let gone: Vec<_> = KNOWN_FUNCTIONS
        .iter()
        .flat_map(|(of, names)| names.iter().map(move |name| ((*of).to_owned(), *name)))
        .filter(|entry| !met.contains(entry))
        .collect();
    assert!(gone.is_empty(), "take them off the list: {gone:?}");
}
