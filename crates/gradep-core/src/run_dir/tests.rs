use super::*;
use crate::config::Request;
use crate::files::LockError;
use tempfile::{TempDir, tempdir};

#[derive(Serialize)]
struct Row {
    epoch: u64,
    loss: f64,
    by_time: Vec<f64>,
    refused: Option<&'static str>,
}

fn row(epoch: u64) -> Row {
    Row {
        epoch,
        loss: 1.0 / (epoch as f64 + 3.0),
        by_time: vec![0.5, f64::NAN],
        refused: (epoch == 2).then_some("two, or \"2\"\nof them"),
    }
}

fn columns() -> Vec<String> {
    ["epoch", "loss", "by_time_0", "by_time_1", "refused"]
        .map(str::to_owned)
        .to_vec()
}

fn run() -> (TempDir, RunDir) {
    let parent = tempdir().unwrap();
    let run = RunDir::create_in(parent.path(), "3f9a1c").unwrap();
    (parent, run)
}

fn metrics(run: &RunDir) -> String {
    fs::read_to_string(run.root().join(METRICS)).unwrap()
}

#[test]
fn names_are_utc_and_never_collide() {
    let time: Timestamp = "2026-01-31T13:00:00+01:00".parse().unwrap();
    assert_eq!(file_time(time), "2026-01-31T12-00-00Z");
    let parent = tempdir().unwrap();
    let runs: Vec<_> = (0..3)
        .map(|_| RunDir::create_in(parent.path(), "3f9a1c").unwrap())
        .collect();
    for run in &runs {
        assert!(run.checkpoints().is_dir() && run.figures().is_dir());
    }
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 3);
}

#[test]
fn what_is_there_is_not_overwritten_without_force() {
    let parent = tempdir().unwrap();
    let root = parent.path().join("a/b");
    let run = RunDir::create_at(&root, false).unwrap();
    run.start_metrics(&columns()).unwrap();
    fs::write(root.join("notes.txt"), "mine").unwrap();
    drop(run);
    let refused = RunDir::create_at(&root, false).unwrap_err();
    assert!(matches!(refused, RunDirError::NotEmpty { .. }), "{refused}");
    // Without a configuration there is nothing to go on with.
    let message = refused.to_string();
    assert!(
        message.contains("--force") && !message.contains("--resume"),
        "{message}"
    );
    fs::write(root.join(RESOLVED), "").unwrap();
    let message = RunDir::create_at(&root, false).unwrap_err().to_string();
    assert!(
        message.contains("--force") && message.contains("--resume"),
        "{message}"
    );
    let run = RunDir::create_at(&root, true).unwrap();
    assert!(!run.root().join(METRICS).exists(), "the old run is gone");
    assert_eq!(fs::read(root.join("notes.txt")).unwrap(), b"mine");

    let other = tempdir().unwrap();
    fs::create_dir(other.path().join("figures")).unwrap();
    let message = RunDir::create_at(other.path(), false)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("another folder") && !message.contains("--force"),
        "{message}"
    );
    let refused = RunDir::create_at(other.path(), true).unwrap_err();
    assert!(matches!(refused, RunDirError::NotARun { .. }), "{refused}");
    assert!(other.path().join("figures").is_dir());
}

#[test]
fn one_process_at_a_time() {
    let (_parent, run) = run();
    let root = run.root().to_owned();
    let refused = RunDir::open(&root).unwrap_err();
    assert!(
        matches!(refused, RunDirError::Lock(LockError::InUse { .. })),
        "{refused}"
    );
    drop(run);
    RunDir::open(&root).unwrap();
}

#[test]
fn configuration_manifest_and_status_read_back() {
    let (parent, run) = run();
    let resolved = Request {
        overrides: vec!["nudge.beta=2e-3".into()],
        ..Request::default()
    }
    .resolve()
    .unwrap();
    run.write_config(&resolved).unwrap();
    assert_eq!(run.config().unwrap(), resolved.config);
    let given = fs::read_to_string(run.root().join(GIVEN)).unwrap();
    assert_eq!(given, "# preset: quick\n# override: nudge.beta=2e-3\n");

    let manifest = Manifest::new(&resolved.config, "d4".into(), Session::current(2));
    run.write_manifest(&manifest).unwrap();
    assert_eq!(run.manifest().unwrap(), manifest);

    let status = Status::begun().at(12, 3.5).ended(RunState::Interrupted, 75);
    run.write_status(&status).unwrap();
    assert_eq!(run.status().unwrap(), status);
    let text = fs::read_to_string(run.root().join(STATUS)).unwrap();
    assert!(text.contains("\"state\": \"interrupted\""), "{text}");
    // The directory can be moved: none of its files says where it lies.
    let place = parent.path().to_str().unwrap();
    for file in [GIVEN, RESOLVED, STATUS] {
        let text = fs::read_to_string(run.root().join(file)).unwrap();
        assert!(!text.contains(place), "{file}");
    }
}

#[test]
fn resumed_metrics_equal_uninterrupted_metrics() {
    let (_parent, straight) = run();
    let mut table = straight.start_metrics(&columns()).unwrap();
    for epoch in 0..6 {
        table.write(&row(epoch)).unwrap();
    }
    let expected = metrics(&straight);
    assert_eq!(expected.matches("NaN").count(), 6);

    for checkpoint in [0, 2, 4] {
        let (_parent, broken) = run();
        let mut table = broken.start_metrics(&columns()).unwrap();
        for epoch in 0..5 {
            table.write(&row(epoch)).unwrap();
        }
        drop(table);
        // The process died while it wrote the last row.
        let path = broken.root().join(METRICS);
        let length = fs::metadata(&path).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length - 3).unwrap();

        let mut table = broken.resume_metrics(&columns(), checkpoint).unwrap();
        for epoch in checkpoint..6 {
            table.write(&row(epoch)).unwrap();
        }
        assert_eq!(metrics(&broken), expected, "from epoch {checkpoint}");
    }
}

#[test]
fn a_table_that_does_not_fit_the_checkpoint_is_refused() {
    let (_parent, run) = run();
    let mut table = run.start_metrics(&columns()).unwrap();
    table.write(&row(0)).unwrap();
    table.write(&row(2)).unwrap();
    let refused = run.resume_metrics(&columns(), 3).unwrap_err();
    assert!(
        matches!(
            refused,
            RunDirError::MetricsGap {
                expected: 1,
                checkpoint: 3,
                ..
            }
        ),
        "{refused}"
    );
    let refused = run.resume_metrics(&columns()[..2], 1).unwrap_err();
    assert!(
        matches!(refused, RunDirError::MetricsColumns { .. }),
        "{refused}"
    );
    // A row of another width than the header would make the table unreadable.
    let mut table = run.start_metrics(&columns()[..2]).unwrap();
    let refused = table.write(&row(1)).unwrap_err();
    assert!(matches!(refused, RunDirError::Metrics { .. }), "{refused}");
}
