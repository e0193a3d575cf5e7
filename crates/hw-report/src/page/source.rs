//! What lies in a directory.

use super::{
    PageError,
    quality::{self, Quality},
    sweep::{self, Sweep},
};
use gradep_core::{
    files::{read_document, unsealed},
    run_dir::is_run,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Results of `gradep bench`, each with the file that it is from.
#[derive(Clone, Debug, Default)]
pub(super) struct Results {
    pub(super) qualities: Vec<Read<Quality>>,
    pub(super) sweeps: Vec<Read<Sweep>>,
}

/// A document and its file.
#[derive(Clone, Debug)]
pub(super) struct Read<T> {
    pub(super) path: PathBuf,
    /// As it was.
    pub(super) text: String,
    /// The table of the same name beside it, `.csv`.
    pub(super) table: Option<String>,
    pub(super) document: T,
}

impl Results {
    /// Adds what lies in a directory; whether there was anything.
    ///
    /// # Errors
    /// [`PageError::Read`], [`PageError::Json`], [`PageError::Schema`].
    pub(super) fn add(&mut self, folder: &Path) -> Result<bool, PageError> {
        let quality = read(&folder.join("quality.json"), quality::SCHEMA)?;
        let sweep = read(&folder.join("sweep.json"), sweep::SCHEMA)?;
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

/// A file of a schema; none where there is none.
fn read<T: DeserializeOwned>(
    path: &Path,
    schema: &'static str,
) -> Result<Option<Read<T>>, PageError> {
    #[derive(Deserialize)]
    struct Header {
        #[serde(default)]
        schema: String,
    }
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_document(path).map_err(|source| PageError::Read {
        path: path.to_owned(),
        source,
    })?;
    let plain = unsealed(path, &bytes)?;
    let text = String::from_utf8_lossy(&plain).into_owned();
    let refuse = |source| PageError::Json {
        path: path.to_owned(),
        source,
    };
    let header: Header = serde_json::from_str(&text).map_err(refuse)?;
    if header.schema != schema {
        return Err(PageError::Schema {
            path: path.to_owned(),
            found: header.schema,
            expected: schema,
        });
    }
    let document = serde_json::from_str(&text).map_err(refuse)?;
    Ok(Some(Read {
        path: path.to_owned(),
        text,
        table: read_text(&path.with_extension("csv")).ok(),
        document,
    }))
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
