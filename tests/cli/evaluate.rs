//! `gradep evaluate`.

use super::{run, stdout};
use gradep_core::data::Dataset;
use ndarray::{Array2, s};
use ndarray_npy::NpzWriter;
use serde_json::Value;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
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
    let mut scores: Value = serde_json::from_str(&text).unwrap();
    let values = scores.as_object_mut().unwrap().remove("values").unwrap();
    assert_eq!(
        (&values["smallest"], &values["beyond"]),
        (&(-1.0).into(), &0.0.into())
    );
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
    scores.as_object_mut().unwrap().remove("values");
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

/// Digits scaled by a linear map, and what `evaluate` makes of them.
fn digits(folder: &Path, (low, high): (f32, f32)) -> String {
    let path = folder.join(format!("{low}_{high}.npz"));
    let digits = Dataset::digits();
    let mapped = digits
        .images()
        .mapv(|v| low + (high - low) * (v + 1.0) / 2.0);
    let mut file = NpzWriter::new(File::create(&path).unwrap());
    file.add_array("samples", &mapped.slice(s![..60, ..]))
        .unwrap();
    // As other programs write counts and bytes.
    file.add_array("whole", &mapped.slice(s![..60, ..]).mapv(|v| v as i32))
        .unwrap();
    file.finish().unwrap();
    path.display().to_string()
}

#[test]
fn samples_in_another_range_are_refused_and_scaled_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let right = stdout(&format!("evaluate {}", digits(folder, (-1.0, 1.0))));
    assert!(
        right.contains("values from -1 to 1; 0.0 % of them are beyond"),
        "{right}"
    );
    for range in [(0.0, 16.0), (0.0, 1.0), (0.0, 255.0), (-0.5, 0.5)] {
        let samples = digits(folder, range);
        let (low, high) = range;
        let way_out = format!("--low {low} --high {high}");
        refused(
            run(&format!("evaluate {samples}")),
            &[&samples, "expected digits from −1", &way_out],
        );
        // Scaled they are the digits that they were.
        let told = stdout(&format!("evaluate {samples} {way_out}"));
        assert_eq!(told, right, "{range:?}");
    }
    let counts = digits(folder, (0.0, 16.0));
    // They can be taken as they are, for those who mean it.
    let taken = stdout(&format!("evaluate {counts} --low -1 --high 1"));
    assert_ne!(taken, right);
    let whole = stdout(&format!("evaluate {counts}:whole --low 0 --high 16"));
    assert_eq!(whole, right);
    refused(
        run(&format!("evaluate {counts} --low 16 --high 0")),
        &["expected low below high"],
    );
    // What a flow overshoots is no other range: it is clamped, and said.
    let far = stdout(&format!("evaluate {}", digits(folder, (-1.5, 1.5))));
    assert!(far.contains("values from -1.5 to 1.5; "), "{far}");
}
