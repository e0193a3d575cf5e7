//! `gradep evaluate`.

use super::{run, stdout};
use ndarray::Array2;
use ndarray_npy::NpzWriter;
use serde_json::Value;
use std::{
    fs::{self, File},
    path::PathBuf,
    process::Output,
};

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/evaluator/samples_feedforward_t1.1.npz")
}

const KEYS: [&str; 16] = [
    "class_entropy",
    "class_tv",
    "confidence",
    "coverage",
    "density",
    "fd_features",
    "fd_pixels",
    "kid",
    "memorisation",
    "mmd",
    "one_nn_generated",
    "one_nn_real",
    "precision",
    "recall",
    "recognisable",
    "smallest_class",
];

#[test]
fn every_metric_has_value_error_floor_and_number() {
    let samples = golden();
    let text = stdout(&format!("evaluate {} --json", samples.display()));
    let scores: Value = serde_json::from_str(&text).unwrap();
    let mut keys: Vec<_> = scores
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, KEYS);
    for (name, score) in scores.as_object().unwrap() {
        assert!(
            score["value"].is_number() && score["standard_error"].is_number(),
            "{name}"
        );
        assert_eq!(score["n"], 898, "{name}");
    }
    let fd = scores["fd_features"]["value"].as_f64().unwrap();
    assert!((fd / 5.336_309_283 - 1.0).abs() < 1e-4, "{fd}");

    let table = stdout(&format!("evaluate {} --track p", samples.display()));
    assert!(
        table.contains("898 samples against 1797 digits, track P"),
        "{table}"
    );
    let memorisation = table
        .lines()
        .find(|line| line.starts_with("memorisation"))
        .unwrap();
    assert!(memorisation.ends_with('-'), "{memorisation}");
}

/// One message that says this, nothing else, and the exit of bad input.
fn refused(output: Output, expected: &[&str]) {
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        output.stdout.is_empty() && message.lines().count() == 1,
        "{message}"
    );
    for part in expected {
        assert!(message.contains(part), "{message}");
    }
}

/// Keys and classifier of the second opinion; the first is as without it.
#[test]
fn a_second_classifier_is_printed_beside_the_first() {
    let samples = golden();
    let text = stdout(&format!(
        "evaluate {} --evaluator second --json",
        samples.display()
    ));
    let mut scores: Value = serde_json::from_str(&text).unwrap();
    let check = scores
        .as_object_mut()
        .unwrap()
        .remove("cross_check")
        .unwrap();
    let keys: Vec<_> = scores.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys.len(), KEYS.len());
    assert_eq!(check["evaluator"], "second");
    assert!(check["accuracy"].as_f64().unwrap() >= 0.95);
    let judged = check["scores"].as_object().unwrap();
    assert_eq!(judged.len(), 6);
    for (name, score) in judged {
        assert!(
            KEYS.contains(&name.as_str()) && score["value"].is_number(),
            "{name}"
        );
    }
    assert_ne!(
        judged["fd_features"]["value"],
        scores["fd_features"]["value"]
    );

    let folder = tempfile::tempdir().unwrap();
    let weights = folder.path().join("second.npz");
    let said = stdout(&format!("bench evaluator --out {}", weights.display()));
    assert!(said.contains("% of 3823 digits"), "{said}");
    let table = stdout(&format!(
        "evaluate {} --evaluator {}",
        samples.display(),
        weights.display()
    ));
    let tail = table.split("by the classifier").nth(1).unwrap();
    // Weights are written in the precision they are trained in: the same classifier.
    let value = judged["fd_features"]["value"].as_f64().unwrap();
    assert!(tail.contains(&format!("{value:.5}")), "{table}");
}

#[test]
fn what_are_no_samples_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.npz");
    for (key, shape, value, expected) in [
        ("images", [20, 64], 0.0, "samples"),
        ("samples", [20, 63], 0.0, "63 pixels"),
        ("samples", [5, 64], 0.0, "5 samples"),
        ("samples", [20, 64], f32::NAN, "NaN"),
    ] {
        let mut file = NpzWriter::new(File::create(&path).unwrap());
        file.add_array(key, &Array2::from_elem(shape, value))
            .unwrap();
        file.finish().unwrap();
        let output = run(&format!("evaluate {}", path.display()));
        refused(output, &["bad.npz", expected]);
    }
    let bytes = fs::read(golden()).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    refused(
        run(&format!("evaluate {}", path.display())),
        &["bad.npz", "damaged"],
    );
    let classifier = format!("evaluate {} --evaluator {0}", golden().display());
    refused(run(&classifier), &["samples_feedforward", "weight_0"]);
}
