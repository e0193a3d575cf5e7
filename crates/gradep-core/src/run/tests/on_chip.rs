//! Runs on a chip of their configuration.

use super::*;
use analog_substrate::chip::Chip;

/// D3 with devices that are written with errors, fluctuate and drift.
const DEVICES: [&str; 5] = [
    "chip.spec=D3",
    "device=pcm",
    "chip.free=12",
    "chip.nudged=4",
    "chip.number=2",
];

fn begin_on(folder: &Path, name: &str, resolved: &Resolved) -> Run<Chip<f32>> {
    let data = Dataset::load(&resolved.config.data).unwrap();
    let root = folder.join(name);
    Run::begin_on_chip(resolved, &data, None, |_| RunDir::create_at(&root, false)).unwrap()
}

fn resume_on(folder: &Path, name: &str) -> Result<Run<Chip<f32>>, RunError> {
    let directory = RunDir::open(&folder.join(name)).unwrap();
    Run::resume_on_chip(Resumption::of(directory, &Request::default())?)
}

fn finish_on(mut run: Run<Chip<f32>>) -> Option<analog_substrate::arrays::ConductanceMap> {
    assert_eq!(run.train(|| false, |_| {}).unwrap(), Ending::Finished);
    run.program_averaged().unwrap();
    run.write_models().unwrap();
    run.end(RunState::Finished, 0).unwrap();
    run.trainer().substrate().conductances()
}

#[test]
fn a_chip_that_was_put_away_is_the_chip_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let resolved = resolved(folder, &DEVICES);
    let design = resolved.config.chip.resolve().unwrap().unwrap().design();
    let arrays = design.arrays.as_ref().unwrap();
    assert!(
        arrays.effects.read_noise && arrays.effects.drift,
        "something to go wrong"
    );
    let devices = finish_on(begin_on(folder, "whole", &resolved)).unwrap();
    let whole = results(folder, "whole");
    let text = String::from_utf8(whole[0].clone()).unwrap();
    assert!(
        text.lines()
            .next()
            .unwrap()
            .ends_with("chip_s,chip_j,device_moves")
    );

    for epochs in [0, 1, 4] {
        let name = format!("interrupted-{epochs}");
        let mut run = begin_on(folder, &name, &resolved);
        let mut asked = 0;
        let stop = || {
            asked += 1;
            asked > epochs
        };
        assert_eq!(run.train(stop, |_| {}).unwrap(), Ending::Interrupted);
        drop(run);
        let again = finish_on(resume_on(folder, &name).unwrap()).unwrap();
        assert!(results(folder, &name) == whole, "interrupted at {epochs}");
        assert_eq!(again, devices);
    }

    // Killed between checkpoints.
    let mut run = begin_on(folder, "killed", &resolved);
    for _ in 0..3 {
        let report = run.progress.trainer.epoch().unwrap();
        run.kept.metrics.write(&report).unwrap();
        if run.progress.trainer.epochs_done() == 2 {
            run.checkpoint().unwrap();
        }
    }
    drop(run);
    let unfinished = crate::run::read_model(&folder.join("killed")).unwrap();
    assert_eq!(unfinished.0, resolved.config);
    finish_on(resume_on(folder, "killed").unwrap());
    assert!(results(folder, "killed") == whole);
}

#[test]
fn clock_energy_and_moves_are_those_of_all_updates() {
    let folder = tempfile::tempdir().unwrap();
    let resolved = resolved(folder.path(), &DEVICES);
    let mut run = begin_on(folder.path(), "run", &resolved);
    let mut seen = Vec::new();
    run.train(|| false, |report| seen.push(report.on_chip.unwrap()))
        .unwrap();
    let design = run.trainer().substrate().design().clone();
    // Of each epoch three updates of 20 samples, each of a free phase and two nudged ones.
    let relaxation = 3.0 * 20.0 * (12.0 + 4.0 + 4.0) * design.time_constant();
    for (epoch, on_chip) in seen.iter().enumerate() {
        let done = (epoch + 1) as f64;
        assert!(on_chip.chip_s > done * relaxation, "{on_chip:?}");
        assert!(
            (on_chip.chip_j / done / seen[0].chip_j - 1.0).abs() < 0.2,
            "{on_chip:?}"
        );
    }
    let spent = run.trainer().spent().unwrap();
    assert!((spent.relaxation_seconds / (7.0 * relaxation) - 1.0).abs() < 1e-9);
    // 4·6 + 6·5 weights, each a pair; most updates move both, the first is where they were written.
    let devices = 2 * (4 * 6 + 6 * 5);
    let moves = spent.moves.unwrap();
    assert!(moves > 5 * devices && moves <= 21 * 2 * devices, "{moves}");
    assert!((run.trainer().outer_products() - 2.0 * 54.0 * 20.0 * 21.0).abs() < 1e-6);
}

#[test]
fn a_run_on_a_chip_is_gone_on_with_on_its_chip_alone() {
    let folder = tempfile::tempdir().unwrap();
    let resolved = resolved(folder.path(), &DEVICES);
    drop(begin_on(folder.path(), "run", &resolved));
    let refused = resume(folder.path(), "run").unwrap_err();
    assert!(matches!(refused, RunError::OnAChip { .. }), "{refused}");
    let chip = folder.path().join("run/chip.toml");
    let text = fs::read_to_string(&chip).unwrap();
    fs::write(&chip, text.replace("100 fF", "200 fF")).unwrap();
    let refused = resume_on(folder.path(), "run").unwrap_err();
    assert!(matches!(refused, RunError::ChipChanged { .. }), "{refused}");
    fs::write(&chip, text).unwrap();
    resume_on(folder.path(), "run").unwrap();
    let data = Dataset::load(&resolved.config.data).unwrap();
    let root = folder.path().join("other");
    let refused = Run::begin(&resolved, &data, None, |_| RunDir::create_at(&root, false));
    assert!(matches!(refused.unwrap_err(), RunError::OnAChip { .. }) && !root.exists());
}

/// What a chip is programmed with at first is that of the model that the run begins from, also once it was put away.
#[test]
fn a_chip_that_begins_from_a_model_is_written_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain = super::resolved(folder, &[]);
    finish(begin(folder, "ideal", &plain));
    let on_chip = resolved(folder, &DEVICES);
    let start = |name: &str| {
        let data = Dataset::load(&on_chip.config.data).unwrap();
        let from = read_ancestor(&folder.join("ideal")).unwrap();
        let root = folder.join(name);
        Run::begin_on_chip(&on_chip, &data, Some(from), |_| {
            RunDir::create_at(&root, false)
        })
        .unwrap()
    };
    let whole = finish_on(start("whole")).unwrap();
    drop(start("killed"));
    let again = finish_on(resume_on(folder, "killed").unwrap()).unwrap();
    assert_eq!(again, whole);
    assert!(results(folder, "killed") == results(folder, "whole"));
}

/// Pulses leave in the devices what no other file of the run has: it is in the checkpoint.
#[test]
fn pulsed_devices_are_put_away_and_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for way in ["pulses", "mixed-precision", "rewrite"] {
        let update = format!("array.update={way}");
        let pulses = [
            update.as_str(),
            "array.update_pulses=300",
            "array.update_asymmetry=0.05",
            "array.update_cycle=0.3",
            "array.update_variation=0.1",
        ];
        let resolved = resolved(folder, &[&DEVICES[..], &pulses[..]].concat());
        let name = |what: &str| format!("{way}-{what}");
        let devices = finish_on(begin_on(folder, &name("whole"), &resolved)).unwrap();
        let whole = results(folder, &name("whole"));
        let mut run = begin_on(folder, &name("interrupted"), &resolved);
        let mut asked = 0;
        let stop = || {
            asked += 1;
            asked > 2
        };
        assert_eq!(run.train(stop, |_| {}).unwrap(), Ending::Interrupted);
        let took = run.trainer().spent().unwrap().updating.unwrap();
        assert!(took.pulses > 0 && took.most > 0, "{took:?}");
        drop(run);
        let resumed = resume_on(folder, &name("interrupted")).unwrap();
        assert_eq!(resumed.trainer().spent().unwrap().updating, Some(took));
        assert_eq!(finish_on(resumed).unwrap(), devices, "{way}");
        assert!(results(folder, &name("interrupted")) == whole, "{way}");
    }
}
