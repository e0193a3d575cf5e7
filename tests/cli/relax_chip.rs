//! `gradep relax --chip`: figure and diagnosis.

use super::{
    arrays::{Inputs, array},
    run,
};
use ndarray::{Ix0, Ix1, Ix3};
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

fn json(inputs: &Inputs) -> Value {
    let text = fs::read_to_string(inputs.path("trace.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn when_samples_settle_does_not_depend_on_the_trace_and_all_say_the_same() {
    let inputs = Inputs::new();
    let figure = inputs.path("trace.svg");
    let times: Vec<Vec<Option<f64>>> = ["60tau --intervals 600", "3000tau --intervals 30"]
        .map(|record| {
            let line = format!(
                "relax --model model.safetensors --anchor x.npy --out trace.npz --precision f32 \
                 --chip ideal --duration {record} --figure {}",
                figure.display()
            );
            let output = run(&inputs.line(&line));
            assert!(output.status.success(), "{output:?}");
            let summary = json(&inputs);
            let median = summary["settling_s"]["median"].as_f64().unwrap();
            let samples = summary["settling_per_sample_s"].as_array().unwrap();
            let samples: Vec<_> = samples.iter().map(Value::as_f64).collect();
            let mut each: Vec<f64> = samples.iter().copied().flatten().collect();
            each.sort_by(f64::total_cmp);
            let middle = f64::midpoint(each[(each.len() - 1) / 2], each[each.len() / 2]);
            assert!((median / middle - 1.0).abs() < 1e-12, "{median} {middle}");
            let text = String::from_utf8(output.stdout).unwrap();
            let said = format!("median after {:.1} ns", median * 1e9);
            assert!(text.contains(&said), "{said}: {text}");
            // Figures show three digits.
            let decimals = usize::from(median < 99.95e-9);
            let drawn = format!("median settling time {:.decimals$} ns", median * 1e9);
            let picture = fs::read_to_string(&figure).unwrap();
            assert!(picture.contains(&drawn), "{drawn}");
            samples
        })
        .to_vec();
    // The longer transient has more samples that settle; those of the shorter one settle when they did.
    let pairs = times[0].iter().zip(&times[1]);
    let both: Vec<_> = pairs.filter_map(|(a, b)| Some((*a)? / (*b)?)).collect();
    assert!(both.len() > times[0].len() / 2, "{times:?}");
    assert!(
        both.iter().all(|ratio| (ratio - 1.0).abs() < 0.01),
        "{times:?}"
    );
}

#[test]
fn a_trace_says_what_its_volts_are_and_of_which_chip() {
    let inputs = Inputs::new();
    let line = format!("{BASE} --chip D3 -s node.unit_voltage=0.2V --trace x_0,h1_3");
    assert!(run(&inputs.line(&line)).status.success());
    let trace = inputs.path("trace.npz");
    let unit = array::<Ix0>(&trace, "v_unit_v")[0];
    assert!((unit - 0.2).abs() < 1e-15);
    for layer in ["x", "h1"] {
        let states = array::<Ix3>(&trace, layer);
        let volts = array::<Ix3>(&trace, &format!("{layer}_volt"));
        for (state, volt) in states.iter().zip(&volts) {
            assert!((volt - 0.2 * state).abs() < 1e-7);
        }
    }
    let summary = json(&inputs);
    assert_eq!(summary["v_unit_v"], 0.2);
    assert_eq!(summary["spec"]["values"]["node.unit_voltage"]["value"], 0.2);
    assert_eq!(summary["spec_hash"].as_str().unwrap().len(), 64);
    assert!(
        (array::<Ix0>(&trace, "tau_s")[0] / summary["tau_s"].as_f64().unwrap() - 1.0).abs() < 1e-12
    );
    let mut file = ndarray_npy::NpzReader::new(fs::File::open(&trace).unwrap()).unwrap();
    let text: ndarray::Array1<u8> = file.by_name("spec_json.npy").unwrap();
    let spec: Value = serde_json::from_slice(&text.to_vec()).unwrap();
    assert_eq!(spec, summary["spec"]);
}

#[test]
fn a_noisy_chip_settles_to_its_noise_floor() {
    let inputs = Inputs::new();
    let output = run(&inputs.line(&format!("{BASE} --chip D3")));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("to the noise floor of"), "{text}");
    for word in ["chip(s)", "Etd2", "Gradient", "e-9 s", "e-9 J"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(
        text.contains("etd2 steps of") && text.contains(" on 1 chip,"),
        "{text}"
    );
    let floor = json(&inputs)["noise_floor"].as_f64().unwrap();
    assert_eq!(json(&inputs)["settled_below"], floor);
    let output = run(&inputs.line(&format!("{BASE} --chip D3 --settled-below 1e-3")));
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(
        warning.contains("below the noise floor of chip D3"),
        "{warning}"
    );
    assert_eq!(json(&inputs)["settled_below"], 1e-3);
}

#[test]
fn stepped_samples_of_a_noisy_chip_are_settled_and_those_in_a_hurry_are_not() {
    let inputs = Inputs::new();
    let sample = |options: &str| {
        let line = format!(
            "sample model.safetensors -n 4 --out trace.npz --mode stepped --warm {options}"
        );
        let output = run(&inputs.line(&line));
        assert!(output.status.success(), "{output:?}");
        let share = json(&inputs)["settling_limit"]["residual"].as_f64();
        assert!(share.is_some());
        String::from_utf8(output.stderr).unwrap()
    };
    let warnings = sample("--chip D3 --settle 5tau --steps 20");
    assert!(!warnings.contains("100.00 %"), "{warnings}");
    let warnings = sample("--chip ideal --settle 0.1tau --steps 5");
    assert!(
        warnings.contains("100.00 % of the relaxations ended unsettled"),
        "{warnings}"
    );
}

/// A spring of λ = 15 makes a rate of 16/τ, and Kutta's method is stable up to 2.785/16 τ: beyond, there
/// is no trace, one message that says what to do, and status 4.
#[test]
fn steps_that_are_too_long_end_in_status_4() {
    let inputs = Inputs::new();
    let line = format!("{BASE} --chip ideal --integrator rk4 --time-step 0.5");
    let line = line.replace("--intervals 100", "--intervals 1");
    let output = run(&inputs.line(&line));
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("allows 0.174 tau") && said.contains("--time-step"),
        "{said}"
    );
    assert!(!inputs.path("trace.npz").exists());
}

/// Equal intervals of 0.1 tau in equal steps: the step is theirs, whatever was asked for.
#[test]
fn the_step_that_was_taken_is_reported() {
    let inputs = Inputs::new();
    let line = format!("{BASE} --chip ideal --time-step 0.25");
    let output = run(&inputs.line(&line));
    assert!(output.status.success(), "{output:?}");
    let ledger = fs::read_to_string(inputs.path("trace.json")).unwrap();
    let ledger: Value = serde_json::from_str(&ledger).unwrap();
    assert!((ledger["time_step_tau"].as_f64().unwrap() - 0.1).abs() < 1e-12);
}
