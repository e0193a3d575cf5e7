//! `gradep train`.

use super::{
    print_json,
    train_on_chip::{self, Reported, say_chip},
};
use crate::{
    Exit,
    cli::{GlobalArgs, TrainArgs},
    console,
    failure::{Failure, Result},
    progress::{Progress, ShareProgress},
    signals::StopFlag,
};
use analog_substrate::{Ideal, chip::Chip};
use bench_hw::{generation::GenerationError, results::training::TrainingSummary};
use gradep_core::{
    config::{Change, DATA_FLAG, Origin, Resolved},
    data::Dataset,
    generate::{GenerateError, Reach},
    objective::Unlearned,
    optimiser::learning_rate,
    run::{Divergence, Ending, Resumption, Run, read_ancestor},
    run_dir::{RunDir, RunState},
    trainer::EpochReport,
};
use hw_report::{
    figure::FigureError,
    report::{ReportError, has_figures, write_divergence, write_report},
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Where runs go unless told otherwise.
const RUNS: &str = "runs";

/// Trains from the beginning, or from where an earlier process stopped.
pub(super) fn train(arguments: &TrainArgs, global: &GlobalArgs) -> Result<Exit> {
    let stop = StopFlag::install()?;
    let invocation = Invocation {
        stop: &stop,
        json: arguments.json,
        quiet: global.quiet,
    };
    match &arguments.resume {
        None => {
            let resolved = arguments.config.request().resolve()?;
            if resolved.config.chip.is_on() {
                say_chip(&resolved)?;
                invocation.work(begin::<Chip<f32>>(arguments, &resolved)?)
            } else {
                invocation.work(begin::<Ideal<f32>>(arguments, &resolved)?)
            }
        }
        Some(root) => {
            let resumption = Resumption::of(RunDir::open(root)?, &arguments.config.request())?;
            let (directory, changes) = (resumption.directory(), resumption.changes());
            let is_finished = directory
                .status()
                .is_ok_and(|s| s.state == RunState::Finished);
            if is_finished && changes.is_empty() && has_figures(directory) {
                return already_finished(directory, arguments.json);
            }
            let changes: Vec<String> = changes.iter().map(Change::to_string).collect();
            if resumption.is_on_chip() {
                let run = Run::resume_on_chip(resumption)?;
                say_changes(&run, &changes);
                return invocation.work(run);
            }
            let run = Run::resume(resumption)?;
            say_changes(&run, &changes);
            invocation.work(run)
        }
    }
}

/// How the command was called.
struct Invocation<'a> {
    stop: &'a StopFlag,
    json: bool,
    quiet: bool,
}

impl Invocation<'_> {
    /// Trains a run to its end.
    fn work<S: Reported>(&self, mut run: Run<S>) -> Result<Exit> {
        let root = run.directory().root().to_owned();
        let epochs = run.trainer().config().training.epochs;
        tracing::info!(
            "training {} from epoch {} to {epochs}",
            root.display(),
            run.trainer().epochs_done()
        );
        let mut progress = Progress::start(run.trainer().epochs_done(), epochs, self.quiet);
        let mut refusals = Refusals::new(run.trainer().unlearned());
        let ending = run.train(
            || self.stop.is_set(),
            |report| {
                refusals.note(report);
                progress.update(report.epoch + 1, report.loss);
            },
        );
        progress.finish();
        refusals.summarise();
        let exit = match ending {
            Ok(Ending::Finished) => finish(&mut run, self),
            Ok(Ending::Interrupted) => interrupted(&mut run, "interrupted"),
            Ok(Ending::Diverged(why)) => diverged(&run, why, self.json),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &exit {
            // What went wrong first is what the user has to know.
            if let Err(second) = run.end(RunState::Failed, Exit::from(error.fault()) as u8) {
                tracing::warn!("{second}");
            }
        }
        exit
    }
}

fn begin<S: Reported>(arguments: &TrainArgs, resolved: &Resolved) -> Result<Run<S>> {
    for idle in resolved.idle() {
        tracing::warn!("{idle}");
    }
    let data = Dataset::load(&resolved.config.data)?;
    say_data(resolved, &data);
    let directory = |hash: &str| match &arguments.out {
        Some(root) => RunDir::create_at(root, arguments.force),
        None => RunDir::create_in(Path::new(RUNS), hash),
    };
    let from = arguments.from.as_deref().map(read_ancestor).transpose()?;
    let run = S::begin(resolved, &data, from, &directory)?;
    say_warmup(resolved);
    Ok(run)
}

/// What was taken from data that say what they are.
fn say_data(resolved: &Resolved, data: &Dataset) {
    let implied = |key: &str| resolved.origins.get(key) == Some(&Origin::Implied(DATA_FLAG));
    let keys = ["data.low", "data.high", "network.layers"];
    if !keys.into_iter().any(implied) {
        return;
    }
    let config = &resolved.config;
    let kept = match config.data.held_out {
        share if share > 0.0 => format!(", {} % kept from training", 100.0 * share),
        _ => String::new(),
    };
    let labels = match data.labels() {
        Some(_) => "with labels",
        None => "without labels",
    };
    tracing::info!(
        "{}: {} images of {} to train on{kept}, {labels}; data.low = {} and data.high = {} are its darkest and \
         brightest, network.layers = {:?}",
        data.name(),
        data.images().nrows(),
        data.shape(),
        config.data.low,
        config.data.high,
        config.network.layers.sizes()
    );
}

/// What is different from now on, and where a longer run stands on its schedule.
fn say_changes<S: Reported>(run: &Run<S>, changes: &[String]) {
    if changes.is_empty() {
        return;
    }
    tracing::info!("changed from here on: {}", changes.join(", "));
    let (trainer, config) = (run.trainer(), run.trainer().config());
    if !trainer.is_finished() {
        let (epoch, epochs) = (trainer.epochs_done(), config.training.epochs);
        tracing::info!(
            "the learning rate goes on as in a run of {epochs} epochs: {:.3e} in epoch {epoch}",
            learning_rate(&config.optimiser, epoch, epochs)
        );
    }
}

/// A warm-up that takes the whole run is said: the learning rate hardly rises in it.
fn say_warmup(resolved: &Resolved) {
    let (warmup, epochs) = (
        resolved.config.optimiser.warmup_epochs,
        resolved.config.training.epochs,
    );
    let origin = resolved.origins.get("optimiser.warmup_epochs");
    if let Some(Origin::Implied(_)) = origin {
        tracing::warn!(
            "the run of {epochs} epochs is not longer than the preset's warm-up: optimiser.warmup_epochs = {warmup}"
        );
    } else if warmup >= epochs {
        tracing::warn!(
            "the run of {epochs} epochs ends within its warm-up (optimiser.warmup_epochs = {warmup}): the learning rate \
             reaches {:.0} % of its peak",
            100.0 * epochs as f64 / warmup as f64
        );
    }
}

fn already_finished(directory: &RunDir, json: bool) -> Result<Exit> {
    // Killed before its very last file, or of a version without it.
    if !directory.is_closed() {
        directory.close_inventory()?;
    }
    let root = directory.root();
    console::note(&format!(
        "{}: all epochs are done; {}",
        root.display(),
        what_next(root)
    ));
    if json {
        print_json(&directory.summary()?)?;
    }
    Ok(Exit::Success)
}

fn what_next(root: &Path) -> String {
    if let Some(text) = train_on_chip::what_next(root) {
        return text;
    }
    let samples: PathBuf = root.join("more.npz");
    format!(
        "draw samples with\n  gradep sample {} -n 64 --out {}",
        root.display(),
        samples.display()
    )
}

/// A signal: the run can be gone on with.
fn interrupted<S: Reported>(run: &mut Run<S>, how: &str) -> Result<Exit> {
    run.end(RunState::Interrupted, Exit::Interrupted as u8)?;
    console::note(&format!(
        "{how} after {} of {} epochs; go on with\n  gradep train --resume {}",
        run.trainer().epochs_done(),
        run.trainer().config().training.epochs,
        run.directory().root().display()
    ));
    Ok(Exit::Interrupted)
}

/// What was trained until there was no use in it; the checkpoints stay.
fn diverged<S: Reported>(run: &Run<S>, why: Divergence, json: bool) -> Result<Exit> {
    let report = write_divergence(run, &why)?;
    if json {
        print_json(&report.summary)?;
    }
    Err(why.into())
}

/// Models, figures and summary.
fn finish<S: Reported>(run: &mut Run<S>, invocation: &Invocation<'_>) -> Result<Exit> {
    run.write_models()?;
    let sampler = S::conclude(run)?;
    // Minutes with large images or the explicit solver: not to be mistaken for a hang.
    tracing::info!("all epochs are done; drawing samples and figures");
    let mut progress = ShareProgress::start(invocation.quiet);
    let report = write_report(run, &sampler, |share| {
        progress.update(share, "drawing samples");
        !invocation.stop.is_set()
    });
    progress.finish();
    let report = match report {
        Err(ReportError::Generate(GenerationError::IdealFlow(GenerateError::Interrupted))) => {
            return interrupted(run, "interrupted while samples were drawn");
        }
        report => report?,
    };
    say_out_of_range(&report.summary);
    let exit = tell_undrawn(report.undrawn, run.directory().root());
    run.end(RunState::Finished, exit as u8)?;
    if invocation.json {
        print_json(&report.summary)?;
    } else {
        let text = describe(run.directory(), &report.summary);
        console::text().write_all(text.as_bytes())?;
    }
    Ok(exit)
}

/// Samples that no image looks like: neither the loss nor residuals show it.
fn say_out_of_range(summary: &TrainingSummary) {
    if let Some(samples) = &summary.samples
        && let Some(reach) = samples.reach.filter(Reach::is_out_of_range)
    {
        tracing::warn!(
            "at t = {} samples are out of the range of images: {reach}",
            samples.flow_time
        );
    }
}

/// Figures that are not there: those that the disk refused can be had later, others never.
fn tell_undrawn(undrawn: Vec<FigureError>, root: &Path) -> Exit {
    let mut exit = Exit::Success;
    for missing in undrawn {
        let refused = missing.is_of_the_machine();
        let reason = Failure::from(missing).message();
        if refused {
            exit = Exit::Failure;
            tracing::error!(
                "{reason}; all else of the run is finished, draw the figure with\n  gradep train --resume {}",
                root.display()
            );
        } else {
            tracing::warn!("no figure: {reason}");
        }
    }
    exit
}

/// The summary in a few lines.
fn describe(directory: &RunDir, summary: &TrainingSummary) -> String {
    let root = directory.root();
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    let mut text = format!(
        "loss {:.4} (mean of the last {} epochs; {:.4} at first, {:.4} of no velocity), {} epochs in {:.1} s, {:.3} s \
         each\n",
        number(summary.final_loss),
        summary.final_epochs,
        number(summary.initial_loss),
        summary.zero_velocity_loss,
        summary.epochs,
        summary.seconds,
        number(summary.seconds_per_epoch),
    );
    if let Some(chip) = &summary.chip {
        text.push_str(&train_on_chip::describe(chip));
    }
    if let Some(samples) = &summary.samples
        && let Some(smallest) = samples.smallest_class
    {
        let _ = writeln!(
            text,
            "{} samples at t = {}: the rarest class is {} with {:.1} %",
            samples.count,
            samples.flow_time,
            smallest.class,
            100.0 * smallest.share,
        );
    }
    let _ = writeln!(
        text,
        "model    {}\nsamples  {}\nfigures  {}\nsummary  {}\n{}",
        directory.model().display(),
        directory.samples().display(),
        directory.figures().display(),
        root.join("summary.json").display(),
        what_next(root),
    );
    text
}

/// Refused updates: one warning per reason when it first appears, one with the count at the end.
struct Refusals {
    unlearned: Unlearned,
    epochs_by_kind: BTreeMap<&'static str, u64>,
    updates: u64,
}

impl Refusals {
    fn new(unlearned: Unlearned) -> Self {
        Self {
            unlearned,
            epochs_by_kind: BTreeMap::new(),
            updates: 0,
        }
    }

    fn note(&mut self, report: &EpochReport) {
        self.updates += report.refused;
        let Some(refusal) = report.refusal else {
            return;
        };
        let epochs = self.epochs_by_kind.entry(refusal.kind()).or_default();
        *epochs += 1;
        if *epochs > 1 {
            return;
        }
        // What the refusal itself advises would not help.
        if self.unlearned.is_far_above(report.loss) {
            tracing::warn!(
                "an update of epoch {} was refused ({}) at a loss of {:.3e}: the training diverges; try a smaller \
                 optimiser.learning_rate (further refusals are counted)",
                report.epoch,
                refusal.kind(),
                report.loss
            );
        } else {
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
