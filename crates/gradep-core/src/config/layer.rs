//! One source of configuration values: a flat list of dotted keys, each with its origin.

use super::{ConfigError, Expected, Origin, key_doc};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use toml::{Table, Value, de::DeTable};
use units::{
    nearest,
    printable::unprintable,
    toml_text::{join, key_lines},
};

/// A command-line flag that sets one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    /// As it is typed: `--seed`.
    pub name: &'static str,
    /// The dotted key.
    pub key: &'static str,
    /// Its value.
    pub value: Value,
}

/// Values by dotted key, as one source gives them.
#[derive(Clone, Debug)]
pub(super) struct Layer(pub(super) BTreeMap<String, (Value, Origin)>);

impl Layer {
    /// A preset that is part of the crate.
    pub(super) fn from_preset(name: &'static str, text: &str) -> Self {
        let table = text.parse().expect("the tests parse every preset");
        Self(
            flatten(table)
                .map(|(key, value)| (key, (value, Origin::Preset(name))))
                .collect(),
        )
    }

    /// The text of a TOML file with any subset of the keys; `path` is for messages.
    pub(super) fn from_text(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        };
        let table: Table = text.parse().map_err(syntax)?;
        if let Some(found) = unprintable(&table) {
            return Err(ConfigError::Syntax {
                path: path.to_owned(),
                message: found.to_string(),
            });
        }
        let lines = key_lines(text, DeTable::parse(text).map_err(syntax)?.get_ref());
        let origin = |key: &str| Origin::File {
            path: PathBuf::from(path),
            line: lines.get(key).copied().unwrap_or(1),
        };
        Ok(Self(
            flatten(table)
                .map(|(key, value)| {
                    let origin = origin(&key);
                    (key, (value, origin))
                })
                .collect(),
        ))
    }

    /// One `key=value` override: the value is TOML, or bare text where the key holds text.
    pub(super) fn from_override(text: &str, reference: &Self) -> Result<Self, ConfigError> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(ConfigError::NotAnAssignment {
                text: text.to_owned(),
            });
        };
        let (key, value) = (key.trim(), value.trim());
        let bare = || Value::String(value.to_owned());
        let holds_text = matches!(reference.0.get(key), Some((Value::String(_), _)));
        let value = match value.parse::<Value>() {
            Ok(parsed) if !holds_text || parsed.is_str() => parsed,
            _ => bare(),
        };
        Ok(Self(
            flatten(Table::from_iter([(key.to_owned(), value)]))
                .map(|(key, value)| (key, (value, Origin::Override(text.to_owned()))))
                .collect(),
        ))
    }

    /// Flags that set a key each.
    pub(super) fn from_flags(flags: &[Flag]) -> Self {
        Self(
            flags
                .iter()
                .map(|flag| {
                    let value = (flag.value.clone(), Origin::Flag(flag.name));
                    (flag.key.to_owned(), value)
                })
                .collect(),
        )
    }

    /// Refuses keys that `reference` does not have, and values of another type than there. Known
    /// sections without keys are dropped: they say nothing.
    pub(super) fn checked(mut self, reference: &Self) -> Result<Self, ConfigError> {
        self.0.retain(|key, (value, _)| {
            !(value.as_table().is_some_and(Table::is_empty) && reference.has_section(key))
        });
        for (key, (value, _)) in &mut self.0 {
            // Runs and files from before there were more than two choices.
            if key == "data.label_column"
                && let Value::Boolean(last) = *value
            {
                *value = Value::String(last.to_string());
            }
        }
        for (key, (value, origin)) in &self.0 {
            let Some((pattern, _)) = reference.0.get(key) else {
                return Err(self.unknown(key, origin, reference));
            };
            let is_of_texts =
                key_doc(key).is_some_and(|doc| matches!(doc.expected, Expected::Texts));
            let mismatch = if is_of_texts {
                let texts = value
                    .as_array()
                    .map(|items| items.iter().all(Value::is_str));
                (texts != Some(true)).then_some("a list of texts such as [\"device=pcm\"]")
            } else {
                type_mismatch(value, pattern)
            };
            if let Some(expected) = mismatch {
                return Err(ConfigError::BadValue {
                    origin: origin.clone(),
                    key: key.clone(),
                    value: value.to_string(),
                    expected: expected.to_owned(),
                });
            }
        }
        Ok(self)
    }

    /// Whether some key is in the section `name`.
    pub(super) fn has_section(&self, name: &str) -> bool {
        self.0.keys().any(|key| {
            key.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// The error for a key that does not exist; a section that was given a value is its own case.
    fn unknown(&self, key: &str, origin: &Origin, reference: &Self) -> ConfigError {
        if reference.has_section(key) {
            return ConfigError::BadValue {
                origin: origin.clone(),
                key: key.to_owned(),
                value: self.0[key].0.to_string(),
                expected: format!("keys of the section [{key}]"),
            };
        }
        ConfigError::UnknownKey {
            origin: origin.clone(),
            key: key.to_owned(),
            nearest: nearest(key, reference.0.keys().map(String::as_str)),
        }
    }

    /// Lays `upper` over this layer.
    pub(super) fn overlay(&mut self, upper: Self) {
        self.0.extend(upper.0);
    }

    /// The nested TOML table of all values.
    pub(super) fn to_table(&self) -> Table {
        let mut root = Table::new();
        for (key, (value, _)) in &self.0 {
            let mut table = &mut root;
            let mut rest = key.as_str();
            while let Some((section, tail)) = rest.split_once('.') {
                table = table
                    .entry(section)
                    .or_insert_with(|| Value::Table(Table::new()))
                    .as_table_mut()
                    .expect("no checked key is both a value and a section");
                rest = tail;
            }
            table.insert(rest.to_owned(), value.clone());
        }
        root
    }
}

/// All values of a table by dotted key. A section without keys counts as a value: a misspelt name
/// must not pass unnoticed.
fn flatten(table: Table) -> impl Iterator<Item = (String, Value)> {
    let mut flat = Vec::new();
    collect("", table, &mut flat);
    flat.into_iter()
}

fn collect(prefix: &str, table: Table, flat: &mut Vec<(String, Value)>) {
    for (key, value) in table {
        let key = join(prefix, &key);
        match value {
            Value::Table(inner) if !inner.is_empty() => collect(&key, inner, flat),
            other => flat.push((key, other)),
        }
    }
}

/// What was expected, if `value` cannot stand where `pattern` stands. Whole numbers are numbers.
fn type_mismatch(value: &Value, pattern: &Value) -> Option<&'static str> {
    match (pattern, value) {
        (Value::Integer(_), Value::Integer(0..))
        | (Value::Float(_), Value::Float(_) | Value::Integer(_))
        | (Value::String(_), Value::String(_))
        | (Value::Boolean(_), Value::Boolean(_)) => None,
        (Value::Array(_), Value::Array(items))
            if items.iter().all(|item| matches!(item, Value::Integer(0..))) =>
        {
            None
        }
        (Value::Integer(_), _) => Some("a whole number, 0 or more"),
        (Value::Float(_), _) => Some("a number"),
        (Value::String(_), _) => Some("text"),
        (Value::Boolean(_), _) => Some("true or false"),
        (Value::Array(_), _) => Some("a list of whole numbers such as [64, 128, 128]"),
        (Value::Datetime(_) | Value::Table(_), _) => Some("no value"),
    }
}
