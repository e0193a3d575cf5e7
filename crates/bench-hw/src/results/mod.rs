//! What the studies leave on the disk: the types that write a file are those that read it.
//!
//! ```text
//! gradep bench quality                        quality.json, quality.csv    [`quality::Quality`]
//! gradep bench sweep, sensitivity, tolerance  sweep.json, <kind>.csv       [`study::Study`]
//! gradep adapt                                adapt.json, adapt.csv        [`adaptation::Adaptations`]
//! gradep check gradient --chip                gradients.json, .csv         [`gradients::Gradients`]
//! gradep train                                summary.json                 [`training::TrainingSummary`]
//! ```
//!
//! A field that a later version added is an `Option`, or has a default: a file without it can be read.

pub mod adaptation;
pub mod gradients;
pub mod quality;
mod rows;
pub mod study;
pub mod table;
#[cfg(test)]
mod tests;
pub mod training;

use gradep_core::files::{Changed, read_document, sealed_json, unsealed, write_atomically};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use table::Tabled;
use units::fault::{Blame, Fault};

/// A document with a name and a version of its layout.
pub trait ResultFile: Serialize + DeserializeOwned {
    /// Name of the file in the folder of its study.
    const NAME: &'static str;
    /// Name and version of the layout: what the file has as `schema`.
    const SCHEMA: &'static str;
    /// The name of its table, in the same folder.
    fn table_name(&self) -> &'static str;
}

/// Why results cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// A file is not what was written.
    #[error("{0}")]
    Changed(#[from] Changed),
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what its name says.
    #[error("{}: cannot be understood: {source}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// Results of another layout.
    #[error("{}: `schema` is {found:?}; expected {expected:?}", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: String,
        /// What this version reads.
        expected: &'static str,
    },
    /// Results that lack what this version needs.
    #[error(
        "{}: cannot be understood: {source}; it was written by gradep {version}, this is gradep {}: run its \
         command again",
        path.display(), env!("CARGO_PKG_VERSION")
    )]
    Layout {
        /// The file.
        path: PathBuf,
        /// The version that wrote it, as the file says.
        version: String,
        /// Where and why.
        source: serde_json::Error,
    },
}

impl Blame for ResultsError {
    fn fault(&self) -> Fault {
        match self {
            Self::Changed(cause) => cause.fault(),
            Self::File { source, .. } => source.fault(),
            Self::Json { .. } | Self::Schema { .. } | Self::Layout { .. } => Fault::Input,
        }
    }
}

impl ResultsError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

/// A document that was read, and its file.
#[derive(Clone, Debug)]
pub struct Kept<T> {
    /// Where it is.
    pub path: PathBuf,
    /// Its text, without the seal.
    pub text: String,
    /// What it says.
    pub document: T,
    /// The text of its table, if that lies beside it.
    pub table: Option<String>,
}

/// What every document says of itself.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    schema: String,
    #[serde(default)]
    version: Option<String>,
}

/// The document of its kind in a folder; none where there is none.
///
/// # Errors
/// [`ResultsError`], for a file that is not what was written, or of another layout.
pub fn read<T: ResultFile>(folder: &Path) -> Result<Option<Kept<T>>, ResultsError> {
    let path = folder.join(T::NAME);
    if !path.is_file() {
        return Ok(None);
    }
    let bytes = read_document(&path).map_err(ResultsError::at(&path))?;
    let plain = unsealed(&path, &bytes)?;
    let text = String::from_utf8_lossy(&plain).into_owned();
    let header: Header = match serde_json::from_str(&text) {
        Ok(header) => header,
        Err(source) => return Err(ResultsError::Json { path, source }),
    };
    if header.schema != T::SCHEMA {
        return Err(ResultsError::Schema {
            path,
            found: header.schema,
            expected: T::SCHEMA,
        });
    }
    match serde_json::from_str(&text) {
        Ok(document) => Ok(Some(Kept {
            table: text_of(&folder.join(T::table_name(&document))),
            path,
            text,
            document,
        })),
        Err(source) => Err(ResultsError::Layout {
            path,
            version: header
                .version
                .unwrap_or_else(|| "of an unknown version".to_owned()),
            source,
        }),
    }
}

/// The text of a small file, if it is there and is text.
fn text_of(path: &Path) -> Option<String> {
    String::from_utf8(read_document(path).ok()?).ok()
}

/// Writes a document into a folder, sealed, and its table beside it; each whole or not at all.
///
/// # Errors
/// [`ResultsError::File`].
pub fn write<T: ResultFile + Tabled>(document: &T, folder: &Path) -> Result<(), ResultsError> {
    let path = folder.join(T::NAME);
    write_atomically(&path, |file| file.write_all(&sealed_json(document)?))
        .map_err(ResultsError::at(&path))?;
    document.table().write(&folder.join(document.table_name()))
}
