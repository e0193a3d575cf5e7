//! Finished curves on disk, so that an interrupted bench goes on where it was.

use super::{Curve, QualityError};
use gradep_core::files::{
    NpzFile, make_folder, read_document, read_file, write_atomically, write_npz,
};
use ndarray::Array3;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    io,
    path::{Path, PathBuf},
};

/// A finished curve, and its first samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The curve.
    pub curve: Curve,
    /// The first samples at each flow time, as the flow leaves them, `[times, samples, pixels]`.
    pub samples: Array3<f32>,
}

/// A folder of finished curves. A curve's file is named by the hash of everything that it depends on.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct CurveFile {
    key: Map<String, Value>,
    curve: Curve,
}

impl Store {
    /// The store in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// [`QualityError::File`].
    pub fn open(folder: &Path) -> Result<Self, QualityError> {
        make_folder(folder).map_err(QualityError::at(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The curve that depends on `key`, if it is there and whole.
    pub fn read(&self, key: &Map<String, Value>) -> Option<Part> {
        let name = name_of(key);
        let text = read_document(&self.folder.join(format!("{name}.json"))).ok()?;
        let file: CurveFile = serde_json::from_str(&text).ok()?;
        let path = self.folder.join(format!("{name}.npz"));
        let samples = read_file(&path).ok()?;
        let samples = NpzFile::open(&path, &samples).ok()?.array("samples").ok()?;
        let samples = samples.into_dimensionality().ok()?;
        (file.key == *key).then_some(Part {
            curve: file.curve,
            samples,
        })
    }

    /// Keeps a finished curve: its samples first, so that a curve that is there has them.
    ///
    /// # Errors
    /// [`QualityError::File`].
    pub fn write(&self, key: &Map<String, Value>, part: &Part) -> Result<(), QualityError> {
        let name = name_of(key);
        let path = self.folder.join(format!("{name}.npz"));
        write_npz(&path, |npz| npz.add("samples", &part.samples))?;
        let path = self.folder.join(format!("{name}.json"));
        let file = CurveFile {
            key: key.clone(),
            curve: part.curve.clone(),
        };
        write_atomically(&path, |out| {
            serde_json::to_writer(out, &file).map_err(io::Error::from)
        })
        .map_err(QualityError::at(&path))
    }
}

/// Half of the hash: 64 bits for some thousand curves.
fn name_of(key: &Map<String, Value>) -> String {
    let text = Value::Object(key.clone()).to_string();
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}
