//! Images of one's own: however their file is laid out and packed, the same images are learned.

use super::{gradep, refusal, stdout};
use flate2::{Compression, write::GzEncoder};
use ndarray::{Array1, Array4};
use serde_json::Value;
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Lines of the digits: 64 pixels and the label.
fn digits(count: usize) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/optdigits.tes");
    let text = fs::read_to_string(path).unwrap();
    text.lines().take(count).map(str::to_owned).collect()
}

fn label_first(line: &str) -> String {
    let (pixels, label) = line.rsplit_once(',').unwrap();
    format!("{label},{pixels}")
}

fn write(folder: &Path, name: &str, lines: &[String]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, lines.join("\n")).unwrap();
    path
}

/// What a run of a second on these images comes to, as printed by `--json`.
fn trained(source: &Path, more: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let mut command = gradep();
    command.args(["train", "-q", "--json", "--epochs", "2", "--out"]);
    command.arg(folder.path().join("run"));
    let source = format!("data.source={}", source.display());
    for setting in [
        "network.layers=[64,8]",
        "flow.batch=30",
        "sampling.step=0.3",
        &source,
    ] {
        command.args(["-s", setting]);
    }
    let output = command.args(more).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn losses(source: &Path, more: &[&str]) -> [Value; 2] {
    let summary = trained(source, more);
    [
        summary["initial_loss"].clone(),
        summary["final_loss"].clone(),
    ]
}

#[test]
fn the_layout_of_a_table_does_not_change_what_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let last = digits(30);
    let first: Vec<String> = last.iter().map(|line| label_first(line)).collect();
    let names: Vec<String> = (0..64).map(|i| format!("pixel{i}")).collect();
    let headed = [vec![format!("label,{}", names.join(","))], first.clone()].concat();

    let plain = write(folder, "last.csv", &last);
    let expected = losses(&plain, &[]);
    let first = write(folder, "first.csv", &first);
    assert_eq!(losses(&first, &["-s", "data.label_column=first"]), expected);
    assert_eq!(losses(&write(folder, "headed.csv", &headed), &[]), expected);
    let packed = folder.join("last.csv.gz");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&fs::read(&plain).unwrap()).unwrap();
    fs::write(&packed, encoder.finish().unwrap()).unwrap();
    assert_eq!(losses(&packed, &[]), expected);

    // Not said, and not taken for pixels either; nothing is left of the attempt.
    let run = folder.join("run");
    let message = refusal(&format!(
        "train -q -s network.layers=[64,8] -s data.source={} --out {}",
        first.display(),
        run.display()
    ));
    for part in [
        "first.csv",
        "first column",
        "data.label_column = first, last or none",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert!(!run.exists());
}

#[test]
fn bad_tables_are_refused_as_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = digits(3);
    lines[1] = lines[1].replacen("0,", "x,", 1);
    let path = write(folder.path(), "slip.csv", &lines);
    let message = refusal(&format!("train -q -s data.source={}", path.display()));
    assert!(
        message.contains("slip.csv, line 2, column 1: `x` is not a number"),
        "{message}"
    );
}

/// Trains for two epochs in `folder/run`; what the command said.
fn train_in(folder: &Path, settings: &[&str]) -> String {
    let mut command = gradep();
    command
        .args(["train", "--epochs", "2", "--out"])
        .arg(folder.join("run"));
    for setting in settings.iter().chain(&["sampling.step=0.3"]) {
        command.args(["-s", setting]);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn colour_images_that_are_not_square_keep_their_shape() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let images = Array4::from_shape_fn((24, 4, 3, 3), |(n, i, j, k)| {
        ((n * 7 + i * 5 + j * 3 + k) % 17) as f32
    });
    let source = folder.join("images.npy");
    ndarray_npy::write_npy(&source, &images).unwrap();
    let source = format!("data.source={}", source.display());
    let said = train_in(folder, &[&source, "network.layers=[36,8]"]);
    assert!(!said.contains("no figure"), "{said}");
    let run = folder.join("run");
    for figure in ["strip.png", "samples.png"] {
        assert!(run.join("figures").join(figure).is_file(), "{figure}");
    }
    let shape_in = |path: &Path| -> Vec<u64> {
        let mut arrays = ndarray_npy::NpzReader::new(fs::File::open(path).unwrap()).unwrap();
        let shape: Array1<u64> = arrays.by_name("image_shape").unwrap();
        shape.to_vec()
    };
    let samples = run.join("samples.npz");
    assert_eq!(shape_in(&samples), [4, 3, 3]);
    let drawn = gradep_core::files::read_array::<f32>(&samples, Some("samples")).unwrap();
    assert_eq!(drawn.dim(), (1000, 36));
    // From the run and from its model file alone.
    let (arrays, picture) = (folder.join("a.npz"), folder.join("a.svg"));
    for model in [run.clone(), run.join("model.safetensors")] {
        stdout(&format!(
            "sample {} -n 3 --step 0.5 --out {} --figure {}",
            model.display(),
            arrays.display(),
            picture.display()
        ));
        assert_eq!(shape_in(&arrays), [4, 3, 3]);
        let text = fs::read_to_string(&picture).unwrap();
        assert!(text.contains("red, green"), "{text}");
    }
}

#[test]
fn models_of_own_images_are_not_taken_for_digits() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let source = write(folder, "own.csv", &digits(30));
    let source = format!("data.source={}", source.display());
    train_in(folder, &[&source, "network.layers=[64,8]", "flow.batch=30"]);
    let model = folder.join("run/model.safetensors");
    let copy = folder.join("copy.safetensors");
    fs::copy(&model, &copy).unwrap();
    for model in [folder.join("run"), model, copy] {
        let out = folder.join("a.npz");
        let line = format!(
            "sample {} -n 4 --step 0.5 --out {}",
            model.display(),
            out.display()
        );
        assert!(!stdout(&line).contains("digits"));
        let summary: Value = serde_json::from_str(&stdout(&format!("{line} --json"))).unwrap();
        assert_eq!(summary["classes"], Value::Null);
    }
}

#[test]
fn a_run_finds_its_data_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    fs::create_dir(&here).unwrap();
    fs::create_dir(&there).unwrap();
    write(&here, "own.csv", &digits(30));
    let train = |folder: &Path, more: &[&str]| {
        let mut command = gradep();
        command.current_dir(folder).args(["train", "-q"]).args(more);
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let settings = "-s network.layers=[64,8] -s flow.batch=30 -s sampling.step=0.5 -s data.source=own.csv --epochs 2";
    let began: Vec<&str> = settings.split(' ').chain(["--out", "../run"]).collect();
    assert_eq!(train(&here, &began), (Some(0), String::new()));
    let longer = |epochs| ["--resume", "../run", "--epochs", epochs];
    assert_eq!(train(&there, &longer("3")), (Some(0), String::new()));
    fs::rename(here.join("own.csv"), here.join("other.csv")).unwrap();
    let (code, message) = train(&there, &longer("4"));
    assert_eq!(code, Some(2), "{message}");
    for place in [
        here.join("own.csv"),
        there.join("own.csv"),
        folder.path().join("own.csv"),
    ] {
        let place = place.canonicalize().unwrap_or(place);
        let tail = place
            .strip_prefix(folder.path())
            .unwrap()
            .display()
            .to_string();
        assert!(message.contains(&tail), "{message} lacks {tail}");
    }
    let moved = [
        "--resume",
        "../run",
        "--epochs",
        "4",
        "-s",
        "data.source=../here/other.csv",
    ];
    assert_eq!(train(&there, &moved), (Some(0), String::new()));
}
