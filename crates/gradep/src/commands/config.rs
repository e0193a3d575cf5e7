//! `gradep config`.

use crate::{
    Exit,
    cli::ConfigShowArgs,
    console,
    failure::{Failure, Result},
};
use gradep_core::config::Resolved;
use serde_json::{Map, Value, json};
use std::io::Write as _;

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
