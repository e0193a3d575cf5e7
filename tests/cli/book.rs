//! The short commands of the book, run in the order of its pages in a fresh folder, as a reader types them.
//!
//! Counts are made smaller, and training gets a small network: what is tested is that each command does its work on
//! what those before it left, not what comes out. Blocks that are marked `sh long` are parsed by a test beside the
//! command line.

use gradep_tests::live;
use ndarray::Array2;
use ndarray_npy::write_npy;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The pages with commands, in the order of the book.
const PAGES: &[&str] = &[
    "tour.md",
    "own-data.md",
    "chip.md",
    "devices.md",
    "own-device.md",
    "maps-and-spice.md",
    "quality.md",
    "held-nodes.md",
    "studies.md",
    "report.md",
];

/// What makes a command short: options whose number is divided, and the least that is left.
const SHORTER: &[(&str, usize, usize)] = &[
    ("--epochs", 100, 1),
    ("-n", 2, 20),
    ("--ratio", 10, 2),
    ("--chips", 2, 1),
    ("--devices", 5, 100),
];

/// A block of a page.
struct Block {
    /// The words behind the fence.
    language: String,
    lines: Vec<String>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in text.replace("\\\n", " ").lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    lines: Vec::new(),
                });
            }
            (None, Some(block)) => block.lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The command with smaller counts, and with what a small model needs.
fn shortened(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    for place in 1..words.len() {
        let option = SHORTER.iter().find(|(name, ..)| words[place - 1] == *name);
        if let (Some((_, divisor, least)), Ok(number)) = (option, words[place].parse::<usize>()) {
            words[place] = (number / divisor).max(*least).to_string();
        }
    }
    let more = match (words.get(1).map(String::as_str), words.get(2)) {
        (Some("train"), Some(first)) if first != "--resume" => {
            if line.contains("data.label_nodes=10") {
                " -s network.layers=[74,32,32] -s sampling.step=0.1 --force"
            } else if line.contains("held.copies=true") {
                " -s network.layers=[128,32,32] -s sampling.step=0.1 --force"
            } else {
                " -s network.layers=[64,32,32] -s sampling.step=0.1 --force"
            }
        }
        // A model of a few epochs draws grey: it is said that this is the range of its samples.
        (Some("evaluate"), _) => " --low -1 --high 1",
        (Some("check"), _) => " --samples 8 --betas 1e-3",
        _ => "",
    };
    words.join(" ") + more
}

/// A folder with what a clone has.
fn clone_of_the_repository() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir().unwrap();
    copy(&root.join("data"), &folder.path().join("data"));
    copy(&root.join("examples"), &folder.path().join("examples"));
    folder
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}

/// Runs a line in a shell that finds the binary as `gradep`.
fn run_in_shell(line: &str, folder: &Path) -> Output {
    let binary = assert_cmd::cargo::cargo_bin!("gradep");
    let places = env::var_os("PATH").unwrap_or_default();
    let mut paths = vec![PathBuf::from(binary.parent().unwrap())];
    paths.extend(env::split_paths(&places));
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", env::join_paths(paths).unwrap())
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn succeed(line: &str, folder: &Path, page: &str) {
    let output = run_in_shell(line, folder);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "docs/{page}: {line}: {said}");
}

/// A block in Python, where NumPy is; elsewhere the arrays that the tour makes with it.
fn run_python(block: &Block, folder: &Path, page: &str, python: Option<&str>) {
    if let Some(python) = python {
        fs::write(folder.join("block.py"), block.lines.join("\n")).unwrap();
        succeed(&format!("{python} block.py"), folder, page);
    } else if block.lines.iter().any(|line| line.contains("x_t.npy")) {
        let wave = |row: usize, column: usize| (row as f32 + 0.7 * column as f32).sin();
        let array = Array2::from_shape_fn((16, 64), |(row, column)| wave(row, column));
        write_npy(folder.join("x_t.npy"), &array).unwrap();
        write_npy(folder.join("u_t.npy"), &array).unwrap();
    } else if block.lines.iter().any(|line| line.contains("upper.npy")) {
        let image = Array2::from_shape_fn((16, 64), |(row, column)| {
            (row as f32 + 0.7 * column as f32).sin()
        });
        write_npy(folder.join("digits.npy"), &image).unwrap();
        write_npy(folder.join("noised.npy"), &image).unwrap();
        let known = Array2::from_shape_fn((8, 8), |(row, _)| row < 4);
        write_npy(folder.join("upper.npy"), &known).unwrap();
    }
}

#[test]
fn the_short_commands_of_the_book_run_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let folder = clone_of_the_repository();
    let (python, has_ngspice) = (live::python_with_numpy(), live::has_ngspice());
    let mut count = 0;
    for page in PAGES {
        let text = fs::read_to_string(root.join(page)).unwrap();
        for block in blocks(&text) {
            match block.language.as_str() {
                "sh" => {
                    for line in block.lines.iter().filter(|line| !line.trim().is_empty()) {
                        let line = line.split(" #").next().unwrap().trim_end();
                        succeed(&shortened(line), folder.path(), page);
                        count += 1;
                    }
                }
                "sh ngspice" if has_ngspice => {
                    block
                        .lines
                        .iter()
                        .for_each(|line| succeed(line, folder.path(), page));
                }
                "python" => run_python(&block, folder.path(), page, python),
                "sh long" | "sh setup" | "sh ngspice" | "text" => {}
                other => {
                    panic!("docs/{page}: a block of {other}: sh, sh long, sh setup or python?")
                }
            }
        }
    }
    assert!(count > 35, "{count} commands");
}

/// Every metric that is measured stands in the glossary, and the glossary has no other.
#[test]
fn the_glossary_has_every_metric() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let glossary = fs::read_to_string(root.join("docs/glossary.md")).unwrap();
    let (_, metrics) = glossary.split_once("## Metrics").unwrap();
    let mut explained: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(key, _)| key.to_owned())
        .collect();
    let samples = root.join("data/evaluator/samples_feedforward_t1.1.npz");
    let line = format!("evaluate {} --track H --json", samples.display());
    let document: serde_json::Value = serde_json::from_str(&super::printed(&line)).unwrap();
    let scores = document.as_object().unwrap().iter();
    let mut measured: Vec<_> = scores
        .filter(|(_, score)| score.get("standard_error").is_some())
        .map(|(key, _)| key.clone())
        .collect();
    explained.sort();
    measured.sort();
    assert_eq!(explained, measured);
}

#[test]
fn commands_are_made_shorter_and_stay_the_same_commands() {
    for (line, short) in [
        (
            "gradep train --epochs 300 --out a",
            "gradep train --epochs 3 --out a -s network.layers=[64,32,32] -s sampling.step=0.1 --force",
        ),
        (
            "gradep train --resume a --epochs 400",
            "gradep train --resume a --epochs 4",
        ),
        (
            "gradep sample a -n 64 --ratio 50",
            "gradep sample a -n 32 --ratio 5",
        ),
    ] {
        assert_eq!(shortened(line), short);
    }
}
