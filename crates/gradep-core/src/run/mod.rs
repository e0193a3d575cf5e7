//! A training run on disk: the trainer's loop, with metrics, checkpoints and a way back.
//!
//! [`Run::begin`] or [`Run::resume`] of a [`Resumption`], then [`Run::train`], [`Run::write_models`], [`Run::end`]. A run
//! that was interrupted or killed and then resumed leaves the same `metrics.csv` and the same models
//! as one that was not, byte for byte.

mod ancestor;
mod beginning;
mod chip;
mod course;
pub(crate) mod epochs;
mod error;
mod found_data;
mod model;
mod on_disk;
mod resume;

pub use ancestor::{Ancestor, read_ancestor};
pub use beginning::Described;
pub(crate) use beginning::{Beginning, Maker};
pub(crate) use chip::maker;
pub use course::MAX_REFUSED_EPOCHS;
pub use error::{Divergence, RunError};
pub use found_data::{read_data, read_divided_data};
pub use model::{
    read_identified_model, read_model, read_model_file, read_stated_model, trained_model,
};
pub use resume::Resumption;

use crate::{
    checkpoint::{CheckpointError, CheckpointStore, Latest, SavedCheckpoint},
    config::{Config, Resolved},
    data::{Dataset, ImageShape},
    files::{Model, TrainedOn},
    run_dir::{Manifest, RunDir, RunDirError, RunState, Session},
    trainer::{EpochReport, TrainState, Trainer},
};
use analog_substrate::{Couplings, Ideal, Substrate};
use course::LossCourse;
use epochs::{Keeper as _, Progress};
use on_disk::OnDisk;
use serde::de::DeserializeOwned;
use std::io;

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

/// A training run and the directory that it keeps, on exact equilibria or on any other substrate.
///
/// ```
/// use gradep_core::{
///     config::Request, data::Dataset, run::{Ending, Run}, run_dir::{RunDir, RunState},
/// };
///
/// let request = Request {
///     overrides: ["network.layers=[64,8]", "training.epochs=1"].map(str::to_owned).to_vec(),
///     ..Request::default()
/// };
/// let resolved = request.resolve()?;
/// let data = Dataset::load(&resolved.config.data)?;
/// let folder = tempfile::tempdir()?;
/// let root = folder.path().join("run");
/// let mut run = Run::begin(&resolved, &data, None, |_| RunDir::create_at(&root, false))?;
/// assert_eq!(run.train(|| false, |epoch| println!("loss {}", epoch.loss))?, Ending::Finished);
/// run.write_models()?;
/// run.end(RunState::Finished, 0)?;
/// assert!(root.join("model.safetensors").exists());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Run<S = Ideal<f32>> {
    progress: Progress<S>,
    /// Height, width and channels of an image.
    shape: ImageShape,
    kept: OnDisk,
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
        from: Option<Ancestor>,
        directory: impl FnOnce(&str) -> Result<RunDir, RunDirError>,
    ) -> Result<Self, RunError> {
        beginning::none_asked(&resolved.config)?;
        let trainer =
            |config: &Config, images, _: Option<&Couplings<f32>>| Trainer::new(config, images);
        Beginning::of(resolved, data, from, trainer)?.in_directory(directory)
    }
}

impl<S: Substrate<Scalar = f32> + Send> Run<S> {
    /// [`Run::begin`] on a substrate of its own. Its state is in no checkpoint, so that such a run cannot be gone on
    /// with ([`RunError::OfAProgram`]).
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub fn begin_on(
        resolved: &Resolved,
        data: &Dataset,
        substrate: Described<S>,
        from: Option<Ancestor>,
        directory: impl FnOnce(&str) -> Result<RunDir, RunDirError>,
    ) -> Result<Self, RunError> {
        let Described {
            substrate,
            description,
        } = substrate;
        beginning::none_asked(&resolved.config)?;
        let trainer = |config: &Config, images, _: Option<&Couplings<f32>>| {
            Trainer::with_substrate(config, images, substrate)
        };
        Beginning::of(resolved, data, from, trainer)?
            .on_substrate(description)
            .in_directory(directory)
    }

    /// The directory of the run.
    pub fn directory(&self) -> &RunDir {
        &self.kept.directory
    }

    /// The trainer.
    pub fn trainer(&self) -> &Trainer<S> {
        &self.progress.trainer
    }

    /// Leaves the substrate with the couplings to generate with.
    ///
    /// # Errors
    /// [`RunError::Train`].
    pub fn program_averaged(&mut self) -> Result<(), RunError> {
        Ok(self.progress.trainer.program_averaged()?)
    }

    /// The model to generate with, as far as it is trained.
    pub fn model(&self) -> Model<f32> {
        model_of(self.trainer(), self.shape)
    }

    /// Seconds of wall clock that all processes have worked on the run, this one up to its last
    /// checkpoint.
    pub fn seconds(&self) -> f64 {
        self.kept.status.seconds
    }

    /// Runs epoch after epoch, each a row of the metrics and a call of `observe`, with a checkpoint
    /// every `training.checkpoint_every` epochs and after the last. Asks `stop` before each epoch.
    ///
    /// # Errors
    /// Those of the trainer, and of writing metrics and checkpoints.
    pub fn train(
        &mut self,
        stop: impl FnMut() -> bool,
        observe: impl FnMut(&EpochReport),
    ) -> Result<Ending, RunError> {
        self.progress.train(&mut self.kept, stop, observe)
    }

    /// Writes `model.safetensors`, the couplings to generate with, and `model-raw.safetensors`, those
    /// as trained, where they differ because an average is kept.
    ///
    /// # Errors
    /// [`RunError::Model`].
    pub fn write_models(&self) -> Result<(), RunError> {
        let trainer = self.trainer();
        if trainer.config().optimiser.ema_decay > 0.0 {
            let raw = model_with(trainer, self.shape, trainer.couplings().clone());
            raw.write(&self.directory().raw_model())?;
        }
        Ok(self.model().write(&self.directory().model())?)
    }

    /// Notes in `status.json` how the process ends. The last thing that is written: a run is
    /// finished only once everything else is there.
    ///
    /// # Errors
    /// [`RunError::Directory`].
    pub fn end(&mut self, state: RunState, exit_code: u8) -> Result<(), RunError> {
        let status = self.kept.status.ended(state, exit_code);
        self.directory().write_status(&status)?;
        // What failed may still be writing: half a row that the disk refused, say.
        if state == RunState::Failed {
            return Ok(self.directory().open_inventory()?);
        }
        Ok(self.directory().close_inventory()?)
    }

    fn checkpoint(&mut self) -> Result<(), RunError> {
        self.kept.checkpoint(&self.progress.trainer)
    }
}

/// The model to generate with that a trainer on images of this shape has come to.
pub(crate) fn model_of<S: Substrate<Scalar = f32> + Send>(
    trainer: &Trainer<S>,
    shape: ImageShape,
) -> Model<f32> {
    model_with(trainer, shape, trainer.averaged_couplings())
}

fn model_with<S: Substrate<Scalar = f32> + Send>(
    trainer: &Trainer<S>,
    shape: ImageShape,
    couplings: Couplings<f32>,
) -> Model<f32> {
    let config = trainer.config();
    let trained_on = TrainedOn {
        source: config.data.source.clone(),
        shape,
        beside: config.beside_pixels(),
        objective: config.flow.objective,
        chip: config.chip.in_words(),
    };
    Model {
        trained_on: Some(trained_on),
        ..trained_model(config, couplings)
    }
}

fn columns(config: &Config) -> Vec<String> {
    EpochReport::columns(config)
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
fn newest<M: DeserializeOwned>(
    store: &CheckpointStore,
) -> Result<Option<SavedCheckpoint<TrainState<M>>>, RunError> {
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
