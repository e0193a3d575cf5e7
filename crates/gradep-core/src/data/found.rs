//! What a file says of itself: size of the images, and what its values can be.

use super::{
    DataConfig, DataError, Dataset, ImageShape, Scale, Values, folder,
    format::{Format, unpacked},
    is_digits,
};
use crate::files::{npy_element, npy_member, read_file, split_name};
use std::path::Path;

/// What was found in a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Of an image.
    pub shape: ImageShape,
    /// What values can be.
    pub values: Values,
    /// How many images there are.
    pub images: usize,
}

/// Looks at the data of a configuration, whatever its `low` and `high`.
///
/// # Errors
/// Any [`DataError`].
pub fn look(config: &DataConfig) -> Result<Found, DataError> {
    let scale = Scale::as_they_are();
    let data = Dataset::read(config, &scale)?.shaped(&config.shape)?;
    let values = match kind(config)? {
        Some(values) => values,
        None => scale.seen(),
    };
    Ok(Found {
        shape: data.shape(),
        images: data.images().nrows(),
        values,
    })
}

/// What the type of the values says; none where the values have to be looked at.
fn kind(config: &DataConfig) -> Result<Option<Values>, DataError> {
    if is_digits(&config.source) {
        return Ok(None);
    }
    let (path, array) = split_name(Path::new(&config.source));
    if path.is_dir() {
        return folder::values(path).map(Some);
    }
    let bytes = read_file(path)?;
    let element = match Format::of(path, &bytes)? {
        Format::Idx => return Ok(Some(Values::Bytes)),
        Format::Csv => return Ok(None),
        Format::Npy => npy_element(&unpacked(&config.source, &bytes)?),
        Format::Npz => {
            let images = super::images_of(path, &bytes, array)?;
            let (_, member) = npy_member(path, &bytes, Some(&images), None)?;
            npy_element(&member)
        }
    };
    Ok(match element.as_deref() {
        Some("u1") => Some(Values::Bytes),
        Some("u2") => Some(Values::Words),
        _ => None,
    })
}
