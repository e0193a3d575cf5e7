//! Copies of ngspice's tables, for machines without it.

use super::{Ngspice, Table};
use std::path::PathBuf;

/// Rows that a copy keeps of a table.
const ROWS: usize = 41;

/// A copy under `tests/golden/ngspice`: a table, the hash of the deck that made it, and the version.
pub struct Golden {
    path: PathBuf,
}

/// Whether copies are to be written anew: `GRADEP_UPDATE_GOLDEN` is set.
pub fn is_updating() -> bool {
    std::env::var_os("GRADEP_UPDATE_GOLDEN").is_some()
}

impl Golden {
    /// The copy of that name.
    pub fn new(name: &str) -> Self {
        Self {
            path: crate::golden_path("ngspice").join(format!("{name}.csv")),
        }
    }

    /// The table of a deck: live if ngspice is there, else the copy, which must be of this very deck.
    ///
    /// # Panics
    /// If the copy belongs to another deck.
    pub fn table(&self, ngspice: Option<&Ngspice>, deck: &str) -> Table {
        let hash = format!("deck blake3: {}", blake3::hash(deck.as_bytes()));
        let live = ngspice.map(|ngspice| ngspice.transient(deck));
        if let (true, Some(ngspice), Some(table)) = (is_updating(), ngspice, &live) {
            let comments = [hash.clone(), ngspice.version.clone()];
            table.thinned(ROWS).write(&self.path, &comments);
        }
        let text = std::fs::read_to_string(&self.path)
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()));
        assert!(
            text.lines().any(|line| line == format!("# {hash}")),
            "{}: is of another deck; run the tests with GRADEP_UPDATE_GOLDEN=1 where ngspice is",
            self.path.display()
        );
        live.unwrap_or_else(|| Table::read(&text))
    }
}
