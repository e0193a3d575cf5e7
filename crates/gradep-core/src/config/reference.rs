//! The reference of all keys of a configuration, as a page of documentation.

use super::{Config, Expected, KEYS, KeyDoc, PRESETS};
use std::{collections::BTreeMap, fmt::Write as _};
use toml::{Table, Value};

/// What stands above the list of keys.
const HEAD: &str = "\
# Configuration: every key

Generated from the list of keys in `gradep-core/src/config/keys`; a test keeps it up to date. To write it anew:
`GRADEP_BLESS=1 cargo test -p gradep-core --lib the_reference`.

A configuration says everything that a training run depends on. It starts from a preset; a TOML file (`--config FILE`), settings
(`-s KEY=VALUE`) and options of their own (`--seed`, `--epochs`) are laid over it, the later over the earlier.
`gradep config show --resolved` prints all keys with their values and where each came from.
";

/// Markdown on every key: meaning, unit, values, and what each preset has.
pub fn reference() -> String {
    let defaults: Vec<_> = PRESETS.iter().map(|&name| values(name)).collect();
    let mut page = HEAD.to_owned();
    let mut section = None;
    for doc in KEYS {
        let own = doc.key.split_once('.').map(|(section, _)| section);
        if own != section {
            section = own;
            let _ = write!(page, "\n## [{}]\n", own.unwrap_or_default());
        }
        write_key(&mut page, doc, &defaults);
    }
    page
}

fn write_key(page: &mut String, doc: &KeyDoc, defaults: &[BTreeMap<String, Value>]) {
    let KeyDoc {
        key,
        unit,
        meaning,
        expected,
    } = doc;
    let _ = write!(page, "\n### `{key}`\n\n{meaning}\n\n- value: {expected}\n");
    if !unit.is_empty() {
        let unit = match (unit, expected) {
            (&"1", Expected::Number(_)) => "none, it is a ratio",
            _ => unit,
        };
        let _ = writeln!(page, "- unit: {unit}");
    }
    let _ = writeln!(page, "- presets: {}", presets(key, defaults));
}

/// The values that presets have of a key, as TOML writes them, each with the presets that have it; nothing where
/// there is no such key.
pub fn in_presets(key: &str) -> Vec<(String, Vec<&'static str>)> {
    let defaults: Vec<_> = PRESETS.iter().map(|&name| values(name)).collect();
    if defaults.iter().any(|values| !values.contains_key(key)) {
        return Vec::new();
    }
    groups(key, &defaults)
}

/// What the presets have, those with the same value together.
fn presets(key: &str, defaults: &[BTreeMap<String, Value>]) -> String {
    let groups = groups(key, defaults);
    if let [(value, _)] = groups.as_slice() {
        return format!("`{value}` in all");
    }
    let told = groups.iter().map(|(value, names)| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("`{value}` in {}", names.join(", "))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn groups(key: &str, defaults: &[BTreeMap<String, Value>]) -> Vec<(String, Vec<&'static str>)> {
    let mut groups: Vec<(String, Vec<&'static str>)> = Vec::new();
    for (name, values) in PRESETS.iter().zip(defaults) {
        let value = values[key].to_string();
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, names)) => names.push(name),
            None => groups.push((value, vec![name])),
        }
    }
    groups
}

/// The values of a preset by dotted key.
fn values(preset: &str) -> BTreeMap<String, Value> {
    let config = Config::preset(preset).expect("a preset that comes with the crate");
    let table = Table::try_from(&config).expect("a configuration is plain data");
    let mut flat = BTreeMap::new();
    for (name, value) in table {
        match value {
            Value::Table(section) => flat.extend(
                section
                    .into_iter()
                    .map(|(key, value)| (format!("{name}.{key}"), value)),
            ),
            value => {
                flat.insert(name, value);
            }
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, fs, path::Path};

    /// `docs/reference/configuration.md` is what the list says. With `GRADEP_BLESS` set it is written anew.
    #[test]
    fn the_reference_is_up_to_date() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/configuration.md");
        if env::var_os("GRADEP_BLESS").is_some() {
            fs::write(&path, reference()).unwrap();
        }
        let page = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            page == reference(),
            "docs/reference/configuration.md is out of date"
        );
    }

    #[test]
    fn presets_that_agree_stand_together() {
        let page = reference();
        assert!(page.contains("- presets: `15.0` in all\n"), "{page}");
        let batch =
            "`0` in `paper`, `paper-explicit`; `449` in `best`, `quick`; `128` in `track-h`";
        assert!(page.contains(batch), "{page}");
    }
}
