//! What a configuration takes from the chip that it names: settings of the spec, and what the chip asks for.

use super::{ChipConfig, ConfigError, Origin, choice_name, layer::Layer};
use crate::{config::InvalidSamples, gradep::range_above};
use analog_substrate::{NudgeKind, hw_spec::KEYS};
use toml::Value;
use units::nearest;

/// Who asks for what a chip needs.
const BY: &str = "chip.spec";

/// β of a tilt on a chip, so strong that every sample is nudged as far as `nudge.linear_range` lets it.
const BETA: f64 = 1.0;

/// Overrides of the configuration, and those of the spec of its chip: what is no key of a configuration and is in a section of specs alone, or is
/// a key of theirs in the one section that both have.
pub(super) fn divide<'a>(
    overrides: &'a [String],
    reference: &Layer,
) -> (Vec<&'a String>, Vec<&'a String>) {
    let of_the_chip = |text: &&String| {
        let key = text.split('=').next().unwrap_or_default().trim();
        let is_shared = reference.has_section(first(key));
        !reference.0.contains_key(key) && (is_known(key) || (!is_shared && is_of_specs(key)))
    };
    overrides.iter().partition(|text| !of_the_chip(text))
}

fn first(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

/// Whether specs have this key, or a key that this is a field of.
fn is_known(key: &str) -> bool {
    let parent = key.rsplit_once('.').map_or(key, |(parent, _)| parent);
    ["device", "chip.only"].contains(&key)
        || KEYS.iter().any(|known| [key, parent].contains(&known.name))
}

/// Whether the section of a key is one of hardware specs.
fn is_of_specs(key: &str) -> bool {
    KEYS.iter().any(|known| first(known.name) == first(key))
}

/// Whether a layer names a chip.
pub(super) fn is_asked(layers: &[Layer]) -> bool {
    let named = layers.iter().filter_map(|layer| layer.0.get("chip.spec"));
    let last = named.rev().find_map(|(value, _)| value.as_str());
    last.is_some_and(|spec| !spec.is_empty())
}

/// The error for an unknown key, which could have been meant for the chip if there is one.
pub(super) fn named(error: ConfigError, has_chip: bool) -> ConfigError {
    match error {
        ConfigError::UnknownKey {
            origin,
            key,
            nearest: of_configurations,
        } if has_chip => ConfigError::UnknownOnChip {
            origin,
            nearest_of_chips: nearest(&key, KEYS.iter().map(|known| known.name)),
            nearest: of_configurations,
            key,
        },
        error => error,
    }
}

/// Adds settings of the spec to `chip.set`.
///
/// # Errors
/// [`ConfigError::OfAChip`] where there is no chip.
pub(super) fn set(merged: &mut Layer, overrides: &[&String]) -> Result<(), ConfigError> {
    let Some(last) = overrides.last() else {
        return Ok(());
    };
    let spec = merged.0.get("chip.spec").map(|(value, _)| value);
    if spec.and_then(Value::as_str).is_none_or(str::is_empty) {
        let text = overrides[0];
        return Err(ConfigError::OfAChip {
            origin: Origin::Override(text.clone()),
            key: text.split('=').next().unwrap_or_default().trim().to_owned(),
        });
    }
    if let Some((Value::Array(all), origin)) = merged.0.get_mut("chip.set") {
        all.extend(overrides.iter().map(|&text| Value::from(text.clone())));
        *origin = Origin::Override((*last).clone());
    } else {
        let all = overrides.iter().map(|&text| Value::from(text.clone()));
        let value = (
            Value::Array(all.collect()),
            Origin::Override((*last).clone()),
        );
        merged.0.insert("chip.set".to_owned(), value);
    }
    Ok(())
}

/// What a chip asks for where no more than a preset has said otherwise: a tilt that it can tell from its noise, and that every sample
/// is learned from, since thermal noise keeps all of them from rest.
///
/// # Errors
/// [`ConfigError::Chip`] where the spec cannot be read.
pub(super) fn fit(merged: &mut Layer) -> Result<(), ConfigError> {
    let chip = merged.to_table().remove("chip").map(Value::try_into);
    // What is no chip is refused with its key later.
    let Some(Ok(chip)) = chip else {
        return Ok(());
    };
    let chip: ChipConfig = chip;
    let Some(spec) = chip.resolve()? else {
        return Ok(());
    };
    if merged.0["nudge.kind"].0 == Value::from(choice_name(&NudgeKind::Tilt)) {
        let range = range_above(spec.design().resolution());
        imply(merged, "nudge.linear_range", Value::Float(range));
        imply(merged, "nudge.beta", Value::Float(BETA));
    }
    let design = spec.design();
    if design
        .arrays
        .is_some_and(|arrays| arrays.update.is_kept_in_devices())
    {
        // Pulses leave the model in the devices: an average of what was asked of them is nowhere.
        imply(merged, "optimiser.ema_decay", Value::Float(0.0));
    }
    let include = choice_name(&InvalidSamples::Include);
    imply(merged, "training.invalid_samples", include.into());
    imply(merged, "training.max_unsettled", Value::Float(1.0));
    Ok(())
}

fn imply(merged: &mut Layer, key: &str, value: Value) {
    if let Some((old, origin @ Origin::Preset(_))) = merged.0.get_mut(key) {
        *old = value;
        *origin = Origin::Implied(BY);
    }
}
