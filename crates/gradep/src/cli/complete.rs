//! What shells offer for values that are names of ours: chips, devices, keys of specs and of
//! configurations. Files are offered beside them where a file will do.

use analog_substrate::{
    device::Device,
    hw_spec::{KEYS, Kind, SHIPPED},
};
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};
use gradep_core::config::{self, Expected};
use std::{collections::BTreeSet, ffi::OsStr};

/// A name with a line of help.
type Named = (String, Option<String>);

/// A chip: a shipped spec or a file.
pub(super) fn chips() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let mut found = matching(typed, chip_names());
        found.extend(PathCompleter::file().complete(typed));
        found
    })
}

/// A device: a shipped one or a file.
pub(super) fn devices() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let mut found = matching(typed, device_names());
        found.extend(PathCompleter::file().complete(typed));
        found
    })
}

/// `key=value` of a spec.
pub(super) fn spec_assignments() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| assignments(typed, spec_keys(), spec_values))
}

/// `key=value` of a configuration.
pub(super) fn config_assignments() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| assignments(typed, config_keys(), config_values))
}

/// A key of a spec.
pub(super) fn keys_of_specs() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| matching(typed, spec_keys()))
}

/// What `gradep chip explain` takes.
pub(super) fn topics_of_chips() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let sections = sections(KEYS.iter().map(|key| key.name));
        let names = chip_names()
            .chain(device_names())
            .chain(sections)
            .chain(spec_keys());
        let mut found = matching(typed, names);
        found.extend(PathCompleter::file().complete(typed));
        found
    })
}

/// What `gradep config explain` takes.
pub(super) fn topics_of_configurations() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let sections = sections(config::KEYS.iter().map(|key| key.key));
        matching(typed, sections.chain(config_keys()))
    })
}

fn chip_names() -> impl Iterator<Item = Named> {
    SHIPPED.iter().map(|spec| (spec.name.to_owned(), None))
}

fn device_names() -> impl Iterator<Item = Named> {
    Device::names().map(|name| (name.to_owned(), None))
}

fn spec_keys() -> impl Iterator<Item = Named> {
    KEYS.iter()
        .map(|key| (key.name.to_owned(), Some(key.meaning.to_owned())))
}

fn config_keys() -> impl Iterator<Item = Named> {
    config::KEYS
        .iter()
        .map(|key| (key.key.to_owned(), Some(key.meaning.to_owned())))
}

/// Names of sections, each once.
fn sections(keys: impl Iterator<Item = &'static str>) -> impl Iterator<Item = Named> {
    let sections: BTreeSet<&str> = keys
        .filter_map(|key| Some(key.split_once('.')?.0))
        .collect();
    sections.into_iter().map(|name| (name.to_owned(), None))
}

/// The values of a key of a spec, where they are names.
fn spec_values(key: &str) -> Vec<String> {
    if key == "device" {
        return Device::names().map(str::to_owned).collect();
    }
    let found = KEYS.iter().find(|known| known.name == key);
    match found.map(|key| key.kind) {
        Some(Kind::Choice { words, none }) => {
            words.iter().chain(&none).map(ToString::to_string).collect()
        }
        Some(Kind::Switch) => vec!["true".to_owned(), "false".to_owned()],
        _ => Vec::new(),
    }
}

/// The values of a key of a configuration, where they are names.
fn config_values(key: &str) -> Vec<String> {
    match config::key_doc(key).map(|key| key.expected) {
        Some(Expected::Choice(names)) => names().iter().map(ToString::to_string).collect(),
        Some(Expected::Switch) => vec!["true".to_owned(), "false".to_owned()],
        _ => Vec::new(),
    }
}

/// Keys up to their `=`; behind it the key's values.
fn assignments(
    typed: &OsStr,
    keys: impl Iterator<Item = Named>,
    values: fn(&str) -> Vec<String>,
) -> Vec<CompletionCandidate> {
    let text = typed.to_str().unwrap_or_default();
    if let Some((key, _)) = text.split_once('=') {
        let whole = values(key).into_iter();
        return matching(typed, whole.map(|value| (format!("{key}={value}"), None)));
    }
    matching(typed, keys.map(|(key, help)| (format!("{key}="), help)))
}

/// Those that begin as what was typed does, in capitals or not.
fn matching(typed: &OsStr, names: impl Iterator<Item = Named>) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str().map(str::to_lowercase) else {
        return Vec::new();
    };
    let found = names.filter(|(name, _)| name.to_lowercase().starts_with(&typed));
    let candidate = |(name, help): Named| CompletionCandidate::new(name).help(help.map(Into::into));
    found.map(candidate).collect()
}
