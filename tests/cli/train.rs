//! `gradep train` and what it leaves, however it ends; `gradep sample` on its result.

use super::{gradep, refusal, stdout};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::LazyLock,
    time::Duration,
};

const EPOCHS: usize = 24;

/// A run of about a second: all phases of training, on a small network and half of the digits.
fn arguments(out: &Path) -> Vec<String> {
    let settings = [
        "data.source=digits-half",
        "network.layers=[64,16,16]",
        "flow.batch=128",
        "training.epochs=24",
        "training.checkpoint_every=5",
        "optimiser.ema_decay=0.9",
        "nudge.phases=random-sign",
    ];
    let mut arguments = vec!["train".to_owned(), "--out".to_owned(), text(out)];
    for setting in settings {
        arguments.extend(["-s".to_owned(), setting.to_owned()]);
    }
    arguments
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn train(out: &Path, more: &[&str]) -> Output {
    gradep().args(arguments(out)).args(more).output().unwrap()
}

fn resume(run: &Path, more: &[&str]) -> Output {
    let mut command = gradep();
    command.args(["train", "--resume"]).arg(run).args(more);
    command.output().unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What must not depend on how a run was disturbed.
fn results(run: &Path) -> [Vec<u8>; 3] {
    ["metrics.csv", "model.safetensors", "model-raw.safetensors"]
        .map(|name| fs::read(run.join(name)).unwrap())
}

/// Starts a run and waits until its table has `epochs` rows.
fn started(out: &Path, epochs: usize, threads: &str) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("gradep"));
    command
        .args(arguments(out))
        .args(["--quiet", "--threads", threads])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let table = out.join("metrics.csv");
    let rows = || fs::read_to_string(&table).map_or(0, |text| text.lines().count());
    while rows() < 1 + epochs {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

fn newest_checkpoint(run: &Path) -> PathBuf {
    let files = fs::read_dir(run.join("checkpoints")).unwrap();
    files.map(|entry| entry.unwrap().path()).max().unwrap()
}

#[test]
fn a_run_leaves_everything_that_explains_it() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let output = train(&run, &[]);
    assert_code(&output, 0);
    let summary = String::from_utf8(output.stdout.clone()).unwrap();
    for part in [
        "loss",
        "the rarest class is",
        "model.safetensors",
        "gradep sample",
    ] {
        assert!(summary.contains(part), "{summary} lacks {part}");
    }
    assert!(stderr(&output).contains("epoch 24/24: loss"), "{output:?}");
    for file in [
        "config.toml",
        "config.resolved.toml",
        "manifest.json",
        "figures/loss.svg",
        "figures/traces.svg",
        "figures/strip.png",
        "figures/samples.png",
        "checkpoints/epoch-000024.ck",
    ] {
        assert!(run.join(file).is_file(), "{file}");
    }
    assert_eq!(json(&run.join("status.json"))["state"], "finished");
    let summary = json(&run.join("summary.json"));
    assert_eq!(summary["epochs"], EPOCHS);
    assert_eq!(summary["loss_by_time"].as_array().unwrap().len(), 10);
    assert_eq!(summary["samples"]["classes"].as_array().unwrap().len(), 10);
    let loss = |key: &str| summary[key].as_f64().unwrap();
    assert!(loss("final_loss") < loss("initial_loss"), "{summary}");
    let table = fs::read_to_string(run.join("metrics.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + EPOCHS);

    // The check of its gradient begins with what it does itself.
    let check = format!(
        "check gradient --run {} --samples 16 --betas 1e-2 --precisions f64 --json",
        text(&run)
    );
    let table: Value = serde_json::from_str(&stdout(&check)).unwrap();
    let of = |row: usize, key: &str| table["rows"][row][key].clone();
    assert_eq!(
        (of(0, "as_trained"), of(1, "as_trained")),
        (true.into(), false.into())
    );
    assert_eq!(of(0, "phases"), "random-sign");
    assert_eq!(of(0, "precision"), "f32");

    // A second time there is nothing to do, and nothing is overwritten.
    let again = resume(&run, &["--json"]);
    assert!(stderr(&again).contains("all epochs are done"), "{again:?}");
    let told: Value = serde_json::from_slice(&again.stdout).unwrap();
    // What is printed has no seal: it is no file.
    let mut summary = summary;
    summary.as_object_mut().unwrap().remove("seal");
    assert_eq!(told, summary);
    assert_code(&train(&run, &[]), 2);

    let (arrays, picture) = (folder.path().join("a.npz"), folder.path().join("a.svg"));
    let line = format!(
        "sample {} -n 12 --until 1.1 --step 0.05 --method heun --json --out {} --figure {}",
        text(&run),
        text(&arrays),
        text(&picture)
    );
    let summary: Value = serde_json::from_str(&stdout(&line)).unwrap();
    assert_eq!(summary["evaluations"], 44);
    assert_eq!(summary["classes"].as_array().unwrap().len(), 10);
    let samples = gradep_core::files::read_array::<f32>(&arrays, Some("samples")).unwrap();
    assert_eq!(samples.dim(), (12, 64));
    // As the flow leaves them: the background of digits lies on both sides of -1.
    let beyond = samples.iter().filter(|x| x.abs() > 1.0).count();
    assert!(beyond > 0 && beyond < samples.len(), "{beyond}");
    assert!(fs::read_to_string(&picture).unwrap().starts_with("<svg"));
    let refused = refusal(&format!(
        "sample {} --until 1 --step 5 --out {}",
        text(&run),
        text(&folder.path().join("none.npz"))
    ));
    assert!(
        refused.contains("`sampling.step` = 5: a step must not be larger than the flow"),
        "{refused}"
    );
    // The model file and the run directory are the same model.
    let again = folder.path().join("b.npz");
    stdout(&format!(
        "sample {} -n 12 --until 1.1 --step 0.05 --method heun --out {}",
        text(&run),
        text(&again)
    ));
    assert_eq!(fs::read(&arrays).unwrap(), fs::read(&again).unwrap());
}

/// Of a run that nobody disturbed, on one thread.
#[cfg(unix)]
static UNDISTURBED: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("whole");
    assert_code(&train(&run, &["--threads", "1", "-q"]), 0);
    results(&run)
});

#[cfg(unix)]
#[test]
fn a_run_that_was_asked_to_stop_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    // The epoch is finished, a checkpoint written, the way on told.
    let stopped = folder.path().join("stopped");
    let mut child = started(&stopped, 3, "2");
    let signal = Command::new("kill").arg(child.id().to_string()).status();
    assert!(signal.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    let status = json(&stopped.join("status.json"));
    assert_eq!(status["state"], "interrupted");
    assert_eq!(status["exit_code"], 75);
    // Its newest checkpoint is damaged: the run goes back to an older one, or to the beginning.
    let newest = newest_checkpoint(&stopped);
    let mut bytes = fs::read(&newest).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&newest, bytes).unwrap();
    let output = resume(&stopped, &["--threads", "1"]);
    assert_code(&output, 0);
    assert!(
        stderr(&output).contains("checkpoint passed over"),
        "{output:?}"
    );
    assert!(results(&stopped) == *UNDISTURBED);
}

/// Before the first checkpoint, after it, and in the middle of whatever it did.
#[cfg(unix)]
#[test]
fn a_run_that_was_killed_ends_in_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for epochs in [0, 1, 6, 13] {
        let killed = folder.path().join(format!("killed-{epochs}"));
        let mut child = started(&killed, epochs, "2");
        child.kill().unwrap();
        child.wait().unwrap();
        assert_code(&resume(&killed, &["--threads", "2", "-q"]), 0);
        assert!(
            results(&killed) == *UNDISTURBED,
            "killed after {epochs} epochs"
        );
    }
}

#[test]
fn numbers_that_go_astray_end_the_run_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let output = train(&run, &["-q", "-s", "optimiser.learning_rate=1e38"]);
    assert_code(&output, 4);
    assert!(
        stderr(&output).contains("smaller optimiser.learning_rate"),
        "{output:?}"
    );
    assert_eq!(json(&run.join("status.json"))["state"], "failed");
    assert!(!run.join("model.safetensors").exists());

    let output = train(
        &folder.path().join("refused"),
        &["-s", "training.max_displacement=1e-9"],
    );
    assert_code(&output, 4);
    let messages = stderr(&output);
    assert!(messages.contains("use a smaller β"), "{messages}");
    assert_eq!(messages.matches("an update of epoch").count(), 1);
    assert!(messages.contains("displacement in 20 epochs"), "{messages}");

    // A rate that is far too high ends in couplings with which nothing settles: no success, however short the run.
    let grown = folder.path().join("grown");
    let settings = [
        "optimiser.learning_rate=1e6",
        "optimiser.warmup_epochs=0",
        "training.epochs=3",
    ];
    let output = train(&grown, &settings.map(|s| ["-s", s]).concat());
    assert_code(&output, 4);
    let messages = stderr(&output);
    for part in [
        "the training diverged: the loss is",
        "where the velocity zero has 1.",
        "updates were refused; try a smaller optimiser.learning_rate than 1000000",
    ] {
        assert!(messages.contains(part), "{messages}");
    }
    assert!(!messages.contains("more sweeps"), "{messages}");
    let summary = json(&grown.join("summary.json"));
    assert_eq!(summary["ending"], "diverged");
    assert!(
        summary["divergence"]
            .as_str()
            .unwrap()
            .contains("learning_rate")
    );
    assert_eq!(summary["samples"], Value::Null);
    assert!(grown.join("checkpoints/epoch-000003.ck").is_file());
    assert!(!grown.join("model.safetensors").exists());

    // Too short for that limit, and still nothing was learned.
    let short = folder.path().join("short");
    let settings = [
        "-s",
        "training.max_displacement=1e-9",
        "-s",
        "training.epochs=2",
    ];
    for output in [train(&short, &settings), resume(&short, &[])] {
        assert_code(&output, 4);
        let message = "nothing was learned: each of the 14 updates was refused";
        assert!(stderr(&output).contains(message), "{output:?}");
        assert_eq!(json(&short.join("status.json"))["state"], "failed");
    }
    assert!(!short.join("model.safetensors").exists());
}

#[test]
fn a_run_is_trained_on() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    assert_code(&train(&run, &["-q"]), 0);
    let rows = |run: &Path| {
        fs::read_to_string(run.join("metrics.csv"))
            .unwrap()
            .lines()
            .count()
            - 1
    };
    // By a flag, with a word on what becomes of the schedule.
    let output = resume(&run, &["--epochs", "30"]);
    assert_code(&output, 0);
    for part in ["training.epochs = 30 (was 24)", "as in a run of 30 epochs"] {
        assert!(stderr(&output).contains(part), "{output:?}");
    }
    assert_eq!(rows(&run), 30);
    assert_eq!(json(&run.join("summary.json"))["epochs"], 30);
    // By an edit; one that cannot be honoured is named.
    let path = run.join("config.resolved.toml");
    let written = fs::read_to_string(&path).unwrap();
    fs::write(&path, written.replace("epochs = 30", "epochs = 32")).unwrap();
    assert_code(&resume(&run, &["-q"]), 0);
    assert_eq!(rows(&run), 32);
    fs::write(
        &path,
        written.replace("learning_rate = 0.003", "learning_rate = 0.004"),
    )
    .unwrap();
    let output = resume(&run, &["-q"]);
    assert_code(&output, 2);
    assert!(
        stderr(&output).contains("optimiser.learning_rate = 0.004 (was 0.003)"),
        "{output:?}"
    );
    fs::write(&path, written.replace("epochs = 30", "epochs = 32")).unwrap();
    assert_code(&resume(&run, &["--epochs", "5"]), 2);

    // Another run from its model.
    let second = folder.path().join("second");
    let from = text(&run);
    assert_code(
        &train(
            &second,
            &["-q", "--from", &from, "--epochs", "2", "--seed", "7"],
        ),
        0,
    );
    let summary = json(&second.join("summary.json"));
    let first = json(&run.join("summary.json"));
    let loss = |summary: &Value, key: &str| summary[key].as_f64().unwrap();
    assert!(loss(&summary, "initial_loss") < loss(&first, "initial_loss"));
    let manifest = json(&second.join("manifest.json"));
    assert!(
        manifest["from"]["path"].as_str().unwrap().ends_with("run"),
        "{manifest}"
    );
    let other = ["-q", "--from", &from, "-s", "network.layers=[64,8]"];
    let output = train(&folder.path().join("third"), &other);
    assert_code(&output, 2);
    assert!(
        stderr(&output).contains("-s network.layers=[64,16,16]"),
        "{output:?}"
    );
}

#[test]
fn a_run_shorter_than_its_warm_up_is_trained_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let output = train(&folder.path().join("short"), &["--epochs", "3"]);
    assert_code(&output, 0);
    assert!(
        stderr(&output).contains("optimiser.warmup_epochs = 1"),
        "{output:?}"
    );
    let asked = ["--epochs", "3", "-s", "optimiser.warmup_epochs=20"];
    let output = train(&folder.path().join("asked"), &asked);
    assert!(
        stderr(&output).contains("reaches 15 % of its peak"),
        "{output:?}"
    );
    // 24 epochs of 20 are as they were.
    let whole = folder.path().join("whole");
    assert_code(&train(&whole, &["-q"]), 0);
    let config = fs::read_to_string(whole.join("config.resolved.toml")).unwrap();
    assert!(config.contains("warmup_epochs = 20"), "{config}");
    let loss =
        |run: &str| json(&folder.path().join(run).join("summary.json"))["final_loss"].as_f64();
    assert!(loss("short") < loss("asked"));
}

#[test]
fn a_run_that_cannot_begin_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    for (setting, code, part) in [
        ("nudge.betta=1", 2, "did you mean `nudge.beta`?"),
        ("network.layers=[10,3]", 2, "64 pixels"),
        ("data.source='no/such.csv'", 2, "no/such.csv"),
    ] {
        let output = train(&run, &["-s", setting]);
        assert_code(&output, code);
        assert!(stderr(&output).contains(part), "{output:?}");
        assert_eq!(stderr(&output).lines().count(), 1, "{output:?}");
        assert!(!run.exists(), "{setting}");
    }
    assert_code(&resume(&run, &[]), 2);
}

/// Figures that a full disk or a mistaken hand took are drawn later, of what is there: nothing is trained anew.
#[test]
fn a_finished_run_draws_the_figures_that_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let settings = [
        "network.layers=[64,4]",
        "training.epochs=1",
        "sampling.step=0.5",
    ];
    let mut command = gradep();
    command.args(["train", "-q", "--out"]).arg(&run);
    command.args(settings.map(|setting| format!("-s={setting}")));
    assert_code(&command.output().unwrap(), 0);
    let kept = results(&run);
    let [loss, grid] = ["loss.svg", "samples.png"].map(|name| run.join("figures").join(name));
    let before = [&loss, &grid].map(|path| fs::read(path).unwrap());
    // Something else is where one belongs.
    fs::remove_file(&grid).unwrap();
    fs::remove_file(&loss).unwrap();
    fs::create_dir(&loss).unwrap();
    let output = resume(&run, &[]);
    assert_code(&output, 1);
    let said = stderr(&output);
    let advice = format!("gradep train --resume {}", run.display());
    assert!(
        said.contains("loss.svg") && said.contains(&advice),
        "{said}"
    );
    fs::remove_dir(&loss).unwrap();
    assert_code(&resume(&run, &[]), 0);
    assert!([&loss, &grid].map(|path| fs::read(path).unwrap()) == before);
    assert!(results(&run) == kept);
    assert_eq!(json(&run.join("status.json"))["state"], "finished");
    let output = resume(&run, &[]);
    assert!(
        stderr(&output).contains("all epochs are done; draw samples"),
        "{output:?}"
    );
}
