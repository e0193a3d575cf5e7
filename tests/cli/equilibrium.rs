//! Fields that come to rest, from training to samples.

use super::{gradep, printed, refusal, run};
use serde_json::Value;
use std::{fs, path::Path};

const SMALL: &str = "-s network.layers=[64,8] -s sampling.step=0.5 --epochs 1 -q";

fn train(more: &str, out: &Path) {
    let line = format!(
        "train --preset equilibrium {SMALL} {more} --out {}",
        out.display()
    );
    let output = run(&line);
    assert!(output.status.success(), "{line}: {output:?}");
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_run_and_its_model_know_that_they_come_to_rest() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    train("-s network.visible_leak=true -s flow.decay_from=0.8", &out);
    let summary = json(&fs::read_to_string(out.join("summary.json")).unwrap());
    assert_eq!(summary["objective"], "equilibrium-matching");
    assert_eq!(summary["samples"]["flow_time"], 5.0);
    // Couplings, biases, and a leak for each pixel.
    assert_eq!(summary["parameters"], 64 * 8 + 64 + 8 + 64);
    let model = out.join("model.safetensors");
    for source in [&out, &model] {
        let npz = folder.path().join("s.npz");
        let line = format!(
            "sample {} -n 4 --step 0.5 --json --out {}",
            source.display(),
            npz.display()
        );
        let told = json(&printed(&line));
        assert_eq!(told["until"], 5.0, "{line}");
        assert!(
            told["speed_share"]
                .as_f64()
                .is_some_and(|share| share > 0.0)
        );
        assert!(
            told["reach"]["largest_rms"]
                .as_f64()
                .is_some_and(|rms| rms > 0.0)
        );
    }
    // A chip takes the leaks with it, and a run is gone on with.
    let npz = folder.path().join("c.npz");
    let chip = format!(
        "sample {} -n 2 --chip D3 --until 0.1 --out {}",
        model.display(),
        npz.display()
    );
    printed(&chip);
    let resumed = run(&format!("train --resume {} --epochs 2 -q", out.display()));
    assert!(resumed.status.success(), "{resumed:?}");
}

#[test]
fn samples_that_are_at_rest_are_left_there() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    train("", &out);
    let told = |options: &str| {
        let npz = folder.path().join("s.npz");
        let line = format!(
            "sample {} -n 4 --step 0.1 --json --out {} {options}",
            out.display(),
            npz.display()
        );
        json(&printed(&line))
    };
    let (whole, stopped) = (told(""), told("--stop-below 30%"));
    let evaluations = |told: &Value| told["evaluations"].as_u64().unwrap();
    assert_eq!(evaluations(&whole), 50);
    assert!(evaluations(&stopped) < 50, "{stopped}");
    assert_eq!(evaluations(&told("--method nesterov")), 50);
    let said = refusal(&format!(
        "sample {} -n 4 --stop-below 1.5 --json",
        out.display()
    ));
    assert!(said.contains("a share above 0 and at most 1"), "{said}");
}

#[test]
fn a_second_phase_contrasts_images_with_negatives() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let keys = "-s contrast.weight=0.1 -s contrast.from=0.5 -s contrast.steps=2 -s contrast.flow_until=0.3";
    let small = SMALL.replace("--epochs 1", "--epochs 2");
    printed(&format!(
        "train --preset equilibrium {small} {keys} --out {}",
        out.display()
    ));
    let table = fs::read_to_string(out.join("metrics.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert!(
        rows[0].ends_with(",refusal,energy_gap,negatives_left_out"),
        "{table}"
    );
    assert!(rows[1].ends_with(",NaN,NaN"), "{table}");
    let last = |place: usize| rows[2].rsplit(',').nth(place).unwrap().parse::<f64>();
    assert!(
        last(1).unwrap().is_finite() && last(0) == Ok(0.0),
        "{table}"
    );
    let summary = json(&fs::read_to_string(out.join("summary.json")).unwrap());
    assert_eq!(summary["energy_gap"].as_f64(), last(1).ok());
    let page = folder.path().join("page.html");
    printed(&format!(
        "report {} --out {}",
        out.display(),
        page.display()
    ));
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("below negatives in energy"));
    // It goes on, and what it has done is not done otherwise.
    let again = run(&format!("train --resume {} --epochs 3 -q", out.display()));
    assert!(again.status.success(), "{again:?}");
    let said = refusal(&format!(
        "train --resume {} -s contrast.weight=0.2",
        out.display()
    ));
    assert!(said.contains("contrast.weight = 0.2 (was 0.1)"), "{said}");
    let said = refusal("config show -s contrast.weight=0.1 -s contrast.step=0.7");
    assert!(
        said.contains("`contrast.step` = 0.7: expected at most 1/spring.output_scale = 0.5"),
        "{said}"
    );
}

#[test]
fn a_field_that_the_network_cannot_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let said = refusal(&format!(
        "train --preset equilibrium -s flow.decay_from=0.8 --out {}",
        out.display()
    ));
    assert!(
        said.contains("override flow.decay_from=0.8: `flow.decay_from` = 0.8"),
        "{said}"
    );
    assert!(said.contains("Choose at most 0.5000"), "{said}");
    assert!(!out.exists());
    // What does nothing beside the rest is said.
    let output = gradep()
        .args(["config", "show", "-s", "flow.decay=linear"])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("flow.decay does nothing"), "{said}");
}
