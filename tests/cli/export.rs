//! `gradep export netlist`: decks of the golden model.

use super::{
    arrays::{Inputs, array},
    gradep, refusal, run, stdout,
};
use gradep_tests::live;
use ndarray::{Array2, Ix3};
use ndarray_npy::write_npy;
use std::{fs, path::Path, process::Command};

const BASE: &str = "export netlist --model model.safetensors --anchor x.npy";

#[test]
fn a_deck_has_every_element_of_the_network() {
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir");
    let count = |options: &str, starts: &str| {
        let line = format!("{BASE} --sample 3 --duration 30tau {options} --out");
        stdout(&format!(
            "{} {} --quiet",
            inputs.line(&line),
            deck.display()
        ));
        let text = fs::read_to_string(&deck).unwrap();
        text.lines().filter(|line| line.starts_with(starts)).count()
    };
    let weights = 64 * 128 + 128 * 128;
    for (options, starts, expected) in [
        ("", "C", 320),
        ("", "Gf", weights),
        ("", "Gb", weights),
        ("", "Vs_x_", 64),
        ("", "Bm_h", 256),
        ("--free --ratio 20", "Vs_x_", 0),
        ("--couplings resistors", "Rf", weights),
        ("--couplings resistors", "Ep_", 320),
        ("--couplings resistors", "Gf", 0),
    ] {
        assert_eq!(count(options, starts), expected, "{options} {starts}");
    }
    let text = fs::read_to_string(&deck).unwrap();
    assert!(
        text.contains("wrdata $inputdir/deck.txt x_0 x_1 x_2"),
        "{}",
        &text[..400]
    );
}

/// The first tenth of a time constant of the paper's network, in ngspice.
#[test]
fn ngspice_takes_the_deck() {
    if !live::has_ngspice() {
        return;
    }
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir");
    let line = format!("{BASE} --duration 1ns --reltol 1e-3 --out");
    stdout(&format!(
        "{} {} --quiet",
        inputs.line(&line),
        deck.display()
    ));
    let output = Command::new("ngspice")
        .arg("-b")
        .arg(&deck)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = fs::read_to_string(inputs.path("deck.txt")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0].len(), 321);
    assert_eq!(
        (rows[0][1], rows[0][65], rows[0][320]),
        ("x_0", "h1_0", "h2_127")
    );
    let last = &rows[rows.len() - 1];
    assert_eq!(last.len(), 321);
    assert!((last[0].parse::<f64>().unwrap() - 1e-9).abs() < 1e-15);
}

#[test]
fn wrong_requests_are_refused() {
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir").display().to_string();
    for (options, parts) in [
        (
            "--sample 16 --duration 30tau",
            ["--sample 16", "has 16 rows"],
        ),
        ("--chip D9 --duration 30tau", ["`D9`", "ideal"]),
    ] {
        let line = format!("{} {options} --out {deck}", inputs.line(BASE));
        let output = run(&line);
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr).unwrap();
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
    let message = refusal(&format!("{} --duration 30 --out {deck}", inputs.line(BASE)));
    assert!(message.contains("\"30\" is not a duration"), "{message}");
    assert!(!inputs.path("deck.cir").exists());
}

/// A 4-5-3 network in safetensors without metadata, and two anchors.
fn small_network(folder: &Path) {
    let wave = |n: usize, phase: f64, size: f64| -> Vec<u8> {
        (0..n)
            .flat_map(|i| ((size * (1.7 * i as f64 + phase).sin()) as f32).to_le_bytes())
            .collect()
    };
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape, size) in [
        ("visible_bias", vec![4], 0.2),
        ("weight_0", vec![5, 4], 0.6),
        ("bias_0", vec![5], 0.3),
        ("weight_1", vec![3, 5], 0.5),
        ("bias_1", vec![3], 0.3),
    ] {
        let start = data.len();
        data.extend(wave(shape.iter().product(), start as f64, size));
        let offsets = [start, data.len()];
        let tensor = serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": offsets });
        header.insert(name.to_owned(), tensor);
    }
    let header = serde_json::Value::Object(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    fs::write(folder.join("small.safetensors"), file).unwrap();
    let anchors = Array2::from_shape_fn((2, 4), |(k, i)| (0.7 + 1.3 * (4 * k + i) as f64).cos());
    write_npy(folder.join("small.npy"), &anchors).unwrap();
}

/// Largest difference of the twelve nodes of two networks.
fn difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!((a.len(), b.len()), (12, 12));
    a.iter()
        .zip(b)
        .fold(0.0, |worst, (a, b)| f64::max(worst, (a - b).abs()))
}

/// Decks of other chips than the first and of a replayed map are the chips that `relax` simulates: with
/// their own mismatch, offsets, devices and wires.
#[test]
fn decks_are_of_the_chip_that_is_asked_for() {
    if !live::has_ngspice() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    small_network(folder.path());
    let (model, anchor) = (path("small.safetensors"), path("small.npy"));
    // Only what a deck has: no converters, nothing that fluctuates or drifts.
    let chip: Vec<&str> = "--chip D3-PCM --seed 3 -s array.drift=false -s array.read_noise=false \
                           -s environment.thermal_noise=false -s converters.dac_bits=off \
                           -s converters.hold_capacitance=off"
        .split_whitespace()
        .chain(["-s", "activation.noise_density=0 V/sqrt(Hz)"])
        .chain(["-s", "converters.droop=0 1/s", "-s", "wires.segment=50 ohm"])
        .collect();
    let on_network = [
        "--model",
        &model,
        "--anchor",
        &anchor,
        "--duration",
        "20tau",
    ];
    let command = |words: &[&str], more: &[&str]| {
        let output = gradep()
            .args(words)
            .args(&chip)
            .args(more)
            .arg("--quiet")
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?} {more:?}: {output:?}");
    };
    // x, h1, h2 at the end, of sample 1 of the `number`th chip of a trace.
    let relaxed = |number: usize, more: &[&str]| -> Vec<f64> {
        let trace = path("trace.npz");
        let out = [
            &on_network[..],
            &["--precision", "f64", "--intervals", "1", "--out", &trace],
        ];
        command(&["relax"], &[&out.concat(), more].concat());
        let layers = [("x", 4), ("h1", 5), ("h2", 3)];
        let last = layers.map(|(key, n)| {
            let states = array::<Ix3>(Path::new(&trace), key);
            let at = ((2 * number + 1) * 2 + 1) * n;
            states[at..at + n].to_vec()
        });
        last.concat()
    };
    let solved = |more: &[&str]| -> Vec<f64> {
        let deck = path("deck.cir");
        let out = [&on_network[..], &["--sample", "1", "--out", &deck], more].concat();
        command(&["export", "netlist"], &out);
        let output = Command::new("ngspice")
            .args(["-b", &deck])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let table = fs::read_to_string(path("deck.txt")).unwrap();
        let last = table.lines().last().unwrap().split_whitespace().skip(1);
        last.map(|word| word.parse().unwrap()).collect()
    };

    let third = relaxed(2, &["--chips", "3"]);
    for couplings in ["behavioural", "devices"] {
        let deck = solved(&["--chip-number", "2", "--couplings", couplings]);
        let error = difference(&deck, &third);
        assert!(error < 5e-5, "{couplings}: {error:e}");
    }
    assert!(difference(&solved(&[]), &third) > 1e-3);

    // The devices of chip 2 of another seed, in the periphery of chip 0.
    let maps = path("maps");
    let export: Vec<&str> = chip
        .iter()
        .map(|&word| if word == "3" { "4" } else { word })
        .collect();
    let output = gradep()
        .args(["export", "conductances", &model, "--quiet"])
        .args(["--chips", "3", "--out", &maps])
        .args(&export)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let map = path("maps/chip_2");
    let replayed = relaxed(0, &["--conductances", &map]);
    assert!(difference(&replayed, &relaxed(0, &[])) > 1e-3);
    for couplings in ["behavioural", "devices"] {
        let deck = solved(&["--conductances", &map, "--couplings", couplings]);
        let error = difference(&deck, &replayed);
        assert!(error < 5e-5, "{couplings}: {error:e}");
    }
    // A folder of all chips: the one of that number.
    let error = difference(
        &solved(&["--conductances", &maps, "--chip-number", "2"]),
        &relaxed(2, &["--conductances", &maps, "--chips", "3"]),
    );
    assert!(error < 5e-5, "{error:e}");
}
