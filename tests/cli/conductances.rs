//! Maps of conductances: exported, imported, replayed.

use super::{arrays::Inputs, refusal, run, stdout};
use gradep_tests::live;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, process::Command};

const CHIP: &str = "--chip D3-PCM -s wires.tile_rows=16 -s array.stuck_off=0.01";

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let inner = contents(&path).into_iter();
            all.extend(inner.map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            all.insert(name, fs::read(&path).unwrap());
        }
    }
    all
}

#[test]
fn a_map_is_exported_imported_and_replayed() {
    let inputs = Inputs::new();
    let (map, again) = (inputs.path("map"), inputs.path("again"));
    let export = inputs.line(&format!(
        "export conductances model.safetensors {CHIP} --chips 2"
    ));
    let text = stdout(&format!("{export} --out {}", map.display()));
    assert!(
        text.contains("chip_1") && text.contains("weight_1"),
        "{text}"
    );
    let (from, to) = (map.display(), again.display());
    stdout(&format!(
        "import conductances {from} {CHIP} --out {to} --quiet"
    ));
    assert_eq!(contents(&map), contents(&again));

    // The map of chip 0 is what chip 0 is programmed with: without drift and read noise, which a
    // measured map does not have, it relaxes alike.
    let still = format!("{CHIP} -s array.drift=false -s array.read_noise=false");
    let export = inputs.line(&format!("export conductances model.safetensors {still}"));
    fs::remove_dir_all(&map).unwrap();
    stdout(&format!("{export} --out {} --quiet", map.display()));
    let relax = |options: &str| {
        let line = inputs.line(&format!(
            "relax --model model.safetensors --anchor x.npy --duration 5tau --out trace.npz {still}"
        ));
        let output = run(&format!("{line} {options}"));
        assert!(output.status.success(), "{output:?}");
        fs::read(inputs.path("trace.npz")).unwrap()
    };
    let replay = format!("--conductances {}", map.display());
    assert_eq!(relax(""), relax(&replay));
    assert_ne!(relax(""), relax("--seed 1"));

    let other = inputs.line(&format!(
        "relax --model model.safetensors --anchor x.npy --out trace.npz --chip D3-PCM {replay}"
    ));
    let message = refusal(&other);
    assert!(message.contains("spec_hash"), "{message}");
}

/// Figures lie beside the tables and are no part of a map; Python reads the same map.
#[test]
fn a_map_has_figures_and_numpy_reads_it() {
    let inputs = Inputs::new();
    let (map, again) = (inputs.path("map"), inputs.path("again"));
    let export = inputs.line(&format!("export conductances model.safetensors {CHIP}"));
    stdout(&format!(
        "{export} --figures=svg --out {} --quiet",
        map.display()
    ));
    for name in ["weight_0", "weight_1", "visible_bias", "bias_0", "bias_1"] {
        let figure = map.join("chip_0").join(format!("{name}.svg"));
        let text = fs::read_to_string(&figure).unwrap();
        for part in ["achieved (µS)", "error (µS)", "Green: stuck devices"] {
            assert!(text.contains(part), "{name}: {part}");
        }
        fs::remove_file(figure).unwrap();
    }
    let import = format!("import conductances {} {CHIP}", map.display());
    stdout(&format!("{import} --out {} --quiet", again.display()));
    assert_eq!(contents(&map), contents(&again));

    let damaged = map.join("chip_0/weight_0.csv");
    let text = fs::read_to_string(&damaged).unwrap();
    fs::write(&damaged, text.replacen("0,1,", "0,0,", 1)).unwrap();
    let message = refusal(&format!("{import} --out {}", inputs.path("no").display()));
    assert!(message.contains("weight_0.csv: line 3"), "{message}");

    let Some(python) = live::python_with_numpy() else {
        return;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maps/load_numpy.py");
    let output = Command::new(python)
        .arg(script)
        .arg(again.join("chip_0"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("weight_1") && said.contains("rms error"),
        "{said}"
    );
}

#[test]
fn a_chip_without_devices_has_no_map() {
    let inputs = Inputs::new();
    let out = inputs.path("map");
    let line = inputs.line("export conductances model.safetensors --chip D3 --out");
    let output = run(&format!("{line} {}", out.display()));
    assert!(!output.status.success());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("device=pcm"), "{message}");
    assert!(!out.exists());
    let unknown = refusal("chip show D3 -s device=pcn");
    assert!(unknown.contains("pcm"), "{unknown}");
}

/// Every imperfection of the device can be had alone.
#[test]
fn one_imperfection_alone() {
    let text = stdout("chip show D3-PCM -s chip.only=programming_noise --json");
    let spec: Value = serde_json::from_str(&text).unwrap();
    let values = spec["values"].as_object().unwrap();
    let on = values.iter().filter(|(_, value)| value["status"] == "on");
    let on: Vec<_> = on.map(|(name, _)| name.as_str()).collect();
    // What the chip costs is no imperfection, and stays.
    let costs = [
        "converters.adc_energy",
        "converters.dac_energy",
        "environment.bias_power",
        "overheads.read",
        "overheads.reset",
        "overheads.write",
    ];
    let (costs_on, imperfections): (Vec<_>, Vec<_>) =
        on.into_iter().partition(|name| costs.contains(name));
    assert_eq!(imperfections, ["array.programming_noise"]);
    assert_eq!(costs_on, costs);
}

/// A table whose numbers are microsiemens is refused where it is read, by import and by every replay, with the
/// line, the column, the value and what the device can hold.
#[test]
fn a_map_in_microsiemens_is_refused() {
    let inputs = Inputs::new();
    let map = inputs.path("map");
    let export = inputs.line(&format!("export conductances model.safetensors {CHIP}"));
    stdout(&format!("{export} --out {} --quiet", map.display()));
    let table = map.join("chip_0/weight_0.csv");
    let text = fs::read_to_string(&table).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for line in &mut lines[1..] {
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        for column in [4, 5, 6, 8, 9, 10] {
            fields[column] = (1e6 * fields[column].parse::<f64>().unwrap()).to_string();
        }
        *line = fields.join(",");
    }
    fs::write(&table, lines.join("\n")).unwrap();
    let out = inputs.path("again");
    let replay = format!("{CHIP} --conductances {}", map.display());
    for line in [
        format!(
            "import conductances {} {CHIP} --out {}",
            map.display(),
            out.display()
        ),
        inputs.line(&format!(
            "relax --model model.safetensors --anchor x.npy --out trace.npz {replay}"
        )),
        inputs.line(&format!(
            "sample model.safetensors --out s.npz --count 2 {replay}"
        )),
    ] {
        let message = refusal(&line);
        for part in ["weight_0.csv: line 2: `", "_S`", "siemens", "25 uS"] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    assert!(!out.join("chip_0").exists());
}
