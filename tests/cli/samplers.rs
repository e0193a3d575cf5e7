//! Ways to sample a field: noise along the flow, steps that adapt, the noise of a chip.

use super::{printed, refusal, short_run};
use serde_json::Value;
use std::path::Path;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A run of the smallest useful network.
fn trained(folder: &Path) -> String {
    let run = folder.join("run");
    short_run(
        &run,
        "-s network.layers=[64,8] -s sampling.step=0.1 -s training.epochs=1 --quiet",
    );
    run.display().to_string()
}

/// What `sample` says of four samples of a run at t = 1.
fn sampled(run: &str, options: &str) -> Value {
    json(&printed(&format!(
        "sample {run} -n 4 --until 1 --json --out {run}/s.npz {options}"
    )))
}

#[test]
fn noise_along_a_flow_is_asked_for_and_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path());
    let plain = sampled(&run, "");
    assert_eq!(sampled(&run, "--temperature 0"), plain);
    let cooled = sampled(&run, "--temperature 0.05 --cool-until 0.5");
    assert_eq!(cooled["evaluations"], plain["evaluations"]);
    assert_ne!(cooled["reach"], plain["reach"]);
    assert_ne!(sampled(&run, "--temperature 0.05"), cooled);
    let bench = format!("bench quality --run {run} --times 1 --track P -n 20 --json --out {run}/q");
    let told = json(&printed(&format!("{bench} --temperature 0.05")));
    assert_eq!(told["curves"][0]["settings"]["temperature"], 0.05);
    let sample = format!("sample {run} -n 4 --out {run}/s.npz");
    for (line, word) in [
        (
            format!("{sample} --temperature 0.1 --method nesterov"),
            "\"euler\"",
        ),
        (
            format!("{sample} --temperature 0.1 --stop-below 0.3"),
            "stop_below = 0",
        ),
        (
            format!("{sample} --temperature 0.1 --chip D3"),
            "--noise-gain",
        ),
        (
            format!("{bench} --temperature 0.1 --chip D3"),
            "--noise-gain",
        ),
        (format!("{sample} --cool-until 2"), "--temperature"),
        (format!("{sample} --temperature=-1"), "0 or more"),
    ] {
        let said = refusal(&line);
        assert!(said.contains(word), "{line}: {said}");
    }
}

#[test]
fn the_noise_of_a_chip_is_made_stronger_where_it_has_any() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path());
    let chip = "--chip D3 --ratio 2 --time-step 0.5";
    let plain = sampled(&run, chip);
    assert_eq!(sampled(&run, &format!("{chip} --noise-gain 1")), plain);
    let loud = sampled(&run, &format!("{chip} --noise-gain 30 --noise-until 0.5"));
    assert_eq!(loud["chip"]["noise_gain"], 30.0);
    assert_ne!(loud["reach"], plain["reach"]);
    assert_eq!(loud["chip"]["clock"], plain["chip"]["clock"]);
    let bench = format!("bench quality --run {run} --times 1 --track P -n 20 --json --out {run}/q");
    let told = json(&printed(&format!("{bench} {chip} --noise-gain 3")));
    let curve = &told["curves"][1];
    assert_eq!(curve["label"], "D3 free, r = 2, noise gain 3");
    assert_eq!(curve["settings"]["noise_gain"], 3.0);
    let sample = format!("sample {run} -n 4 --out {run}/s.npz");
    let study = format!("bench sensitivity --run {run} {chip} -n 20 --track P --out {run}/r");
    for (line, word) in [
        (
            format!("{sample} --chip D3 --mode stepped --noise-gain 3"),
            "--temperature",
        ),
        (
            format!("{bench} --chip D3 --mode stepped --noise-gain 3"),
            "--temperature",
        ),
        (
            format!("{sample} --chip ideal --noise-gain 3"),
            "environment.thermal_noise=true",
        ),
        (
            format!("{bench} --chip ideal --noise-gain 3"),
            "environment.thermal_noise=true",
        ),
        (
            format!("{sample} {chip} --noise-gain 0.5"),
            "1 (the circuit's own noise) or more",
        ),
        (format!("{study} --noise-gain 3"), "bench quality"),
        (format!("{sample} {chip} --noise-until 3"), "--noise-gain"),
        (format!("{sample} --noise-gain 3"), "--chip"),
    ] {
        let said = refusal(&line);
        assert!(said.contains(word), "{line}: {said}");
    }
}

#[test]
fn steps_adapt_to_each_sample_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let run = trained(folder.path());
    let adaptive = "--method adaptive --flow-tolerance";
    let (coarse, fine) = (
        sampled(&run, &format!("{adaptive} 0.1")),
        sampled(&run, &format!("{adaptive} 0.001")),
    );
    let number = |told: &Value, key: &str| told[key].as_f64().unwrap();
    assert!(number(&fine, "evaluations") > number(&coarse, "evaluations"));
    for told in [&coarse, &fine] {
        let (mean, most) = (
            number(told, "mean_evaluations"),
            number(told, "evaluations"),
        );
        assert!(mean <= most && mean > 3.0, "{told}");
    }
    let text = printed(&format!(
        "sample {run} -n 40 --until 1 --out {run}/s.npz {adaptive} 0.003"
    ));
    assert!(text.contains("velocities at most ("), "{text}");
    let bench = format!("bench quality --run {run} --times 1 --track P -n 20 --json --out {run}/q");
    let told = json(&printed(&format!("{bench} {adaptive} 0.01")));
    let point = &told["curves"][0]["points"][0];
    assert!(number(point, "mean_evaluations") <= number(point, "most_evaluations"));
    let sample = format!("sample {run} -n 4 --out {run}/s.npz");
    for (line, word) in [
        (format!("{sample} --flow-tolerance 0.1"), "adaptive"),
        (
            format!("{sample} --method adaptive --chip D3 --mode stepped"),
            "--method euler",
        ),
    ] {
        let said = refusal(&line);
        assert!(said.contains(word), "{line}: {said}");
    }
    let lost = super::run(&format!("{sample} {adaptive} 1e-30"));
    assert_eq!(lost.status.code(), Some(4), "{lost:?}");
    let said = String::from_utf8(lost.stderr).unwrap();
    assert!(said.contains("--flow-tolerance"), "{said}");
    let free = super::run(&format!(
        "{sample} --until 0.1 --method adaptive --chip D3 --ratio 2"
    ));
    let said = String::from_utf8(free.stderr).unwrap();
    assert!(said.contains("--method does nothing"), "{said}");
}
