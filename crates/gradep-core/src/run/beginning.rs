//! How a run begins: a trainer for what was asked, and what there is to say about it.

use super::{
    Ancestor, Run, RunError, ancestor, columns, epochs::Progress, manifest, on_disk::OnDisk,
};
use crate::{
    checkpoint::CheckpointStore,
    config::{Config, Resolved},
    data::{Dataset, ImageShape},
    run_dir::{Manifest, RunDir, RunDirError, Status},
    trainer::{TrainError, Trainer},
};
use analog_substrate::Substrate;
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

/// A trainer before its first epoch.
pub(crate) struct Beginning<S> {
    pub(crate) resolved: Resolved,
    pub(crate) trainer: Trainer<S>,
    pub(crate) shape: ImageShape,
    manifest: Manifest,
    started: Instant,
}

impl<S: Substrate<Scalar = f32> + Send> Beginning<S> {
    /// Makes the trainer of `resolved` for the images of `data`. What the configuration left to the data, the column of
    /// the labels, is said in the run's own configuration. `from` is a model to begin from instead of random couplings.
    pub(crate) fn of(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        trainer: impl FnOnce(&Config, Array2<f32>) -> Result<Trainer<S>, TrainError>,
    ) -> Result<Self, RunError> {
        let started = Instant::now();
        let mut resolved = resolved.clone();
        resolved.config.data.label_column = data.label_column();
        let config = &resolved.config;
        let mut trainer = trainer(config, data.visible_nodes(config.beside_pixels())?)?;
        let mut manifest = manifest(config, data);
        if let Some(Ancestor { model, origin }) = from {
            ancestor::check(&model, &origin, config)?;
            trainer.begin_from(model.couplings);
            manifest.from = Some(origin);
        }
        Ok(Self {
            shape: data.shape(),
            resolved,
            trainer,
            manifest,
            started,
        })
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
