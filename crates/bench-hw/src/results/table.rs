//! Results as a tidy table: a row for every setting, chip and moment, a column for every quantity, all in SI units.
//!
//! The columns are described in `docs/reference/results.md`.

use super::ResultsError;
use gradep_core::files::write_atomically;
use std::{borrow::Cow, collections::BTreeMap, io, path::Path};
use units::printable::cell;

/// Columns of every table, before those of the metrics.
pub const COMMON: &[&str] = &[
    "study",
    "role",
    "setting",
    "chip",
    "mode",
    "run",
    "chip_number",
    "flow_time",
    "relaxation_tau",
    "time_s",
    "energy_j",
    "n",
];
/// Columns of `quality.csv` alone.
pub const OF_QUALITY: &[&str] = &[
    "sampling_seed",
    "iterations",
    "mean_evaluations",
    "most_evaluations",
    "unsettled_share",
    "speed_share",
    "beyond_share",
    "largest_rms",
];
/// Columns of the tables of studies alone.
pub const OF_STUDIES: &[&str] = &[
    "key_1",
    "level_1",
    "value_1",
    "unit_1",
    "key_2",
    "level_2",
    "value_2",
    "unit_2",
    "excess",
    "velocity_error",
    "velocity_error_rms",
];
/// What a metric's column of standard errors ends with.
pub const ERROR: &str = "_standard_error";

/// A document that can be laid out as a table.
pub trait Tabled {
    /// A row for every setting, chip and moment.
    fn table(&self) -> Table;
}

/// Rows of named columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    columns: Vec<String>,
    rows: Vec<BTreeMap<String, String>>,
}

/// A row that is being filled. Text is safe in a spreadsheet; what is not known stays empty.
#[derive(Clone, Default)]
pub(super) struct Row(BTreeMap<String, String>);

impl Row {
    pub(super) fn text(mut self, column: &str, text: &str) -> Self {
        self.0.insert(column.to_owned(), cell(text));
        self
    }

    pub(super) fn number(mut self, column: &str, number: Option<f64>) -> Self {
        if let Some(number) = number {
            self.0.insert(column.to_owned(), number.to_string());
        }
        self
    }

    pub(super) fn whole(mut self, column: &str, number: Option<u64>) -> Self {
        if let Some(number) = number {
            self.0.insert(column.to_owned(), number.to_string());
        }
        self
    }

    pub(super) fn values<'a>(
        self,
        values: impl IntoIterator<Item = (&'a str, Option<f64>)>,
    ) -> Self {
        let values = values.into_iter();
        values.fold(self, |row, (metric, value)| row.number(metric, value))
    }
}

impl Table {
    /// `columns`, and behind them one for each of the metrics and, with `errors`, for its standard error.
    pub(super) fn new<'a>(
        columns: impl IntoIterator<Item = &'a &'static str>,
        metrics: &[Cow<'_, str>],
        errors: bool,
    ) -> Self {
        let mut columns: Vec<String> = columns.into_iter().map(|&name| name.to_owned()).collect();
        for metric in metrics {
            columns.push(metric.to_string());
            columns.extend(errors.then(|| format!("{metric}{ERROR}")));
        }
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, row: Row) {
        self.rows.push(row.0);
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What a row has in a column; nothing where it is not known.
    pub fn get(&self, row: usize, column: &str) -> Option<&str> {
        self.rows.get(row)?.get(column).map(String::as_str)
    }

    /// Writes the table as CSV, whole or not at all.
    ///
    /// # Errors
    /// [`ResultsError::File`].
    pub fn write(&self, path: &Path) -> Result<(), ResultsError> {
        write_atomically(path, |file| self.write_to(file)).map_err(ResultsError::at(path))
    }

    fn write_to(&self, file: impl io::Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(&self.columns)?;
        for row in &self.rows {
            let fields = self.columns.iter();
            table.write_record(fields.map(|name| row.get(name).map_or("", String::as_str)))?;
        }
        table.flush()
    }
}
