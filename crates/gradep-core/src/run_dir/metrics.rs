//! `metrics.csv`: one row per epoch, numbered from 0, and nothing that a clock says: two runs of the
//! same configuration write the same bytes.

use super::RunDirError;
use crate::files::sync_folder;
use serde::Serialize;
use std::{
    fs::{File, OpenOptions},
    io::{Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

/// Appends rows to `metrics.csv`, each visible to readers as soon as it is written.
#[derive(Debug)]
pub struct MetricsWriter {
    path: PathBuf,
    rows: csv::Writer<File>,
}

impl MetricsWriter {
    /// A new table with these columns.
    pub(super) fn start(path: &Path, columns: &[String]) -> Result<Self, RunDirError> {
        let file = File::create(path).map_err(RunDirError::io(path))?;
        let mut writer = Self::over(path, file);
        writer
            .rows
            .write_record(columns)
            .map_err(RunDirError::metrics(path))?;
        writer.sync()?;
        // No checkpoint may be ahead of the table's name either.
        let folder = path.parent().expect("a table lies in a run directory");
        sync_folder(folder).map_err(RunDirError::io(folder))?;
        Ok(writer)
    }

    /// The table of an earlier session, cut after the rows 0 … `epochs` − 1.
    ///
    /// What lies beyond may end in half a row; what lies before was synchronised before the
    /// checkpoint was written, so a missing row means that the table was tampered with.
    pub(super) fn resume(
        path: &Path,
        columns: &[String],
        epochs: u64,
    ) -> Result<Self, RunDirError> {
        let mut table = csv::ReaderBuilder::new()
            .flexible(true)
            .from_path(path)
            .map_err(RunDirError::metrics(path))?;
        let header = table.headers().map_err(RunDirError::metrics(path))?;
        if !header.iter().eq(columns) {
            return Err(RunDirError::MetricsColumns {
                path: path.to_owned(),
                found: header.iter().collect::<Vec<_>>().join(","),
                expected: columns.join(","),
            });
        }
        let mut row = csv::StringRecord::new();
        for expected in 0..epochs {
            let read = table.read_record(&mut row);
            let found = read.map_err(RunDirError::metrics(path))?
                && row.len() == columns.len()
                && row[0].parse() == Ok(expected);
            if !found {
                return Err(RunDirError::MetricsGap {
                    path: path.to_owned(),
                    expected,
                    checkpoint: epochs,
                });
            }
        }
        let keep = table.position().byte();
        drop(table);
        let mut file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(RunDirError::io(path))?;
        file.set_len(keep)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(RunDirError::io(path))?;
        let mut writer = Self::over(path, file);
        writer.sync()?;
        Ok(writer)
    }

    fn over(path: &Path, file: File) -> Self {
        // Without automatic headers a list within a row becomes one column per element.
        let rows = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(file);
        Self {
            path: path.to_owned(),
            rows,
        }
    }

    /// Appends a row: a struct whose fields, lists element by element, fill the columns in order.
    ///
    /// # Errors
    /// [`RunDirError::Metrics`], also where the row has more or fewer values than there are
    /// columns.
    pub fn write(&mut self, row: &impl Serialize) -> Result<(), RunDirError> {
        self.rows
            .serialize(row)
            .map_err(RunDirError::metrics(&self.path))?;
        self.rows.flush().map_err(RunDirError::io(&self.path))
    }

    /// Forces all rows to the disk. Done before a checkpoint is written, so that no checkpoint is
    /// ahead of the table.
    ///
    /// # Errors
    /// [`RunDirError::Io`].
    pub fn sync(&mut self) -> Result<(), RunDirError> {
        self.rows
            .flush()
            .and_then(|()| self.rows.get_ref().sync_data())
            .map_err(RunDirError::io(&self.path))
    }
}

/// The columns of `metrics.csv`.
#[derive(Clone, Debug)]
pub struct MetricsTable {
    path: PathBuf,
    columns: Vec<(String, Vec<f64>)>,
}

impl MetricsTable {
    /// Reads a table; what is not a number is NaN.
    pub(super) fn read(path: &Path) -> Result<Self, RunDirError> {
        let mut table = csv::Reader::from_path(path).map_err(RunDirError::metrics(path))?;
        let header = table.headers().map_err(RunDirError::metrics(path))?;
        let mut columns: Vec<_> = header
            .iter()
            .map(|name| (name.to_owned(), Vec::new()))
            .collect();
        for row in table.records() {
            let row = row.map_err(RunDirError::metrics(path))?;
            for ((_, values), text) in columns.iter_mut().zip(&row) {
                values.push(text.parse().unwrap_or(f64::NAN));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            columns,
        })
    }

    /// The values of a column, one per epoch.
    ///
    /// # Errors
    /// [`RunDirError::NoColumn`].
    pub fn column(&self, name: &str) -> Result<&[f64], RunDirError> {
        let found = self.columns.iter().find(|(column, _)| column == name);
        found
            .map(|(_, values)| values.as_slice())
            .ok_or_else(|| RunDirError::NoColumn {
                path: self.path.clone(),
                column: name.to_owned(),
            })
    }

    /// The columns whose name is `prefix` and a number, in their order.
    pub fn numbered<'s>(&'s self, prefix: &str) -> Vec<&'s [f64]> {
        let is_numbered = |name: &str| {
            name.strip_prefix(prefix)
                .is_some_and(|number| number.parse::<usize>().is_ok())
        };
        self.columns
            .iter()
            .filter(|(name, _)| is_numbered(name))
            .map(|(_, values)| values.as_slice())
            .collect()
    }
}
