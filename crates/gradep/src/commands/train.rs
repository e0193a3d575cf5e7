//! `gradep train`.

use super::print_json;
use crate::{
    Exit,
    cli::{GlobalArgs, TrainArgs},
    progress::Progress,
    signals::StopFlag,
};
use bench_hw::report::{Summary, write_report};
use gradep_core::{
    data::Dataset,
    run::{Ending, Run},
    run_dir::{RunDir, RunState},
    trainer::EpochReport,
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Where runs go unless told otherwise.
const RUNS: &str = "runs";

/// Trains from the beginning, or from where an earlier process stopped.
pub(super) fn train(arguments: &TrainArgs, global: &GlobalArgs) -> anyhow::Result<Exit> {
    let stop = StopFlag::install()?;
    let mut run = match &arguments.resume {
        None => begin(arguments)?,
        Some(root) => {
            let directory = RunDir::open(root)?;
            if directory
                .status()
                .is_ok_and(|s| s.state == RunState::Finished)
            {
                return already_finished(&directory, arguments.json);
            }
            Run::resume(directory)?
        }
    };
    let root = run.directory().root().to_owned();
    let epochs = run.trainer().config().training.epochs;
    tracing::info!(
        "training {} from epoch {} to {epochs}",
        root.display(),
        run.trainer().epochs_done()
    );
    let mut progress = Progress::start(run.trainer().epochs_done(), epochs, global.quiet);
    let mut refusals = Refusals::default();
    let ending = run.train(
        || stop.is_set(),
        |report| {
            refusals.note(report);
            progress.update(report.epoch + 1, report.loss);
        },
    );
    progress.finish();
    refusals.summarise();
    let exit = match ending {
        Ok(Ending::Finished) => finish(&mut run, arguments.json),
        Ok(Ending::Interrupted) => {
            run.end(RunState::Interrupted, Exit::Interrupted as u8)?;
            eprintln!(
                "interrupted after {} of {epochs} epochs; go on with\n  gradep train --resume {}",
                run.trainer().epochs_done(),
                root.display()
            );
            return Ok(Exit::Interrupted);
        }
        Ok(Ending::Diverged(why)) => Err(why.into()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = &exit {
        // What went wrong first is what the user has to know.
        if let Err(second) = run.end(RunState::Failed, crate::exit::of(error) as u8) {
            tracing::warn!("{second}");
        }
    }
    exit
}

fn begin(arguments: &TrainArgs) -> anyhow::Result<Run> {
    let resolved = arguments.config.request().resolve()?;
    for idle in resolved.idle() {
        tracing::warn!("{idle}");
    }
    let data = Dataset::load(&resolved.config.data)?;
    let directory = |hash: &str| match &arguments.out {
        Some(root) => RunDir::create_at(root, arguments.force),
        None => RunDir::create_in(Path::new(RUNS), hash),
    };
    Ok(Run::begin(&resolved, &data, directory)?)
}

fn already_finished(directory: &RunDir, json: bool) -> anyhow::Result<Exit> {
    let root = directory.root();
    eprintln!(
        "{}: all epochs are done; {}",
        root.display(),
        what_next(root)
    );
    if json {
        print_json(&directory.summary()?)?;
    }
    Ok(Exit::Success)
}

fn what_next(root: &Path) -> String {
    let samples: PathBuf = root.join("more.npz");
    format!(
        "draw samples with\n  gradep sample {} -n 64 --out {}",
        root.display(),
        samples.display()
    )
}

/// Models, figures and summary.
fn finish(run: &mut Run, json: bool) -> anyhow::Result<Exit> {
    run.write_models()?;
    // Half a minute with the explicit solver: not to be mistaken for a hang.
    tracing::info!("all epochs are done; drawing samples and figures");
    let report = write_report(run)?;
    for missing in &report.undrawn {
        tracing::warn!("no figure: {missing}");
    }
    run.end(RunState::Finished, Exit::Success as u8)?;
    if json {
        print_json(&report.summary)?;
    } else {
        let text = describe(run.directory(), &report.summary);
        io::stdout().write_all(text.as_bytes())?;
    }
    Ok(Exit::Success)
}

/// The summary in a few lines.
fn describe(directory: &RunDir, summary: &Summary) -> String {
    let root = directory.root();
    let mut text = format!(
        "loss {:.4} (mean of the last {} epochs; {:.4} at first), {} epochs in {:.1} s, {:.3} s each\n",
        summary.final_loss,
        summary.final_epochs,
        summary.initial_loss,
        summary.epochs,
        summary.seconds,
        summary.seconds_per_epoch,
    );
    if let Some(smallest) = summary.samples.smallest_class {
        let _ = writeln!(
            text,
            "{} samples at t = {}: the rarest class is {} with {:.1} %",
            summary.samples.count,
            summary.samples.flow_time,
            smallest.class,
            100.0 * smallest.share,
        );
    }
    let _ = writeln!(
        text,
        "model    {}\nfigures  {}\nsummary  {}\n{}",
        directory.model().display(),
        directory.figures().display(),
        root.join("summary.json").display(),
        what_next(root),
    );
    text
}

/// Refused updates: one warning per reason when it first appears, one with the count at the end.
#[derive(Default)]
struct Refusals {
    epochs_by_kind: BTreeMap<&'static str, u64>,
    updates: u64,
}

impl Refusals {
    fn note(&mut self, report: &EpochReport) {
        self.updates += report.refused;
        let Some(refusal) = report.refusal else {
            return;
        };
        let epochs = self.epochs_by_kind.entry(refusal.kind()).or_default();
        *epochs += 1;
        if *epochs == 1 {
            tracing::warn!(
                "an update of epoch {} was refused: {refusal} (further ones are counted)",
                report.epoch
            );
        }
    }

    fn summarise(&self) {
        if self.updates == 0 {
            return;
        }
        let kinds: Vec<String> = self
            .epochs_by_kind
            .iter()
            .map(|(kind, epochs)| format!("{kind} in {epochs} epochs"))
            .collect();
        tracing::warn!(
            "{} updates were refused: {}",
            self.updates,
            kinds.join(", ")
        );
    }
}
