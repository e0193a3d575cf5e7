//! Where each value of a device is from.

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
    pub(super) evidence: Known,
    pub(super) source: String,
}

/// What is no value of the device.
const TEXT: &[&str] = &[
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
