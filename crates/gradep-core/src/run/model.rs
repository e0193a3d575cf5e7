//! The model that a run has come to.

use super::{RunError, newest};
use crate::{
    checkpoint::CheckpointStore,
    config::Config,
    data::ImageShape,
    files::{Model, Stated, TrainedOn},
    run_dir::{checkpoints_in, config_of, manifest_of, model_in},
};
use analog_substrate::{Couplings, chip::ChipMemory, kernels::Real};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Couplings together with what the configuration says about reading velocities from them and about the data.
pub fn trained_model(config: &Config, couplings: Couplings<f32>) -> Model<f32> {
    let pixels = pixels_of(config);
    let shape = ImageShape::of_axes(&config.data.shape).filter(|shape| shape.pixels() == pixels);
    Model {
        couplings,
        activation: config.network.activation(),
        cell: config.network.cell,
        spring_stiffness: config.spring.stiffness,
        output_scale: config.spring.output_scale,
        trained_on: Some(TrainedOn {
            source: config.data.source.clone(),
            shape: shape.unwrap_or_else(|| ImageShape::of_pixels(pixels)),
            beside: config.beside_pixels(),
            objective: config.flow.objective,
            chip: config.chip.in_words(),
        }),
    }
}

/// Visible nodes that are pixels.
fn pixels_of(config: &Config) -> usize {
    let visible = config.network.layers.visible();
    config.beside_pixels().pixels(visible).unwrap_or(visible)
}

/// The configuration of the run in `root` and the model to generate with: `model.safetensors` of a
/// finished run, else that of the newest intact checkpoint, also while another process trains. It always says what it
/// was trained on.
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
        let (mut model, id) = Model::read_identified(&path)?;
        if model.trained_on.is_none() {
            model.trained_on = Some(trained_on(root, &config));
        }
        return Ok((config, model, id));
    }
    let values = if config.chip.is_on() {
        newest_values::<ChipMemory>(root)?
    } else {
        newest_values::<()>(root)?
    };
    let couplings =
        values.and_then(|values| Couplings::from_flat(config.network.topology(), values));
    let couplings = couplings.ok_or_else(|| RunError::NoModel {
        directory: root.to_owned(),
    })?;
    let mut model = Model {
        trained_on: Some(trained_on(root, &config)),
        ..trained_model(&config, couplings)
    };
    model.couplings.floor_visible_leak();
    let id = model.id();
    Ok((config, model, id))
}

/// The couplings to generate with of the newest intact checkpoint of a run on a substrate that remembers this.
fn newest_values<M: DeserializeOwned>(root: &Path) -> Result<Option<Vec<f32>>, RunError> {
    let saved = newest::<M>(&CheckpointStore::new(checkpoints_in(root)))?;
    Ok(saved.map(|saved| {
        let state = saved.payload;
        state.adam.average().unwrap_or(&state.parameters).to_vec()
    }))
}

/// The model in a file, and its identity. Where the file does not say what it was trained on, as files of earlier versions do not,
/// the run in whose folder it lies does.
///
/// # Errors
/// [`RunError::Model`].
pub fn read_model_file(path: &Path) -> Result<(Model<f32>, String), RunError> {
    let (mut model, id) = Model::read_identified(path)?;
    if model.trained_on.is_none() {
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let config = config_of(folder).ok();
        let config = config.filter(|config| config.network.layers == *model.couplings.layers());
        model.trained_on = config.map(|config| trained_on(folder, &config));
    }
    Ok((model, id))
}

/// The model of a run directory, as [`read_model`] finds it, or in a file, in the precision asked for; what is
/// stated of it goes before what it says itself.
///
/// # Errors
/// [`RunError::Model`] of a file, else as [`read_model`].
pub fn read_stated_model<R: Real>(path: &Path, stated: &Stated) -> Result<Model<R>, RunError> {
    if !path.is_dir() {
        return Ok(Model::read_with(path, stated)?);
    }
    let config = config_of(path)?;
    let file = model_in(path);
    if file.exists() {
        let mut model = Model::read_with(&file, stated)?;
        if model.trained_on.is_none() {
            model.trained_on = Some(trained_on(path, &config));
        }
        return Ok(model);
    }
    let (_, model) = read_model(path)?;
    Ok(model.cast().with(stated))
}

/// What the run in `root` is trained on.
fn trained_on(root: &Path, config: &Config) -> TrainedOn {
    let pixels = pixels_of(config);
    let shape = manifest_of(root)
        .ok()
        .and_then(|manifest| manifest.image_shape);
    let shape = shape.and_then(|text| text.parse::<ImageShape>().ok());
    let shape = shape.filter(|shape| shape.pixels() == pixels);
    TrainedOn {
        source: config.data.source.clone(),
        shape: shape.unwrap_or_else(|| ImageShape::of_pixels(pixels)),
        beside: config.beside_pixels(),
        objective: config.flow.objective,
        chip: config.chip.in_words(),
    }
}
