//! `gradep relax --chip`: figure and diagnosis.

use super::{
    arrays::{Inputs, array},
    run,
};
use ndarray::Ix1;
use serde_json::Value;
use std::fs;

const BASE: &str = "relax --model model.safetensors --anchor x.npy --out trace.npz --precision f32 \
                    --duration 10tau --intervals 100";

#[test]
fn a_relaxation_is_drawn_and_diagnosed() {
    let inputs = Inputs::new();
    let figure = inputs.path("trace.svg");
    let line = inputs.line(&format!("{BASE} --chip D3 --diagnose --settled-below 0.5"));
    let output = run(&format!("{line} --figure {}", figure.display()));
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    for part in [
        "tail  ",
        "ringing  ",
        "activation.bandwidth",
        "node.capacitance",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("overheads."), "{text}");
    let figure = fs::read_to_string(figure).unwrap();
    for part in ["Relaxation on chip D3", "time (ns)", "voltage (mV)", "h2_"] {
        assert!(figure.contains(part), "{part}");
    }
    let ledger = fs::read_to_string(inputs.path("trace.json")).unwrap();
    let ledger: Value = serde_json::from_str(&ledger).unwrap();
    let effects = ledger["diagnosis"]["effects"].as_array().unwrap();
    assert_eq!(effects[0]["imperfection"], "none");
    assert_eq!(effects[0]["shift_x"], 0.0);
    assert_eq!(effects[0]["energy_rises"], 0);
    let missing = ledger["ledger"]["balance_error"].as_f64().unwrap();
    assert!(missing < 1e-6, "{missing:e}");
    assert_eq!(effects.last().unwrap()["imperfection"], "all");
    let samples = ledger["diagnosis"]["samples"].as_array().unwrap();
    assert_eq!(samples.len() as u64, ledger["samples"].as_u64().unwrap());
}

#[test]
fn an_ideal_chip_has_nothing_to_blame() {
    let inputs = Inputs::new();
    let line = format!("{BASE} --chip ideal --diagnose");
    assert!(run(&inputs.line(&line)).status.success());
    let ledger = fs::read_to_string(inputs.path("trace.json")).unwrap();
    let ledger: Value = serde_json::from_str(&ledger).unwrap();
    let effects = ledger["diagnosis"]["effects"].as_array().unwrap();
    let names: Vec<_> = effects
        .iter()
        .map(|effect| &effect["imperfection"])
        .collect();
    assert_eq!(names, ["none", "all"]);
    assert_eq!(effects[1]["shift_x"], 0.0);
}

#[test]
fn samples_are_read_at_the_end_or_once_they_have_settled_on_every_chip() {
    let inputs = Inputs::new();
    let clock = |options: &str| {
        let line =
            format!("{BASE} --chip D3 -s environment.thermal_noise=false --chips 2 {options}");
        let output = run(&inputs.line(&line));
        assert!(output.status.success(), "{output:?}");
        let ledger = fs::read_to_string(inputs.path("trace.json")).unwrap();
        let ledger: Value = serde_json::from_str(&ledger).unwrap();
        assert_eq!(ledger["chips"], 2);
        ledger["clock"]["relaxation_tau"].as_f64().unwrap()
    };
    let whole = clock("");
    assert!((whole - 10.0).abs() < 1e-9, "{whole}");
    let stopped = clock("--stop-when-settled --settled-below 0.5");
    assert!(stopped < 9.0, "{stopped}");
    let read = array::<Ix1>(&inputs.path("trace.npz"), "read_time_s");
    let time = array::<Ix1>(&inputs.path("trace.npz"), "time_s");
    let tau = time[time.len() - 1] / 10.0;
    let mean = read.iter().sum::<f64>() / read.len() as f64;
    assert!((mean / tau - stopped).abs() < 1e-9);
}
