//! Tables of measurements whose column names carry units: `target_uS`, `time_s`, `voltage_mV`.

use super::FitError;
use crate::{
    Lines,
    chip::spec::{Quantity, Unit},
};
use std::collections::HashMap;

/// What lines that are comments begin with.
const COMMENT: u8 = b'#';

/// A table of measurements.
#[derive(Clone, Debug)]
pub struct Measurements {
    file: String,
    names: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    line: u64,
    fields: Vec<String>,
}

impl Measurements {
    /// Reads comma-separated values with a line of names; lines that begin with `#` are comments.
    /// Messages name `file`.
    ///
    /// # Errors
    /// [`FitError::Table`], [`FitError::Empty`].
    pub fn read(bytes: &[u8], file: &str) -> Result<Self, FitError> {
        let mut lines = Lines::new(bytes, Some(COMMENT));
        let refuse = |error: &csv::Error, lines: &mut Lines<'_>| FitError::Table {
            file: file.to_owned(),
            reason: lines.explain(error),
        };
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(COMMENT))
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let names: Vec<String> = reader
            .headers()
            .map_err(|error| refuse(&error, &mut lines))?
            .iter()
            .map(str::to_owned)
            .collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| refuse(&error, &mut lines))?;
            rows.push(Row {
                line: lines.of(record.position()),
                fields: record.iter().map(str::to_owned).collect(),
            });
        }
        if rows.is_empty() {
            return Err(FitError::Empty {
                file: file.to_owned(),
            });
        }
        Ok(Self {
            file: file.to_owned(),
            names,
            rows,
        })
    }

    /// Name of the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no line; never, once it is read.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The line of the file that a row stands on.
    pub(super) fn line(&self, row: usize) -> u64 {
        self.rows[row].line
    }

    /// The column of a quantity in SI units, whatever the prefix in its name.
    pub(super) fn quantity(&self, name: &'static str, unit: Unit) -> Result<Vec<f64>, FitError> {
        self.optional_quantity(name, unit)?.ok_or_else(|| {
            let expected = match unit {
                Unit::One => name.to_owned(),
                unit => format!("{name}_{0} ({name}_u{0}, {name}_n{0} …)", unit.symbol()),
            };
            FitError::Column {
                file: self.file.clone(),
                expected,
                found: self.names.join(", "),
            }
        })
    }

    /// The same, if there is such a column.
    pub(super) fn optional_quantity(
        &self,
        name: &str,
        unit: Unit,
    ) -> Result<Option<Vec<f64>>, FitError> {
        let place = self.names.iter().enumerate().find_map(|(place, column)| {
            let symbol = match unit {
                Unit::One => (column == name).then_some(""),
                unit => column
                    .strip_prefix(name)
                    .and_then(|rest| rest.strip_prefix('_'))
                    .filter(|symbol| Quantity::parse(&format!("1 {symbol}"), unit).is_ok()),
            };
            symbol.map(|symbol| (place, symbol))
        });
        let Some((place, symbol)) = place else {
            return Ok(None);
        };
        // Number and prefix are joined before they are rounded: 30 µS is the double 30e-6.
        let values = self.rows.iter().map(|row| {
            let field = &row.fields[place];
            let number = field.parse::<f64>().ok().filter(|n| n.is_finite());
            number
                .and_then(|_| Quantity::parse(&format!("{field} {symbol}"), unit).ok())
                .map(|quantity| quantity.value)
                .ok_or_else(|| self.wrong(row, place, "a finite number"))
        });
        values.collect::<Result<_, _>>().map(Some)
    }

    /// Numbers of the groups that a column of labels makes, in order of appearance; all rows are one
    /// group without such a column.
    pub(super) fn groups(&self, name: &str) -> Vec<usize> {
        let mut numbers = HashMap::new();
        let labels = self
            .labels(name)
            .unwrap_or_else(|| vec![""; self.rows.len()]);
        labels
            .into_iter()
            .map(|label| {
                let next = numbers.len();
                *numbers.entry(label).or_insert(next)
            })
            .collect()
    }

    /// The labels of a column, if there is one of that name.
    pub(super) fn labels(&self, name: &str) -> Option<Vec<&str>> {
        let place = self.names.iter().position(|column| column == name)?;
        Some(
            self.rows
                .iter()
                .map(|row| row.fields[place].as_str())
                .collect(),
        )
    }

    /// The error of a value in a row of a column that is there.
    pub(super) fn refuse(&self, name: &str, row: usize, expected: &str) -> FitError {
        let place = self
            .names
            .iter()
            .position(|column| column.starts_with(name));
        self.wrong(&self.rows[row], place.unwrap_or(0), expected)
    }

    /// Refuses the first value of a column that is not as expected.
    pub(super) fn check(
        &self,
        name: &str,
        values: &[f64],
        expected: &str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<(), FitError> {
        match values.iter().position(|&value| !holds(value)) {
            Some(row) => Err(self.refuse(name, row, expected)),
            None => Ok(()),
        }
    }

    fn wrong(&self, row: &Row, place: usize, expected: &str) -> FitError {
        FitError::Cell {
            file: self.file.clone(),
            line: row.line,
            column: self.names[place].clone(),
            found: row.fields[place].clone(),
            expected: expected.to_owned(),
        }
    }
}
