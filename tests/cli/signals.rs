//! Signals to commands that take long: they stop where they can be gone on with, and say how.
#![cfg(unix)]

use super::{arrays::Inputs, gradep};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

/// Starts a command and waits until `begun`.
fn started(folder: &Path, line: &str, begun: impl Fn() -> bool) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("gradep"));
    command
        .current_dir(folder)
        .args(line.split_whitespace())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    while !begun() {
        assert_eq!(child.try_wait().unwrap(), None, "{line}: ended too early");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

fn ended_by(child: Child, signal: &str) -> Output {
    let id = child.id().to_string();
    let sent = Command::new("kill").args([signal, &id]).status().unwrap();
    assert!(sent.success());
    child.wait_with_output().unwrap()
}

fn finish(folder: &Path, line: &str) {
    let output = gradep()
        .current_dir(folder)
        .args(line.split_whitespace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
}

const TRAIN: &str = "train -s data.source=digits-half -s network.layers=[64,8] -s flow.batch=128 -s training.epochs=40 \
    -s training.checkpoint_every=100 -s sampling.step=0.5 -q --out";

/// A terminal that goes ends no training: what was learned is kept, and the end is that of a run
/// that nothing disturbed.
#[test]
fn a_terminal_that_goes_loses_no_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows =
        || fs::read_to_string(folder.join("a/metrics.csv")).map_or(0, |text| text.lines().count());
    let child = started(folder, &format!("{TRAIN} a"), || rows() > 3);
    let output = ended_by(child, "-HUP");
    assert_eq!(output.status.code(), Some(75), "{output:?}");
    assert!(fs::read_dir(folder.join("a/checkpoints")).unwrap().count() > 0);
    finish(folder, "train --resume a -q");
    finish(folder, &format!("{TRAIN} b"));
    let model = |run: &str| fs::read(folder.join(run).join("model.safetensors")).unwrap();
    assert!(model("a") == model("b"));
}

const QUALITY: &str = "bench quality --run model.safetensors --chip D3 --mode free --ratio 2,3,4 --presettle 1tau --times 0.5 \
    --track P -n 20 --chips 2 --time-step 0.5";

/// Of a bench, finished curves are kept and the way on is said.
#[test]
fn an_interrupted_bench_of_quality_says_how_it_goes_on() {
    let inputs = Inputs::new();
    let folder = inputs.path("");
    let line = |out: &str| format!("{QUALITY} --out {out}");
    let cells = || fs::read_dir(folder.join("parts/cells")).map_or(0, Iterator::count);
    for signal in ["-INT", "-HUP"] {
        let before = cells();
        let child = started(&folder, &line("parts"), || cells() > before);
        let output = ended_by(child, signal);
        assert_eq!(output.status.code(), Some(75), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("the same command goes on from there"),
            "{said}"
        );
        assert!(!folder.join("parts/quality.json").exists());
    }
    finish(&folder, &line("parts"));
    finish(&folder, &line("whole"));
    let table = |out: &str| fs::read(folder.join(out).join("quality.csv")).unwrap();
    assert_eq!(table("parts"), table("whole"));
}

/// What keeps nothing ends at once, and leaves nothing half-written.
#[test]
fn commands_that_keep_nothing_end_at_once() {
    let inputs = Inputs::new();
    let folder = inputs.path("");
    for line in [
        "sample model.safetensors -n 5000 --steps 5000 --out o.npz",
        "relax --model model.safetensors --anchor x.npy --chip D3 --duration 1e6tau --out o.npz",
        "check gradient --model model.safetensors --samples 1000 --seed 1",
        "bench baselines",
    ] {
        let child = started(&folder, line, || {
            std::thread::sleep(Duration::from_millis(100));
            true
        });
        let output = ended_by(child, "-HUP");
        assert_eq!(output.status.code(), None, "{line}: {output:?}");
        assert!(!folder.join("o.npz").exists(), "{line}");
    }
}
