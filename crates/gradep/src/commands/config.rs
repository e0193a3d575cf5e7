//! `gradep config`.

use super::print_json;
use crate::{
    Exit,
    cli::{ConfigExplainArgs, ConfigShowArgs},
    console,
    failure::{Failure, Result, Usage, ensure},
};
use gradep_core::config::{KEYS, KeyDoc, Resolved, in_presets};
use serde_json::{Map, Value, json};
use std::io::Write as _;
use units::nearest;

/// Prints the complete configuration, as TOML or JSON.
pub(super) fn show(arguments: &ConfigShowArgs) -> Result<Exit> {
    let resolved = arguments.config.request().resolve()?;
    for idle in resolved.idle() {
        tracing::warn!("{idle}");
    }
    let text = match (arguments.json, arguments.resolved) {
        (true, with_origins) => to_json(&resolved, with_origins)?,
        (false, true) => resolved.to_annotated_toml(),
        (false, false) => resolved.config.to_toml(),
    };
    console::document().write_all(text.as_bytes())?;
    Ok(Exit::Success)
}

/// Prints what keys mean.
pub(super) fn explain(arguments: &ConfigExplainArgs) -> Result<Exit> {
    let mut asked: Vec<&str> = Vec::new();
    for word in &arguments.topics {
        let named = keys_of(word);
        ensure!(!named.is_empty(), unknown(word));
        asked.extend(named);
    }
    let is_asked = |key: &&KeyDoc| asked.is_empty() || asked.contains(&key.key);
    let keys: Vec<&KeyDoc> = KEYS.iter().filter(is_asked).collect();
    if arguments.json {
        let keys: Vec<Value> = keys.into_iter().map(explained).collect();
        print_json(&json!({"schema": 1, "keys": keys}))?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    for key in keys {
        writeln!(out, "{}\n  {}", key.key, key.meaning)?;
        writeln!(out, "  expected  {}", key.expected)?;
        if !key.unit.is_empty() {
            writeln!(out, "  unit      {}", key.unit)?;
        }
        for (value, presets) in in_presets(key.key) {
            writeln!(out, "  {value} in {}", presets.join(", "))?;
        }
        writeln!(out)?;
    }
    Ok(Exit::Success)
}

/// The key of a name, or the keys of a section.
fn keys_of(word: &str) -> Vec<&'static str> {
    let is_in = |key: &str| {
        key.split_once('.')
            .is_some_and(|(section, _)| section == word)
    };
    let names = KEYS.iter().map(|key| key.key);
    names.filter(|key| *key == word || is_in(key)).collect()
}

fn unknown(word: &str) -> Usage {
    let sections = KEYS
        .iter()
        .filter_map(|key| Some(key.key.split_once('.')?.0));
    let names = sections.chain(KEYS.iter().map(|key| key.key));
    let meant = nearest(word, names);
    let meant = meant.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Usage(format!(
        "`{word}` is neither a section nor a key of a configuration{meant}"
    ))
}

fn explained(key: &KeyDoc) -> Value {
    let presets = in_presets(key.key).into_iter();
    let presets: Vec<Value> = presets
        .map(|(value, presets)| json!({"value": value, "presets": presets}))
        .collect();
    json!({
        "key": key.key,
        "meaning": key.meaning,
        "expected": key.expected.to_string(),
        "unit": key.unit,
        "presets": presets,
    })
}

/// One JSON document: configuration, its hash and, if asked for, the origin of each key.
fn to_json(resolved: &Resolved, with_origins: bool) -> Result<String> {
    let mut document = json!({
        "schema": 1,
        "hash": resolved.config.hash(),
        "config": resolved.config,
    });
    if with_origins {
        document["origins"] = resolved
            .origins
            .iter()
            .map(|(key, origin)| (key.clone(), Value::from(origin.to_string())))
            .collect::<Map<_, _>>()
            .into();
    }
    let text = serde_json::to_string_pretty(&document).map_err(Failure::of_the_machine)?;
    Ok(format!("{text}\n"))
}
