//! The model that a command works on: of a run, or of a file.

use super::train_on_chip;
use crate::{cli::RunOrModel, failure::Result};
use analog_substrate::Relaxation;
use gradep_core::{
    config::{Config, DEFAULT_PRESET, SamplingConfig},
    files::Model,
    objective::ObjectiveKind,
    run, run_dir,
};
use std::path::PathBuf;

/// A model and how samples are drawn from it unless told otherwise.
pub(super) struct Source {
    pub(super) model: Model<f32>,
    pub(super) sampling: SamplingConfig,
    pub(super) relaxation: Relaxation,
    /// The run that it is of; none of a model file.
    pub(super) run: Option<RunOf>,
    /// Which model it is: what `b3sum` prints of its file.
    pub(super) id: String,
}

/// A run by its directory.
pub(super) struct RunOf {
    pub(super) root: PathBuf,
    pub(super) config: Config,
}

impl Source {
    /// `data.source` of what it was trained on; none of a model file that does not say.
    pub(super) fn trained_on(&self) -> Option<&str> {
        let data = self.model.trained_on.as_ref();
        data.map(|data| data.source.as_str())
    }

    /// Warns that it is run elsewhere than on the chip that it learned on: at exact equilibria, or on a chip whose devices are written anew
    /// and not those of a map.
    pub(super) fn warn_of_other_chip(&self, on_chip: bool, replays: bool) {
        if let Some(run) = &self.run {
            return train_on_chip::warn_of_other_chip(&run.root, &run.config, on_chip, replays);
        }
        let trained_on = self.model.trained_on.as_ref();
        if let Some(chip) = trained_on.and_then(|data| data.chip.as_ref())
            && !replays
        {
            tracing::warn!(
                "the model learned on {chip}, and has absorbed its errors: it is worse elsewhere. On that chip give its devices by \
                 --conductances"
            );
        }
    }

    /// What it learned; flow matching where nothing says so.
    pub(super) fn objective(&self) -> ObjectiveKind {
        let data = self.model.trained_on.as_ref();
        data.map(|data| data.objective).unwrap_or_default()
    }

    /// A run directory says how it samples; for a model file it is as in the default preset, a field that comes to rest
    /// until then, at equilibria to the default tolerance.
    pub(super) fn read(source: &RunOrModel) -> Result<Self> {
        let path = source.path();
        if source.is_directory() {
            run_dir::warn_of_changed_config(path);
            let (config, model, id) = run::read_identified_model(path)?;
            return Ok(Self {
                model,
                id,
                sampling: config.sampling.clone(),
                relaxation: config.relaxation.clone(),
                run: Some(RunOf {
                    root: path.to_owned(),
                    config,
                }),
            });
        }
        let preset = Config::preset(DEFAULT_PRESET)?;
        let (model, id) = run::read_model_file(path)?;
        let trained_on = model.trained_on.as_ref();
        let rest = trained_on.and_then(|data| data.objective.rest());
        Ok(Self {
            id,
            model,
            sampling: SamplingConfig {
                until: rest.unwrap_or(preset.sampling.until),
                ..preset.sampling
            },
            relaxation: Relaxation::default(),
            run: None,
        })
    }
}
