//! Running decks.

use crate::live;
use std::{path::Path, process::Command};

/// The simulator on this machine.
pub struct Ngspice {
    /// `ngspice-39`, as it calls itself.
    pub version: String,
}

/// A table that a deck has written.
#[derive(Clone, Debug)]
pub struct Table {
    /// Names of the columns but the first.
    pub names: Vec<String>,
    /// Seconds.
    pub time: Vec<f64>,
    /// States in units of V_unit, `[time][column]`.
    pub states: Vec<Vec<f64>>,
}

impl Ngspice {
    /// The simulator, or none: then golden copies of its tables are compared with alone.
    ///
    /// # Panics
    /// As [`live::is_here`].
    pub fn find() -> Option<Self> {
        if !live::has_ngspice() {
            return None;
        }
        let output = Command::new("ngspice").arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text
            .split_whitespace()
            .find(|word| word.starts_with("ngspice-"));
        Some(Self {
            version: version.unwrap_or("ngspice of unknown version").to_owned(),
        })
    }

    /// What the deck writes to its table, run in a folder of its own.
    ///
    /// # Panics
    /// If ngspice fails; with what it said.
    pub fn text(&self, deck: &str, table: &str) -> String {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deck.cir");
        std::fs::write(&path, deck).expect("a deck");
        // From another folder: the table belongs beside the deck.
        let output = Command::new("ngspice")
            .arg("-b")
            .arg(&path)
            .output()
            .expect("ngspice runs");
        let said = || {
            let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
            String::from_utf8_lossy(&text).into_owned()
        };
        assert!(output.status.success(), "{}: {}", output.status, said());
        std::fs::read_to_string(folder.path().join(table))
            .unwrap_or_else(|error| panic!("{table}: {error}\n{}", said()))
    }

    /// The waveforms of a transient.
    ///
    /// # Panics
    /// If ngspice fails or its table is none.
    pub fn transient(&self, deck: &str) -> Table {
        Table::parse(&self.text(deck, "deck.txt"))
    }
}

impl Table {
    fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().expect("names").split_whitespace().collect();
        let mut table = Self {
            names: head[1..].iter().map(|&name| name.to_owned()).collect(),
            time: Vec::new(),
            states: Vec::new(),
        };
        for line in lines {
            let row: Vec<f64> = line
                .split_whitespace()
                .map(|word| {
                    word.parse()
                        .unwrap_or_else(|_| panic!("{word:?} in {line}"))
                })
                .collect();
            assert_eq!(row.len(), head.len(), "{line}");
            table.time.push(row[0]);
            table.states.push(row[1..].to_vec());
        }
        assert!(!table.time.is_empty(), "an empty table");
        table
    }

    /// Reads a table that [`Table::write`] wrote, comments skipped.
    ///
    /// # Panics
    /// If it is none.
    pub fn read(text: &str) -> Self {
        let lines: Vec<String> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.replace(',', " "))
            .collect();
        Self::parse(&lines.join("\n"))
    }

    /// Writes comma-separated values behind comments.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn write(&self, path: &Path, comments: &[String]) {
        let mut lines: Vec<String> = comments.iter().map(|c| format!("# {c}")).collect();
        lines.push(format!("time_s,{}", self.names.join(",")));
        for (time, states) in self.time.iter().zip(&self.states) {
            let row: Vec<String> = states.iter().map(|s| format!("{s:.10e}")).collect();
            lines.push(format!("{time:.12e},{}", row.join(",")));
        }
        let text = lines.join("\n") + "\n";
        std::fs::write(path, text).expect("a writable folder of golden copies");
    }

    /// About `rows` rows, the last among them.
    pub fn thinned(&self, rows: usize) -> Self {
        if self.time.len() <= rows {
            return self.clone();
        }
        let last = self.time.len() - 1;
        let keep: Vec<usize> = (0..rows).map(|k| k * last / (rows - 1)).collect();
        Self {
            names: self.names.clone(),
            time: keep.iter().map(|&k| self.time[k]).collect(),
            states: keep.iter().map(|&k| self.states[k].clone()).collect(),
        }
    }
}
