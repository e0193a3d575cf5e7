//! Commands of the README and of the book are taken, also those that take too long to be run by a test, with the chips,
//! devices and keys that they name.

use super::help::taken;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The Markdown files below a folder.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|end| end == "md") {
            found.push(path);
        }
    }
}

/// The lines that call `gradep` in blocks of shell commands, continued lines joined, comments and redirections gone.
fn commands(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_shell = false;
    for line in text.replace("\\\n", " ").lines() {
        if let Some(language) = line.strip_prefix("```") {
            in_shell = language == "sh" || language.starts_with("sh ");
        } else if in_shell {
            let line = line.split(" #").next().unwrap().trim();
            let line = match line.split_once("-p gradep -- ") {
                Some((before, after)) if before.starts_with("cargo run") => {
                    format!("gradep {after}")
                }
                _ => line.to_owned(),
            };
            if line.starts_with("gradep ") {
                lines.push(line);
            }
        }
    }
    lines
}

#[test]
fn every_command_of_the_book_is_taken() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = vec![root.join("README.md")];
    pages(&root.join("docs"), &mut files);
    let mut count = 0;
    for file in files {
        for line in commands(&fs::read_to_string(&file).unwrap()) {
            // A device or a chip of the reader's is a file that another command of the book writes.
            if line.contains("my-device.toml") {
                let known = line.replace("device=my-device.toml", "device=pcm");
                taken(&known);
            } else {
                taken(&line);
            }
            count += 1;
        }
    }
    assert!(count > 50, "{count}");
}

#[test]
fn commands_are_found_where_they_stand() {
    let text = "```sh long\ngradep a \\\n  --b    # why\ncargo build\n```\n```text\ngradep no\n```\n\
        ```sh\ncargo run --release -p gradep -- train   # trains\n```\n";
    assert_eq!(commands(text), ["gradep a    --b", "gradep train"]);
}
