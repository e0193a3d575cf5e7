//! `gradep verify`, and readers of what was changed after it was written.

use super::{gradep, run};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A folder in which commands run.
struct Place(tempfile::TempDir);

impl Place {
    /// With a run of two digits' models of a few nodes.
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        for (name, seed) in [("one", 0), ("two", 1)] {
            place.does(&format!(
                "train --out {name} --seed {seed} --epochs 2 -s network.layers=[64,3] -s sampling.step=0.6 \
                 -s training.checkpoint_every=1"
            ));
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn output(&self, line: &str) -> std::process::Output {
        gradep()
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .arg("--quiet")
            .output()
            .unwrap()
    }

    fn does(&self, line: &str) {
        let output = self.output(line);
        assert!(output.status.success(), "{line}: {output:?}");
    }

    fn refuses(&self, line: &str) -> String {
        let output = self.output(line);
        assert_eq!(output.status.code(), Some(2), "{line}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }

    /// Names that `verify --json` finds in a state.
    fn found(&self, line: &str, state: &str) -> Vec<String> {
        let output = self.output(&format!("verify {line} --json"));
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        let files = document["paths"][0]["files"].as_array().unwrap();
        let names = files.iter().filter(|file| file["found"] == state);
        let names = names.map(|file| file["name"].as_str().unwrap().to_owned());
        let names: Vec<_> = names.collect();
        let whole = output.status.code() == Some(0);
        assert_eq!(document["whole"], whole);
        names
    }
}

/// Changed bits of each format at the least, over its files.
const FLIPS: usize = 300;

fn flip(path: &Path, bit: usize) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut changed = bytes.clone();
    let bit = bit % (8 * bytes.len());
    changed[bit / 8] ^= 1 << (bit % 8);
    fs::write(path, changed).unwrap();
    bytes
}

/// Every kind of file that the program writes: a changed bit anywhere in it is found, and what was not changed is
/// whole.
#[test]
fn a_changed_bit_of_any_file_is_found() {
    let place = Place::new();
    place.does("export conductances one --chip D3-PCM --chips 2 --out map");
    place.does("bench quality --run one --times 0.5 -n 20 --out quality");
    place.does(
        "bench sweep --run one --chip D3 --vary activation.offset.spread=0V --chips 1 -n 20 --out sweep",
    );
    let mut random = 7_u64;
    let ending = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let mut files = BTreeMap::<String, Vec<(&str, String)>>::new();
    for root in ["one", "map", "quality", "sweep"] {
        assert_eq!(place.found(root, "changed"), Vec::<String>::new(), "{root}");
        assert_eq!(place.found(root, "missing"), Vec::<String>::new(), "{root}");
        let names = place.found(root, "whole");
        assert!(names.len() >= 5, "{root}: {names:?}");
        assert_eq!(place.found(root, "unknown"), Vec::<String>::new(), "{root}");
        for name in names {
            files.entry(ending(&name)).or_default().push((root, name));
        }
    }
    for of_format in files.values() {
        for (root, name) in of_format {
            let path = place.path(root).join(name);
            for _ in 0..FLIPS.div_ceil(of_format.len()) {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let bytes = flip(&path, (random >> 20) as usize);
                let verified = gradep_core::verify::verify(&place.path(root)).unwrap();
                assert!(!verified.is_whole(), "{root}/{name}");
                fs::write(&path, bytes).unwrap();
            }
        }
    }
    let formats: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(
        formats,
        [
            "ck",
            "csv",
            "json",
            "npz",
            "png",
            "safetensors",
            "svg",
            "toml"
        ]
    );
    fs::remove_file(place.path("one/metrics.csv")).unwrap();
    assert_eq!(place.found("one", "missing"), ["metrics.csv"]);
    let said = run(&format!("verify {}", place.path("one").display()));
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(
        said.contains("missing  metrics.csv") && said.contains("NOT as it was written"),
        "{said}"
    );
    fs::write(place.path("other.json"), "{\"a\": 1}").unwrap();
    assert_eq!(place.found("other.json", "unknown").len(), 1);
    place.refuses("verify nowhere");
}

/// What is read is held against what was written by whoever reads it.
#[test]
fn readers_refuse_or_tell_of_what_was_changed() {
    let place = Place::new();
    let bytes = flip(&place.path("one/model.safetensors"), 30_000);
    for line in [
        "sample one -n 1 --step 0.6 --out s.npz",
        "sample one/model.safetensors -n 1 --step 0.6 --out s.npz",
        "export conductances one --chip D3-PCM --out m",
    ] {
        let message = place.refuses(line);
        assert!(
            message.contains("model.safetensors: was changed after it was written"),
            "{message}"
        );
    }
    fs::write(place.path("one/model.safetensors"), bytes).unwrap();
    let path = place.path("one/metrics.csv");
    let table = fs::read_to_string(&path).unwrap();
    assert!(table.contains(",0."), "{table}");
    fs::write(&path, table.replacen(",0.", ",1.", 1)).unwrap();
    let message = place.refuses("report one --out page.html");
    assert!(message.contains("metrics.csv: was changed"), "{message}");
    let message = place.refuses("train --resume one --epochs 3");
    assert!(message.contains("metrics.csv: was changed"), "{message}");
    fs::write(&path, table).unwrap();
    let path = place.path("one/samples.npz");
    let bytes = flip(&path, 100_000);
    let message = place.refuses("evaluate one/samples.npz");
    assert!(message.contains("samples.npz: was changed"), "{message}");
    fs::write(&path, bytes).unwrap();
    let path = place.path("one/config.resolved.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, config.replacen("step = 0.6", "step = 0.3", 1)).unwrap();
    let told = gradep()
        .current_dir(place.0.path())
        .args("sample one -n 1 --out s.npz".split(' '))
        .output()
        .unwrap();
    assert!(told.status.success());
    let told = String::from_utf8(told.stderr).unwrap();
    assert!(
        told.contains("WARN") && told.contains("config.resolved.toml: was changed"),
        "{told}"
    );
}

/// A map is one model's, on every chip, and is replayed for that model alone.
#[test]
fn maps_of_two_models_are_not_mixed() {
    let place = Place::new();
    place.does("export conductances one --chip D3-PCM --chips 2 --out map");
    place.does("sample one --chip D3-PCM --conductances map -n 1 --step 0.6 --out s.npz");
    for line in [
        "sample two --chip D3-PCM --conductances map -n 1 --step 0.6 --out s.npz",
        "relax --model two/model.safetensors --anchor s.npz:samples --chip D3-PCM --conductances map --duration 1tau --out t.npz",
        "export netlist --model two/model.safetensors --anchor s.npz:samples --chip D3-PCM --conductances map \
         --duration 1tau --out d.cir",
        "report two --chip D3-PCM --conductances map --out page.html",
    ] {
        let message = place.refuses(line);
        assert!(message.contains("is a map of the model"), "{message}");
    }
    // Half an export over another.
    place.does("export conductances two --chip D3-PCM --chips 2 --out other");
    fs::remove_dir_all(place.path("map/chip_1")).unwrap();
    fs::rename(place.path("other/chip_1"), place.path("map/chip_1")).unwrap();
    let message = place.refuses("import conductances map --chip D3-PCM --out back");
    assert!(message.contains("holds maps of two models"), "{message}");
    fs::remove_file(place.path("map/chip_1/chip.json")).unwrap();
    let message = place.refuses("import conductances map --chip D3-PCM --out back");
    assert!(
        message.contains("chip_1/chip.json: is missing"),
        "{message}"
    );
    // A smaller export leaves nothing of the larger one.
    place.does("export conductances two --chip D3-PCM --chips 1 --out map");
    assert!(!place.path("map/chip_1").exists());
    place.does("import conductances map --chip D3-PCM --out back");
    assert!(!place.path("back/chip_1").exists());
    // A table that was changed on purpose.
    let path = place.path("map/chip_0/bias_0.csv");
    let table = fs::read_to_string(&path).unwrap();
    fs::write(&path, table.replace('\n', "\r\n")).unwrap();
    let message = place.refuses("import conductances map --chip D3-PCM --out back");
    assert!(
        message.contains("bias_0.csv: was changed") && message.contains("--edited"),
        "{message}"
    );
    place.does("import conductances map --chip D3-PCM --out back --edited");
    place.does("sample two --chip D3-PCM --conductances back -n 1 --step 0.6 --out s.npz");
}
