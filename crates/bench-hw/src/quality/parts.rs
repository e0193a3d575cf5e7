//! Finished curves in the folder of a study.

use super::Curve;
use crate::store::{Store, StoreError};
use gradep_core::files::{NpzFile, npz_bytes};
use ndarray::Array3;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A finished curve, and its first samples.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// The curve.
    pub(super) curve: Curve,
    /// The first samples at each flow time, as the flow leaves them, `[times, samples, pixels]`.
    pub(super) samples: Array3<f32>,
}

/// What a curve depends on, the curve, and which archive is its own.
#[derive(Serialize, Deserialize)]
struct CurveFile {
    key: Map<String, Value>,
    curve: Curve,
    samples_blake3: String,
}

impl Part {
    /// The curve that depends on `key`, if it is there and whole. One that is not is computed again: the reader
    /// is told.
    pub(super) fn read(store: &Store, key: &Map<String, Value>) -> Option<Self> {
        let name = name_of(key);
        if !store.has(&name) {
            return None;
        }
        let part = Self::whole(store, &name, key);
        if part.is_none() {
            tracing::warn!(
                "{}: curve {name} is not what was written, with its samples; it is computed again",
                store.root().display()
            );
        }
        part
    }

    /// What the two files of a curve hold, if they are what was written for `key`.
    fn whole(store: &Store, name: &str, key: &Map<String, Value>) -> Option<Self> {
        let file: CurveFile = store.get(name).ok()??;
        let (path, bytes) = store.archive(name).ok()?;
        let fits = file.key == *key && file.samples_blake3 == hash(&bytes);
        let samples = NpzFile::open(&path, &bytes).ok()?.array("samples").ok()?;
        let samples = samples.into_dimensionality().ok()?;
        fits.then_some(Self {
            curve: file.curve,
            samples,
        })
    }

    /// Keeps a finished curve: its samples first, so that a curve that is there has them.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub(super) fn write(&self, store: &Store, key: &Map<String, Value>) -> Result<(), StoreError> {
        let name = name_of(key);
        let samples = npz_bytes(|npz| npz.add("samples", &self.samples)).map_err(|reason| {
            StoreError::File {
                path: store.root().to_owned(),
                reason,
            }
        })?;
        store.put_archive(&name, &samples)?;
        let file = CurveFile {
            key: key.clone(),
            curve: self.curve.clone(),
            samples_blake3: hash(&samples),
        };
        store.put(&name, &file)
    }
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Half of the hash: 64 bits for some thousand curves.
fn name_of(key: &Map<String, Value>) -> String {
    let text = Value::Object(key.clone()).to_string();
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}
