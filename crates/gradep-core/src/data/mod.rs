//! What is learned: images as rows of numbers from −1 to 1.

mod csv;
mod error;
mod half;
mod idx;
mod npy;
mod scale;

pub use error::DataError;
pub use half::Half;

use crate::config::DataConfig;
use crate::files::read_file;
use ndarray::Array2;
use scale::Scale;
use std::path::Path;

/// UCI Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998), CC BY 4.0; see
/// `data/README.md`.
const DIGITS: &[u8] = include_bytes!("../../../../data/optdigits.tes");
const DIGITS_HELD_OUT: &[u8] = include_bytes!("../../../../data/optdigits.tra");

/// Pixels of the digits are counts of ink in 4×4 blocks, 0 to 16.
const DIGITS_RANGE: (f64, f64) = (0.0, 16.0);

/// A set of images, and their classes where they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    images: Array2<f32>,
    labels: Option<Vec<u32>>,
    name: String,
    blake3: String,
}

impl Dataset {
    /// The data that a configuration asks for: `digits`, `digits-half`, or a file.
    ///
    /// The format is told from the content (`.npy`, IDX plain or gzip) and, for CSV, which has no
    /// mark of its own, from the extension `.csv`. Axes after the first are flattened. Values are
    /// scaled linearly, `low` to −1 and `high` to +1. Labels come from the last column of a CSV
    /// (`label_column`) and, for an IDX file named as MNIST names them, from the file of labels beside it
    /// (`…-images-idx3-ubyte…` and `…-labels-idx1-ubyte…`).
    ///
    /// # Errors
    /// Any [`DataError`].
    pub fn load(config: &DataConfig) -> Result<Self, DataError> {
        let scale = Scale::new(config.low, config.high)?;
        if config.source == "digits" {
            return Self::from_csv("digits", DIGITS, &scale, true);
        }
        if config.source == "digits-half" {
            return Ok(Self::digits_half(Half::Train));
        }
        let path = Path::new(&config.source);
        let bytes = read_file(path)?;
        if bytes.is_empty() {
            return Err(DataError::Empty {
                source_name: config.source.clone(),
            });
        }
        let (images, labels) = match Format::of(path, &bytes)? {
            Format::Csv => {
                return Self::from_csv(&config.source, &bytes, &scale, config.label_column);
            }
            Format::Npy => (npy::read(&config.source, &bytes, &scale)?, None),
            Format::Idx => {
                let images = idx::read_images(&config.source, &bytes, &scale)?;
                let labels = labels_beside(path, images.nrows())?;
                (images, labels)
            }
        };
        Ok(Self::new(&config.source, &bytes, images, labels))
    }

    /// The 1,797 digits that the paper trains on, 8×8, with labels: `optdigits.tes`, the same images as
    /// scikit-learn's `load_digits`.
    pub fn digits() -> Self {
        Self::built_in("digits", DIGITS)
    }

    /// 3,823 digits by other writers, 8×8, with labels: `optdigits.tra`. No image in common with
    /// [`digits`](Self::digits).
    pub fn digits_held_out() -> Self {
        Self::built_in("digits-held-out", DIGITS_HELD_OUT)
    }

    fn built_in(name: &str, bytes: &[u8]) -> Self {
        let (low, high) = DIGITS_RANGE;
        Scale::new(low, high)
            .and_then(|scale| Self::from_csv(name, bytes, &scale, true))
            .expect("the file is part of the program")
    }

    fn from_csv(
        name: &str,
        bytes: &[u8],
        scale: &Scale,
        label_column: bool,
    ) -> Result<Self, DataError> {
        let (images, labels) = csv::read(name, bytes, scale, label_column)?;
        Ok(Self::new(name, bytes, images, labels))
    }

    fn new(name: &str, bytes: &[u8], images: Array2<f32>, labels: Option<Vec<u32>>) -> Self {
        Self {
            images,
            labels,
            name: name.to_owned(),
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }

    /// The images, `[image, pixel]`, every value in [−1, 1].
    pub fn images(&self) -> &Array2<f32> {
        &self.images
    }

    /// The class of every image.
    pub fn labels(&self) -> Option<&[u32]> {
        self.labels.as_deref()
    }

    /// Where the images come from: the name of a built-in set or the path of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// blake3 of the file's bytes, hexadecimal: names the data whatever the file is called.
    pub fn blake3(&self) -> &str {
        &self.blake3
    }
}

/// Formats of data files.
enum Format {
    Csv,
    Npy,
    Idx,
}

impl Format {
    fn of(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let extension = path.extension().unwrap_or_default();
        if bytes.starts_with(b"\x93NUMPY") || extension == "npy" {
            Ok(Self::Npy)
        } else if idx::looks_like(bytes) || extension == "gz" || extension == "idx" {
            Ok(Self::Idx)
        } else if extension.eq_ignore_ascii_case("csv") {
            Ok(Self::Csv)
        } else {
            Err(DataError::Format {
                source_name: path.display().to_string(),
            })
        }
    }
}

/// Labels from the file that MNIST's naming puts beside an image file, if there is one.
fn labels_beside(images: &Path, count: usize) -> Result<Option<Vec<u32>>, DataError> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    let path = images.with_file_name(name.replace("images-idx3", "labels-idx1"));
    if path == images || !path.exists() {
        return Ok(None);
    }
    let name = path.display().to_string();
    let labels = idx::read_labels(&name, &read_file(&path)?)?;
    if labels.len() != count {
        return Err(DataError::LabelCount {
            source_name: name,
            labels: labels.len(),
            images: count,
        });
    }
    Ok(Some(labels))
}

#[cfg(test)]
mod tests;
