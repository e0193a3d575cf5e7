//! Every crate can be packaged: what it is built of lies in its own folder.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The crates of the library.
fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("crates")).unwrap();
    let folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(folders.len() >= 4, "{folders:?}");
    folders
}

/// Files of a folder that end in `.rs`, however deep.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The first string of every macro call that includes a file into what is built. What doc tests alone include is not
/// built from a package.
fn included(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for call in ["include_str!(", "include_bytes!(", "include!("] {
        for (at, _) in text.match_indices(call) {
            let before = text[..at].lines().rev().nth(1).unwrap_or_default();
            let path = text[at..].split('"').nth(1).unwrap_or_default();
            if before.trim() != "#[cfg(doctest)]" && !path.is_empty() {
                found.push(path);
            }
        }
    }
    found
}

/// A path without `.` and `..`, links left as they are.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn no_crate_includes_what_is_not_in_its_folder() {
    let mut count = 0;
    for folder in crates() {
        let folder = folder.canonicalize().unwrap();
        let mut files = Vec::new();
        sources(&folder.join("src"), &mut files);
        for file in files {
            for path in included(&fs::read_to_string(&file).unwrap()) {
                let place = plain(&file.parent().unwrap().join(path));
                assert!(place.starts_with(&folder), "{}: {path}", file.display());
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} files are included");
}

#[test]
fn a_path_that_leaves_its_folder_is_seen() {
    let text = "const A: &[u8] = include_bytes!(\"../../data/a\");\nlet b = include_str!(concat!(\"b/\", $name));";
    assert_eq!(included(text), ["b/", "../../data/a"]);
    let readme = "#[cfg(doctest)]\n#[doc = include_str!(\"../README.md\")]\nstruct Readme;";
    assert_eq!(included(readme), [""; 0]);
    assert_eq!(
        plain(Path::new("/c/src/../../data/a")),
        Path::new("/data/a")
    );
}

/// Packages hold files: a link would be packed as what it points to, or not at all.
#[cfg(unix)]
#[test]
fn no_crate_holds_links() {
    fn links(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let kind = entry.file_type().unwrap();
            if kind.is_symlink() {
                found.push(entry.path());
            } else if kind.is_dir() && entry.file_name() != "target" {
                links(&entry.path(), found);
            }
        }
    }
    let mut found = Vec::new();
    for folder in crates() {
        links(&folder, &mut found);
    }
    assert_eq!(found, Vec::<PathBuf>::new());
}

/// The names that texts and tests use lead to the files.
#[test]
fn names_at_the_root_lead_into_the_crates() {
    for name in [
        "hw-specs/README.md",
        "hw-specs/devices/pcm.toml",
        "hw-specs/wires/imac-sim.toml",
        "data/optdigits.tes",
        "data/optdigits.tra",
        "data/split_half_898.npz",
        "data/evaluator/baselines.csv",
    ] {
        let place = root().join(name).canonicalize().unwrap();
        assert!(place.starts_with(root().join("crates").canonicalize().unwrap()));
    }
}

/// Each manifest says what a registry asks for, and depends on crates of the workspace by version as well as by path.
#[test]
fn manifests_are_those_of_packages() {
    let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for folder in crates() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for key in [
            "description = ",
            "license.workspace = true",
            "version.workspace = true",
        ] {
            assert!(manifest.contains(key), "{name}: {key}");
        }
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap();
        let dependencies = dependencies.split("\n[").next().unwrap();
        assert!(!dependencies.contains("path ="), "{name}: {dependencies}");
        if name != "gradep" {
            let line = format!("{name} = {{ path = \"crates/{name}\", version = ");
            assert!(workspace.contains(&line), "{name}");
        }
    }
}
