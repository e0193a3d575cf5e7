//! The presets that come with the crate.

use super::{ConfigError, PRESETS, layer::Layer};
use units::nearest;

/// The layers of a preset: `paper` is complete, every other preset is laid over it, `quick`, `track-h` and
/// `equilibrium` over `best`.
pub(super) fn preset(name: &str) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = vec![reference()];
    match name {
        "paper" => {}
        "paper-explicit" => layers.push(Layer::from_preset(
            "paper-explicit",
            include_str!("../../presets/paper-explicit.toml"),
        )),
        "best" => layers.push(best()),
        "quick" => layers.extend([
            best(),
            Layer::from_preset("quick", include_str!("../../presets/quick.toml")),
        ]),
        "track-h" => layers.extend([
            best(),
            Layer::from_preset("track-h", include_str!("../../presets/track-h.toml")),
        ]),
        "equilibrium" => layers.extend([
            best(),
            Layer::from_preset(
                "equilibrium",
                include_str!("../../presets/equilibrium.toml"),
            ),
        ]),
        _ => {
            return Err(ConfigError::UnknownPreset {
                name: name.to_owned(),
                nearest: nearest(name, PRESETS.iter().copied()),
            });
        }
    }
    Ok(layers)
}

fn best() -> Layer {
    Layer::from_preset("best", include_str!("../../presets/best.toml"))
}

/// The complete preset, which also defines what keys there are and of which type.
pub(super) fn reference() -> Layer {
    Layer::from_preset("paper", include_str!("../../presets/paper.toml"))
}
