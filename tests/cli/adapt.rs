//! Chips that learn on, and what a chip's own gradient is worth.

use super::{printed, refusal, short_run as train, stdout};
use serde_json::Value;
use std::{fs, path::Path};

const BAD: &str =
    "--chip D3 -s device=generic -s array.programming_sigma=0.05 -s array.stuck_on=0.01";
const SHORT: &str = "--ratio 5 --times 0.3,0.2 -n 50 --batch 32 --updates 57 --time-step 1 --free 10tau --nudged 5tau";

fn trained(run: &Path) {
    train(run, "-s network.cell=resistive -s network.layers=[64,16]");
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_chip_is_adapted_once_and_runs_as_what_it_has_become() {
    let folder = tempfile::tempdir().unwrap();
    let (run, out) = (folder.path().join("run"), folder.path().join("healed"));
    trained(&run);
    let (run, out) = (run.display(), out.display());
    let line = |more: &str| format!("adapt {run} {BAD} {SHORT} --later 1000s --out {out} {more}");
    let first = document(&printed(&line("--chips 1 --json")));
    let chip = &first["chips"][0];
    for key in ["before", "after", "exact", "control"] {
        assert!(
            chip[key]["distance"].as_f64().unwrap() > 0.0,
            "{key}: {chip}"
        );
        let time = chip[key]["time"].as_f64().unwrap();
        assert!([0.2, 0.3].contains(&time), "{time}");
    }
    assert_eq!(chip["later"][0]["seconds"], 1000.0);
    assert!(
        chip["losses"][1].as_f64() < chip["losses"][0].as_f64(),
        "{chip}"
    );
    assert!(chip["updates"].as_u64().unwrap() >= 57);
    assert!(chip["joules"].as_f64().unwrap() > chip["converters_j"].as_f64().unwrap());
    assert!(chip["moves"].as_u64().unwrap() > 0);
    // The second chip is another one; the first is not computed again.
    let before = fs::metadata(format!("{out}/chip_0.safetensors")).unwrap();
    let both = document(&printed(&line("--chips 2 --json")));
    assert_eq!(both["chips"][0], *chip);
    assert_ne!(both["chips"][1]["losses"], chip["losses"]);
    let after = fs::metadata(format!("{out}/chip_0.safetensors")).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
    let table = fs::read_to_string(format!("{out}/adapt.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert!(
        rows[0].ends_with(",after_1000_s,unadapted_after_1000_s"),
        "{table}"
    );
    let text = printed(&line("--chips 2"));
    for said in ["won back", "control", "moves of devices", "1.5 pJ"] {
        assert!(text.contains(said), "{said}: {text}");
    }

    // The map is of this chip, with this model, and of no other.
    let sample = |chip: &str, model: &str, map: &str| {
        format!(
            "sample {out}/{model} {chip} --conductances {out}/{map} --ratio 5 --until 0.2 -n 4 --out {out}/a.npz --json"
        )
    };
    let drawn = |number: u32| {
        stdout(&sample(
            BAD,
            &format!("chip_{number}.safetensors"),
            &format!("chip_{number}"),
        ));
        fs::read(format!("{out}/a.npz")).unwrap()
    };
    assert_ne!(drawn(0), drawn(1));
    for (chip, model, map) in [
        (BAD, "chip_1.safetensors", "chip_0"),
        ("--chip D3-PCM", "chip_0.safetensors", "chip_0"),
    ] {
        refusal(&sample(chip, model, map));
    }
    // Another course is another study.
    let message = refusal(&format!(
        "adapt {run} {BAD} {SHORT} --headroom 2 --out {out}"
    ));
    assert!(message.contains("something else"), "{message}");
}

/// All three ways in one folder: biases alone, updates at two ages, weights for all chips.
#[test]
fn biases_refreshes_and_a_population_are_told_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let (run, out) = (folder.path().join("run"), folder.path().join("healed"));
    trained(&run);
    let (run, out) = (run.display(), out.display());
    let short = SHORT.replace("--updates 57", "--updates 3");
    let settings =
        format!("adapt {run} {BAD} {short} --learn biases --later 200000s,100000s --refresh 2");
    let line = |more: &str| format!("{settings} --population 2 --out {out} {more}");
    let first = document(&printed(&line("--json")));
    let (chip, course) = (&first["chips"][0], &first["course"]);
    assert_eq!(
        (&course["learn"], &course["learning_rate"]),
        (&"biases".into(), &0.02.into())
    );
    // 64 + 16 biases of two devices each, in each pass over the data.
    let updates = chip["updates"].as_u64().unwrap();
    assert!(
        (1..=(updates + 1) * 160).contains(&chip["moves"].as_u64().unwrap()),
        "{chip}"
    );
    assert_eq!(chip["macs"], 0.0);
    assert!(
        chip["population"]["distance"].as_f64().unwrap() > 0.0,
        "{chip}"
    );
    assert_eq!(
        (&first["population"]["chips"], &first["refresh"]),
        (&2.into(), &2.into())
    );
    let ages = chip["later"].as_array().unwrap();
    for (age, seconds) in ages.iter().zip([1e5, 2e5]) {
        assert_eq!(age["seconds"], seconds);
        let refreshed = &age["refreshed"];
        assert!(
            refreshed["best"]["distance"].as_f64().unwrap() > 0.0,
            "{refreshed}"
        );
        assert!(refreshed["updates"].as_u64().unwrap() >= 2, "{refreshed}");
        assert!(
            refreshed["joules"].as_f64() < chip["joules"].as_f64().map(|all| 1.01 * all),
            "{refreshed}"
        );
    }
    let modified = |name: &str| {
        fs::metadata(format!("{out}/{name}"))
            .unwrap()
            .modified()
            .unwrap()
    };
    let files = [
        "population.safetensors",
        "control.safetensors",
        "chip_0.safetensors",
    ];
    let before = files.map(modified);
    let text = printed(&line(""));
    for said in [
        "for all",
        "refreshed at",
        "won back by weights for all chips",
        "2 other chips",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(files.map(modified), before);
    let table = fs::read_to_string(format!("{out}/adapt.csv")).unwrap();
    let head = table.lines().next().unwrap();
    for column in [
        ",population,",
        "refreshed_after_100000_s",
        "refresh_energy_j_after_200000_s",
    ] {
        assert!(head.contains(column), "{column}: {table}");
    }
    for other in ["--population 3", "", "--population 2 --learning-rate 0.01"] {
        let message = refusal(&format!("{settings} {other} --out {out}"));
        assert!(message.contains("something else"), "{other}: {message}");
    }
}

#[test]
fn what_cannot_be_adapted_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    trained(&run);
    let (run, out) = (run.display(), folder.path().join("x"));
    let out = out.display();
    for (line, said) in [
        (
            format!("adapt {run}/model.safetensors --chip D3 --out {out}"),
            "no run directory",
        ),
        (
            format!("adapt {run} --chip D3 --later 1000s --out {out}"),
            "no device",
        ),
        (
            format!("adapt {run} --chip D2-ReRAM --later 5s --out {out}"),
            "is not known 5 s",
        ),
        (
            format!("adapt {run} --chip D3 --later 1000 --out {out}"),
            "expected a time",
        ),
        (
            format!("adapt {run} --chip D3 --headroom 0.5 --out {out}"),
            "1 or more",
        ),
        (
            format!("adapt {run} --chip D3 --updates 0 --out {out}"),
            "--updates",
        ),
        (
            format!("adapt {run} --chip D3 --learn weights --out {out}"),
            "[possible values: all, biases]",
        ),
        (
            format!("adapt {run} --chip D3-PCM --refresh 5 --out {out}"),
            "--later",
        ),
        (
            format!(
                "adapt {run} --chip D3-PCM -s array.age=300s --later 100s --refresh 5 --out {out}"
            ),
            "learns only 300 s after it",
        ),
        (
            format!("adapt {run} --chip D3 --population 0 --out {out}"),
            "--population",
        ),
        (
            format!("adapt {run} --chip D3 --first 134217728 --population 5 --out {out}"),
            "expected smaller ones",
        ),
        (
            format!("adapt {run} --chip D3 -n 5 --out {out}"),
            "too few samples",
        ),
    ] {
        let message = refusal(&line);
        assert!(message.contains(said), "{line}: {message}");
        assert!(!Path::new(&out.to_string()).exists(), "{line}");
    }
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
        document(&printed(&line))
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
