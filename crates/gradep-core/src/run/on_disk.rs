//! What a run leaves in its directory while it goes on.

use super::{RunError, epochs::Keeper};
use crate::{
    checkpoint::{CheckpointHeader, CheckpointStore},
    run_dir::{MetricsWriter, RunDir, Status},
    trainer::{EpochReport, Trainer},
};
use analog_substrate::Substrate;
use std::time::Instant;

/// The directory of a run, and what is written to it epoch after epoch.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) directory: RunDir,
    /// Whether the memory of the substrate is kept: not of one of a program's own, which is in no file.
    pub(super) remembers: bool,
    pub(super) metrics: MetricsWriter,
    pub(super) checkpoints: CheckpointStore,
    pub(super) status: Status,
    /// When this process began to work on the run, and the seconds of those before it.
    pub(super) started: Instant,
    pub(super) seconds_before: f64,
}

impl<S: Substrate<Scalar = f32> + Send> Keeper<S> for OnDisk {
    fn row(&mut self, report: &EpochReport) -> Result<(), RunError> {
        Ok(self.metrics.write(report)?)
    }

    fn checkpoint(&mut self, trainer: &Trainer<S>) -> Result<(), RunError> {
        // No checkpoint is ever ahead of the metrics table.
        self.metrics.sync()?;
        let config = trainer.config();
        let header = CheckpointHeader {
            crate_version: env!("CARGO_PKG_VERSION").to_owned(),
            config_hash: config.hash(),
            seed: config.seed,
            epoch: trainer.epochs_done(),
        };
        let state = trainer.state();
        if self.remembers {
            self.checkpoints.save(&header, &state)?;
        } else {
            self.checkpoints.save(&header, &state.for_substrate(()))?;
        }
        let seconds = self.seconds_before + self.started.elapsed().as_secs_f64();
        self.status = self.status.at(header.epoch, seconds);
        Ok(self.directory.write_status(&self.status)?)
    }
}
