//! The readers, one target for each kind of file.

use crate::seeds;
use analog_substrate::{device::Device, hw_spec::Spec, wires::WireTable};
use bench_hw::{judge::Evaluator, store::Store};
use device_fit::{Base, Kind, Measurements, Options, fit};
use gradep_core::{
    checkpoint::read_checkpoint,
    config::{AskedFlow, Config, Request},
    data::Dataset,
    files::{Expected, Model, NpzFile, Trust, read_conductances, read_images},
};
use hw_report::page::{Page, Request as PageRequest};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A reader, and small inputs that it takes.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
    /// Reads bytes as a file in a folder; whether they were taken.
    pub(crate) read: fn(&Path, &[u8]) -> bool,
}

macro_rules! targets {
    ($($name:literal $seeds:expr, $read:expr;)*) => {
        pub(crate) const TARGETS: &[Target] = &[$(Target { name: $name, seeds: $seeds, read: $read }),*];
    };
}

targets! {
    "configuration" seeds::configurations, configuration;
    "spec" seeds::specs, |folder, bytes| Spec::load(&text_of(folder, "a.toml", bytes)).is_ok();
    "device" seeds::devices, |folder, bytes| Device::load(&text_of(folder, "a.toml", bytes)).is_ok();
    "wires" seeds::wires, |folder, bytes| WireTable::load(&text_of(folder, "a.toml", bytes)).is_ok();
    "npy" seeds::arrays, |folder, bytes| images(folder, "a.npy", bytes);
    "npz" seeds::archives, archive;
    "idx" seeds::idx, |folder, bytes| images(folder, "a.idx", bytes);
    "csv" seeds::tables, |folder, bytes| images(folder, "a.csv", bytes);
    "safetensors" seeds::models, |folder, bytes| Model::<f64>::read(&put(folder, "a.safetensors", bytes)).is_ok();
    "map-index" || seeds::of_map("chip.json"), |folder, bytes| map(folder, "chip.json", bytes);
    "map-sidecar" || seeds::of_map(".json"), |folder, bytes| map(folder, ".json", bytes);
    "map-table" || seeds::of_map(".csv"), |folder, bytes| map(folder, ".csv", bytes);
    "measurements" seeds::measurements, measured;
    "checkpoint" seeds::checkpoints, |folder, bytes| read_checkpoint::<seeds::Payload>(&put(folder, "a.ck", bytes)).is_ok();
    "plan" seeds::plans, plan;
    "quality" seeds::qualities, |folder, bytes| page(folder, "quality.json", bytes);
    "sweep" seeds::sweeps, |folder, bytes| page(folder, "sweep.json", bytes);
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, bytes).expect("the folder takes files");
    path
}

fn text_of(folder: &Path, name: &str, bytes: &[u8]) -> String {
    put(folder, name, bytes).display().to_string()
}

fn configuration(folder: &Path, bytes: &[u8]) -> bool {
    let path = put(folder, "a.toml", bytes);
    let whole = Config::read(&path).is_ok();
    let request = Request {
        file: Some(path),
        ..Request::default()
    };
    request.resolve().is_ok() || whole
}

fn images(folder: &Path, name: &str, bytes: &[u8]) -> bool {
    let mut data = Config::preset("best").expect("a preset").data;
    data.source = text_of(folder, name, bytes);
    Dataset::load(&data).is_ok()
}

fn archive(folder: &Path, bytes: &[u8]) -> bool {
    let path = put(folder, "a.npz", bytes);
    // Refused for its arrays, and read as far as to see that.
    let _ = Evaluator::read(&path);
    let Ok(mut file) = NpzFile::open(&path, bytes) else {
        return false;
    };
    for name in file.names().to_vec() {
        let _ = file.array::<f32>(&name);
    }
    read_images::<f32>(&path, Some("samples")).is_ok()
}

/// A map with the bytes in the place of one of its files.
fn map(folder: &Path, ending: &str, bytes: &[u8]) -> bool {
    let folder = folder.join("map");
    if !folder.exists() {
        fs::create_dir_all(&folder).expect("a folder");
        seeds::write_map(&folder);
    }
    let mut names: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .filter(|path| ending == "chip.json" || !path.ends_with("chip.json"))
        .collect();
    names.sort();
    let path = &names[0];
    let whole = fs::read(path).expect("a file of the map");
    fs::write(path, bytes).expect("the folder takes files");
    let taken = [Trust::Written, Trust::Edited].map(|trust| {
        let expected = Expected {
            trust,
            ..Expected::default()
        };
        read_conductances(&folder, expected).is_ok()
    });
    fs::write(path, whole).expect("the folder takes files");
    taken.contains(&true)
}

fn measured(_: &Path, bytes: &[u8]) -> bool {
    let Ok(measurements) = Measurements::read(bytes, "a.csv") else {
        return false;
    };
    let base = Base::load(Some("pcm")).expect("a shipped device");
    let options = Options {
        min: None,
        max: None,
        order: None,
    };
    let kinds = [Kind::ProgrammingNoise, Kind::Drift];
    kinds
        .map(|kind| fit(kind, &measurements, &base, &options).is_ok())
        .contains(&true)
}

fn plan(folder: &Path, bytes: &[u8]) -> bool {
    put(folder, "plan.json", bytes);
    let taken = Store::open(folder, &json!({"kind": "sweep"}));
    // Every plan is that of something else.
    taken.is_err()
}

fn page(folder: &Path, name: &str, bytes: &[u8]) -> bool {
    let folder = folder.join(name.trim_end_matches(".json"));
    fs::create_dir_all(&folder).expect("a folder");
    put(&folder, name, bytes);
    let chip = Spec::load("D3").expect("a shipped spec");
    let request = PageRequest {
        source: &folder,
        benches: &[],
        chip: &chip,
        chip_words: &[],
        flow: AskedFlow::default(),
        on_chip: None,
        maps: &[],
        command: &[],
    };
    Page::gather(&request, |_| {}).is_ok_and(|page| page.html().is_ok())
}
