//! How a run begins: a trainer for what was asked, and what there is to say about it.

use super::{
    Ancestor, Run, RunError, ancestor, columns, epochs::Progress, manifest, on_disk::OnDisk,
};
use crate::{
    checkpoint::CheckpointStore,
    config::{Config, Resolved},
    data::{Dataset, ImageShape},
    files::spec_hash,
    run_dir::{Manifest, RunDir, RunDirError, Status},
    trainer::{TrainError, Trainer},
};
use analog_substrate::{Couplings, Substrate, hw_spec::Spec};
use ndarray::Array2;
use std::time::Instant;

/// A substrate to train on in place of exact equilibria, and what it is in words, for the run's manifest.
///
/// ```
/// use analog_substrate::{Ideal, Relaxation};
/// use gradep_core::{config::Config, run::Described};
///
/// let network = Config::preset("best")?.network;
/// let described = Described {
///     substrate: Ideal::<f32>::new(network.layers.clone(), network.activation(), Relaxation::default()),
///     description: "exact equilibria to the default tolerance".to_owned(),
/// };
/// assert!(described.description.starts_with("exact"));
/// # Ok::<(), gradep_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Described<S> {
    /// What relaxes: a chip that is programmed with the network's couplings at every update, say.
    pub substrate: S,
    /// What it is: `D3-PCM, chip 0`.
    pub description: String,
}

/// Refuses a configuration that names a chip where something else is trained on.
pub(super) fn none_asked(config: &Config) -> Result<(), RunError> {
    if config.chip.is_on() {
        return Err(RunError::OnAChip {
            spec: config.chip.spec.clone(),
        });
    }
    Ok(())
}

/// A trainer before its first epoch.
pub(crate) struct Beginning<S> {
    pub(crate) resolved: Resolved,
    pub(crate) trainer: Trainer<S>,
    pub(crate) shape: ImageShape,
    manifest: Manifest,
    /// The spec of the chip that the configuration names.
    chip: Option<Spec>,
    started: Instant,
}

/// What makes the trainer of a configuration for images, and of the couplings that it is to begin from, if these are not random.
pub(crate) trait Maker<S>:
    FnOnce(&Config, Array2<f32>, Option<&Couplings<f32>>) -> Result<Trainer<S>, TrainError>
{
}

impl<S, F> Maker<S> for F where
    F: FnOnce(&Config, Array2<f32>, Option<&Couplings<f32>>) -> Result<Trainer<S>, TrainError>
{
}

impl<S: Substrate<Scalar = f32> + Send> Beginning<S> {
    /// Makes the trainer of `resolved` for the images of `data`. What the configuration left to the data, the column of
    /// the labels, is said in the run's own configuration. `from` is a model to begin from instead of random couplings.
    pub(crate) fn of(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        trainer: impl Maker<S>,
    ) -> Result<Self, RunError> {
        let started = Instant::now();
        let mut resolved = resolved.clone();
        resolved.config.data.label_column = data.label_column();
        let config = &resolved.config;
        let images = data.visible_nodes(config.beside_pixels())?;
        if let Some(Ancestor { model, origin }) = &from {
            ancestor::check(model, origin, config)?;
        }
        let first = from.as_ref().map(|from| &from.model.couplings);
        let mut trainer = trainer(config, images, first)?;
        let mut manifest = manifest(config, data);
        if let Some(Ancestor { model, origin }) = from {
            trainer.begin_from(model.couplings);
            manifest.from = Some(origin);
        }
        Ok(Self {
            shape: data.shape(),
            resolved,
            trainer,
            manifest,
            chip: None,
            started,
        })
    }

    /// Notes which chip it is that the configuration names.
    pub(crate) fn on_chip(mut self, spec: Spec) -> Self {
        self.manifest.chip = Some(spec_hash(&spec));
        self.chip = Some(spec);
        self
    }

    /// Notes that it is trained on something else than exact equilibria.
    pub(crate) fn on_substrate(mut self, description: String) -> Self {
        self.manifest.substrate = Some(description);
        self
    }

    /// Notes that it learns something else than flow matching.
    pub(crate) fn with_objective(mut self, name: String) -> Self {
        self.manifest.objective = Some(name);
        self
    }

    /// Begins in the directory that `directory` gives for the hash of the configuration. It is called once nothing else
    /// can fail, so that a run that cannot begin leaves nothing behind.
    pub(crate) fn in_directory(
        self,
        directory: impl FnOnce(&str) -> Result<RunDir, RunDirError>,
    ) -> Result<Run<S>, RunError> {
        let config = &self.resolved.config;
        let directory = directory(&config.hash())?;
        // First: a run that has a configuration can be gone on with.
        if let Some(spec) = &self.chip {
            directory.write_chip(spec)?;
        }
        directory.write_config(&self.resolved)?;
        directory.write_manifest(&self.manifest)?;
        let status = Status::begun();
        directory.write_status(&status)?;
        let metrics = directory.start_metrics(&columns(config))?;
        let begins_from_a_model = self.manifest.from.is_some();
        let mut run = Run {
            progress: Progress::new(self.trainer, &[]),
            shape: self.shape,
            kept: OnDisk {
                checkpoints: CheckpointStore::new(directory.checkpoints()),
                directory,
                remembers: self.manifest.substrate.is_none(),
                metrics,
                status,
                started: self.started,
                seconds_before: 0.0,
            },
        };
        if begins_from_a_model {
            // These couplings cannot be drawn again, should the run be killed before its first checkpoint.
            run.checkpoint()?;
        }
        Ok(run)
    }
}
