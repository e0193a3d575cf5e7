//! From what was asked for to a complete configuration.

use super::{
    Config, ConfigError, Origin, choice_name,
    flow::OBJECTIVE_KEYS,
    layer::Flag,
    layer::Layer,
    on_chip,
    presets::{preset, reference},
};
use crate::{data::look, objective::ObjectiveKind};
use analog_substrate::Cell;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};
use toml::Value;
use units::{printable::printable, toml_text::read_text};

/// What a user asked for: a preset and what changes it, in rising order of precedence.
///
/// ```
/// use gradep_core::config::Request;
///
/// let request = Request {
///     overrides: vec!["training.epochs=7".to_owned()],
///     ..Request::default()
/// };
/// let resolved = request.resolve()?;
/// assert_eq!(resolved.config.training.epochs, 7);
/// assert_eq!(resolved.origins["training.epochs"].to_string(), "override training.epochs=7");
/// # Ok::<(), gradep_core::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// One of [`PRESETS`](super::PRESETS).
    pub preset: String,
    /// A TOML file with any subset of the keys.
    pub file: Option<PathBuf>,
    /// Overrides `key=value`; a later one wins.
    pub overrides: Vec<String>,
    /// Flags that set a key each.
    pub flags: Vec<Flag>,
}

/// A complete, valid configuration and where each value came from.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The configuration.
    pub config: Config,
    /// The layer that set each dotted key.
    pub origins: BTreeMap<String, Origin>,
    /// What was given: the text of the configuration file under comments that name the preset,
    /// the overrides and the flags. Valid TOML.
    pub given: String,
}

impl Default for Request {
    /// The default preset and nothing else.
    fn default() -> Self {
        Self {
            preset: super::DEFAULT_PRESET.to_owned(),
            file: None,
            overrides: Vec::new(),
            flags: Vec::new(),
        }
    }
}

impl Request {
    /// Lays the layers over each other, checks every key, type and range.
    ///
    /// # Errors
    /// [`ConfigError`] names the layer (file and line, override or flag), the key, the value and
    /// what was expected.
    pub fn resolve(&self) -> Result<Resolved, ConfigError> {
        let reference = reference();
        let mut layers = preset(&self.preset)?;
        let mut text = String::new();
        if let Some(path) = &self.file {
            text = read(path)?;
            layers.push(Layer::from_text(path, &text)?);
        }
        let (own, of_the_chip) = on_chip::divide(&self.overrides, &reference);
        for assignment in own {
            layers.push(Layer::from_override(assignment, &reference)?);
        }
        layers.push(Layer::from_flags(&self.flags));

        let mut merged = Layer(BTreeMap::new());
        let has_chip = on_chip::is_asked(&layers);
        for layer in layers {
            let checked = layer.checked(&reference);
            merged.overlay(checked.map_err(|error| on_chip::named(error, has_chip))?);
        }
        on_chip::set(&mut merged, &of_the_chip)?;
        fit_data(&mut merged)?;
        fit_beside_pixels(&mut merged);
        fit_activation(&mut merged);
        fit_warmup(&mut merged);
        fit_objective(&mut merged);
        on_chip::fit(&mut merged)?;
        let config = typed(&merged)?;
        let origins = merged
            .0
            .into_iter()
            .map(|(key, (_, origin))| (key, origin))
            .collect();
        Ok(Resolved {
            config,
            origins,
            given: self.describe(&text),
        })
    }

    /// Lays overrides and flags over a complete configuration.
    ///
    /// # Errors
    /// As [`resolve`](Self::resolve).
    pub fn over(&self, config: &Config) -> Result<Config, ConfigError> {
        let reference = reference();
        let mut merged = Layer::from_text(Path::new("config.resolved.toml"), &config.to_toml())?;
        let (own, of_the_chip) = on_chip::divide(&self.overrides, &reference);
        for assignment in own {
            merged.overlay(Layer::from_override(assignment, &reference)?.checked(&reference)?);
        }
        merged.overlay(Layer::from_flags(&self.flags).checked(&reference)?);
        on_chip::set(&mut merged, &of_the_chip)?;
        typed(&merged)
    }

    /// The text of the configuration file under comments that say what else was given.
    fn describe(&self, file_text: &str) -> String {
        let mut given = format!("# preset: {}\n", self.preset);
        for assignment in &self.overrides {
            // One line each: a comment must not turn into keys.
            let _ = writeln!(given, "# override: {}", printable(assignment));
        }
        for flag in &self.flags {
            let _ = writeln!(given, "# flag: {} {}", flag.name, flag.value);
        }
        given.push_str(file_text);
        given
    }
}

impl Config {
    /// One of [`PRESETS`](super::PRESETS), unchanged.
    ///
    /// # Errors
    /// [`ConfigError::UnknownPreset`].
    pub fn preset(name: &str) -> Result<Self, ConfigError> {
        let request = Request {
            preset: name.to_owned(),
            ..Request::default()
        };
        Ok(request.resolve()?.config)
    }

    /// Reads a complete configuration, such as a run directory's `config.resolved.toml`.
    ///
    /// # Errors
    /// As [`Request::resolve`]; a key that is missing is an error, not a default, but for those that
    /// came later than the first runs, such as `data.shape` and `network.cell`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let reference = reference();
        let text = read(path)?;
        let layer = Layer::from_text(path, &text)?.checked(&reference)?;
        let came_later = |key: &str| LATER_KEYS.contains(&key) || OBJECTIVE_KEYS.contains(&key);
        let missing = |key: &&String| !layer.0.contains_key(*key) && !came_later(key);
        if let Some(key) = reference.0.keys().find(missing) {
            return Err(ConfigError::Incomplete {
                path: path.to_owned(),
                key: key.clone(),
            });
        }
        typed(&layer)
    }
}

/// Keys that complete configurations of earlier versions lack, beside [`OBJECTIVE_KEYS`].
const LATER_KEYS: &[&str] = &[
    "data.labels",
    "data.shape",
    "data.held_out",
    "data.label_nodes",
    "held.nodes",
    "held.share",
    "held.copies",
    "contrast.weight",
    "contrast.from",
    "contrast.start",
    "contrast.flow_until",
    "contrast.steps",
    "contrast.step",
    "contrast.temperature",
    "chip.spec",
    "chip.set",
    "chip.number",
    "chip.seed",
    "chip.free",
    "chip.nudged",
    "chip.step",
    "chip.headroom",
    "network.cell",
    "network.initial_bias",
    "network.visible_leak",
    "optimiser.learn",
    "sampling.stop_below",
    "sampling.temperature",
    "sampling.cool_until",
    "sampling.tolerance",
];

/// The flag with which data say by themselves what a preset says of its own.
pub const DATA_FLAG: &str = "--data";

/// Keys by which visible nodes become more than there are pixels.
pub(crate) const BESIDE_PIXELS: [&str; 2] = ["data.label_nodes", "held.copies"];

/// Where the data were named by [`DATA_FLAG`], gives their range and their number of pixels to what no more than
/// a preset has chosen otherwise.
fn fit_data(merged: &mut Layer) -> Result<(), ConfigError> {
    if merged.0["data.source"].1 != Origin::Flag(DATA_FLAG) {
        return Ok(());
    }
    let data = merged.to_table().remove("data").map(Value::try_into);
    // What is no configuration of data is refused with its key later.
    let Some(Ok(data)) = data else {
        return Ok(());
    };
    let found = look(&data)?;
    let (low, high) = found.values.range();
    imply(merged, "data.low", Value::Float(low));
    imply(merged, "data.high", Value::Float(high));
    let pixels = i64::try_from(found.shape.pixels()).unwrap_or(i64::MAX);
    if let Value::Array(mut layers) = merged.0["network.layers"].0.clone()
        && let Some(visible) = layers.first_mut()
    {
        *visible = Value::Integer(pixels);
        imply(merged, "network.layers", Value::Array(layers));
    }
    Ok(())
}

/// Adds label nodes and copies to visible nodes that nobody has set: those of a preset, or of the data's pixels.
fn fit_beside_pixels(merged: &mut Layer) {
    let labels = merged.0["data.label_nodes"].0.as_integer().unwrap_or(0);
    let copies = merged.0["held.copies"].0.as_bool().unwrap_or(false);
    let [label_key, copies_key] = BESIDE_PIXELS;
    if let Some((Value::Array(layers), origin @ (Origin::Preset(_) | Origin::Implied(_)))) =
        merged.0.get_mut("network.layers")
        && let Some(Value::Integer(visible)) = layers.first_mut()
        && (labels > 0 || copies)
    {
        let pixels = *visible;
        let of_copies = if copies { pixels } else { 0 };
        *visible = pixels
            .saturating_add(labels.max(0))
            .saturating_add(of_copies);
        *origin = Origin::Implied(if copies { copies_key } else { label_key });
    }
}

/// Sets a key that no more than a preset has set.
fn imply(merged: &mut Layer, key: &str, value: Value) {
    if let Some((old, origin @ Origin::Preset(_))) = merged.0.get_mut(key) {
        *old = value;
        *origin = Origin::Implied(DATA_FLAG);
    }
}

/// Gives hopfield and resistive cells [`Config::MONOTONE_ACTIVATION`] where no more than a preset has
/// chosen another: SiLU has no inverse, and hopfield cells that learn with it stray among many fixed
/// points.
fn fit_activation(merged: &mut Layer) {
    let cell = &merged.0["network.cell"].0;
    let by = if *cell == Value::from(choice_name(&Cell::Resistive)) {
        "network.cell = \"resistive\""
    } else if *cell == Value::from(choice_name(&Cell::Hopfield)) {
        "network.cell = \"hopfield\""
    } else {
        return;
    };
    if let Some((value, origin @ Origin::Preset(_))) = merged.0.get_mut("network.activation") {
        *value = Value::from(choice_name(&Config::MONOTONE_ACTIVATION));
        *origin = Origin::Implied(by);
    }
}

/// Shortens a preset's warm-up that is not shorter than the run to a tenth of it: the learning rate would
/// not reach its peak, and next to nothing would be learned.
fn fit_warmup(merged: &mut Layer) {
    let Some(epochs) = merged.0["training.epochs"].0.as_integer() else {
        return;
    };
    if let Some((value, origin @ Origin::Preset(_))) = merged.0.get_mut("optimiser.warmup_epochs")
        && value
            .as_integer()
            .is_some_and(|warmup| 0 < warmup && epochs <= warmup)
    {
        *value = Value::Integer((epochs / 10).max(1));
        *origin = Origin::Implied("training.epochs");
    }
}

/// Lets a flow of Equilibrium Matching go on until it is at rest, and the share of late times be what it begins with, where
/// no more than a preset has chosen otherwise.
fn fit_objective(merged: &mut Layer) {
    let equilibrium = ObjectiveKind::EquilibriumMatching;
    if merged.0["flow.objective"].0 == Value::from(choice_name(&equilibrium))
        && let Some(rest) = equilibrium.rest()
        && let Some((until, origin @ Origin::Preset(_))) = merged.0.get_mut("sampling.until")
    {
        *until = Value::Float(rest);
        *origin = Origin::Implied("flow.objective");
    }
    let (share, by) = merged.0["flow.late_share"].clone();
    if !matches!(by, Origin::Preset(_))
        && let Some((end, origin @ Origin::Preset(_))) = merged.0.get_mut("flow.late_share_end")
        // A preset that has late times says by itself where they go.
        && *end == Value::Float(0.0)
    {
        *end = share;
        *origin = Origin::Implied("flow.late_share");
    }
}

/// The text of a configuration file.
fn read(path: &Path) -> Result<String, ConfigError> {
    read_text(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })
}

/// The typed and validated configuration of a complete layer.
fn typed(layer: &Layer) -> Result<Config, ConfigError> {
    let config: Config = serde_path_to_error::deserialize(layer.to_table()).map_err(|error| {
        let key = error.path().to_string();
        // The path of an enum ends in the variant, that of a list in the index: the key is the
        // longest known part.
        let known = layer
            .0
            .iter()
            .filter(|(known, _)| key.starts_with(known.as_str()))
            .max_by_key(|(known, _)| known.len());
        let (key, (value, origin)) = known.expect("every leaf of the table came from the layer");
        let message = error.inner().message();
        let expected = message.split_once("expected ").map_or(message, |(_, e)| e);
        ConfigError::BadValue {
            origin: origin.clone(),
            key: key.clone(),
            value: value.to_string(),
            expected: expected.to_owned(),
        }
    })?;
    config.validate().map_err(|problem| ConfigError::Invalid {
        origin: layer.0[problem.key()].1.clone(),
        problem,
    })?;
    Ok(config)
}

#[cfg(test)]
mod tests;
