//! A training run on disk: the trainer's loop, with metrics, checkpoints and a way back.
//!
//! [`Run::begin`] or [`Run::resume`] of a [`Resumption`], then [`Run::train`], [`Run::write_models`], [`Run::end`]. A run
//! that was interrupted or killed and then resumed leaves the same `metrics.csv` and the same models
//! as one that was not, byte for byte.

mod ancestor;
mod course;
mod error;
mod found_data;
mod model;
mod resume;

pub use ancestor::read_ancestor;
pub use course::MAX_REFUSED_EPOCHS;
pub use error::{Divergence, RunError};
pub use found_data::read_data;
pub use model::{read_identified_model, read_model, read_model_file, trained_model};
pub use resume::Resumption;

use crate::{
    checkpoint::{CheckpointError, CheckpointHeader, CheckpointStore, Latest, SavedCheckpoint},
    config::{Config, Resolved},
    data::{Dataset, ImageShape},
    files::{Model, TrainedOn},
    run_dir::{Manifest, MetricsWriter, Origin, RunDir, RunDirError, RunState, Session, Status},
    trainer::{EpochReport, TrainError, TrainState, Trainer},
};
use analog_substrate::{Couplings, Ideal, IdealError};
use course::LossCourse;
use std::{io, time::Instant};

/// How a training loop ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// All epochs are done; there is a checkpoint of the last.
    Finished,
    /// It was asked to stop; there is a checkpoint of the epoch that it stopped after.
    Interrupted,
    /// There is no use in going on, or in what was trained.
    Diverged(Divergence),
}

/// A training run and the directory that it keeps.
#[derive(Debug)]
pub struct Run {
    directory: RunDir,
    trainer: Trainer<Ideal<f32>>,
    metrics: MetricsWriter,
    course: LossCourse,
    /// Height, width and channels of an image.
    shape: ImageShape,
    checkpoints: CheckpointStore,
    status: Status,
    /// When this process began to work on the run, and the seconds of those before it.
    started: Instant,
    seconds_before: f64,
}

impl Run {
    /// Begins a run of `resolved` on `data`. `directory` is called with the hash of the configuration once nothing
    /// else can fail, so that a run that cannot begin leaves nothing behind. What the configuration left to the
    /// data, the column of the labels, is said in the run's own configuration. `from` is a model to begin from
    /// instead of random couplings.
    ///
    /// # Errors
    /// [`RunError::Train`] where data and network do not fit; [`RunError::Directory`].
    pub fn begin(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<(Model<f32>, Origin)>,
        directory: impl FnOnce(&str) -> Result<RunDir, RunDirError>,
    ) -> Result<Self, RunError> {
        let started = Instant::now();
        let mut resolved = resolved.clone();
        resolved.config.data.label_column = data.label_column();
        let config = &resolved.config;
        let mut trainer = Trainer::new(config, data.images().clone())?;
        let mut manifest = manifest(config, data);
        let begins_from_a_model = from.is_some();
        if let Some((model, origin)) = from {
            ancestor::check(&model, &origin, config)?;
            trainer.begin_from(model.couplings);
            manifest.from = Some(origin);
        }
        let directory = directory(&config.hash())?;
        directory.write_config(&resolved)?;
        directory.write_manifest(&manifest)?;
        let status = Status::begun();
        directory.write_status(&status)?;
        let metrics = directory.start_metrics(&columns(config))?;
        let mut run = Self {
            checkpoints: CheckpointStore::new(directory.checkpoints()),
            course: LossCourse::new(trainer.unlearned(), &[]),
            shape: data.shape(),
            directory,
            trainer,
            metrics,
            status,
            started,
            seconds_before: 0.0,
        };
        if begins_from_a_model {
            // These couplings cannot be drawn again, should the run be killed before its first checkpoint.
            run.checkpoint()?;
        }
        Ok(run)
    }

    /// The directory of the run.
    pub fn directory(&self) -> &RunDir {
        &self.directory
    }

    /// The trainer.
    pub fn trainer(&self) -> &Trainer<Ideal<f32>> {
        &self.trainer
    }

    /// The model to generate with, as far as it is trained.
    pub fn model(&self) -> Model<f32> {
        self.model_of(self.trainer.averaged_couplings())
    }

    fn model_of(&self, couplings: Couplings<f32>) -> Model<f32> {
        let config = self.trainer.config();
        let trained_on = TrainedOn {
            source: config.data.source.clone(),
            shape: self.shape,
        };
        Model {
            trained_on: Some(trained_on),
            ..trained_model(config, couplings)
        }
    }

    /// Seconds of wall clock that all processes have worked on the run, this one up to its last
    /// checkpoint.
    pub fn seconds(&self) -> f64 {
        self.status.seconds
    }

    /// Runs epoch after epoch, each a row of the metrics and a call of `observe`, with a checkpoint
    /// every `training.checkpoint_every` epochs and after the last. Asks `stop` before each epoch.
    ///
    /// # Errors
    /// Those of the trainer, and of writing metrics and checkpoints.
    pub fn train(
        &mut self,
        mut stop: impl FnMut() -> bool,
        mut observe: impl FnMut(&EpochReport),
    ) -> Result<Ending, RunError> {
        let every = self.trainer.config().training.checkpoint_every;
        while !self.trainer.is_finished() {
            if stop() {
                self.checkpoint()?;
                return Ok(Ending::Interrupted);
            }
            let epoch = self.trainer.epochs_done();
            let outcome = self.trainer.epoch();
            // Looked at first: a substrate refuses couplings that are not numbers.
            if !self.couplings_are_finite() {
                return Ok(Ending::Diverged(Divergence::Couplings { epoch }));
            }
            let report = match outcome {
                Err(TrainError::Substrate { cause, .. }) if is_not_finite(cause.as_ref()) => {
                    return Ok(Ending::Diverged(Divergence::States { epoch }));
                }
                outcome => outcome?,
            };
            self.metrics.write(&report)?;
            self.course.add(report.loss);
            observe(&report);
            if let Some(divergence) = self.divergence(&report) {
                return Ok(Ending::Diverged(divergence));
            }
            if self.trainer.epochs_done().is_multiple_of(every) || self.trainer.is_finished() {
                self.checkpoint()?;
            }
        }
        let updates = self.updates();
        if self.trainer.refused() >= updates {
            return Ok(Ending::Diverged(Divergence::NoUpdate { updates }));
        }
        if self.course.ends_worse_than_nothing() {
            return Ok(Ending::Diverged(self.grown()));
        }
        Ok(Ending::Finished)
    }

    /// Writes `model.safetensors`, the couplings to generate with, and `model-raw.safetensors`, those
    /// as trained, where they differ because an average is kept.
    ///
    /// # Errors
    /// [`RunError::Model`].
    pub fn write_models(&self) -> Result<(), RunError> {
        let config = self.trainer.config();
        if config.optimiser.ema_decay > 0.0 {
            let raw = self.model_of(self.trainer.couplings().clone());
            raw.write(&self.directory.raw_model())?;
        }
        let model = self.model();
        Ok(model.write(&self.directory.model())?)
    }

    /// Notes in `status.json` how the process ends. The last thing that is written: a run is
    /// finished only once everything else is there.
    ///
    /// # Errors
    /// [`RunError::Directory`].
    pub fn end(&mut self, state: RunState, exit_code: u8) -> Result<(), RunError> {
        let status = self.status.ended(state, exit_code);
        self.directory.write_status(&status)?;
        // What failed may still be writing: half a row that the disk refused, say.
        if state == RunState::Failed {
            return Ok(self.directory.open_inventory()?);
        }
        Ok(self.directory.close_inventory()?)
    }

    fn checkpoint(&mut self) -> Result<(), RunError> {
        // No checkpoint is ever ahead of the metrics table.
        self.metrics.sync()?;
        let config = self.trainer.config();
        let header = CheckpointHeader {
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            config_hash: config.hash(),
            seed: config.seed,
            epoch: self.trainer.epochs_done(),
        };
        self.checkpoints.save(&header, &self.trainer.state())?;
        let seconds = self.seconds_before + self.started.elapsed().as_secs_f64();
        self.status = self.status.at(header.epoch, seconds);
        Ok(self.directory.write_status(&self.status)?)
    }

    fn couplings_are_finite(&self) -> bool {
        let couplings = self.trainer.couplings().flat();
        couplings.iter().all(|value| value.is_finite())
    }

    fn divergence(&self, report: &EpochReport) -> Option<Divergence> {
        let EpochReport { epoch, loss, .. } = *report;
        if !loss.is_finite() {
            return Some(Divergence::Loss { epoch, loss });
        }
        if self.course.is_hopeless() {
            return Some(self.grown());
        }
        let epochs = self.trainer.refused_epochs();
        report
            .refusal
            .filter(|_| epochs >= MAX_REFUSED_EPOCHS)
            .map(|reason| Divergence::Refused { epochs, reason })
    }

    /// Updates of all epochs done, refused ones included.
    fn updates(&self) -> u64 {
        self.trainer.epochs_done() * self.trainer.updates_per_epoch()
    }

    fn grown(&self) -> Divergence {
        let unlearned = self.trainer.unlearned();
        Divergence::Grown {
            epochs: self.trainer.epochs_done(),
            first: self.course.first(),
            last: self.course.last(),
            zero_velocity: unlearned.zero_velocity,
            zero_couplings: unlearned.zero_couplings,
            refused: self.trainer.refused(),
            updates: self.updates(),
            learning_rate: self.trainer.config().optimiser.learning_rate,
        }
    }
}

/// Whether the substrate was asked to nudge a free phase that has run away.
fn is_not_finite(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(IdealError::NotFinite { .. }))
}

fn columns(config: &Config) -> Vec<String> {
    EpochReport::columns(config.flow.time_bins)
}

fn manifest(config: &Config, data: &Dataset) -> Manifest {
    let session = Session::current(rayon::current_num_threads());
    Manifest {
        image_shape: Some(data.shape().to_string()),
        data_path: found_data::path_of(&config.data.source),
        ..Manifest::new(config, data.blake3().to_owned(), session)
    }
}

/// The newest intact checkpoint; warns about those that are not.
///
/// A run that has checkpoints of another format only is not begun again over them.
fn newest(store: &CheckpointStore) -> Result<Option<SavedCheckpoint<TrainState>>, RunError> {
    let Latest {
        checkpoint,
        damaged,
    } = store.latest()?;
    for (_, reason) in &damaged {
        tracing::warn!("checkpoint passed over: {reason}");
    }
    if damaged.is_empty() {
        return Ok(checkpoint);
    }
    if let Some(saved) = &checkpoint {
        tracing::warn!("going back to {}", saved.path.display());
        return Ok(checkpoint);
    }
    let mut reasons = damaged.into_iter().map(|(_, reason)| reason);
    if let Some(reason) = reasons.find(|r| matches!(r, CheckpointError::Version { .. })) {
        return Err(reason.into());
    }
    tracing::warn!("no checkpoint is intact: beginning again at epoch 0");
    Ok(None)
}

/// What was read, or `default` where there is no such file.
fn or_if_missing<T>(
    read: Result<T, RunDirError>,
    default: impl FnOnce() -> T,
) -> Result<T, RunDirError> {
    match read {
        Err(RunDirError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            Ok(default())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;
