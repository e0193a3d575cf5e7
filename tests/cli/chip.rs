//! `gradep chip`: hardware specs as a user meets them.

use super::{gradep, refusal, stdout};
use serde_json::Value;
use std::fs;

/// Two numbers that differ by rounding alone.
fn close(a: &Value, b: f64) -> bool {
    (a.as_f64().unwrap() / b - 1.0).abs() < 1e-12
}

#[test]
fn the_list_names_every_shipped_spec_with_its_clock() {
    let list = stdout("chip list");
    for (name, clock) in [
        ("ideal", "10 ns"),
        ("D1", "100 us"),
        ("D2", "1 us"),
        ("D3", "10 ns"),
        ("D4", "1 ns"),
    ] {
        let line = list
            .lines()
            .find(|line| line.starts_with(name))
            .expect(name);
        assert!(line.contains(clock), "{line}");
    }
    let json: Value = serde_json::from_str(&stdout("chip list --json")).unwrap();
    assert_eq!(json["specs"].as_array().unwrap().len(), 16);
}

#[test]
fn show_prints_units_and_json_prints_si() {
    let text = stdout("chip show d3");
    for part in [
        "100 fF ± 1 fF (normal)",
        "16 nV/sqrt(Hz)",
        "300 ns",
        "203.5 uV",
        "hw-specs/d3-reference.toml:",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json: Value = serde_json::from_str(&stdout("chip show D3-reference --json")).unwrap();
    let capacitance = &json["values"]["node.capacitance"];
    assert!(close(&capacitance["value"], 1e-13) && close(&capacitance["sigma"], 1e-15));
    assert_eq!(capacitance["unit"], "F");
    assert_eq!(
        json["values"]["activation.saturation"]["value"],
        Value::Null
    );
    assert!(close(&json["derived"]["time_constant"]["value"], 1e-8));
    assert!(close(&json["design"]["node"]["unit_voltage"], 0.1));
    assert_eq!(json["inherits"][0], "ideal");
}

#[test]
fn overrides_change_the_clock() {
    let output = gradep()
        .args([
            "chip",
            "show",
            "D3",
            "--json",
            "-s",
            "node.capacitance=50 fF",
        ])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(close(&json["derived"]["time_constant"]["value"], 5e-9));
    let message = refusal("chip show D3 -s node.capacitance=50uS");
    assert!(message.contains("is a conductance"), "{message}");
}

#[test]
fn explain_says_what_is_on() {
    let text = stdout("chip explain D2");
    assert!(
        text.contains("activation.offset = 0 V ± 500 uV (normal)  [on]"),
        "{text}"
    );
    assert!(text.contains("environment.thermal_noise = true  [on]"));
    assert!(text.contains("y = a(h + offset/V_unit)"));
    let ideal = stdout("chip explain ideal");
    assert!(!ideal.contains("[on]"), "{ideal}");
    assert!(ideal.contains("crossbar.noise_factor = 1  [idle]"));
}

#[test]
fn check_accepts_a_good_file_and_refuses_a_bad_one_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        let path = folder.path().join("mine.toml");
        fs::write(&path, text).unwrap();
        format!("chip check {}", path.display())
    };
    let good = "inherits = 'D3'\n[node]\ncapacitance = '50 fF'\n[golden]\ntime_constant = { value = '5 ns', tolerance = '1 %' }\n";
    let report = stdout(&check(good));
    assert!(
        report.contains("mine: 67 values, 1 without source"),
        "{report}"
    );
    assert!(report.contains("1 golden checks hold"), "{report}");
    for (text, parts) in [
        (
            good.replace("5 ns", "6 ns"),
            ["golden.time_constant is 5 ns", "expected 6 ns"],
        ),
        (
            good.replace("50 fF", "50"),
            [
                "mine.toml:3",
                "`node.capacitance` = \"50\": has no unit; expected a capacitance",
            ],
        ),
        (
            good.replace("capacitance", "capacitanse"),
            ["mine.toml:3", "did you mean `node.capacitance`"],
        ),
        (good.replace("= '50 fF'", "= "), ["mine.toml", "line 3"]),
    ] {
        let message = refusal(&check(&text));
        assert!(message.starts_with("error: "), "{message}");
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
    let message = refusal("chip show D5");
    assert!(message.contains("D1, D2, D3, D4"), "{message}");
    let message = refusal("chip check no/such.toml");
    assert!(
        message.contains("no/such.toml: cannot be read"),
        "{message}"
    );
}

/// A chip's check holds its device against the published values, and a technology node is named as any
/// other value.
#[test]
fn devices_and_wires_are_checked_with_their_chips() {
    let report = stdout("chip check D2-SONOS");
    assert!(report.contains("SONOS: mean at g"), "{report}");
    assert!(report.contains("8 golden checks hold"), "{report}");
    let shown = stdout("chip show D3-PCM -s wires.node=7nm");
    let segment = shown
        .lines()
        .find(|line| line.starts_with("wires.segment "));
    assert!(
        segment.is_some_and(|line| line.contains("5.56 ohm")),
        "{shown}"
    );
    let message = refusal("chip show D3-PCM -s wires.node=15nm");
    assert!(message.contains("neurosim-1.4: 130 nm"), "{message}");
}
