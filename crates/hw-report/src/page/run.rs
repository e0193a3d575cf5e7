//! What a run directory says of itself. Nothing is locked and nothing written: the run may go on.

use super::{PageError, source::read_text};
use bench_hw::{domain::Track, generation::GenerationError};
use gradep_core::{
    config::{AskedFlow, Config, SamplingConfig},
    data::Dataset,
    files::Model,
    run::{RunError, read_data, read_identified_model},
    run_dir::{Manifest, MetricsTable, config_of, manifest_of, metrics_of, model_in},
};
use std::path::Path;

/// A run, as far as it has come.
pub(super) struct RunData {
    /// Name of the folder.
    pub(super) name: String,
    pub(super) config: Config,
    /// How its samples are drawn on the page.
    pub(super) sampling: SamplingConfig,
    /// `config.resolved.toml`, every key.
    pub(super) resolved: String,
    pub(super) model: Model<f32>,
    /// Which model it is: what `b3sum model.safetensors` prints, once there is that file.
    pub(super) id: String,
    /// Whether the model is that of a checkpoint: the run is not finished.
    pub(super) is_of_checkpoint: bool,
    pub(super) manifest: Manifest,
    pub(super) metrics: MetricsTable,
    /// `metrics.csv`, as it is.
    pub(super) metrics_text: String,
    /// `summary.json`, once the run is finished.
    pub(super) summary: Option<String>,
    /// The images that it was trained on, if they are still where they were.
    pub(super) data: Result<Dataset, RunError>,
}

impl RunData {
    /// The images by which it can be judged: those that it has not seen, where some were kept from it.
    pub(super) fn track(&self) -> Track {
        let data = &self.config.data;
        if data.source == "digits-half" || data.held_out > 0.0 {
            Track::HeldOut
        } else {
            Track::Published
        }
    }

    /// Reads the run in `root`.
    ///
    /// # Errors
    /// [`PageError::Run`], [`PageError::Directory`], [`PageError::Read`], [`PageError::Generate`] for a flow
    /// that is none.
    pub(super) fn read(root: &Path, flow: &AskedFlow) -> Result<Self, PageError> {
        config_of(root)?;
        let (config, model, id) = read_identified_model(root)?;
        let sampling = config.sampling.asked(flow);
        let sampling = sampling.map_err(GenerationError::from)?;
        Ok(Self {
            name: crate::report::folder_name(root),
            sampling,
            resolved: read_text(&root.join("config.resolved.toml"))?,
            data: read_data(root, &config),
            id,
            is_of_checkpoint: !model_in(root).exists(),
            manifest: manifest_of(root)?,
            metrics: metrics_of(root)?,
            metrics_text: read_text(&root.join("metrics.csv"))?,
            summary: read_text(&root.join("summary.json")).ok(),
            config,
            model,
        })
    }
}
