//! What a spec says about one key.

use super::{Key, Kind, Origin, Problem, SpecError};
use crate::{chip::Shape, wires::Segments};
use serde::{Deserialize, Serialize};
use toml::Value;
use units::{Quantity, QuantityError, Unit, nearest};

/// The nominal value of a key.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A number, in the key's unit without prefix.
    Number(f64),
    /// A whole number.
    Count(u32),
    /// One of the key's words.
    Word(&'static str),
    /// On or off.
    Switch(bool),
    /// None, by the key's word for it.
    None,
}

/// How well a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// Measured on hardware.
    Measured,
    /// Fitted to measurements.
    Fitted,
    /// Computed from other values.
    Derived,
    /// Chosen, or usual for the technology.
    Assumed,
}

impl Evidence {
    /// The name, as specs write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Fitted => "fitted",
            Self::Derived => "derived",
            Self::Assumed => "assumed",
        }
    }
}

/// A standard deviation, as it was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Spread {
    /// A share of the nominal value.
    Share(f64),
    /// In the key's unit.
    Absolute(f64),
}

/// What a spec, or a chain of specs, says about one key. What is not said is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) setting: Option<(Setting, Origin)>,
    pub(super) spread: Option<(Spread, Origin)>,
    pub(super) law: Option<(Shape, Origin)>,
    pub(super) range: Option<((f64, f64), Origin)>,
    pub(super) source: Option<String>,
    pub(super) evidence: Option<Evidence>,
    /// The spec that the nominal value was inherited from.
    pub(super) inherited_from: Option<String>,
}

/// The fields of a value that is given as a table.
const FIELDS: &[&str] = &["value", "spread", "law", "range", "source", "evidence"];

impl Entry {
    /// Reads what stands behind a key: a bare value, or a table of [`FIELDS`].
    pub(super) fn parse(
        key: &'static Key,
        value: &Value,
        origin: &Origin,
    ) -> Result<Self, SpecError> {
        let mut entry = Self::default();
        let Some(fields) = value.as_table() else {
            entry.setting = Some((setting(key, key.name, value, origin)?, origin.clone()));
            return Ok(entry);
        };
        if fields.is_empty() {
            return Err(bad(key.name, value, origin, expected(key.kind.expected())));
        }
        for (field, value) in fields {
            entry.read_field(key, field, value, origin)?;
        }
        Ok(entry)
    }

    fn read_field(
        &mut self,
        key: &'static Key,
        field: &str,
        value: &Value,
        origin: &Origin,
    ) -> Result<(), SpecError> {
        let name = format!("{}.{field}", key.name);
        let refuse = |problem| Err(bad(&name, value, origin, problem));
        let place = || origin.clone();
        match field {
            "value" => self.setting = Some((setting(key, &name, value, origin)?, place())),
            "spread" if !key.kind.is_distributed() => {
                return refuse(Problem::NotDistributed { field: "spread" });
            }
            "law" if !key.kind.is_distributed() => {
                return refuse(Problem::NotDistributed { field: "law" });
            }
            "spread" => self.spread = Some((spread(key, &name, value, origin)?, place())),
            "law" => {
                let Ok(law) = Shape::deserialize(value.clone()) else {
                    let laws = "\"normal\", \"log-normal\" or \"uniform\"";
                    return refuse(expected(laws.to_owned()));
                };
                self.law = Some((law, place()));
            }
            "range" => self.range = Some((range(key, &name, value, origin)?, place())),
            "source" => match value.as_str() {
                Some(text) if !text.trim().is_empty() => self.source = Some(text.to_owned()),
                _ => return refuse(expected("text that says where the value is from".into())),
            },
            "evidence" => {
                let Ok(evidence) = Evidence::deserialize(value.clone()) else {
                    let levels = "\"measured\", \"fitted\", \"derived\" or \"assumed\"";
                    return refuse(expected(levels.to_owned()));
                };
                self.evidence = Some(evidence);
            }
            _ => {
                return Err(SpecError::UnknownKey {
                    origin: origin.clone(),
                    key: name,
                    nearest: nearest(field, FIELDS.iter().copied())
                        .map(|near| format!("{}.{near}", key.name)),
                });
            }
        }
        Ok(())
    }

    /// Lays `upper` over this entry, field by field. A new value brings its own source and
    /// evidence: those of the old one say nothing about it.
    pub(super) fn overlay(&mut self, upper: Self) {
        if upper.setting.is_some() {
            self.setting = upper.setting;
            self.inherited_from = upper.inherited_from;
            self.source = None;
            self.evidence = None;
        }
        self.spread = upper.spread.or(self.spread.take());
        self.law = upper.law.or(self.law.take());
        self.range = upper.range.or(self.range.take());
        self.source = upper.source.or(self.source.take());
        self.evidence = upper.evidence.or(self.evidence.take());
    }
}

/// Entries of both lines' resistances from `wires.node`: a technology node in a table.
pub(super) fn wires_of_node(
    value: &Value,
    origin: &Origin,
) -> Result<[(&'static str, Entry); 2], SpecError> {
    let refuse = |text: String| bad(WIRES_NODE, value, origin, expected(text));
    let text = value
        .as_str()
        .ok_or_else(|| refuse("the length of a technology node, such as \"14 nm\"".to_owned()))?;
    let found = Segments::parse(text).map_err(|error| refuse(error.to_string()))?;
    let entry = |setting| Entry {
        setting: Some((setting, origin.clone())),
        source: Some(found.source.clone()),
        evidence: Some(Evidence::Derived),
        ..Entry::default()
    };
    let column = if found.column.to_bits() == found.row.to_bits() {
        Setting::None
    } else {
        Setting::Number(found.column)
    };
    Ok([
        ("wires.segment", entry(Setting::Number(found.row))),
        ("wires.column_segment", entry(column)),
    ])
}

/// What stands for the resistances of lines by the node of their technology.
pub(super) const WIRES_NODE: &str = "wires.node";

/// A problem that is told by what was expected.
pub(super) fn expected(expected: String) -> Problem {
    Problem::Expected { expected }
}

/// The error for a value, which is cut to one line of reasonable length.
pub(super) fn bad(key: &str, value: &Value, origin: &Origin, problem: Problem) -> SpecError {
    const LONGEST: usize = 80;
    let text = match value {
        Value::String(text) => format!("{text:?}"),
        value => value.to_string().replace(['\n', '\r'], " "),
    };
    let cut = match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    };
    SpecError::BadValue {
        origin: origin.clone(),
        key: key.to_owned(),
        value: cut,
        problem: Box::new(problem),
    }
}

/// Reads the nominal value of a key.
fn setting(key: &Key, name: &str, value: &Value, origin: &Origin) -> Result<Setting, SpecError> {
    let wrong = || bad(name, value, origin, expected(key.kind.expected()));
    if value.as_str().is_some() && value.as_str() == key.kind.none() {
        return Ok(Setting::None);
    }
    match key.kind {
        Kind::Quantity {
            unit, least, most, ..
        } => {
            let number = number(value, unit, name, origin, || key.kind.expected())?;
            let fits = (least..=most).contains(&number);
            fits.then_some(Setting::Number(number)).ok_or_else(wrong)
        }
        Kind::Count { least, most, .. } => {
            let count = value.as_integer().and_then(|n| u32::try_from(n).ok());
            let fitting = count.filter(|count| (least..=most).contains(count));
            fitting.map(Setting::Count).ok_or_else(wrong)
        }
        Kind::Choice { words, .. } => {
            let word = words.iter().find(|word| value.as_str() == Some(word));
            word.map(|word| Setting::Word(word)).ok_or_else(wrong)
        }
        Kind::Switch => value.as_bool().map(Setting::Switch).ok_or_else(wrong),
    }
}

/// Reads a finite number of a unit: text, or a plain number where the unit is none.
pub(super) fn number(
    value: &Value,
    unit: Unit,
    name: &str,
    origin: &Origin,
    expects: impl Fn() -> String,
) -> Result<f64, SpecError> {
    let refuse = |reason| {
        let expected = expects();
        bad(name, value, origin, Problem::Quantity { reason, expected })
    };
    let plain = |number: f64| match unit {
        _ if !number.is_finite() => Err(refuse(QuantityError::NotFinite)),
        Unit::One => Ok(number + 0.0),
        _ => Err(refuse(QuantityError::NoUnit)),
    };
    match value {
        Value::String(text) => Quantity::parse(text, unit)
            .map(|quantity| quantity.value)
            .map_err(refuse),
        Value::Integer(number) => plain(*number as f64),
        Value::Float(number) => plain(*number),
        _ => Err(bad(name, value, origin, expected(expects()))),
    }
}

/// Reads a standard deviation: a percentage of the nominal value, or an absolute one.
fn spread(key: &Key, name: &str, value: &Value, origin: &Origin) -> Result<Spread, SpecError> {
    let unit = key.kind.unit();
    let expects = || {
        let example = unit.example();
        let what = unit.dimension();
        format!(
            "a standard deviation, 0 or more: a share up to 100 % such as \"1 %\", or {what} such as {example}"
        )
    };
    let is_share = value
        .as_str()
        .is_some_and(|text| text.trim_end().ends_with('%'));
    let spread = if is_share {
        Spread::Share(number(value, Unit::One, name, origin, expects)?)
    } else {
        Spread::Absolute(number(value, unit, name, origin, expects)?)
    };
    let (size, most) = match (spread, key.kind) {
        (Spread::Absolute(size), Kind::Quantity { most, .. }) => (size, most),
        (Spread::Share(size) | Spread::Absolute(size), _) => (size, 1.0),
    };
    if (0.0..=most).contains(&size) {
        Ok(spread)
    } else {
        Err(bad(name, value, origin, expected(expects())))
    }
}

/// Reads a validity range: two values of the key's unit, the smaller first.
fn range(key: &Key, name: &str, value: &Value, origin: &Origin) -> Result<(f64, f64), SpecError> {
    let unit = key.kind.unit();
    let wrong = || {
        let example = unit.example();
        let text = format!("the smallest and the largest valid value, e.g. [{example}, {example}]");
        bad(name, value, origin, expected(text))
    };
    let Some([low, high]) = value.as_array().map(Vec::as_slice) else {
        return Err(wrong());
    };
    if !matches!(key.kind, Kind::Quantity { .. }) {
        let text = "no range: the key is no quantity".to_owned();
        return Err(bad(name, value, origin, expected(text)));
    }
    let end = |value| {
        let expects = || format!("{} such as {}", unit.dimension(), unit.example());
        number(value, unit, name, origin, expects)
    };
    let (low, high) = (end(low)?, end(high)?);
    if low > high {
        return Err(wrong());
    }
    Ok((low, high))
}
