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
        (format!("{sample} --temperature 0.1 --method nesterov"), "\"euler\""),
        (format!("{sample} --temperature 0.1 --stop-below 0.3"), "stop_below = 0"),
        (format!("{sample} --temperature 0.1 --chip D3"), "--noise-gain"),
        (format!("{bench} --temperature 0.1 --chip D3"), "--noise-gain"),
        (format!("{sample} --cool-until 2"), "--temperature"),
        (format!("{sample} --temperature -1"), "0 or more"),
    ] {
        let said = refusal(&line);
        assert!(said.contains(word), "{line}: {said}");
    }
}
