//! Going on with a run, as it began or for longer.

use super::{
    Maker, Run, RunError, beginning::none_asked, columns, epochs::Progress, found_data, newest,
    on_disk::OnDisk, or_if_missing,
};
use crate::{
    checkpoint::CheckpointStore,
    config::{Change, Config, Request},
    data::Dataset,
    run_dir::{Amendment, Manifest, RunDir, Session, Status},
    trainer::Trainer,
};
use analog_substrate::{Couplings, Substrate};
use std::time::Instant;

/// A run that is to be gone on with, and what is to be different from now on.
#[derive(Debug)]
pub struct Resumption {
    directory: RunDir,
    config: Config,
    /// Hash of the configuration up to now.
    hash_before: String,
    manifest: Option<Manifest>,
    changes: Vec<Change>,
}

/// What a run has that is in no file.
fn of_a_program(manifest: &Manifest) -> Option<String> {
    let substrate = manifest.substrate.as_ref();
    let objective = manifest.objective.as_ref();
    substrate
        .map(|name| format!("substrate ({name})"))
        .or_else(|| objective.map(|name| format!("objective ({name})")))
}

impl Resumption {
    /// The run of `directory` with what its `config.resolved.toml` says by now and the overrides and flags of
    /// `request` over it.
    ///
    /// # Errors
    /// [`RunError::ConfigChanged`] names the keys that cannot change in a run that has begun;
    /// [`RunError::Config`]; those of reading the directory.
    pub fn of(directory: RunDir, request: &Request) -> Result<Self, RunError> {
        let written = directory.config()?;
        let config = request.over(&written)?;
        // A run that was killed before it wrote its manifest has not done an epoch either.
        let manifest = or_if_missing(directory.manifest().map(Some), || None)?;
        if let Some(what) = manifest.as_ref().and_then(of_a_program) {
            return Err(RunError::OfAProgram {
                directory: directory.root().to_owned(),
                what,
            });
        }
        let before = match &manifest {
            None => written,
            Some(manifest) => match &manifest.config {
                Some(before) => before.clone(),
                // Of a version that did not keep it there.
                None if manifest.config_hash == written.hash() => written,
                None => {
                    return Err(RunError::ConfigChanged {
                        directory: directory.root().to_owned(),
                        what: format!(
                            "hash {}, the run began with {}",
                            written.hash(),
                            manifest.config_hash
                        ),
                    });
                }
            },
        };
        let changes = before.changes_to(&config);
        let refused: Vec<String> = changes
            .iter()
            .filter(|change| !change.is_allowed())
            .map(Change::to_string)
            .collect();
        if !refused.is_empty() {
            return Err(RunError::ConfigChanged {
                directory: directory.root().to_owned(),
                what: refused.join(", "),
            });
        }
        Ok(Self {
            hash_before: before.hash(),
            directory,
            config,
            manifest,
            changes,
        })
    }

    /// The directory of the run.
    pub fn directory(&self) -> &RunDir {
        &self.directory
    }

    /// Whether it is a run on a chip of its configuration: gone on with by [`Run::resume_on_chip`].
    pub fn is_on_chip(&self) -> bool {
        self.config.chip.is_on()
    }

    /// Hash of the design of the chip that the run began with.
    pub(super) fn chip(&self) -> Option<&String> {
        self.manifest.as_ref()?.chip.as_ref()
    }

    /// What is different from now on.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether a checkpoint with this hash is of this run, before or after a change.
    fn knows(&self, hash: &str) -> bool {
        let amendments = self
            .manifest
            .iter()
            .flat_map(|manifest| &manifest.amendments);
        let mut earlier = amendments.map(|amendment| amendment.config_hash.as_str());
        hash == self.hash_before || hash == self.config.hash() || earlier.any(|known| known == hash)
    }

    /// The manifest with this process and what it changes.
    fn amended(&self, data: &Dataset, epoch: u64) -> Manifest {
        let session = Session::current(rayon::current_num_threads());
        let Some(mut manifest) = self.manifest.clone() else {
            return super::manifest(&self.config, data);
        };
        if !self.changes.is_empty() {
            manifest.amendments.push(Amendment {
                epoch,
                config_hash: self.hash_before.clone(),
                changes: self.changes.clone(),
            });
        }
        // It may have been found elsewhere.
        manifest.data_path = found_data::path_of(data.name());
        manifest.config_hash = self.config.hash();
        manifest.config = Some(self.config.clone());
        manifest.sessions.push(session);
        manifest
    }
}

impl Run {
    /// Goes on with a run from its newest intact checkpoint, or from the beginning where it was killed before the
    /// first.
    ///
    /// Damaged checkpoints are passed over with a warning: the epochs since the one that is used
    /// are run again and come out the same. Where the run is to be longer than before, the learning rate follows
    /// the schedule of the new length from here on, and what was written at the former end is removed.
    ///
    /// # Errors
    /// [`RunError::DataNotFound`], [`RunError::DataChanged`], [`RunError::ForeignCheckpoint`],
    /// [`RunError::TooFewEpochs`], [`RunError::NothingSaved`] where the directory does not agree with itself or with what was asked; those of
    /// reading it.
    pub fn resume(resumption: Resumption) -> Result<Self, RunError> {
        none_asked(&resumption.config)?;
        resume_with(
            resumption,
            |config: &Config, images, _: Option<&Couplings<f32>>| Trainer::new(config, images),
        )
    }
}

/// Goes on with a run on a substrate that is made as it was made at the beginning.
pub(super) fn resume_with<S: Substrate<Scalar = f32> + Send>(
    resumption: Resumption,
    trainer: impl Maker<S>,
) -> Result<Run<S>, RunError> {
    let started = Instant::now();
    let (directory, config) = (&resumption.directory, &resumption.config);
    let found = found_data::find(directory.root(), &config.data, resumption.manifest.as_ref())?;
    let data = found.training;
    let images = data.visible_nodes(config.beside_pixels())?;
    let mut trainer = trainer(config, images, None)?;
    let checkpoints = CheckpointStore::new(directory.checkpoints());
    let metrics = match newest(&checkpoints)? {
        // Its parameters are in no configuration.
        None if resumption
            .manifest
            .as_ref()
            .is_some_and(|m| m.from.is_some()) =>
        {
            return Err(RunError::NothingSaved {
                directory: directory.root().to_owned(),
            });
        }
        None => directory.start_metrics(&columns(config))?,
        Some(saved) => {
            let found = saved.header.config_hash;
            if !resumption.knows(&found) {
                let path = saved.path;
                return Err(RunError::ForeignCheckpoint {
                    path,
                    found,
                    expected: config.hash(),
                });
            }
            let (done, asked) = (saved.payload.epoch, config.training.epochs);
            if asked < done {
                return Err(RunError::TooFewEpochs { done, asked });
            }
            trainer.restore(saved.payload)?;
            checkpoints.remove_surplus(done)?;
            directory.resume_metrics(&columns(config), trainer.epochs_done())?
        }
    };
    directory.open_inventory()?;
    // First of all: a run whose results are removed must not count as finished.
    let status = or_if_missing(directory.status(), Status::begun)?;
    let status = status.at(trainer.epochs_done(), status.seconds);
    directory.write_status(&status)?;
    if !resumption.changes.is_empty() {
        directory.write_resolved(config)?;
    }
    if !trainer.is_finished() {
        directory.remove_results()?;
    }
    directory.write_manifest(&resumption.amended(&data, trainer.epochs_done()))?;
    let losses = directory.metrics()?;
    Ok(Run {
        progress: Progress::new(trainer, losses.column("loss")?),
        shape: data.shape(),
        kept: OnDisk {
            remembers: true,
            directory: resumption.directory,
            metrics,
            checkpoints,
            seconds_before: status.seconds,
            status,
            started,
        },
    })
}
