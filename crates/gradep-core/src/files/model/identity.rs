//! Which model it is.
//!
//! The identity of a model is 64 hexadecimal digits: the BLAKE3 of its file, as `b3sum model.safetensors`
//! prints it. A file whose metadata leave a setting out (cell, activation, clamp, λ or α) does not say which
//! model it is, and a model of a checkpoint has no file: their identity is the BLAKE3 of the file that
//! [`Model::write`] makes of them. Either way everything that a velocity depends on is in it.

use super::{Model, ModelFileError, Stated};
use crate::files::read_file;
use std::path::Path;

impl Model<f32> {
    /// Identity of a model that was not read from a file: the BLAKE3 of what [`Model::write`] writes.
    pub fn id(&self) -> String {
        hexadecimal(&self.bytes())
    }

    /// Reads a model with its identity.
    ///
    /// # Errors
    /// As [`Model::read`].
    pub fn read_identified(path: &Path) -> Result<(Self, String), ModelFileError> {
        let bytes = read_file(path)?;
        let (model, says_all) = Self::decode(path, &bytes, &Stated::default())?;
        let id = if says_all {
            hexadecimal(&bytes)
        } else {
            model.id()
        };
        Ok((model, id))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
