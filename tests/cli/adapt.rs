//! Chips that learn on.

use super::{gradep, printed, refusal, short_run as train, stdout};
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
    // Without its devices the model is elsewhere, and that is said.
    let alone = format!("sample {out}/chip_1.safetensors {BAD} --until 0.2 -n 4 --out {out}/a.npz");
    let alone = gradep().args(alone.split_whitespace()).output().unwrap();
    let said = String::from_utf8(alone.stderr).unwrap();
    assert!(
        alone.status.success() && said.contains("learned on D3, chip 1"),
        "{said}"
    );
    let picture = fs::read(format!("{out}/chip_1.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG"));
    // Another course is another study.
    let message = refusal(&format!(
        "adapt {run} {BAD} {SHORT} --headroom 2 --out {out}"
    ));
    assert!(message.contains("something else"), "{message}");
}

/// Updates by pulses are counted, and what they take is beside the chip's own time and energy.
#[test]
fn updates_by_pulses_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let (run, out) = (folder.path().join("run"), folder.path().join("pulsed"));
    trained(&run);
    let line = format!(
        "adapt {} {BAD} -s array.update=pulses -s array.update_pulses=1000 -s array.update_cycle=0.1 \
         -s array.pulse_time=100ns -s array.pulse_energy=2pJ -s array.update_order=rows {SHORT} --out {}",
        run.display(),
        out.display()
    );
    let chip = &document(&printed(&format!("{line} --json")))["chips"][0];
    let took = &chip["updating"];
    let pulses = took["pulses"].as_u64().unwrap();
    assert!(pulses > 100 && took["most"].as_u64().unwrap() > 1, "{took}");
    let joules = took["joules"].as_f64().unwrap();
    assert!(
        (joules / (pulses as f64 * 2e-12) - 1.0).abs() < 1e-9,
        "{took}"
    );
    let seconds = took["seconds"].as_f64().unwrap();
    assert!(seconds > 0.0 && seconds < pulses as f64 * 100e-9, "{took}");
    assert!(
        chip["losses"][1].as_f64() < chip["losses"][0].as_f64(),
        "{chip}"
    );
    let text = printed(&line);
    assert!(text.contains("pulses, at most"), "{text}");
    let table = fs::read_to_string(out.join("adapt.csv")).unwrap();
    assert!(table.contains(",update_pulses,"), "{table}");
    for (setting, said) in [
        ("-s array.update_pulses=device", "no response to pulses"),
        (
            "-s array.update_law=linear -s array.update_shape=2",
            "at most 1",
        ),
        ("-s array.update=pulse", "mixed-precision"),
    ] {
        let message = refusal(&format!("{line} {setting}"));
        assert!(message.contains(said), "{said}: {message}");
    }
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
