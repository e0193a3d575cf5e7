//! What a file says of itself: size of the images, and what its values can be.

use super::{
    DataConfig, DataError, Dataset, ImageShape, Scale, folder,
    format::{Format, unpacked},
    is_digits,
};
use crate::files::{npy_element, npy_member, read_file, split_name};
use std::path::Path;

/// What the values of a file can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Values {
    /// Bytes, 0 to 255.
    Bytes,
    /// Words of 16 bits, 0 to 65,535.
    Words,
    /// No and yes, 0 and 1.
    Switches,
    /// Numbers between these.
    Numbers {
        /// The smallest.
        smallest: f64,
        /// The largest.
        largest: f64,
        /// Whether all are whole.
        whole: bool,
    },
}

impl Values {
    /// The values that are taken for the darkest and the brightest.
    ///
    /// Of numbers: 0 to 255 where they are whole and go beyond 127, else, from 0 upwards, 0 to 1 or to the
    /// largest; −1 to 1 where they go below 0 and not beyond 1 in size; else the smallest to the largest.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::Bytes => (0.0, 255.0),
            Self::Words => (0.0, 65_535.0),
            Self::Switches => (0.0, 1.0),
            Self::Numbers {
                smallest,
                largest,
                whole,
            } => {
                if whole && smallest >= 0.0 && (128.0..=255.0).contains(&largest) {
                    (0.0, 255.0)
                } else if smallest >= 0.0 && largest <= 1.0 {
                    (0.0, 1.0)
                } else if smallest >= -1.0 && largest <= 1.0 {
                    (-1.0, 1.0)
                } else if whole && smallest >= 0.0 {
                    (0.0, largest)
                } else {
                    (smallest, largest)
                }
            }
        }
    }

    /// In words.
    pub fn text(self) -> String {
        match self {
            Self::Bytes => "bytes".to_owned(),
            Self::Words => "words of 16 bits".to_owned(),
            Self::Switches => "no and yes".to_owned(),
            Self::Numbers {
                smallest, largest, ..
            } => format!("numbers from {smallest} to {largest}"),
        }
    }
}

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
        Some("b1") => Some(Values::Switches),
        _ => None,
    })
}
