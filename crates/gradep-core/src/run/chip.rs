//! Runs on the chip that their configuration names.

use super::{Ancestor, Beginning, Maker, Resumption, Run, RunError, resume::resume_with};
use crate::{
    config::{Config, Resolved},
    data::Dataset,
    files::spec_hash,
    run_dir::{RunDir, RunDirError},
    trainer::{TrainError, Trainer, check_budget, initial_couplings},
};
use analog_substrate::{
    Couplings,
    chip::{Chip, ChipError, ChipParts, Instance, Network},
    hw_spec::Spec,
};
use ndarray::Array2;

/// The chip of a configuration, its devices, if there are any, programmed with these couplings; it learns from there.
fn chip(config: &Config, spec: &Spec, couplings: Couplings<f32>) -> Result<Chip<f32>, ChipError> {
    let design = spec.design();
    let chip = Chip::new(ChipParts {
        instance: Instance::draw(&design, couplings.layers(), config.chip.die()),
        design,
        network: Network {
            couplings,
            activation: config.network.activation(),
            cell: config.network.cell,
        },
        settings: config.chip.transients(),
        noise_seed: config.seed,
    })?;
    chip.learning(config.chip.headroom)
}

/// Makes trainers on a chip of a spec.
pub(crate) fn maker(spec: &Spec) -> impl Maker<Chip<f32>> {
    move |config: &Config, images: Array2<f32>, from: Option<&Couplings<f32>>| {
        check_budget(config, images.nrows())?;
        let couplings = from.cloned();
        let couplings =
            couplings.unwrap_or_else(|| initial_couplings(&config.network, config.seed));
        let chip = chip(config, spec, couplings).map_err(TrainError::of_substrate)?;
        Trainer::with_substrate(config, images, chip)
    }
}

impl Run<Chip<f32>> {
    /// [`Run::begin`] on the chip that the configuration names by `chip.spec`. The spec, complete, becomes a file of the run, which
    /// can be gone on with as one on exact equilibria can.
    ///
    /// # Errors
    /// As [`Run::begin`]; [`RunError::Chip`] for a spec that cannot be read; [`RunError::Train`] for a chip that cannot have the
    /// network.
    ///
    /// # Panics
    /// If the configuration names no chip.
    pub fn begin_on_chip(
        resolved: &Resolved,
        data: &Dataset,
        from: Option<Ancestor>,
        directory: impl FnOnce(&str) -> Result<RunDir, RunDirError>,
    ) -> Result<Self, RunError> {
        let spec = resolved.config.chip.resolve()?;
        let spec = spec.expect("a configuration with chip.spec");
        Beginning::of(resolved, data, from, maker(&spec))?
            .on_chip(spec)
            .in_directory(directory)
    }

    /// [`Run::resume`] of a run on a chip ([`Resumption::is_on_chip`]), which is the same chip with what its devices have become.
    ///
    /// # Errors
    /// As [`Run::resume`]; [`RunError::ChipChanged`] where `chip.toml` is not what the run began with.
    pub fn resume_on_chip(resumption: Resumption) -> Result<Self, RunError> {
        let path = resumption.directory().chip();
        let spec = Spec::load(&path.to_string_lossy())?;
        let found = spec_hash(&spec);
        if let Some(expected) = resumption.chip().filter(|&expected| *expected != found) {
            return Err(RunError::ChipChanged {
                path,
                expected: expected.to_owned(),
                found,
            });
        }
        resume_with(resumption, maker(&spec))
    }
}
