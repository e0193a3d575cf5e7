//! Chips that learn on.

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
            format!("adapt {run} --chip D3 -n 5 --out {out}"),
            "too few samples",
        ),
    ] {
        let message = refusal(&line);
        assert!(message.contains(said), "{line}: {message}");
        assert!(!Path::new(&out.to_string()).exists(), "{line}");
    }
}
