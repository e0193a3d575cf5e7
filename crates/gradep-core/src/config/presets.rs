//! The presets that come with the crate.

use super::{ConfigError, layer::Layer};
use analog_substrate::nearest;

/// Names of the presets: the paper's objective at true equilibria, the published run to the
/// letter, and our choice of schedule.
pub const PRESETS: [&str; 3] = ["paper", "paper-explicit", "best"];

/// The preset that a run starts from unless it names another.
pub const DEFAULT_PRESET: &str = "best";

/// The layers of a preset: `paper` is complete, every other preset is laid over it.
pub(super) fn preset(name: &str) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = vec![reference()];
    match name {
        "paper" => {}
        "paper-explicit" => layers.push(Layer::from_preset(
            "paper-explicit",
            include_str!("../../presets/paper-explicit.toml"),
        )),
        "best" => layers.push(Layer::from_preset(
            "best",
            include_str!("../../presets/best.toml"),
        )),
        _ => {
            return Err(ConfigError::UnknownPreset {
                name: name.to_owned(),
                nearest: nearest(name, PRESETS),
            });
        }
    }
    Ok(layers)
}

/// The complete preset, which also defines what keys there are and of which type.
pub(super) fn reference() -> Layer {
    Layer::from_preset("paper", include_str!("../../presets/paper.toml"))
}
