//! What is learned: images as rows of numbers from −1 to 1.

mod csv;
mod error;
mod half;
mod idx;
mod label_column;
mod npy;
mod scale;
mod shape;

pub use error::DataError;
pub use half::Half;
pub use label_column::LabelColumn;
pub use shape::ImageShape;

use crate::config::DataConfig;
use crate::files::{
    ArrayFileError, is_gzip, most_unpacked, npy_member, read_file, split_name, unpack, unpacking,
};
use ndarray::Array2;
use scale::Scale;
use std::borrow::Cow;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// UCI Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998), CC BY 4.0; see
/// `data/README.md`.
const DIGITS: &[u8] = include_bytes!("../../data/optdigits.tes");
const DIGITS_HELD_OUT: &[u8] = include_bytes!("../../data/optdigits.tra");

/// Whether `data.source` names built-in digits.
pub fn is_digits(source: &str) -> bool {
    matches!(source, "digits" | "digits-half")
}

/// Pixels of the digits are counts of ink in 4×4 blocks, 0 to 16.
const DIGITS_RANGE: (f64, f64) = (0.0, 16.0);

/// A set of images, and their classes where they are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    images: Array2<f32>,
    shape: ImageShape,
    labels: Option<Vec<u32>>,
    label_column: LabelColumn,
    name: String,
    blake3: String,
}

impl Dataset {
    /// The data that a configuration asks for: `digits`, `digits-half`, or a file.
    ///
    /// The format is told from the content (`.npy`, `.npz` as `FILE.npz:NAME`, IDX) and, for CSV, which has no mark of its own, from
    /// the extension `.csv` or `.csv.gz`; each may be a gzip stream, whatever the file is called. Axes after the
    /// first are flattened, and their [`shape`](Self::shape) kept. Values are scaled linearly, `low` to −1 and `high` to +1. Labels come from a column
    /// of a CSV ([`LabelColumn`]) and, for an IDX file named as MNIST names them, from the file of labels
    /// beside it (`…-images-idx3-ubyte…` and `…-labels-idx1-ubyte…`, each plain or gzip).
    ///
    /// # Errors
    /// Any [`DataError`].
    pub fn load(config: &DataConfig) -> Result<Self, DataError> {
        Self::read(config)?.shaped(&config.shape)
    }

    fn read(config: &DataConfig) -> Result<Self, DataError> {
        let scale = Scale::new(config.low, config.high)?;
        if config.source == "digits" {
            return Self::from_csv("digits", DIGITS, DIGITS, &scale, LabelColumn::Last);
        }
        if config.source == "digits-half" {
            return Ok(Self::digits_half(Half::Train));
        }
        let (path, array) = split_name(Path::new(&config.source));
        let bytes = read_file(path)?;
        if bytes.is_empty() {
            return Err(DataError::Empty {
                source_name: config.source.clone(),
            });
        }
        let format = Format::of(path, &bytes)?;
        if let (Some(name), Format::Csv | Format::Idx | Format::Npy) = (array, &format) {
            let (path, name) = (path.to_owned(), name.to_owned());
            return Err(ArrayFileError::Nameless { path, name }.into());
        }
        let ((images, shape), labels) = match format {
            Format::Csv => {
                let text = unpacked(&config.source, &bytes)?;
                return Self::from_csv(&config.source, &bytes, &text, &scale, config.label_column);
            }
            Format::Npy => {
                let array = unpacked(&config.source, &bytes)?;
                (npy::read(&config.source, &array, &scale)?, None)
            }
            Format::Npz => {
                let (array, member) = npy_member(path, &bytes, array, None)?;
                (npy::read(&array, &member, &scale)?, None)
            }
            // Unpacked as far as its header says, and no further.
            Format::Idx => {
                let images = idx::read_images(&config.source, &bytes, &scale)?;
                let labels = labels_beside(path, images.0.nrows())?;
                (images, labels)
            }
        };
        Ok(Self {
            shape,
            label_column: config.label_column,
            ..Self::new(&config.source, &bytes, images, labels)
        })
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
            .and_then(|scale| Self::from_csv(name, bytes, bytes, &scale, LabelColumn::Last))
            .expect("the file is part of the program")
    }

    /// From the text of a table, in a file of these bytes.
    fn from_csv(
        name: &str,
        bytes: &[u8],
        text: &[u8],
        scale: &Scale,
        label_column: LabelColumn,
    ) -> Result<Self, DataError> {
        let table = csv::read(name, text, scale, label_column)?;
        Ok(Self {
            label_column: table.label_column,
            ..Self::new(name, bytes, table.images, table.labels)
        })
    }

    fn new(name: &str, bytes: &[u8], images: Array2<f32>, labels: Option<Vec<u32>>) -> Self {
        Self {
            shape: ImageShape::of_pixels(images.ncols()),
            images,
            labels,
            label_column: LabelColumn::default(),
            name: name.to_owned(),
            blake3: blake3::hash(bytes).to_hex().to_string(),
        }
    }

    /// The same images with these axes, `[H, W]` or `[H, W, C]`; none: as they are.
    fn shaped(self, axes: &[usize]) -> Result<Self, DataError> {
        if axes.is_empty() {
            return Ok(self);
        }
        let pixels = self.images.ncols();
        let shape = ImageShape::of_axes(axes).filter(|shape| shape.pixels() == pixels);
        match shape {
            Some(shape) => Ok(Self { shape, ..self }),
            None => Err(DataError::Shape {
                source_name: self.name,
                axes: axes.to_owned(),
                pixels,
            }),
        }
    }

    /// Height, width and channels of an image: as `data.shape` or the axes of the file say, else a square, else
    /// one row.
    pub fn shape(&self) -> ImageShape {
        self.shape
    }

    /// The images, `[image, pixel]`, every value in [−1, 1].
    pub fn images(&self) -> &Array2<f32> {
        &self.images
    }

    /// The class of every image.
    pub fn labels(&self) -> Option<&[u32]> {
        self.labels.as_deref()
    }

    /// Which column the labels were in: of a table always one that is said, of other files what was asked for.
    pub fn label_column(&self) -> LabelColumn {
        self.label_column
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
    Npz,
    Idx,
}

/// Bytes at the beginning by which a format is told.
const HEAD: u64 = 16;

impl Format {
    fn of(path: &Path, bytes: &[u8]) -> Result<Self, DataError> {
        let mut head = Vec::new();
        let read = unpacking(bytes).take(HEAD).read_to_end(&mut head);
        read.map_err(gzip(path.display()))?;
        let packed = path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("gz"));
        let inner = if packed {
            path.with_extension("")
        } else {
            path.to_owned()
        };
        let extension = inner.extension().unwrap_or_default();
        let is = |known: &str| extension.eq_ignore_ascii_case(known);
        if head.starts_with(b"\x93NUMPY") || is("npy") {
            Ok(Self::Npy)
        } else if bytes.starts_with(b"PK") {
            Ok(Self::Npz)
        } else if idx::looks_like(&head) || is("idx") {
            Ok(Self::Idx)
        } else if is("csv") {
            Ok(Self::Csv)
        } else if packed || is_gzip(bytes) {
            // MNIST's own names have no extension but that of gzip.
            Ok(Self::Idx)
        } else {
            Err(DataError::Format {
                source_name: path.display().to_string(),
            })
        }
    }
}

/// The content of a gzip stream, other bytes as they are.
fn unpacked<'a>(source: &str, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, DataError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let content = unpack(bytes, most_unpacked()).map_err(gzip(source))?;
    Ok(Cow::Owned(content))
}

fn gzip(source: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> DataError {
    move |error| DataError::Gzip {
        source_name: source.to_string(),
        reason: error.to_string(),
    }
}

/// Labels from the file that MNIST's naming puts beside an image file, if there is one.
fn labels_beside(images: &Path, count: usize) -> Result<Option<Vec<u32>>, DataError> {
    let Some(path) = label_files(images).into_iter().find(|path| path.exists()) else {
        return Ok(None);
    };
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

/// What the labels of an IDX file are called: as packed as the images, and otherwise.
fn label_files(images: &Path) -> Vec<PathBuf> {
    let name = images.file_name().unwrap_or_default().to_string_lossy();
    let mut files = Vec::new();
    // With a dot in the copies that some sites give out.
    for (of_images, of_labels) in [
        ("images-idx3", "labels-idx1"),
        ("images.idx3", "labels.idx1"),
    ] {
        if name.contains(of_images) {
            let labels = name.replace(of_images, of_labels);
            let other = match labels.strip_suffix(".gz") {
                Some(plain) => plain.to_owned(),
                None => format!("{labels}.gz"),
            };
            files.extend([labels, other].map(|name| images.with_file_name(name)));
        }
    }
    files
}

#[cfg(test)]
mod tests;
