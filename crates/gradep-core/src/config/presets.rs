//! The presets that come with the crate.

use super::{ConfigError, PRESETS, layer::Layer};
use units::nearest;

/// The layers of a preset: `paper` is complete, every other preset is laid over it, `quick`, `track-h` and `equilibrium` over `best`, and
/// those that learn on a chip over `track-h`.
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
        "track-h" => layers.extend([best(), track_h()]),
        "equilibrium" => layers.extend([
            best(),
            Layer::from_preset(
                "equilibrium",
                include_str!("../../presets/equilibrium.toml"),
            ),
        ]),
        "on-chip-d3" => layers.extend([
            best(),
            track_h(),
            Layer::from_preset("on-chip-d3", include_str!("../../presets/on-chip-d3.toml")),
        ]),
        "adapt-memory" => layers.extend([
            best(),
            track_h(),
            Layer::from_preset(
                "adapt-memory",
                include_str!("../../presets/adapt-memory.toml"),
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

fn track_h() -> Layer {
    Layer::from_preset("track-h", include_str!("../../presets/track-h.toml"))
}

fn best() -> Layer {
    Layer::from_preset("best", include_str!("../../presets/best.toml"))
}

/// The complete preset, which also defines what keys there are and of which type.
pub(super) fn reference() -> Layer {
    Layer::from_preset("paper", include_str!("../../presets/paper.toml"))
}
