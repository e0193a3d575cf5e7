//! What lies in a directory.

use super::PageError;
use bench_hw::results::{Kept, quality::Quality, read, study::Study};
use gradep_core::{files::read_document, run_dir::is_run};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Results of `gradep bench`, each with the file that it is from.
#[derive(Clone, Debug, Default)]
pub(super) struct Results {
    pub(super) qualities: Vec<Kept<Quality>>,
    pub(super) sweeps: Vec<Kept<Study>>,
}

impl Results {
    /// Adds what lies in a directory; whether there was anything.
    ///
    /// # Errors
    /// [`PageError::Results`].
    pub(super) fn add(&mut self, folder: &Path) -> Result<bool, PageError> {
        let quality = read(folder)?;
        let sweep = read(folder)?;
        let found = quality.is_some() || sweep.is_some();
        self.qualities.extend(quality);
        self.sweeps.extend(sweep);
        Ok(found)
    }
}

/// The run and the results that a command line names.
pub(super) struct Sources<'a> {
    pub(super) run: Option<&'a Path>,
    pub(super) results: Results,
}

impl<'a> Sources<'a> {
    /// Looks into `source`, a run directory or a directory of results, and into `benches`.
    ///
    /// # Errors
    /// [`PageError::NotASource`], [`PageError::NotResults`] and those of reading.
    pub(super) fn look(source: &'a Path, benches: &[PathBuf]) -> Result<Self, PageError> {
        let mut results = Results::default();
        let run = is_run(source).then_some(source);
        let found = results.add(source)?;
        if run.is_none() && !found {
            return Err(PageError::NotASource {
                path: source.to_owned(),
            });
        }
        for folder in benches {
            if !results.add(folder)? {
                return Err(PageError::NotResults {
                    path: folder.clone(),
                });
            }
        }
        Ok(Self { run, results })
    }
}

/// The text of a file.
///
/// # Errors
/// [`PageError::Read`].
pub(super) fn read_text(path: &Path) -> Result<String, PageError> {
    let refuse = |source| PageError::Read {
        path: path.to_owned(),
        source,
    };
    let bytes = read_document(path).map_err(refuse)?;
    String::from_utf8(bytes).map_err(|_| {
        refuse(io::Error::new(
            io::ErrorKind::InvalidData,
            "is not UTF-8 text",
        ))
    })
}
