//! The presets that come with the crate.

use super::{ConfigError, layer::Layer};
use units::nearest;

/// Names of the presets: the paper's objective at true equilibria, the published run to the
/// letter, our choice of schedule, and the latter for the half of the digits that the other half judges.
pub const PRESETS: [&str; 4] = ["paper", "paper-explicit", "best", "track-h"];

/// The preset that a run starts from unless it names another.
pub const DEFAULT_PRESET: &str = "best";

/// The layers of a preset: `paper` is complete, every other preset is laid over it, `track-h` over `best`.
pub(super) fn preset(name: &str) -> Result<Vec<Layer>, ConfigError> {
    let mut layers = vec![reference()];
    match name {
        "paper" => {}
        "paper-explicit" => layers.push(Layer::from_preset(
            "paper-explicit",
            include_str!("../../presets/paper-explicit.toml"),
        )),
        "best" => layers.push(best()),
        "track-h" => layers.extend([
            best(),
            Layer::from_preset("track-h", include_str!("../../presets/track-h.toml")),
        ]),
        _ => {
            return Err(ConfigError::UnknownPreset {
                name: name.to_owned(),
                nearest: nearest(name, PRESETS),
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
