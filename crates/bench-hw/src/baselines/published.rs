//! What baselines and models of the same size scored elsewhere.

use super::BaselineKind;
use std::{collections::BTreeMap, sync::LazyLock};

/// Splits over which each value of the table is a mean.
pub(super) const SPLITS: f64 = 3.0;

/// A published value, and how finely it is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PublishedValue {
    /// The value, in natural units.
    pub value: f64,
    /// One in its last digit.
    pub resolution: f64,
}

/// A row of `data/evaluator/baselines.csv`: 898 samples made of one half of the digits against the other
/// half.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The [`Baseline`](super::Baseline)'s name, or another one for what cannot be made here.
    pub name: String,
    /// What it is.
    pub kind: BaselineKind,
    /// What a figure calls it.
    pub label: String,
    /// By metric.
    pub values: BTreeMap<String, PublishedValue>,
}

/// Every published row.
pub fn published() -> &'static [Published] {
    static ROWS: LazyLock<Vec<Published>> = LazyLock::new(|| {
        let text = include_str!("../../data/evaluator/baselines.csv");
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows = reader.deserialize().map(|row| {
            let row: BTreeMap<String, String> = row.expect("as many cells as headings");
            Published::of(row).expect("names, and numbers or nothing")
        });
        rows.collect()
    });
    &ROWS
}

impl Published {
    /// A row by heading; cells of metrics may be empty.
    fn of(mut cells: BTreeMap<String, String>) -> Option<Self> {
        Some(Self {
            name: cells.remove("name")?,
            kind: BaselineKind::by_name(&cells.remove("kind")?)?,
            label: cells.remove("label")?,
            values: cells
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(metric, text)| Some((metric, PublishedValue::of(&text)?)))
                .collect::<Option<_>>()?,
        })
    }

    /// The row of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        published().iter().find(|row| row.name == name)
    }
}

impl PublishedValue {
    fn of(text: &str) -> Option<Self> {
        let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let decimals = digits.split_once('.').map_or("", |(_, decimals)| decimals);
        let last: i32 = exponent.parse::<i32>().ok()? - i32::try_from(decimals.len()).ok()?;
        Some(Self {
            value: text.parse().ok()?,
            resolution: 10_f64.powi(last),
        })
    }
}
