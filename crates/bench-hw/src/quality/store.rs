//! Finished curves on disk, so that an interrupted bench goes on where it was.

use super::{Curve, QualityError};
use gradep_core::files::{
    NpzFile, make_folder, npz_bytes, read_document, read_file, sealed_json, unsealed,
    write_atomically,
};
use ndarray::Array3;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{
    io::Write as _,
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
    samples_blake3: String,
}

/// What the two files of a curve hold, if they are what was written for `key`.
fn whole(
    (path, text): (&Path, &[u8]),
    (archive, samples): (&Path, &[u8]),
    key: &Map<String, Value>,
) -> Option<Part> {
    let file: CurveFile = serde_json::from_slice(&unsealed(path, text).ok()?).ok()?;
    let fits = file.key == *key && file.samples_blake3 == hash(samples);
    let samples = NpzFile::open(archive, samples)
        .ok()?
        .array("samples")
        .ok()?;
    let samples = samples.into_dimensionality().ok()?;
    fits.then_some(Part {
        curve: file.curve,
        samples,
    })
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
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
        let path = self.folder.join(format!("{name}.json"));
        let text = read_document(&path).ok()?;
        let samples = self.folder.join(format!("{name}.npz"));
        let part = whole((&path, &text), (&samples, &read_file(&samples).ok()?), key);
        if part.is_none() {
            tracing::warn!(
                "{}: is not what was written, with its samples; the curve is computed again",
                path.display()
            );
        }
        part
    }

    /// Keeps a finished curve: its samples first, so that a curve that is there has them.
    ///
    /// # Errors
    /// [`QualityError::File`].
    pub fn write(&self, key: &Map<String, Value>, part: &Part) -> Result<(), QualityError> {
        let name = name_of(key);
        let path = self.folder.join(format!("{name}.npz"));
        let samples =
            npz_bytes(|npz| npz.add("samples", &part.samples)).map_err(QualityError::at(&path))?;
        write_atomically(&path, |out| out.write_all(&samples)).map_err(QualityError::at(&path))?;
        let path = self.folder.join(format!("{name}.json"));
        let file = CurveFile {
            key: key.clone(),
            curve: part.curve.clone(),
            samples_blake3: hash(&samples),
        };
        write_atomically(&path, |out| out.write_all(&sealed_json(&file)?))
            .map_err(QualityError::at(&path))
    }
}

/// Half of the hash: 64 bits for some thousand curves.
fn name_of(key: &Map<String, Value>) -> String {
    let text = Value::Object(key.clone()).to_string();
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}
