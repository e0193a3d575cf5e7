//! Examples of help pages, run as they stand there.

use super::{gradep, stdout};
use std::{fs, path::Path, process::Command};

/// Runs the first example of a page in a folder, as a shell does.
fn run_example(command: &str, folder: &Path) {
    let help = stdout(&format!("{command} --help"));
    let (_, after) = help.split_once("Example:\n").expect(command);
    let (examples, _) = after.split_once("\n\n").unwrap_or((after, ""));
    let line = examples.replace("\\\n", " ");
    let line = line.lines().next().expect(command).trim();
    let binary = assert_cmd::cargo::cargo_bin!("gradep");
    let line = line.replace("~/.local/share/bash-completion/completions/", "");
    let output = Command::new("sh")
        .arg("-c")
        .arg(line.replacen("gradep", &binary.display().to_string(), 1))
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    assert!(output.stderr.is_empty(), "{line}: {output:?}");
}

#[test]
fn the_short_examples_run_as_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    fs::write(
        place.join("my-chip.toml"),
        "name = \"my-chip\"\ninherits = \"D3\"\n",
    )
    .unwrap();
    for command in [
        "chip list",
        "chip show",
        "chip explain",
        "chip check",
        "chip measure",
        "config show",
        "completions",
    ] {
        run_example(command, place);
    }
    fs::rename(place.join("synthetic.csv"), place.join("programming.csv")).unwrap();
    run_example("chip fit", place);
    let output = gradep()
        .args(["chip", "check", "my-device.toml"])
        .current_dir(place)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
