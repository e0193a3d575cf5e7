//! Held nodes from training to figures: label nodes, given pixels, images that were begun.

use super::{printed, refusal, short_run as train, stdout};
use ndarray::{Array1, Array2, Array3, s};
use ndarray_npy::{NpzReader, NpzWriter, write_npy};
use serde_json::Value;
use std::{
    fs::{self, File},
    path::Path,
};

fn array2(path: &Path, name: &str) -> Array2<f32> {
    let mut file = NpzReader::new(File::open(path).unwrap()).unwrap();
    file.by_name(&format!("{name}.npy")).unwrap()
}

/// Labels are learned beside the pixels, and asked for; nobody but the network sees their nodes.
#[test]
fn classes_are_learned_and_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = path("run");
    train(&run, "-s data.label_nodes=10 -s network.layers=[74,8]");
    let shown = fs::read_to_string(run.join("config.resolved.toml")).unwrap();
    assert!(shown.contains("label_nodes = 10"), "{shown}");
    // What a run leaves is of pixels.
    let samples = array2(&run.join("samples.npz"), "samples");
    assert_eq!(samples.ncols(), 64);
    let (run, out) = (run.display(), path("a.npz"));
    for (line, share) in [
        ("--class 3 -n 4", 4),
        ("--class 1,2 -n 5 --class-amplitude 2", 5),
        ("--class 3 -n 2 --chip D3 --mode free --ratio 5", 2),
        (
            "--class 3 -n 2 --chip D3 --mode stepped --settle 3tau --steps 4",
            2,
        ),
    ] {
        let out = out.display();
        let figure = path("a.png");
        let text = printed(&format!(
            "sample {run} {line} --until 0.4 --out {out} --figure {}",
            figure.display()
        ));
        assert!(text.contains("given           class"), "{text}");
        let path = Path::new(folder.path()).join("a.npz");
        assert_eq!(array2(&path, "samples").dim(), (share, 64), "{line}");
        let mut file = NpzReader::new(File::open(path).unwrap()).unwrap();
        let classes: Array1<u32> = file.by_name("classes.npy").unwrap();
        let expected = if line.contains("1,2") {
            vec![1, 2, 1, 2, 1]
        } else {
            vec![3; share]
        };
        assert_eq!(classes.to_vec(), expected);
        assert!(figure.metadata().unwrap().len() > 1000);
    }
    // Another class is another sample, of the same noise.
    let drawn = |class: u32| {
        let line = format!(
            "sample {run} --class {class} -n 3 --until 0.4 --out {}",
            out.display()
        );
        stdout(&line);
        array2(&out, "samples")
    };
    assert_ne!(drawn(3), drawn(4));
    assert_eq!(drawn(3), drawn(3));
    let table: Value = serde_json::from_str(&printed(&format!(
        "bench classes {run} --class-amplitude 1,3 -n 40 --until 0.4 --steps 4 --json"
    )))
    .unwrap();
    let rows = table["amplitudes"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[1]["amplitude"], 3.0);
    assert_eq!(rows[0]["accuracy"].as_array().unwrap().len(), 2);
    assert!(rows[0]["scores"]["fd_features"]["value"].is_number());
    let message = refusal(&format!("sample {run} --class 10 --out {}", out.display()));
    assert!(message.contains("expected 0 to 9"), "{message}");
}

/// A run that fills in, and files of digits: whole, with half of them unknown, and a mask of the known half.
struct Filling {
    folder: tempfile::TempDir,
    /// NaN where a pixel is unknown.
    images: Array2<f32>,
}

impl Filling {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let digits = gradep_core::data::Dataset::digits();
        let images = digits.images().slice(s![..3, ..]).to_owned();
        let mut filling = Self { folder, images };
        train(
            &filling.path("run"),
            "-s held.nodes=mixed -s flow.coupling=independent -s network.layers=[64,8]",
        );
        write_npy(filling.path("whole.npy"), &filling.images).unwrap();
        let upper = Array2::from_shape_fn((8, 8), |(row, _)| row < 4);
        write_npy(filling.path("upper.npy"), &upper).unwrap();
        filling.images.slice_mut(s![.., 32..]).fill(f32::NAN);
        // Either way to say which pixels are known, with the axes of images or without.
        let values = filling.images.iter().copied().collect();
        let cubes = Array3::from_shape_vec((3, 8, 8), values).unwrap();
        write_npy(filling.path("half.npy"), &cubes).unwrap();
        filling
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }
}

/// Pixels that are held come out as they went in, in every mode, and the others do not.
#[test]
fn given_pixels_stay_and_the_others_are_found() {
    let filling = Filling::new();
    let (run, out) = (filling.file("run"), filling.path("a.npz"));
    let by_nan = format!("--hold {}", filling.file("half.npy"));
    let (whole, upper) = (filling.file("whole.npy"), filling.file("upper.npy"));
    let by_mask = format!("--hold {whole} --mask {upper}");
    let mut found = Vec::new();
    for (given, mode, quantum) in [
        (&by_nan, "", 0.0),
        (&by_mask, "", 0.0),
        (
            &by_nan,
            "--chip D3 --mode stepped --settle 3tau --steps 4",
            0.0,
        ),
        (
            &by_nan,
            "--chip D3 --mode clamped --settle 3tau --steps 4",
            0.0,
        ),
        // What the chip's converters make of them.
        (&by_nan, "--chip D3 --mode free --ratio 5", 0.05),
    ] {
        let text = printed(&format!(
            "sample {run} {given} {mode} --until 0.4 --out {} --figure {}",
            out.display(),
            filling.file("a.svg")
        ));
        assert!(
            text.contains("given           50 % of the pixels"),
            "{text}"
        );
        let samples = array2(&out, "samples");
        assert_eq!(samples.dim(), (3, 64), "one for each image");
        for (place, &value) in filling.images.indexed_iter() {
            let off = (samples[place] - value).abs();
            assert!(value.is_nan() || off <= quantum, "{mode} {place:?}: {off}");
        }
        let given = array2(&out, "given");
        assert_eq!(given.iter().filter(|value| value.is_nan()).count(), 96);
        let drawn = fs::read_to_string(filling.path("a.svg")).unwrap();
        assert!(drawn.contains("Left of each what was given"), "{mode}");
        found.push(samples);
    }
    assert_eq!(found[0], found[1]);
}

#[test]
fn fills_are_judged_beside_what_needs_no_network() {
    let filling = Filling::new();
    let document: Value = serde_json::from_str(&printed(&format!(
        "bench inpaint {} -n 20 --draws 2 --mask upper,left --until 0.4 --steps 4 --json",
        filling.file("run")
    )))
    .unwrap();
    let masks = document["masks"].as_array().unwrap();
    assert_eq!(masks.len(), 2);
    let fills = masks[0]["fills"].as_array().unwrap();
    let names: Vec<&str> = fills
        .iter()
        .filter_map(|fill| fill["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "model",
            "mean image",
            "normal, mean",
            "normal, draws",
            "nearest images"
        ]
    );
}

#[test]
fn what_cannot_be_given_is_refused() {
    let filling = Filling::new();
    let file = |name: &str| filling.file(name);
    write_npy(
        filling.path("free.npy"),
        &Array2::from_elem((1, 64), f32::NAN),
    )
    .unwrap();
    write_npy(filling.path("small.npy"), &Array2::<f32>::zeros((2, 60))).unwrap();
    write_npy(
        filling.path("counts.npy"),
        &Array2::from_elem((2, 64), 16.0),
    )
    .unwrap();
    for (line, told) in [
        (format!("--hold {}", file("free.npy")), "no pixel is held"),
        (
            format!("--hold {} --mask {}", file("half.npy"), file("whole.npy")),
            "is NaN, and held by",
        ),
        ("--class 1".to_owned(), "the model has no label nodes"),
        (
            format!("--start {} --start-time 3", file("whole.npy")),
            "the flow ends at t = 1.2",
        ),
        (
            format!("--start {} --start-time 0.5", file("half.npy")),
            "expected a finite number",
        ),
        (
            format!("--hold {}", file("small.npy")),
            "has shape [2, 60]; expected [n, 64] or [n, 8, 8]",
        ),
        (
            format!("--hold {}", file("counts.npy")),
            "is 16; expected −1 (blank) to 1 (ink)",
        ),
    ] {
        let out = file("a.npz");
        let message = refusal(&format!("sample {} {line} --out {out}", file("run")));
        assert!(message.contains(told), "{line}: {message}");
        assert!(!filling.path("a.npz").exists(), "{line}");
    }
}

/// A flow that begins at t is the rest of one that begins at 0.
#[test]
fn images_are_taken_up_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = path("run");
    train(&run, "-s network.layers=[64,8]");
    let (run, file) = (run.display(), |name: &str| path(name).display().to_string());
    stdout(&format!(
        "sample {run} -n 3 --until 0.5 --step 0.25 --out {}",
        file("half.npz")
    ));
    stdout(&format!(
        "sample {run} -n 3 --until 1 --step 0.25 --out {}",
        file("whole.npz")
    ));
    let text = stdout(&format!(
        "sample {run} --start {} --start-time 0.5 --until 1 --step 0.25 --out {}",
        file("half.npz"),
        file("rest.npz")
    ));
    assert!(text.contains("3 samples at t = 1: 2 steps"), "{text}");
    let read = |name: &str| array2(&path(name), "samples");
    assert_eq!(read("rest.npz"), read("whole.npz"));
    // Scores of images, and of those that were made unlike.
    let mut archive = NpzWriter::new(File::create(path("real.npz")).unwrap());
    let digits = gradep_core::data::Dataset::digits();
    archive
        .add_array("samples", &digits.images().slice(s![..30, ..]))
        .unwrap();
    archive.finish().unwrap();
    let text = printed(&format!(
        "bench outliers {run} {} --out {}",
        file("real.npz"),
        file("scores.npz")
    ));
    assert!(
        text.contains("uniform noise") && text.contains("real.npz"),
        "{text}"
    );
    let mut scores = NpzReader::new(File::open(path("scores.npz")).unwrap()).unwrap();
    let energy: Array1<f64> = scores.by_name("energy.npy").unwrap();
    assert_eq!(energy.len(), 30);
}

#[test]
fn pairs_that_are_tied_to_what_is_given_are_refused() {
    for (settings, told) in [
        (
            "-s held.nodes=mixed",
            "`flow.coupling` = \"optimal-transport\" with `held.nodes` = \"mixed\"",
        ),
        ("-s held.nodes=labels", "the network has no label nodes"),
        (
            "-s data.label_nodes=10 -s held.nodes=labels",
            "or flow.pairing = \"class\"",
        ),
        ("-s data.label_nodes=5 -s training.epochs=1", "is of class"),
    ] {
        let command = if told == "is of class" {
            "train --out no/where"
        } else {
            "config show"
        };
        let message = refusal(&format!("{command} {settings}"));
        assert!(message.contains(told), "{message}");
    }
}
