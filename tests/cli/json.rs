//! What prints a table prints it as one JSON document, too.

use super::{COMMANDS, arrays::Inputs, gradep, stdout};
use serde_json::Value;

/// Commands that print no table: a document or a file is all that they are for.
const NO_TABLE: [&str; 4] = ["completions", "man", "chip measure", "export netlist"];

#[test]
fn every_command_with_a_table_has_json_and_says_so() {
    for command in COMMANDS
        .iter()
        .filter(|command| !NO_TABLE.contains(command))
    {
        let help = stdout(&format!("{command} --help"));
        assert!(help.contains("--json"), "{command}");
    }
}

/// Those that take no time; studies, training and the page have tests of theirs.
const LINES: &[&str] = &[
    "chip list",
    "chip show D3",
    "chip check D3-PCM",
    "chip check ideal",
    "chip explain D3 node pcm",
    "config show",
    "config explain",
    "bench evaluator --out second.npz",
    "sample model.safetensors -n 2 --until 0.2 --steps 1 --out samples.npz",
    "relax --model model.safetensors --anchor x.npy --out states.npz",
    "gradient --model model.safetensors --anchor x.npy --velocity u.npy --out g.npz",
    "export conductances model.safetensors --chip D3-PCM --out map",
];

#[test]
fn documents_are_json_with_a_schema() {
    let inputs = Inputs::new();
    for line in LINES {
        let words = format!("{} --json", inputs.line(line));
        let mut command = gradep();
        command.current_dir(inputs.path(""));
        let output = command.args(words.split_whitespace()).output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
        let document: Result<Value, _> = serde_json::from_slice(&output.stdout);
        let document = document.unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(document["schema"].is_number(), "{line}");
    }
}

#[test]
fn a_check_of_a_chip_holds_numbers_of_its_own_file() {
    let document: Value = serde_json::from_str(&stdout("chip check D3-PCM --json")).unwrap();
    let (checks, device) = (document["checks"].as_array().unwrap(), &document["device"]);
    assert!(!checks.is_empty());
    for check in checks {
        let number = |key: &str| check[key].as_f64().unwrap();
        assert!(
            (number("actual") - number("expected")).abs() <= number("tolerance"),
            "{check}"
        );
    }
    let of_device = device["checks"].as_array().unwrap();
    assert!(!of_device.is_empty() && device["device"].is_string());
    for check in of_device {
        let number = |key: &str| check[key].as_f64().unwrap();
        let off = (number("actual") / number("expected") - 1.0).abs();
        assert!(
            off <= number("relative_tolerance") || number("expected").abs() < 1e-30,
            "{check}"
        );
    }
}
