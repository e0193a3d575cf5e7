//! Images of one's own: however their file is laid out and packed, the same images are learned.

use super::{gradep, refusal};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Lines of the digits: 64 pixels and the label.
fn digits(count: usize) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/optdigits.tes");
    let text = fs::read_to_string(path).unwrap();
    text.lines().take(count).map(str::to_owned).collect()
}

fn label_first(line: &str) -> String {
    let (pixels, label) = line.rsplit_once(',').unwrap();
    format!("{label},{pixels}")
}

fn write(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, lines.join("\n")).unwrap();
    path
}

/// What a run of a second on these images comes to, as printed by `--json`.
fn trained(source: &Path, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = gradep();
    command.args(["train", "-q", "--json", "--epochs", "2", "--out"]);
    command.arg(folder.path().join("run"));
    let source = format!("data.source={}", source.display());
    for setting in [
        "network.layers=[64,8]",
        "flow.batch=30",
        "sampling.step=0.3",
        &source,
    ] {
        command.args(["-s", setting]);
    }
    let output = command.args(more).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn losses(source: &Path, more: &[&str]) -> [Value; 2] {
    let summary = trained(source, more);
    [
        summary["initial_loss"].clone(),
        summary["final_loss"].clone(),
    ]
}

#[test]
fn the_layout_of_a_table_does_not_change_what_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let last = digits(30);
    let first: Vec<String> = last.iter().map(|line| label_first(line)).collect();
    let names: Vec<String> = (0..64).map(|i| format!("pixel{i}")).collect();
    let headed = [vec![format!("label,{}", names.join(","))], first.clone()].concat();

    let plain = write(folder, "last.csv", &last);
    let expected = losses(&plain, &[]);
    let first = write(folder, "first.csv", &first);
    assert_eq!(losses(&first, &["-s", "data.label_column=first"]), expected);
    assert_eq!(losses(&write(folder, "headed.csv", &headed), &[]), expected);
    let packed = folder.join("last.csv.gz");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&fs::read(&plain).unwrap()).unwrap();
    fs::write(&packed, encoder.finish().unwrap()).unwrap();
    assert_eq!(losses(&packed, &[]), expected);

    // Not said, and not taken for pixels either; nothing is left of the attempt.
    let run = folder.join("run");
    let message = refusal(&format!(
        "train -q -s network.layers=[64,8] -s data.source={} --out {}",
        first.display(),
        run.display()
    ));
    for part in [
        "first.csv",
        "first column",
        "data.label_column = first, last or none",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!run.exists());
}

#[test]
fn bad_tables_are_refused_as_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = digits(3);
    lines[1] = lines[1].replacen("0,", "x,", 1);
    let path = write(folder.path(), "slip.csv", &lines);
    let message = refusal(&format!("train -q -s data.source={}", path.display()));
    assert!(
        message.contains("slip.csv, line 2, column 1: `x` is not a number"),
        "{message}"
    );
}
