//! What a chip's own gradient is worth, and maps of it.

use super::{printed, refusal, short_run as train};
use serde_json::Value;
use std::{fs, path::Path};

fn trained(run: &Path) {
    train(run, "-s network.cell=resistive -s network.layers=[64,16]");
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A range of the nudge that is far below the noise is drowned by it, and one that is not is near the exact gradient; the chip without noise is
/// off by nothing but the range.
#[test]
fn the_gradient_of_a_chip_is_held_against_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    trained(&run);
    let run = run.display();
    let table = |chip: &str| {
        let line = format!(
            "check gradient --run {run} {chip} --samples 16 --repeats 3 --ranges 0.003,0.1 --free 60tau --nudged 30tau --json"
        );
        document(&printed(&line))["cells"][0]["batches"][0].clone()
    };
    let noisy = table("--chip D3");
    let rows = noisy["rows"].as_array().unwrap();
    let of = |row: usize, key: &str| rows[row][key].as_f64().unwrap();
    assert!(noisy["residual"].as_f64().unwrap() < 1e-6, "{noisy}");
    // σ ∝ 1/range, within what three estimates show.
    let ratio = of(0, "noise") / of(1, "noise");
    assert!((20.0..50.0).contains(&ratio), "{ratio}");
    assert!(of(1, "noise") < 0.2, "{noisy}");
    assert!(
        rows[1]["single"]["cosine"].as_f64().unwrap() > 0.98,
        "{noisy}"
    );
    assert!(of(0, "joules") > 0.0 && of(0, "seconds") > 0.0);
    let quiet = table("--chip ideal");
    let row = &quiet["rows"][0];
    assert!(row["single"]["cosine"].as_f64().unwrap() > 0.99999, "{row}");
    let message = refusal(&format!("check gradient --run {run} --chip D3 --betas 0.1"));
    assert!(message.contains("--betas"), "{message}");
    let message =
        refusal("check gradient --chip D3 -s device=generic -s array.directions=separate");
    assert!(message.contains("have no energy"), "{message}");
    let message = refusal(&format!("check gradient --run {run} --chip D3 --repeats 1"));
    assert!(message.contains("no variance"), "{message}");
    let text = printed(&format!(
        "check gradient --run {run} --chip D3 --samples 8 --repeats 2 --ranges 0.1"
    ));
    assert!(text.contains("30:10"), "{text}");
}

/// Every cell has all columns for every range; more batches give intervals and are added to what is there; what follows is said in words.
#[test]
fn a_map_of_gradients_says_what_follows_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let (run, out) = (folder.path().join("run"), folder.path().join("map"));
    trained(&run);
    let (run, out) = (run.display(), out.display());
    let line = |more: &str| {
        format!(
            "check gradient --run {run} --chip D3 --samples 4 --repeats 2 --ranges 0.003,0.1 --free 60tau --nudged 30tau \
             --time-step 0.5 --vary converters.adc_bits=6,off --vary nudged=5tau,20tau --out {out} {more}"
        )
    };
    printed(&line("--json"));
    let text = printed(&line("--seeds 2 --cosine 0.9"));
    for said in [
        "converters.adc_bits = 6, nudged = 5tau",
        "range 0.003",
        "highest cosine of one estimate: ",
        "a cosine of 0.9",
        "2 estimates in each way of each batch of 4 samples, batches: 2",
        "1 degree of freedom",
        "gradients.json",
        "gradients.svg",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let map = document(&fs::read_to_string(format!("{out}/gradients.json")).unwrap());
    let cells = map["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 4);
    let way = |cell: usize, way: usize| &cells[cell]["ways"][way];
    assert!(way(3, 1)["noise"]["interval"]["low"].is_number(), "{map}");
    assert_eq!(way(0, 0)["nudged"], 5.0);
    // Without a converter there is less noise.
    let noise = |cell: usize| way(cell, 1)["noise"]["mean"].as_f64().unwrap();
    assert!(noise(0) > 2.0 * noise(2), "{map}");
    let table = fs::read_to_string(format!("{out}/gradients.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 4 * 2 * 2, "{table}");
    printed(&format!("verify {out}"));
    let message = refusal(&line("--chip-number 1"));
    assert!(message.contains("something else"), "{message}");
}

/// A quadratic nudge has strengths, and phases on one side take less time.
#[test]
fn nudges_and_phases_of_a_chip_are_chosen() {
    let line = "check gradient --chip D3 --samples 2 --repeats 2 --free 20tau --nudged 10tau --time-step 1 --nudges tilt,quadratic \
                --betas 1e-3 --ranges 0.1 --vary phases=centred,random-sign --json";
    let map = document(&printed(line));
    let ways = |cell: usize| map["cells"][cell]["ways"].as_array().unwrap();
    assert_eq!(ways(0)[0]["range"], 0.1);
    assert_eq!(ways(0)[1]["beta"], 1e-3);
    assert_eq!(ways(1)[1]["phases"], "random-sign");
    let seconds = |cell: usize| ways(cell)[0]["seconds"].as_f64().unwrap();
    assert!(seconds(1) < 0.9 * seconds(0), "{map}");
}

#[test]
fn what_cannot_be_mapped_is_refused_by_name() {
    for (more, parts) in [
        (
            "--vary node.capacitanc=1fF",
            ["node.capacitanc", "node.capacitance"],
        ),
        ("--vary nudged=5", ["--vary nudged=5", "10tau"]),
        ("--vary beta=1e-3", ["beta", "quadratic"]),
        ("--vary array.age=1s,1000s", ["array.age", "no device"]),
        (
            "--vary range=1 --vary free=1tau --vary nudged=1tau",
            ["--vary", "twice"],
        ),
        ("--cosine 1.1", ["--cosine", "at most 1"]),
        ("--seeds 0", ["--seeds", "0"]),
        (
            "--seed 18446744073709551615 --seeds 2",
            ["--seed", "smaller"],
        ),
        ("--betas 1e-3", ["--betas", "--nudges quadratic"]),
        (
            "-s device=generic --vary array.directions=shared,separate",
            ["array.directions=shared", "have no energy"],
        ),
    ] {
        let message = refusal(&format!(
            "check gradient --chip D3 --samples 2 --repeats 2 --ranges 0.1 --free 1tau --nudged 1tau --time-step 1 {more}"
        ));
        for part in parts {
            assert!(message.contains(part), "{more}: {message} lacks {part}");
        }
    }
    let message = refusal("check gradient --vary range=1,2");
    assert!(message.contains("--chip"), "{message}");
}
