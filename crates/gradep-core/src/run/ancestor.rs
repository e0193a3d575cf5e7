//! A model that a run begins from.

use super::{RunError, read_identified_model, read_model_file};
use crate::{
    config::{Config, choice_name},
    files::Model,
    run_dir::{Origin, is_run},
};
use std::{fs, path::Path};

/// A model that a run begins from instead of random couplings.
#[derive(Clone, Debug, PartialEq)]
pub struct Ancestor {
    /// The model: of the same network as the run's.
    pub model: Model<f32>,
    /// Where it is from.
    pub origin: Origin,
}

/// The model in a run directory or in a file, and where it is from.
///
/// # Errors
/// Those of [`read_identified_model`] and [`read_model_file`].
pub fn read_ancestor(path: &Path) -> Result<Ancestor, RunError> {
    let (model, id) = if is_run(path) {
        let (_, model, id) = read_identified_model(path)?;
        (model, id)
    } else {
        read_model_file(path)?
    };
    let origin = Origin {
        path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        model: id,
        trained_on: model.trained_on.as_ref().map(|data| data.source.clone()),
    };
    Ok(Ancestor { model, origin })
}

/// Refuses a model of another network than the configuration's: its couplings mean something else there.
pub(super) fn check(model: &Model<f32>, origin: &Origin, config: &Config) -> Result<(), RunError> {
    let (network, spring) = (&config.network, &config.spring);
    let clamp = model.activation.clamp.unwrap_or(0.0);
    let named = |key: &str, value: String, asked: String| {
        (value != asked).then(|| format!("-s {key}={value} (asked: {asked})"))
    };
    let sizes =
        |layers: &analog_substrate::Layers| format!("{:?}", layers.sizes()).replace(' ', "");
    let differing: Vec<String> = [
        named(
            "network.layers",
            sizes(model.couplings.layers()),
            sizes(&network.layers),
        ),
        named(
            "network.visible_leak",
            model.couplings.topology().has_visible_leak().to_string(),
            network.visible_leak.to_string(),
        ),
        named(
            "network.cell",
            choice_name(&model.cell),
            choice_name(&network.cell),
        ),
        named(
            "network.activation",
            choice_name(&model.activation.kind),
            choice_name(&network.activation),
        ),
        named(
            "network.clamp",
            clamp.to_string(),
            network.clamp.to_string(),
        ),
        named(
            "spring.stiffness",
            model.spring_stiffness.to_string(),
            spring.stiffness.to_string(),
        ),
        named(
            "spring.output_scale",
            model.output_scale.to_string(),
            spring.output_scale.to_string(),
        ),
    ]
    .into_iter()
    .flatten()
    .collect();
    if differing.is_empty() {
        return Ok(());
    }
    Err(RunError::OtherNetwork {
        path: origin.path.clone(),
        differing: differing.join(", "),
    })
}
