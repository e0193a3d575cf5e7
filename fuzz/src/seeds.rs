//! Small inputs that readers take, written by the program itself.

use analog_substrate::{
    Layers,
    chip::{Chip, ChipParts, Die, Instance, Network, TransientSettings},
    device::Device,
    hw_spec::Spec,
};
use device_fit::{Kind, Synthetic, measure};
use flate2::{Compression, write::GzEncoder};
use gradep_core::{
    checkpoint::{CheckpointHeader, write_checkpoint},
    config::Config,
    files::{ChipMap, Model, Provenance, npz_bytes, spec_hash, write_conductances},
    run::trained_model,
    trainer::initial_couplings,
};
use ndarray::arr2;
use ndarray_npy::WriteNpyExt;
use std::{fs, io::Write as _, path::Path};

/// What is read of a checkpoint here.
pub(crate) type Payload = (Vec<f32>, u64, String);

fn file(path: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::read(root.join(path)).expect("the file is in the repository")
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("a list takes all");
    packed.finish().expect("a list takes all")
}

/// The bytes of a file that `write` makes.
fn written(write: impl FnOnce(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    write(&path);
    fs::read(path).expect("the file was written")
}

pub(crate) fn configurations() -> Vec<Vec<u8>> {
    let config = Config::preset("best").expect("a preset").to_toml();
    let part = "seed = 3\n[network]\nlayers = [4, 2]\n[nudge]\nkind = \"tilt\"\nbeta = 1e-3\n";
    vec![config.into_bytes(), part.as_bytes().to_vec()]
}

pub(crate) fn specs() -> Vec<Vec<u8>> {
    let small = "name = \"a\"\ninherits = \"D3\"\ndevice = \"pcm\"\n[node]\ncapacitance = { value = \"50 fF\", spread = \"2 %\" }\n";
    vec![
        small.as_bytes().to_vec(),
        file("hw-specs/d3-reference.toml"),
    ]
}

pub(crate) fn devices() -> Vec<Vec<u8>> {
    let names = ["pcm", "generic", "reram-cmo", "ecram"];
    names
        .map(|name| file(&format!("hw-specs/devices/{name}.toml")))
        .to_vec()
}

pub(crate) fn wires() -> Vec<Vec<u8>> {
    vec![file("hw-specs/wires/imac-sim.toml")]
}

fn npy(array: &impl WriteNpyExt) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).expect("a list takes all");
    bytes
}

pub(crate) fn arrays() -> Vec<Vec<u8>> {
    let small = arr2(&[[0.0_f32, 0.5, 1.0, -1.0], [1.0, -0.5, 0.0, 0.25]]);
    let counts = arr2(&[[0_u8, 1, 16, 3]]);
    vec![
        npy(&small),
        npy(&small.mapv(f64::from)),
        npy(&counts),
        gzipped(&npy(&small)),
    ]
}

pub(crate) fn archives() -> Vec<Vec<u8>> {
    let small = arr2(&[[0.0_f32, 0.5], [1.0, -0.5]]);
    let archive = npz_bytes(|npz| {
        npz.add("samples", &small)?;
        npz.add("weight_0", &small.mapv(f64::from))
    });
    vec![archive.expect("a list takes all")]
}

pub(crate) fn idx() -> Vec<Vec<u8>> {
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2];
    images.extend([0, 16, 3, 4, 5, 6, 7, 8]);
    vec![gzipped(&images), images]
}

pub(crate) fn tables() -> Vec<Vec<u8>> {
    let table = b"p0,p1,p2,p3,label\n0,16,1,2,7\n3,4,5,6,1\n".to_vec();
    vec![gzipped(&table), table, b"0,1,2\n\"3\",4,5\r\n".to_vec()]
}

fn model() -> Model<f32> {
    let mut config = Config::preset("best").expect("a preset");
    config.network.layers = Layers::new(vec![4, 3, 2]).expect("a network");
    let couplings = initial_couplings(&config.network, 1);
    trained_model(&config, couplings)
}

pub(crate) fn models() -> Vec<Vec<u8>> {
    let whole = written(|path| model().write(path).expect("a file"));
    vec![whole]
}

/// Writes a map of a small chip into a folder.
pub(crate) fn write_map(folder: &Path) {
    let spec = Spec::load("D3-PCM").expect("a shipped spec");
    let (design, model) = (spec.design(), model());
    let layers = model.couplings.layers();
    let chip = Chip::new(ChipParts {
        design: design.clone(),
        instance: Instance::draw(&design, layers, Die { seed: 1, number: 0 }),
        network: Network {
            couplings: model.couplings.cast::<f64>(),
            activation: model.activation,
            cell: model.cell,
        },
        settings: TransientSettings::default(),
        noise_seed: 1,
    });
    let provenance = Provenance {
        spec: spec.name().to_owned(),
        spec_hash: spec_hash(&spec),
        model: None,
        seed: 1,
        chip: 0,
    };
    let map = chip
        .expect("a chip")
        .conductances()
        .expect("it has devices");
    let map = ChipMap {
        provenance,
        tile: None,
        map,
    };
    write_conductances(folder, &map).expect("a folder");
}

/// The files of a map whose names end so.
pub(crate) fn of_map(ending: &str) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    write_map(folder.path());
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .expect("a folder")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    names.sort();
    names
        .iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect()
}

pub(crate) fn measurements() -> Vec<Vec<u8>> {
    let device = Device::load("pcm").expect("a shipped device");
    let kinds = [Kind::ProgrammingNoise, Kind::Drift];
    let tables = kinds.map(|kind| {
        let experiment = Synthetic {
            kind,
            devices: 20,
            reading_error: 0.002,
            seed: 1,
        };
        measure(&device, &experiment)
            .expect("a law of the device")
            .into_bytes()
    });
    tables.to_vec()
}

pub(crate) fn checkpoints() -> Vec<Vec<u8>> {
    let header = CheckpointHeader {
        crate_version: "0.1.0".to_owned(),
        config_hash: "3f9a1c".to_owned(),
        seed: 1,
        epoch: 2,
    };
    let payload: Payload = (vec![0.5; 8], 3, "text".to_owned());
    vec![written(|path| {
        write_checkpoint(path, &header, &payload).expect("a file");
    })]
}

pub(crate) fn plans() -> Vec<Vec<u8>> {
    vec![
        br#"{"kind":"sweep","chip":"D3","settings":{"model_blake3":"00"},"models":["a"]}"#.to_vec(),
    ]
}

pub(crate) fn qualities() -> Vec<Vec<u8>> {
    vec![file("tests/fixtures/report/quality/quality.json")]
}

pub(crate) fn sweeps() -> Vec<Vec<u8>> {
    vec![
        file("tests/fixtures/report/sweep/sweep.json"),
        file("tests/fixtures/report/sensitivity/sweep.json"),
        file("tests/fixtures/report/tolerance/sweep.json"),
    ]
}
