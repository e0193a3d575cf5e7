//! The model that a run has come to.

use super::{RunError, newest};
use crate::{
    checkpoint::CheckpointStore,
    config::Config,
    files::Model,
    run_dir::{checkpoints_in, config_of, model_in},
};
use analog_substrate::Couplings;
use std::path::Path;

/// Couplings together with what the configuration says about reading velocities from them.
pub fn trained_model(config: &Config, couplings: Couplings<f32>) -> Model<f32> {
    Model {
        couplings,
        activation: config.network.activation(),
        cell: config.network.cell,
        spring_stiffness: config.spring.stiffness,
        output_scale: config.spring.output_scale,
    }
}

/// The configuration of the run in `root` and the model to generate with: `model.safetensors` of a
/// finished run, else that of the newest intact checkpoint, also while another process trains.
///
/// # Errors
/// [`RunError::NoModel`]; [`RunError::Directory`], [`RunError::Model`], [`RunError::Checkpoint`].
pub fn read_model(root: &Path) -> Result<(Config, Model<f32>), RunError> {
    let (config, model, _) = read_identified_model(root)?;
    Ok((config, model))
}

/// [`read_model`] with the identity of the model.
///
/// # Errors
/// As [`read_model`].
pub fn read_identified_model(root: &Path) -> Result<(Config, Model<f32>, String), RunError> {
    let config = config_of(root)?;
    let path = model_in(root);
    if path.exists() {
        let (model, id) = Model::read_identified(&path)?;
        return Ok((config, model, id));
    }
    let saved = newest(&CheckpointStore::new(checkpoints_in(root)))?;
    let couplings = saved.and_then(|saved| {
        let state = saved.payload;
        let values = state.adam.average().unwrap_or(&state.parameters).to_vec();
        Couplings::from_flat(config.network.layers.clone(), values)
    });
    let couplings = couplings.ok_or_else(|| RunError::NoModel {
        directory: root.to_owned(),
    })?;
    let model = trained_model(&config, couplings);
    let id = model.id();
    Ok((config, model, id))
}
