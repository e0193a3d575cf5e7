//! `gradep bench`.

use super::{run, stdout};
use serde_json::Value;

#[test]
fn baselines_are_measured_beside_what_is_published() {
    let text = stdout("bench baselines --only gaussian,noise-0.3 --seeds 2 --json");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], "gradep-baselines-1");
    assert_eq!(
        (&document["track"], &document["n"]),
        (&"H".into(), &898.into())
    );
    let rows = document["baselines"].as_array().unwrap();
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["gaussian", "noise-0.3"]);
    let score = &rows[0]["scores"]["fd_features"];
    assert_eq!(
        (&rows[0]["kind"], &rows[0]["seeds"]),
        (&"gaussian".into(), &2.into())
    );
    assert_eq!(score["published"], 18.9);
    assert!(score["sd_over_seeds"].as_f64().unwrap() > 0.0);
    assert!(score["deviation"].as_f64().unwrap().abs() < 3.0, "{score}");

    let table = stdout("bench baselines --only five-classes --track P --count 50");
    assert!(
        table.contains("50 samples against 1797 digits, track P"),
        "{table}"
    );
    assert!(
        table.contains("five-classes") && !table.contains("published"),
        "{table}"
    );
}

#[test]
fn baselines_that_there_are_not_are_refused() {
    for (line, expected) in [
        ("bench baselines --only gmm-21", "gmm-20"),
        (
            "bench baselines --only real --count 1000",
            "898 training images",
        ),
        ("bench baselines --only bootstrap --count 5", "5 samples"),
        ("bench baselines --seeds 0", "--seeds"),
    ] {
        let output = run(line);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {message}");
        assert!(
            message.contains(expected) && output.stdout.is_empty(),
            "{message}"
        );
    }
}
