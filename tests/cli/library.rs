//! The library against the command line: the same settings and seeds give the same bits.

use super::run;
use analog_substrate::chip::Duration;
use gradep::prelude::*;
use std::{fs, path::Path};

fn succeed(line: &str) {
    let output = run(line);
    assert!(output.status.success(), "{line}: {output:?}");
}

/// Two epochs of a small network on the digits, in a folder of the command line's.
fn command(folder: &Path) {
    succeed(&format!(
        "train --preset track-h --epochs 2 --seed 5 -s network.layers=[64,16,16] -q --out {}",
        folder.display()
    ));
}

fn training() -> Training {
    Training::preset("track-h")
        .epochs(2)
        .seed(5)
        .set("network.layers", "[64,16,16]")
}

#[test]
fn a_training_leaves_the_files_that_the_command_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let [theirs, ours, alone] =
        ["theirs", "ours", "alone.safetensors"].map(|n| folder.path().join(n));
    command(&theirs);
    let run = training().folder(&ours).run().unwrap();
    for file in ["model.safetensors", "model-raw.safetensors", "metrics.csv"] {
        let read = |root: &Path| fs::read(root.join(file)).unwrap();
        assert!(read(&theirs) == read(&ours), "{file}");
    }
    let in_memory = training().run().unwrap();
    assert_eq!(in_memory.model(), run.model());
    in_memory.model().write(&alone).unwrap();
    assert!(fs::read(&alone).unwrap() == fs::read(theirs.join("model.safetensors")).unwrap());
    let config = |root: &Path| Config::read(&root.join("config.resolved.toml")).unwrap();
    assert_eq!(config(&theirs), config(&ours));

    // The samples, with and without a chip.
    let sampled = |options: &str| {
        let out = folder.path().join("samples.npz");
        let line = format!(
            "sample {} -n 6 --until 1 --seed 7 -q {options} --out {}",
            theirs.display(),
            out.display()
        );
        succeed(&line);
        read_samples(&out)
    };
    let drawn = |generation: Generation<'_>| {
        let generated = generation.until(1.0).seed(7).run().unwrap();
        generated.last().to_owned()
    };
    assert_eq!(sampled(""), drawn(run.generate(6)));
    assert_eq!(sampled("--steps 3"), drawn(run.generate(6).steps(3)));
    let chip = Chip::builder("D3-PCM")
        .seed(2)
        .program(run.model())
        .unwrap();
    let on = "--chip D3-PCM --chip-seed 2 --mode";
    assert_eq!(
        sampled(&format!("{on} free --ratio 2")),
        drawn(run.generate(6).on(&chip).free(2.0))
    );
    assert_eq!(
        sampled(&format!("{on} stepped --steps 2 --settle 300ns")),
        drawn(
            run.generate(6)
                .on(&chip)
                .mode(Mode::Stepped)
                .steps(2)
                .settle(Duration::Seconds(3e-7))
        )
    );
}

/// The array `samples` of a file.
fn read_samples(path: &Path) -> Array2<f32> {
    gradep_core::files::read_images(path, Some("samples")).unwrap()
}

/// A sweep of a program has the numbers of the command's.
#[test]
fn a_sweep_finds_what_the_command_finds() {
    let folder = tempfile::tempdir().unwrap();
    let [root, study] = ["run", "study"].map(|n| folder.path().join(n));
    let run = training().folder(&root).run().unwrap();
    succeed(&format!(
        "bench sweep --run {} --chip D3 --vary node.leak.spread=0%,20% --chips 1 -n 24 --until 0.5 --ratio 2 --seed 3 --time-step 0.5 -q --out {}",
        root.display(),
        study.display()
    ));
    let text = fs::read_to_string(study.join("sweep.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let coarse = TransientSettings {
        step: 0.5,
        ..TransientSettings::default()
    };
    let samples = run.generate(24).free(2.0).until(0.5).seed(3);
    let swept = Sweep::of(samples.transients(coarse), "D3")
        .vary("node.leak.spread", &["0%", "20%"])
        .chips(1)
        .run()
        .unwrap();
    for (place, cell) in swept.cells.iter().enumerate() {
        let found = serde_json::to_value(cell).unwrap();
        for part in ["values", "chips", "scores", "excess", "seconds", "joules"] {
            assert_eq!(document["cells"][place][part], found[part], "{part}");
        }
    }
}
