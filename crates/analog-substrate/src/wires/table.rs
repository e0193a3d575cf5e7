//! Resistance of the lines of a crossbar by technology node.
//!
//! ```text
//! R = ρ/(1 − (2 AR + 1)·b/(AR·w)) · L/(w²·AR)
//! ```
//!
//! w is the width of the line, AR its height over its width, b the thickness of a barrier that does not
//! conduct on three of its sides, L the length of a cell (`NeuroSim` V1.4, Param.cpp). Tables are TOML
//! files (`hw-specs/wires`) that name their source.

use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};
use units::fault::{Blame, Fault};
use units::{
    Quantity, Unit, nearest,
    printable::unprintable,
    toml_text::{one_line, read_text},
};

/// A table of wires.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WireTable {
    name: String,
    summary: String,
    evidence: String,
    sources: Vec<String>,
    /// Length of a cell along a row and along a column, in widths of the line.
    cells: BTreeMap<String, [f64; 2]>,
    nodes: Vec<Line>,
}

/// The lines of one node.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    node: String,
    width: String,
    aspect_ratio: f64,
    barrier: String,
    resistivity: String,
    /// What the source says along a row and along a column, by cell.
    #[serde(default)]
    published: BTreeMap<String, [String; 2]>,
}

/// Resistances between two crosspoints, in ohms, and where they are from.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// Of a row's line.
    pub row: f64,
    /// Of a column's line.
    pub column: f64,
    /// Node, cell and table.
    pub source: String,
}

/// Why lines were not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WireTableError {
    /// Neither a shipped table nor a file.
    #[error("a node, then optionally a cell and a table, such as \"14 nm, cross-point, neurosim-2.1\"; `{part}` is neither a cell nor a table{}",
        nearest.as_deref().map_or_else(String::new, |name| format!(": did you mean `{name}`?")))]
    Unknown {
        /// What was asked for.
        part: String,
        /// The most similar word.
        nearest: Option<String>,
    },
    /// Not a length.
    #[error("the length of a technology node, such as \"14 nm\"; {text:?} {reason}")]
    Length {
        /// What was given.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The table does not have the node or the cell.
    #[error("{what} of {table}: {known}")]
    NotInTable {
        /// A node or a cell.
        what: &'static str,
        /// The table.
        table: String,
        /// What it has.
        known: String,
    },
    /// The file of a table is none.
    #[error("a table of wires; {file}: {message}")]
    Table {
        /// The file.
        file: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Blame for WireTableError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Name and text of the files of `hw-specs/wires`.
macro_rules! shipped {
    ($($stem:literal),*) => {
        [$(($stem, include_str!(concat!("../../hw-specs/wires/", $stem, ".toml")))),*]
    };
}
const SHIPPED: &[(&str, &str)] = &shipped!("neurosim-1.4", "neurosim-2.1", "imac-sim");

/// The table where none is named.
const USUAL_TABLE: &str = "neurosim-1.4";
/// The cells there are.
const CELLS: &[&str] = &["1t1r", "cross-point"];

impl WireTable {
    /// The shipped table of this name, or the one of a TOML file.
    ///
    /// # Errors
    /// No such table, or a file that is none.
    pub fn load(reference: &str) -> Result<Self, WireTableError> {
        let named = SHIPPED
            .iter()
            .find(|(stem, _)| stem.eq_ignore_ascii_case(reference));
        if let Some((stem, text)) = named {
            return Self::parse(text, &format!("hw-specs/wires/{stem}.toml"));
        }
        if Path::new(reference)
            .extension()
            .is_none_or(|extension| extension != "toml")
        {
            let words = SHIPPED
                .iter()
                .map(|(stem, _)| *stem)
                .chain(CELLS.iter().copied());
            return Err(WireTableError::Unknown {
                part: reference.to_owned(),
                nearest: nearest(&reference.to_lowercase(), words),
            });
        }
        let text = read_text(Path::new(reference)).map_err(|reason| WireTableError::Table {
            file: reference.to_owned(),
            message: format!("cannot be read: {reason}"),
        })?;
        Self::parse(&text, reference)
    }

    /// The tables that come with the crate.
    ///
    /// # Errors
    /// As [`WireTable::load`].
    pub fn shipped() -> Result<Vec<Self>, WireTableError> {
        SHIPPED.iter().map(|(stem, _)| Self::load(stem)).collect()
    }

    pub(super) fn parse(text: &str, file: &str) -> Result<Self, WireTableError> {
        let wrong = |message| WireTableError::Table {
            file: file.to_owned(),
            message,
        };
        let syntax = |reason| wrong(one_line(text, &reason));
        let words: toml::Table = text.parse().map_err(syntax)?;
        if let Some(found) = unprintable(&words) {
            return Err(wrong(found.to_string()));
        }
        let table: Self = toml::from_str(text).map_err(syntax)?;
        for line in &table.nodes {
            for cell in table.cells.keys() {
                table
                    .of_line(line, cell)
                    .map_err(|problem| wrong(format!("node {}: {problem}", line.node)))?;
            }
        }
        Ok(table)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is, in one line.
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// Where its values are from.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// Resistances of a node, in metres, with a cell, `1t1r` or `cross-point`.
    ///
    /// # Errors
    /// [`WireTableError::NotInTable`].
    pub fn segments(&self, node: f64, cell: &str) -> Result<Segments, WireTableError> {
        let absent = |what, known: Vec<&str>| WireTableError::NotInTable {
            what,
            table: self.name.clone(),
            known: known.join(", "),
        };
        let of = |line: &&Line| {
            let own = length(&line.node).unwrap_or(f64::NAN);
            (own / node - 1.0).abs() < 1e-9
        };
        let Some(line) = self.nodes.iter().find(of) else {
            let nodes = self.nodes.iter().map(|line| line.node.as_str());
            return Err(absent("a node", nodes.collect()));
        };
        let Ok([row, column]) = self.of_line(line, cell) else {
            let cells = self.cells.keys().map(String::as_str);
            return Err(absent("a cell", cells.collect()));
        };
        let node = &line.node;
        Ok(Segments {
            row,
            column,
            source: format!(
                "{node}, {cell} cells: table {} ({})",
                self.name, self.evidence
            ),
        })
    }

    /// Resistances of a line along a row and a column.
    fn of_line(&self, line: &Line, cell: &str) -> Result<[f64; 2], String> {
        let lengths = self.cells.get(cell).ok_or("has no such cell")?;
        let width = length(&line.width)?;
        let barrier = length(&line.barrier)?;
        let resistivity = Quantity::parse(&line.resistivity, Unit::OhmMetre)
            .map_err(|reason| format!("resistivity {reason}"))?
            .value;
        let ratio = line.aspect_ratio;
        let conducting = 1.0 - (2.0 * ratio + 1.0) * barrier / (ratio * width);
        let resistances = lengths
            .map(|widths| resistivity / conducting * widths * width / (width * width * ratio));
        length(&line.node)?;
        if resistances.iter().all(|r| r.is_finite() && *r > 0.0) {
            Ok(resistances)
        } else {
            Err(
                "has no resistance; expected widths above zero and barriers thinner than them"
                    .to_owned(),
            )
        }
    }

    /// What the source itself says, as `(node in metres, cell, row, column)` in ohms.
    ///
    /// # Errors
    /// A value without its unit.
    pub fn published(&self) -> Result<Vec<(f64, String, f64, f64)>, WireTableError> {
        let ohms = |text: &str| {
            Quantity::parse(text, Unit::Ohm)
                .map(|quantity| quantity.value)
                .map_err(|reason| WireTableError::Table {
                    file: self.name.clone(),
                    message: format!("{text:?} {reason}"),
                })
        };
        let mut all = Vec::new();
        for line in &self.nodes {
            for (cell, [row, column]) in &line.published {
                let node = length(&line.node).unwrap_or(f64::NAN);
                all.push((node, cell.clone(), ohms(row)?, ohms(column)?));
            }
        }
        Ok(all)
    }
}

fn length(text: &str) -> Result<f64, String> {
    Quantity::parse(text, Unit::Metre)
        .map(|quantity| quantity.value)
        .map_err(|reason| format!("{text:?} {reason}"))
}

impl Segments {
    /// Reads `"14 nm"`, with a cell and the name or the path of a table after it where they are not
    /// `1t1r` and `neurosim-1.4`, separated by commas.
    ///
    /// # Errors
    /// [`WireTableError`], which says what was expected.
    pub fn parse(text: &str) -> Result<Self, WireTableError> {
        let mut parts = text.split(',').map(str::trim);
        let node = parts.next().unwrap_or_default();
        let metres =
            Quantity::parse(node, Unit::Metre).map_err(|reason| WireTableError::Length {
                text: node.to_owned(),
                reason: reason.to_string(),
            })?;
        let (mut cell, mut table) = (CELLS[0], USUAL_TABLE);
        for part in parts {
            match CELLS.iter().find(|cell| cell.eq_ignore_ascii_case(part)) {
                Some(known) => cell = known,
                None => table = part,
            }
        }
        WireTable::load(table)?.segments(metres.value, cell)
    }
}
