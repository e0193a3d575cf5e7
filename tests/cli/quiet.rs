//! `--quiet`: errors only, and what is for programs.

use super::{COMMANDS, arrays::Inputs, gradep};
use analog_substrate::Layers;
use gradep_core::{config::Config, run::trained_model, trainer::initial_couplings};
use std::process::Output;

fn run_in(inputs: &Inputs, line: &str) -> Output {
    let mut command = gradep();
    command.current_dir(inputs.path(""));
    command.args(line.split_whitespace()).output().unwrap()
}

const TRAIN: &str =
    "train --preset best -s network.layers=[64,8] -s training.epochs=1 -s sampling.step=0.5";
const STUDY: &str = "--run model.safetensors --chip D3 -n 20 --ratio 1 --presettle 1tau --at 1 --track P \
                     --time-step 2 --chips 2";

/// A line for every command that prints text for people.
pub(super) const LINES: &[(&str, &str)] = &[
    ("train", "--out run"),
    (
        "sample",
        "model.safetensors -n 2 --steps 1 --out s.npz --figure s.svg",
    ),
    (
        "sample",
        "model.safetensors -n 2 --steps 1 --chip D3 --mode stepped --settle 1tau --out c.npz",
    ),
    (
        "adapt",
        "run --chip D3 --ratio 1 --times 0.1 -n 20 --updates 1 --time-step 2 --free 2tau --nudged 2tau --out healed",
    ),
    ("evaluate", "digits.npz --track P"),
    ("report", "run -o page.html"),
    ("bench baselines", "--only uniform --count 20"),
    ("bench evaluator", "--out weights.npz"),
    (
        "bench quality",
        "--run run --mode ideal --times 1 -n 20 --track P --out quality",
    ),
    ("bench inpaint", "run -n 3 --draws 1 --mask upper --steps 1"),
    ("bench classes", "labelled.safetensors -n 20 --steps 1"),
    ("bench outliers", "run digits.npz --out scores.npz"),
    (
        "bench sweep",
        "--vary array.programming_sigma=0,0.02 -s device=generic --only programming_noise --out sweep",
    ),
    (
        "bench sensitivity",
        "-s device=generic --only programming_noise --out sensitivity",
    ),
    (
        "bench tolerance",
        "--key array.programming_sigma --between 0 0.5 -s device=generic --only programming_noise --steps-between 2 --out tolerance",
    ),
    (
        "relax",
        "--model model.safetensors --anchor x.npy --solver explicit --steps 1 --out r.npz",
    ),
    (
        "gradient",
        "--model model.safetensors --anchor x.npy --velocity u.npy --solver explicit --steps 1 --out g.npz",
    ),
    (
        "check gradient",
        "--model model.safetensors --samples 2 --betas 1e-3 --precisions f64 --budgets explicit:2",
    ),
    (
        "check gradient",
        "--model model.safetensors --samples 2 --chip D3 --repeats 2 --ranges 0.1 --free 1tau --nudged 1tau --time-step 1 --vary converters.adc_bits=8,off --out gradients",
    ),
    ("chip list", ""),
    ("chip show", "D3"),
    ("chip check", "D3"),
    ("chip explain", "D3"),
    (
        "chip measure",
        "pcm --kind programming-noise --devices 50 -o m.csv",
    ),
    (
        "chip fit",
        "m.csv --kind programming-noise --from pcm -o d.toml",
    ),
    (
        "export netlist",
        "--model model.safetensors --anchor x.npy --duration 1tau -o d.cir",
    ),
    (
        "export conductances",
        "model.safetensors --chip D3-PCM --out map",
    ),
    ("config explain", "nudge"),
    ("verify", "map"),
];

/// A line with what its command needs beside.
pub(super) fn whole(command: &str, rest: &str) -> String {
    match command {
        "train" => format!("{TRAIN} {rest}"),
        "bench sweep" | "bench sensitivity" | "bench tolerance" => {
            format!("{command} {STUDY} {rest}")
        }
        _ => format!("{command} {rest}"),
    }
}

/// A model that has learned no classes, with nodes for them.
pub(super) fn save_labelled(inputs: &Inputs) {
    let mut config = Config::preset("track-h").unwrap();
    config.network.layers = Layers::new(vec![74, 4]).unwrap();
    config.data.label_nodes = 10;
    let couplings = initial_couplings(&config.network, 1);
    let model = trained_model(&config, couplings);
    model.write(&inputs.path("labelled.safetensors")).unwrap();
}

/// What `evaluate` is given: digits.
pub(super) fn save_digits(inputs: &Inputs) {
    let digits = gradep_core::data::Dataset::digits();
    gradep_core::files::write_npz(&inputs.path("digits.npz"), |npz| {
        npz.add("samples", &digits.images().slice(ndarray::s![..30, ..]))
    })
    .unwrap();
}

#[test]
fn a_quiet_command_prints_errors_only() {
    let inputs = Inputs::new();
    save_digits(&inputs);
    save_labelled(&inputs);
    let import = ("import conductances", "map --chip D3-PCM --out again");
    for &(command, rest) in LINES.iter().chain([&import]) {
        let line = whole(command, rest);
        let output = run_in(&inputs, &format!("{line} --quiet"));
        assert!(output.status.success(), "{line}: {output:?}");
        assert!(
            output.stdout.is_empty() && output.stderr.is_empty(),
            "{line}: {output:?}"
        );
    }
    for (command, line) in [
        ("config show", "config show"),
        ("completions", "completions bash"),
        ("man", "man"),
        ("chip list", "chip list --json"),
    ] {
        let loud = run_in(&inputs, line);
        let quiet = run_in(&inputs, &format!("{line} --quiet"));
        assert_eq!(loud.stdout, quiet.stdout, "{command}");
        assert!(
            !quiet.stdout.is_empty() && quiet.stderr.is_empty(),
            "{command}"
        );
    }
    let tried = |command: &&str| {
        let documents = ["config show", "completions", "man", import.0];
        LINES.iter().any(|line| line.0 == *command) || documents.contains(command)
    };
    let untried: Vec<_> = COMMANDS.iter().filter(|command| !tried(command)).collect();
    assert!(untried.is_empty(), "{untried:?}");
    let error = run_in(&inputs, "sample none.safetensors --out a.npz --quiet");
    assert_eq!(error.status.code(), Some(2));
    assert_eq!(String::from_utf8(error.stderr).unwrap().lines().count(), 1);
}

#[test]
fn more_threads_than_cores_can_use_are_capped_and_said() {
    let inputs = Inputs::new();
    let line = "sample model.safetensors -n 2 --steps 1 --out";
    assert!(run_in(&inputs, &format!("{line} a.npz")).status.success());
    let many = run_in(&inputs, &format!("{line} b.npz --threads 65536"));
    let said = String::from_utf8(many.stderr).unwrap();
    assert!(said.contains("WARN --threads 65536: "), "{said}");
    let bytes = |name| std::fs::read(inputs.path(name)).unwrap();
    assert_eq!(bytes("a.npz"), bytes("b.npz"));
}
