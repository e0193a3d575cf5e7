mod on_chip;

use super::*;
use crate::config::Request;
use std::{fs, path::Path};

/// A run of a second: 60 images of 4 pixels, three batches per epoch.
fn resolved(folder: &Path, more: &[&str]) -> Resolved {
    let rows: Vec<String> = (0..60)
        .map(|i| format!("{},{},{},{}", i % 7, i % 5, i % 3, i % 11))
        .collect();
    let data = folder.join("images.csv");
    fs::write(&data, rows.join("\n")).unwrap();
    let source = format!("data.source='{}'", data.display());
    let common = [
        source.as_str(),
        "data.label_column=false",
        "network.layers=[4,6,5]",
        "flow.batch=20",
        "training.epochs=7",
        "training.checkpoint_every=2",
        "optimiser.ema_decay=0.9",
    ];
    let request = Request {
        overrides: common.iter().chain(more).map(|&s| s.to_owned()).collect(),
        ..Request::default()
    };
    request.resolve().unwrap()
}

fn begin(folder: &Path, name: &str, resolved: &Resolved) -> Run {
    let data = Dataset::load(&resolved.config.data).unwrap();
    let root = folder.join(name);
    Run::begin(resolved, &data, None, |_| RunDir::create_at(&root, false)).unwrap()
}

fn resume(folder: &Path, name: &str) -> Result<Run, RunError> {
    resume_with(folder, name, &[])
}

fn resume_with(folder: &Path, name: &str, overrides: &[&str]) -> Result<Run, RunError> {
    let request = Request {
        overrides: overrides.iter().map(|&s| s.to_owned()).collect(),
        ..Request::default()
    };
    let directory = RunDir::open(&folder.join(name)).unwrap();
    Run::resume(Resumption::of(directory, &request)?)
}

/// Interrupted after `epochs`.
fn interrupted(folder: &Path, name: &str, resolved: &Resolved, epochs: u64) -> Run {
    let mut run = begin(folder, name, resolved);
    let mut asked = 0;
    let stop = || {
        asked += 1;
        asked > epochs
    };
    assert_eq!(run.train(stop, |_| {}).unwrap(), Ending::Interrupted);
    run
}

fn finish(mut run: Run) {
    assert_eq!(run.train(|| false, |_| {}).unwrap(), Ending::Finished);
    run.write_models().unwrap();
    run.end(RunState::Finished, 0).unwrap();
}

fn results(folder: &Path, name: &str) -> Vec<Vec<u8>> {
    ["metrics.csv", "model.safetensors", "model-raw.safetensors"]
        .map(|file| fs::read(folder.join(name).join(file)).unwrap())
        .to_vec()
}

#[test]
fn interrupted_or_killed_and_resumed_is_undisturbed() {
    undisturbed(&[]);
}

/// Of the seven epochs the last four have negatives.
#[test]
fn a_second_phase_that_is_interrupted_or_killed_and_resumed_is_undisturbed() {
    undisturbed(&[
        "contrast.weight=0.3",
        "contrast.from=0.4",
        "contrast.steps=3",
        "contrast.flow_until=0.2",
    ]);
}

fn undisturbed(more: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, more);
    finish(begin(folder, "whole", &resolved));
    let whole = results(folder, "whole");
    for epochs in 0..7_u64 {
        let name = format!("interrupted-{epochs}");
        let run = interrupted(folder, &name, &resolved, epochs);
        assert_eq!(run.trainer().epochs_done(), epochs);
        drop(run);
        finish(resume(folder, &name).unwrap());
        assert!(results(folder, &name) == whole, "interrupted at {epochs}");

        // Killed in the middle of a row, up to two epochs after a checkpoint or before the first.
        let name = format!("killed-{epochs}");
        let mut run = begin(folder, &name, &resolved);
        for _ in 0..epochs {
            let report = run.progress.trainer.epoch().unwrap();
            run.kept.metrics.write(&report).unwrap();
            if run.progress.trainer.epochs_done().is_multiple_of(2) {
                run.checkpoint().unwrap();
            }
        }
        drop(run);
        let table = folder.join(&name).join("metrics.csv");
        let mut text = fs::read_to_string(&table).unwrap();
        text.push_str("7,0.5");
        fs::write(&table, text).unwrap();
        finish(resume(folder, &name).unwrap());
        assert!(results(folder, &name) == whole, "killed at {epochs}");
    }
}

#[test]
fn a_model_is_there_before_the_run_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, &[]);
    let root = folder.join("run");
    let mut run = begin(folder, "run", &resolved);
    assert!(matches!(read_model(&root), Err(RunError::NoModel { .. })));
    let mut asked = 0;
    let stop = || {
        asked += 1;
        asked > 2
    };
    run.train(stop, |_| {}).unwrap();
    let (config, model) = read_model(&root).unwrap();
    assert_eq!(config, resolved.config);
    assert_eq!(model.couplings, run.trainer().averaged_couplings());
    assert_ne!(&model.couplings, run.trainer().couplings());
}

#[test]
fn a_directory_that_does_not_agree_with_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, &[]);
    finish(begin(folder, "run", &resolved));
    let path = folder.join("run/config.resolved.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("batch = 20", "batch = 30")).unwrap();
    let error = resume(folder, "run").unwrap_err();
    assert!(matches!(error, RunError::ConfigChanged { .. }), "{error}");
    assert!(
        error.to_string().contains("flow.batch = 30 (was 20)"),
        "{error}"
    );
    fs::remove_file(folder.join("run/manifest.json")).unwrap();
    let error = resume(folder, "run").unwrap_err();
    assert!(
        matches!(error, RunError::ForeignCheckpoint { .. }),
        "{error}"
    );

    finish(begin(folder, "other", &resolved));
    let data = folder.join("images.csv");
    let mut text = fs::read_to_string(&data).unwrap();
    text.push_str("\n0,0,0,0");
    fs::write(&data, text).unwrap();
    let error = resume(folder, "other").unwrap_err();
    assert!(matches!(error, RunError::DataChanged { .. }), "{error}");
}

#[test]
fn a_run_that_cannot_begin_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let resolved = resolved(folder.path(), &["network.layers=[5,6,5]"]);
    let data = Dataset::load(&resolved.config.data).unwrap();
    let root = folder.path().join("run");
    let refused = Run::begin(&resolved, &data, None, |_| RunDir::create_at(&root, false));
    assert!(matches!(refused, Err(RunError::Train(_))), "{refused:?}");
    assert!(!root.exists());
}

#[test]
fn a_run_in_which_nothing_is_learned_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    // A nudge that moves the nodes further than this run allows, always.
    let more = ["training.max_displacement=1e-12", "training.epochs=100"];
    let mut run = begin(folder.path(), "run", &resolved(folder.path(), &more));
    let ending = run.train(|| false, |_| {}).unwrap();
    let Ending::Diverged(Divergence::Refused { epochs, reason }) = ending else {
        panic!("{ending:?}");
    };
    assert_eq!(
        (epochs, reason.kind()),
        (MAX_REFUSED_EPOCHS, "displacement")
    );
    assert_eq!(run.trainer().refused(), 3 * MAX_REFUSED_EPOCHS);
}

#[test]
fn a_run_without_a_single_update_does_not_finish() {
    let folder = tempfile::tempdir().unwrap();
    let resolved = resolved(folder.path(), &["training.max_displacement=1e-12"]);
    let mut run = begin(folder.path(), "run", &resolved);
    let none = Ending::Diverged(Divergence::NoUpdate { updates: 3 * 7 });
    assert_eq!(run.train(|| false, |_| {}).unwrap(), none);
    drop(run);
    let mut again = resume(folder.path(), "run").unwrap();
    assert_eq!(again.train(|| false, |_| {}).unwrap(), none);
}

#[test]
fn a_row_of_refused_epochs_is_as_long_after_resumption() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let more = ["training.max_displacement=1e-12", "training.epochs=100"];
    let resolved = resolved(folder, &more);
    let mut whole = begin(folder, "whole", &resolved);
    let ending = whole.train(|| false, |_| {}).unwrap();
    for epochs in [1, 13, MAX_REFUSED_EPOCHS - 1] {
        let name = format!("interrupted-{epochs}");
        drop(interrupted(folder, &name, &resolved, epochs));
        let mut resumed = resume(folder, &name).unwrap();
        assert_eq!(resumed.train(|| false, |_| {}).unwrap(), ending);
        let table = |name: &str| fs::read(folder.join(name).join("metrics.csv")).unwrap();
        assert!(table(&name) == table("whole"), "interrupted at {epochs}");
    }
}

#[test]
fn checkpoints_of_another_format_are_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut run = interrupted(folder, "run", &resolved(folder, &[]), 1);
    let path = folder.join("run/checkpoints/epoch-000001.ck");
    let whole = fs::read(&path).unwrap();
    let mut other = whole.clone();
    // The version stands after the magic of 8 bytes.
    other[8] = 1;
    fs::write(&path, other).unwrap();
    run.end(RunState::Interrupted, 75).unwrap();
    drop(run);
    let error = resume(folder, "run").unwrap_err();
    let RunError::Checkpoint(CheckpointError::Version { found: 1, .. }) = error else {
        panic!("{error}");
    };
    fs::write(&path, whole).unwrap();
    assert_eq!(resume(folder, "run").unwrap().trainer().epochs_done(), 1);
}

#[test]
fn a_finished_run_is_trained_on_by_an_override_or_an_edit() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, &[]);
    for name in ["asked", "edited", "interrupted"] {
        finish(begin(folder, name, &resolved));
    }
    finish(resume_with(folder, "asked", &["training.epochs=11"]).unwrap());
    let path = folder.join("edited/config.resolved.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("epochs = 7", "epochs = 11")).unwrap();
    finish(resume(folder, "edited").unwrap());
    let expected = results(folder, "asked");
    assert!(results(folder, "edited") == expected);
    // Interrupted on the way, where no model of the former end may be taken for that of now.
    let mut run = resume_with(folder, "interrupted", &["training.epochs=11"]).unwrap();
    let mut asked = 0;
    let stop = || {
        asked += 1;
        asked > 2
    };
    assert_eq!(run.train(stop, |_| {}).unwrap(), Ending::Interrupted);
    let (_, model) = read_model(&folder.join("interrupted")).unwrap();
    assert_eq!(model.couplings, run.trainer().averaged_couplings());
    drop(run);
    finish(resume(folder, "interrupted").unwrap());
    assert!(results(folder, "interrupted") == expected);
    // The first epochs are those of the shorter run, and the manifest says what was changed when.
    let rows = fs::read_to_string(folder.join("asked/metrics.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + 11);
    let manifest = RunDir::open(&folder.join("asked"))
        .unwrap()
        .manifest()
        .unwrap();
    let [amendment] = &manifest.amendments[..] else {
        panic!("{manifest:?}");
    };
    assert_eq!(amendment.epoch, 7);
    assert_eq!(
        amendment.changes[0].to_string(),
        "training.epochs = 11 (was 7)"
    );
    let error = resume_with(folder, "asked", &["training.epochs=8"]).unwrap_err();
    assert!(
        matches!(error, RunError::TooFewEpochs { done: 11, asked: 8 }),
        "{error}"
    );
    let error = resume_with(folder, "asked", &["nudge.beta=2e-2"]).unwrap_err();
    assert!(
        error.to_string().contains("nudge.beta = 0.02 (was 0.01)"),
        "{error}"
    );
}

#[test]
fn a_run_begins_from_a_model_of_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = resolved(folder, &[]);
    finish(begin(folder, "first", &first));
    let trained = read_ancestor(&folder.join("first")).unwrap().model;
    let second = resolved(folder, &["seed=5", "training.epochs=3"]);
    let data = Dataset::load(&second.config.data).unwrap();
    let begin_from = |name: &str, resolved: &Resolved, path: &Path| {
        let from = read_ancestor(path)?;
        Run::begin(resolved, &data, Some(from), |_| {
            RunDir::create_at(&folder.join(name), false)
        })
    };
    let run = begin_from("whole", &second, &folder.join("first")).unwrap();
    assert_eq!(run.trainer().couplings(), &trained.couplings);
    finish(run);
    // Killed before an epoch was done, the couplings are still those.
    drop(begin_from("killed", &second, &folder.join("first/model.safetensors")).unwrap());
    finish(resume(folder, "killed").unwrap());
    assert!(results(folder, "killed") == results(folder, "whole"));
    let origin = RunDir::open(&folder.join("whole"))
        .unwrap()
        .manifest()
        .unwrap()
        .from
        .unwrap();
    let file = fs::read(folder.join("first/model.safetensors")).unwrap();
    assert_eq!(origin.model, blake3::hash(&file).to_hex().as_str());
    for checkpoint in fs::read_dir(folder.join("whole/checkpoints")).unwrap() {
        fs::remove_file(checkpoint.unwrap().path()).unwrap();
    }
    let error = resume(folder, "whole").unwrap_err();
    assert!(matches!(error, RunError::NothingSaved { .. }), "{error}");

    let other = resolved(folder, &["network.layers=[4,6]", "network.cell=hopfield"]);
    let error = begin_from("other", &other, &folder.join("first"))
        .unwrap_err()
        .to_string();
    for part in [
        "-s network.layers=[4,6,5] (asked: [4,6])",
        "-s network.cell=gradient",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!folder.join("other").exists());
}

#[test]
fn data_are_found_by_their_content_or_all_places_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, &[]);
    finish(begin(folder, "run", &resolved));
    let (data, beside) = (folder.join("images.csv"), folder.join("run/images.csv"));
    let config = &resolved.config;
    let read = || read_data(&folder.join("run"), config);
    fs::rename(&data, &beside).unwrap();
    assert_eq!(read().unwrap().name(), beside.display().to_string());
    // Another file in the first place does not hide the right one.
    fs::write(&data, "1,2,3,4\n").unwrap();
    assert_eq!(read().unwrap().name(), beside.display().to_string());
    fs::rename(&beside, folder.join("moved.csv")).unwrap();
    assert!(matches!(read(), Err(RunError::DataChanged { .. })));
    fs::remove_file(&data).unwrap();
    let text = read().unwrap_err().to_string();
    for place in [&data, &beside] {
        assert!(text.contains(&place.display().to_string()), "{text}");
    }
    // Said once, it is known from there on.
    let moved = folder.join("moved.csv").display().to_string();
    resume_with(folder, "run", &[&format!("data.source='{moved}'")]).unwrap();
    assert_eq!(read().unwrap().name(), moved);
}
