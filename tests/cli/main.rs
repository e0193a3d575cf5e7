//! The `gradep` binary as a user meets it: output, messages and exit codes.

mod adapt;
mod arrays;
mod bench;
mod bench_quality;
mod bench_studies;
mod book;
mod browser;
mod check;
mod chip;
mod conductances;
mod data;
mod devices;
mod equilibrium;
mod evaluate;
mod examples;
mod explain;
mod export;
mod fit;
mod gradients;
mod held;
mod help;
mod idle;
mod json;
mod library;
mod misuse;
mod names;
mod numbers;
mod on_chip_training;
mod orders;
mod outputs;
mod quiet;
mod relax_chip;
mod report;
mod run_or_model;
mod samplers;
mod shells;
mod signals;
mod strangers;
mod train;
mod verify;

use assert_cmd::{Command, cargo::cargo_bin_cmd};
use std::{path::Path, process::Output};

/// The binary, without the environment's say on colours.
fn gradep() -> Command {
    let mut command = cargo_bin_cmd!("gradep");
    command.env("NO_COLOR", "1");
    command
}

fn run(line: &str) -> Output {
    gradep().args(line.split_whitespace()).output().unwrap()
}

fn stdout(line: &str) -> String {
    let output = run(line);
    assert!(output.status.success(), "{line}: {output:?}");
    assert!(output.stderr.is_empty(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a command prints on stdout, whatever it says on stderr.
fn printed(line: &str) -> String {
    let output = run(line);
    assert!(output.status.success(), "{line}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// stderr of a command that must refuse with exit code 2 and print nothing on stdout.
fn refusal(line: &str) -> String {
    let output = run(line);
    assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
    assert!(output.stdout.is_empty(), "{line}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A run of two epochs on half of the digits.
fn short_run(folder: &Path, settings: &str) {
    let output = gradep()
        .args(["train", "--preset", "track-h", "--epochs", "2", "--out"])
        .arg(folder)
        .args(settings.split(' '))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Every subcommand that does something, as it is typed.
const COMMANDS: &[&str] = &[
    "train",
    "adapt",
    "sample",
    "evaluate",
    "report",
    "bench baselines",
    "bench evaluator",
    "bench quality",
    "bench inpaint",
    "bench classes",
    "bench outliers",
    "bench sweep",
    "bench sensitivity",
    "bench tolerance",
    "relax",
    "gradient",
    "check gradient",
    "chip list",
    "chip show",
    "chip check",
    "chip explain",
    "chip fit",
    "chip measure",
    "export netlist",
    "export conductances",
    "import conductances",
    "config show",
    "config explain",
    "verify",
    "man",
    "completions",
];

#[test]
fn every_command_shows_an_example_of_itself() {
    for command in COMMANDS {
        let help = stdout(&format!("{command} --help"));
        let (_, example) = help.split_once("Example:\n").expect(command);
        assert!(example.contains(&format!("gradep {command}")), "{help}");
    }
}

#[test]
fn config_show_says_where_each_value_came_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.toml");
    std::fs::write(&file, "[spring]\nstiffness = 12\n").unwrap();
    let line = format!(
        "config show --preset best --config {} -s nudge.beta=5e-3 --seed 3",
        file.display()
    );
    let text = stdout(&format!("{line} --resolved"));
    let origin = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).expect(key);
        line.split_once("# ").expect(key).1
    };
    assert_eq!(origin("seed"), "--seed");
    assert_eq!(origin("beta "), "override nudge.beta=5e-3");
    assert!(origin("stiffness").ends_with("run.toml:2"));
    assert_eq!(origin("kind"), "preset best");
    assert_eq!(origin("weight_gain"), "preset paper");

    let document: serde_json::Value =
        serde_json::from_str(&stdout(&format!("{line} --resolved --json"))).unwrap();
    assert_eq!(document["config"]["spring"]["stiffness"], 12.0);
    assert_eq!(document["origins"]["seed"], "--seed");

    // What is shown is itself a configuration file.
    let shown = folder.path().join("shown.toml");
    std::fs::write(&shown, &text).unwrap();
    let again = stdout(&format!("config show --config {}", shown.display()));
    assert_eq!(again, stdout(&line));
}

#[test]
fn wrong_configurations_are_refused_with_the_way_out() {
    for (line, parts) in [
        (
            "-s nudge.betta=1",
            ["`nudge.betta`", "did you mean `nudge.beta`?"],
        ),
        (
            "-s nudge.kind=tlt",
            ["`nudge.kind` = \"tlt\"", "`quadratic` or `tilt`"],
        ),
        ("-s training.epochs=many", ["\"many\"", "a whole number"]),
        (
            "--preset paper -s nudge.beta=0.02",
            ["q = β(αλ)²/(1+λ) = 1.1250", "less than 1.777778e-2"],
        ),
        (
            "--preset paper-explicit -s relaxation.step_size=0.2",
            ["ε(1+λ+κ) = 3.4250", "less than 1.167883e-1"],
        ),
        ("--config no/such.toml", ["no/such.toml", "No such file"]),
        ("--preset bets", ["'bets'", "'best'"]),
        ("--threads 0", ["--threads", "0"]),
        ("--quiet --verbose", ["--quiet", "--verbose"]),
    ] {
        let message = refusal(&format!("config show {line}"));
        for part in parts {
            assert!(message.contains(part), "{line}: {message} lacks {part}");
        }
    }
}

#[test]
fn an_instruction_set_that_does_not_exist_is_refused() {
    let output = gradep()
        .env("GRADEP_SIMD", "avx9")
        .args(["config", "show"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let message = String::from_utf8(output.stderr).unwrap();
    // Which levels are named after it depends on the processor.
    assert!(
        message.starts_with("error: GRADEP_SIMD=avx9: expected portable"),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
    let output = gradep()
        .env("GRADEP_SIMD", "portable")
        .args(["config", "show"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    use std::process::{Command, Stdio};
    // More than a pipe holds, to a reader that never reads.
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("gradep"))
        .args(["config", "explain", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}
