//! `gradep bench sweep`, `sensitivity` and `tolerance` on a chip with devices, at tiny sizes.

use super::{arrays::Inputs, printed, refusal, run, stdout};
use gradep_core::files::Model;
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Free runs of 2 τ, 20 samples; coarse steps, since nothing here is about accuracy.
const TINY: &str =
    "--chip D3 -s device=generic -n 20 --ratio 1 --presettle 1tau --at 1 --track P --time-step 2";
const SIGMAS: &str = "--only programming_noise --vary array.programming_sigma=0,0.02";

fn sweep(inputs: &Inputs, out: &Path, more: &str) -> String {
    let line = format!("bench sweep --run model.safetensors {TINY} {SIGMAS} {more}");
    format!("{} --out {}", inputs.line(&line), out.display())
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_level_of_zero_is_the_ideal_chip_and_figures_are_drawn() {
    let inputs = Inputs::new();
    let out = inputs.path("sweep");
    let line = sweep(&inputs, &out, "--chips 2");
    let table = printed(&line);
    assert!(table.contains("yield % [95 % int.]"), "{table}");
    let document = json(&out.join("sweep.json"));
    assert_eq!(document["schema"], "gradep-sweep-1");
    let cell = |index: usize| &document["cells"][index];
    assert_eq!(cell(0)["scores"], document["ideal_cell"]["scores"]);
    assert_eq!(cell(0)["velocity_error"]["p95"], 0.0);
    assert_eq!(cell(0)["excess_standard_error"], 0.0);
    assert!(cell(1)["velocity_error"]["median"].as_f64().unwrap() > 0.01);
    assert_eq!(
        document["axes"][0]["numbers"],
        serde_json::json!([0.0, 0.02])
    );
    let command: Vec<_> = document["command"].as_array().unwrap().iter().collect();
    assert_eq!(command[..3], ["gradep", "bench", "sweep"]);
    for file in ["plan.json", "sweep.csv", "sweep.svg", "sweep.png"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    // Everything is there: the same again, to the same bytes, on another number of threads.
    let before = fs::read(out.join("sweep.json")).unwrap();
    let again = printed(&format!("{line} --threads 1 --json"));
    // What is printed has no seal: it is no file.
    let mut unsealed = document.clone();
    unsealed.as_object_mut().unwrap().remove("seal");
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), unsealed);
    assert_eq!(fs::read(out.join("sweep.json")).unwrap(), before);
    let message = refusal(&format!("{line} --seed 1"));
    assert!(message.contains("sweep of chip D3"), "{message}");
}

/// The same weights with another λ are another model, with another folder.
#[test]
fn a_model_is_named_by_its_file_and_another_one_gets_none_of_its_results() {
    let inputs = Inputs::new();
    let out = inputs.path("sweep");
    let model = Model::<f32>::read(&inputs.path("model.safetensors")).unwrap();
    let written = |name: &str, stiffness: f64| {
        let path = inputs.path(name);
        let other = Model {
            spring_stiffness: stiffness,
            ..model.clone()
        };
        other.write(&path).unwrap();
        let hash = blake3::hash(&fs::read(&path).unwrap());
        (path, hash.to_hex().to_string())
    };
    let line = |path: &Path| {
        let line = format!(
            "bench sweep {TINY} {SIGMAS} --run {} --chips 1 --quiet --json --out {}",
            path.display(),
            out.display()
        );
        line.replace("-n 20", "-n 10")
    };
    let (same, id) = written("same.safetensors", 15.0);
    let (other, other_id) = written("other.safetensors", 7.0);
    let table = stdout(&line(&same));
    assert!(table.contains(&id), "{table}");
    let document = json(&out.join("sweep.json"));
    assert_eq!(document["model_blake3"], id.as_str());
    assert_eq!(
        json(&out.join("plan.json"))["settings"]["model_blake3"],
        id.as_str()
    );
    let message = refusal(&line(&other));
    assert!(
        message.contains(&id) && message.contains(&other_id),
        "{message}"
    );
}

/// Seconds and joules are those of the chip: imperfections are switched off, its clock and power are not.
#[test]
fn time_and_energy_are_those_of_the_whole_chip() {
    let inputs = Inputs::new();
    let cell = |out: &str, more: &str| {
        let tiny = TINY
            .replace("-s device=generic ", "")
            .replace("-n 20", "-n 10");
        let line = format!(
            "bench sweep --run model.safetensors {tiny} {more} --vary activation.offset.spread=0V --chips 1 --quiet"
        );
        let out = inputs.path(out);
        stdout(&format!("{} --out {}", inputs.line(&line), out.display()));
        json(&out.join("sweep.json"))["cells"][0].clone()
    };
    let (whole, alone) = (cell("whole", ""), cell("alone", "--only activation.offset"));
    assert_eq!(whole["seconds"], alone["seconds"]);
    // The energy of the samples' own path differs with the imperfections, by little.
    let joules = |cell: &Value| cell["joules"].as_f64().unwrap();
    let ratio = joules(&alone) / joules(&whole);
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
}

/// Starts a sweep and waits until some chips are done.
fn started(line: &str, out: &Path, least: usize) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("gradep"));
    command.args(line.split_whitespace());
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let done = || -> usize {
        let Ok(cells) = fs::read_dir(out.join("cells")) else {
            return 0;
        };
        cells
            .map(|cell| fs::read_dir(cell.unwrap().path()).unwrap().count())
            .sum()
    };
    while done() < least {
        assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_goes_on_to_the_same_bytes() {
    let inputs = Inputs::new();
    let (whole, parts) = (inputs.path("whole"), inputs.path("parts"));
    let line = |out: &Path| sweep(&inputs, out, "--chips 5 --quiet");
    stdout(&line(&whole));
    let mut child = started(&line(&parts), &parts, 1);
    let id = child.id().to_string();
    let killed = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    assert!(!parts.join("sweep.json").exists());
    stdout(&format!("{} --threads 1", line(&parts)));
    let document = |out: &Path| fs::read(out.join("sweep.json")).unwrap();
    assert_eq!(document(&whole), document(&parts));
}

#[test]
fn imperfections_are_ranked_and_tolerances_found() {
    let inputs = Inputs::new();
    let study = |what: &str, tiny: &str, more: &str| {
        let line = format!("bench {what} --run model.safetensors {tiny} {more} --chips 2 --json");
        let out = inputs.path(what);
        let text = stdout(&format!(
            "{} --quiet --out {}",
            inputs.line(&line),
            out.display()
        ));
        assert!(out.join("sweep.json").is_file());
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let offsets = "-s chip.only=offset,gain -s activation.offset.spread=0.02";
    let volts = "-s chip.only=offset,gain -s activation.offset.spread=2mV";
    let message = run(&inputs.line(&format!(
        "bench sensitivity --run model.safetensors {TINY} {offsets}"
    )));
    assert_eq!(message.status.code(), Some(2), "{message:?}");
    let ranked = study("sensitivity", TINY, volts);
    let ranking = ranked["ranking"].as_array().unwrap();
    assert_eq!(ranking.len(), 2, "{ranking:?}");
    for rank in ranking {
        let error = rank["alone"]["velocity_error"]["mean"].as_f64().unwrap();
        assert!(error > 0.0, "{rank}");
    }
    for file in ["ranking.svg", "sensitivity.csv"] {
        assert!(inputs.path("sensitivity").join(file).is_file(), "{file}");
    }

    let levels =
        "--only programming_noise --key array.programming_sigma --between 0 0.2 --steps-between 8";
    // A flow that has left the noise, so that errors of the weights cost quality.
    let tiny = TINY.replace("--ratio 1", "--ratio 20");
    let found = study("tolerance", &tiny, levels);
    let tolerance = &found["tolerance"];
    assert_eq!(tolerance["chips"].as_array().unwrap().len(), 2);
    let median = tolerance["median"]["number"].as_f64().unwrap();
    assert!((0.0..0.2).contains(&median), "{tolerance}");
    for file in ["tolerance.png", "tolerance.csv"] {
        assert!(inputs.path("tolerance").join(file).is_file(), "{file}");
    }
}

#[test]
fn studies_that_make_no_sense_are_refused() {
    let inputs = Inputs::new();
    for (line, part) in [
        (
            "sweep --vary array.programming_sigm=1",
            "array.programming_sigma",
        ),
        ("sweep --vary array.programming_sigma", "KEY=v1"),
        (
            "sweep --vary array.level_count=2 --vary array.stuck=true --vary cell=model",
            "one or two keys",
        ),
        (
            "sweep --vary activation.flicker_low=2kHz",
            "activation.flicker is off",
        ),
        (
            "tolerance --key array.directions --between shared separate",
            "two numbers",
        ),
        ("sensitivity -s chip.only=scale", "no imperfection"),
        ("sensitivity --mode stepped", "--ratio"),
        ("sensitivity --within 0", "a share above 0"),
        ("sensitivity --count 9", "at least 10"),
    ] {
        let tiny = if line.contains("--count") {
            TINY.replace("-n 20", "")
        } else {
            TINY.to_owned()
        };
        let line = inputs.line(&format!("bench {line} --run model.safetensors {tiny}"));
        let message = refusal(&format!("{line} --out {}", inputs.path("none").display()));
        assert!(message.contains(part), "{line}: {message}");
        assert!(!inputs.path("none").exists(), "{line}");
    }
}
