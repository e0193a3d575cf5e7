//! What is learned: images as rows of numbers from −1 to 1.

mod array;
mod config;
mod csv;
mod division;
mod error;
mod folder;
mod format;
mod found;
mod half;
mod idx;
mod label_column;
mod labels;
mod npy;
mod scale;
mod values;
mod visible;

pub use config::DataConfig;
pub use division::Divided;
pub use error::DataError;
pub use found::{Found, look};
pub use half::Half;
pub use label_column::LabelColumn;
pub use values::Values;
pub use visible::one_hot;
// A data set is of images of one shape: `data` is where one looks for it.
pub use crate::image::{BesidePixels, ImageShape, is_digits};

use crate::files::{ArrayFileError, NpzFile, npy_member, read_file, split_name};
use format::{Format, unpacked};
use ndarray::Array2;
use scale::Scale;
use std::path::Path;

/// UCI Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998), CC BY 4.0; see
/// `data/README.md`.
const DIGITS: &[u8] = include_bytes!("../../data/optdigits.tes");
const DIGITS_HELD_OUT: &[u8] = include_bytes!("../../data/optdigits.tra");

/// Pixels of the digits are counts of ink in 4×4 blocks, 0 to 16.
const DIGITS_RANGE: (f64, f64) = (0.0, 16.0);

/// A set of images, and their classes where they are known.
///
/// ```
/// use gradep_core::data::Dataset;
///
/// let digits = Dataset::digits();
/// assert_eq!(digits.images().dim(), (1797, 64));
/// assert_eq!(digits.shape().to_string(), "8x8");
/// assert_eq!(digits.labels().map(<[u32]>::len), Some(1797));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    images: Array2<f32>,
    shape: ImageShape,
    labels: Option<Vec<u32>>,
    label_column: LabelColumn,
    name: String,
    blake3: String,
    /// The values that became −1 and +1.
    range: [f64; 2],
}

impl Dataset {
    /// The data that a configuration trains on: `digits`, `digits-half`, a file, or a folder of images; without
    /// what it keeps from training ([`load_divided`](Self::load_divided)).
    ///
    /// The format is told from the content (`.npy`, `.npz`, IDX) and, for CSV, which has no mark of its own, from
    /// the extension `.csv` or `.csv.gz`; each may be a gzip stream, whatever the file is called. Of an archive
    /// `FILE.npz:NAME` is read, without a name its only array, or the one called `images`, `x` or `X`. A folder
    /// holds PNG images, or folders of them, each a class. Axes after the
    /// first are flattened, and their [`shape`](Self::shape) kept. Values are scaled linearly, `low` to −1 and
    /// `high` to +1. Labels come from `data.labels`, from a column
    /// of a CSV ([`LabelColumn`]), from an array called `labels` or `y` beside that of the images, from the folders
    /// and, for an IDX file named as MNIST names them, from the file of labels
    /// beside it (`…-images-idx3-ubyte…` and `…-labels-idx1-ubyte…`, each plain or gzip).
    ///
    /// # Errors
    /// Any [`DataError`].
    pub fn load(config: &DataConfig) -> Result<Self, DataError> {
        Ok(Self::load_divided(config)?.training)
    }

    /// All data of a configuration.
    fn read_shaped(config: &DataConfig) -> Result<Self, DataError> {
        let scale = Scale::new(config.low, config.high)?;
        let data = Self::read(config, &scale)?.shaped(&config.shape)?;
        Ok(Self {
            range: [config.low, config.high],
            ..data
        })
    }

    fn read(config: &DataConfig, scale: &Scale) -> Result<Self, DataError> {
        if config.source == "digits" {
            return Self::from_csv("digits", DIGITS, DIGITS, scale, LabelColumn::Last);
        }
        if config.source == "digits-half" {
            return Ok(Self::digits_half(Half::Train));
        }
        let data = Self::read_own(config, scale)?;
        if config.labels.is_empty() {
            return Ok(data);
        }
        let labels = labels::read(&config.labels, data.images.nrows())?;
        Ok(Self {
            labels: Some(labels),
            ..data
        })
    }

    /// A user's file or folder.
    fn read_own(config: &DataConfig, scale: &Scale) -> Result<Self, DataError> {
        let (path, array) = split_name(Path::new(&config.source));
        if path.is_dir() {
            let read = folder::read(path, scale)?;
            return Ok(Self {
                shape: read.shape,
                label_column: config.label_column,
                blake3: folder::digest(path)?.to_hex().to_string(),
                ..Self::new(&config.source, &[], read.images, read.labels)
            });
        }
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
                return Self::from_csv(&config.source, &bytes, &text, scale, config.label_column);
            }
            Format::Npy => {
                let array = unpacked(&config.source, &bytes)?;
                (npy::read(&config.source, &array, scale)?, None)
            }
            Format::Npz => {
                let name = images_of(path, &bytes, array)?;
                let (title, member) = npy_member(path, &bytes, Some(&name), None)?;
                let images = npy::read(&title, &member, scale)?;
                let labels = labels::beside(path, &bytes, &name, images.0.nrows())?;
                (images, labels)
            }
            // Unpacked as far as its header says, and no further.
            Format::Idx => {
                let images = idx::read_images(&config.source, &bytes, scale)?;
                let labels = labels::beside_idx(path, images.0.nrows())?;
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
            range: DIGITS_RANGE.into(),
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

    /// What visible nodes are held against, `[image, n_0]`: the images, and after their pixels the label nodes, +1 for
    /// the class of the image and −1 for others, and copies of the pixels at 0, for nothing is known of an image.
    ///
    /// ```
    /// use gradep_core::data::{BesidePixels, Dataset};
    ///
    /// let classes = BesidePixels { label_nodes: 10, copies: false };
    /// let nodes = Dataset::digits().visible_nodes(classes)?;
    /// assert_eq!(nodes.ncols(), 64 + 10);
    /// // The first digit is a nought.
    /// assert_eq!(nodes.row(0).to_vec()[64..], [1., -1., -1., -1., -1., -1., -1., -1., -1., -1.]);
    /// # Ok::<(), gradep_core::data::DataError>(())
    /// ```
    ///
    /// # Errors
    /// [`DataError::NoLabels`], [`DataError::NoSuchClass`].
    pub fn visible_nodes(&self, beside: BesidePixels) -> Result<Array2<f32>, DataError> {
        visible::nodes_of(self, beside)
    }

    /// Which column the labels were in: of a table always one that is said, of other files what was asked for.
    pub fn label_column(&self) -> LabelColumn {
        self.label_column
    }

    /// The values that became −1 and +1: `data.low` and `data.high`.
    pub fn range(&self) -> [f64; 2] {
        self.range
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

/// Names of arrays of images in an archive that has others.
const IMAGES: [&str; 6] = ["images", "x", "X", "x_train", "data", "samples"];

/// The array of an archive that holds the images: the one that is asked for, the only one, or the one that is
/// called so.
fn images_of(path: &Path, bytes: &[u8], asked: Option<&str>) -> Result<String, DataError> {
    if let Some(name) = asked {
        return Ok(name.to_owned());
    }
    let archive = NpzFile::open(path, bytes)?;
    let mut called = IMAGES.into_iter();
    let called = called.find(|name| archive.names().iter().any(|known| known == name));
    match (archive.names(), called) {
        ([only], _) => Ok(only.clone()),
        (_, Some(name)) => Ok(name.to_owned()),
        (names, None) => Err(ArrayFileError::WhichArray {
            path: path.to_owned(),
            names: names.to_vec(),
        }
        .into()),
    }
}

/// What identifies the content of a data source: BLAKE3 of a file, or of the names and contents in a folder.
///
/// # Errors
/// [`DataError`] where it cannot be read.
pub fn digest(place: &Path) -> Result<String, DataError> {
    let (path, _) = split_name(place);
    let hash = if path.is_dir() {
        folder::digest(path)?
    } else {
        blake3::hash(&read_file(path)?)
    };
    Ok(hash.to_hex().to_string())
}

#[cfg(test)]
mod tests;
