//! Tables of measurements whose column names carry units: `target_uS`, `time_s`, `voltage_mV`.

use super::FitError;
use std::{cmp::Ordering, collections::HashMap};
use units::{Lines, Quantity, Unit};

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

    /// The same rows in an order that follows from what they say alone: by the labels of some columns
    /// where they are there, then by quantities. Sums over them are then the same to the last bit however
    /// the file is sorted.
    pub(super) fn sorted(
        &self,
        labels: &[&str],
        quantities: &[(&'static str, Unit)],
    ) -> Result<Self, FitError> {
        let labels: Vec<Vec<&str>> = labels.iter().filter_map(|name| self.labels(name)).collect();
        let values = quantities
            .iter()
            .map(|&(name, unit)| self.quantity(name, unit))
            .collect::<Result<Vec<_>, _>>()?;
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|&a, &b| {
            let by_label = labels.iter().map(|label| natural(label[a], label[b]));
            let by_value = values.iter().map(|value| value[a].total_cmp(&value[b]));
            by_label
                .chain(by_value)
                .fold(Ordering::Equal, Ordering::then)
        });
        Ok(Self {
            file: self.file.clone(),
            names: self.names.clone(),
            rows: order
                .into_iter()
                .map(|row| self.rows[row].clone())
                .collect(),
        })
    }

    /// Of some rows the one that stands first in the file.
    pub(super) fn first_in_file(&self, rows: impl Iterator<Item = usize>) -> Option<usize> {
        rows.min_by_key(|&row| self.rows[row].line)
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

    /// Numbers of the groups that columns of labels make together, in order of appearance; columns that
    /// are not there tell nothing apart.
    pub(super) fn groups(&self, names: &[&str]) -> Vec<usize> {
        let columns: Vec<Vec<&str>> = names.iter().filter_map(|name| self.labels(name)).collect();
        let mut numbers = HashMap::new();
        let rows = (0..self.rows.len()).map(|row| {
            let labels: Vec<&str> = columns.iter().map(|column| column[row]).collect();
            let next = numbers.len();
            *numbers.entry(labels).or_insert(next)
        });
        rows.collect()
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

    /// The error of a second row that says again what one before it says.
    pub(super) fn refuse_second(&self, one: usize, other: usize) -> FitError {
        FitError::Twice {
            file: self.file.clone(),
            line: self.line(other),
            first: self.line(one),
        }
    }

    /// Refuses the first value of a column that is not as expected.
    pub(super) fn check(
        &self,
        name: &str,
        values: &[f64],
        expected: &str,
        holds: impl Fn(f64) -> bool,
    ) -> Result<(), FitError> {
        let wrong = (0..values.len()).filter(|&row| !holds(values[row]));
        match self.first_in_file(wrong) {
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

/// Labels that are numbers by their size and before others; the rest as text.
fn natural(a: &str, b: &str) -> Ordering {
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
    match (number(a), number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
