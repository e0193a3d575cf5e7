//! Where each value of a device is from.

use super::Device;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// How values of a device are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Known {
    Measured,
    Fitted,
    Derived,
    Assumed,
    Extrapolated,
}

impl Known {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Fitted => "fitted",
            Self::Derived => "derived",
            Self::Assumed => "assumed",
            Self::Extrapolated => "extrapolated",
        }
    }
}

/// An entry of `[provenance]`: for a value, or for all below a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provenance {
    evidence: Known,
    source: String,
}

/// What is no value of the device.
const TEXT: [&str; 8] = [
    "name",
    "summary",
    "evidence",
    "sources",
    "alternative",
    "leaves_out",
    "golden",
    "provenance",
];

/// Dotted names of all values of a device file.
pub(super) fn value_names(table: &Table) -> Vec<String> {
    let mut names = Vec::new();
    for (key, value) in table
        .iter()
        .filter(|(key, _)| !TEXT.contains(&key.as_str()))
    {
        match value {
            Value::Table(section) => {
                names.extend(section.keys().map(|inner| format!("{key}.{inner}")));
            }
            _ => names.push(key.clone()),
        }
    }
    names
}

impl Device {
    /// Evidence and source of a value, `section.key`, or of its section.
    pub fn provenance(&self, name: &str) -> Option<(&'static str, &str)> {
        let section = name.split('.').next().unwrap_or_default();
        let entry = [name, section]
            .iter()
            .find_map(|name| self.provenance.get(*name))?;
        Some((entry.evidence.name(), &entry.source))
    }

    /// Dotted names of all values of its file.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Values of its file that say neither where they are from nor how well they are known.
    pub fn unexplained(&self) -> Vec<&str> {
        let names = self.values.iter().map(String::as_str);
        names
            .filter(|name| self.provenance(name).is_none())
            .collect()
    }

    /// The first entry of `[provenance]` that is about nothing in the file.
    pub(super) fn stray_provenance(&self) -> Option<&str> {
        let is_known = |name: &str| {
            self.values
                .iter()
                .any(|value| value == name || value.split('.').next() == Some(name))
        };
        self.provenance
            .keys()
            .map(String::as_str)
            .find(|name| !is_known(name))
    }
}
