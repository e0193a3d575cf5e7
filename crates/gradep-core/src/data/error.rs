//! What can be wrong with data.

use crate::files::{ArrayFileError, FileAccessError, NpyError};
use units::budget::BudgetError;
use units::fault::{Blame, Fault};

/// Why data could not be used. `source_name` is the path of the file, or the name of built-in data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file system refuses to read.
    #[error("{0}")]
    Access(#[from] FileAccessError),
    /// A range that does not order two numbers.
    #[error("data.low = {low} and data.high = {high}; expected finite numbers, low below high")]
    Range {
        /// Scaled to −1.
        low: f64,
        /// Scaled to +1.
        high: f64,
    },
    /// No images, or images without pixels.
    #[error("{source_name}: holds no images")]
    Empty {
        /// The file.
        source_name: String,
    },
    /// An unknown kind of file.
    #[error(
        "{source_name}: unknown format; expected `digits`, a .csv, a .npy, or IDX, each plain or gzip, a .npz, or a folder of .png"
    )]
    Format {
        /// The file.
        source_name: String,
    },
    /// A pixel outside the range, NaN included.
    #[error("{source_name}, {place}: {value} is outside [{low}, {high}] (data.low, data.high)")]
    OutOfRange {
        /// The file.
        source_name: String,
        /// Line and column from 1 (CSV), or image and pixel from 0.
        place: String,
        /// The pixel.
        value: f64,
        /// `data.low`.
        low: f64,
        /// `data.high`.
        high: f64,
    },
    /// Text that is not a number.
    #[error("{source_name}, line {line}, column {column}: `{value}` is not a number")]
    NotANumber {
        /// The file.
        source_name: String,
        /// From 1.
        line: u64,
        /// From 1.
        column: usize,
        /// The text.
        value: String,
    },
    /// Text that is not a class.
    #[error(
        "{source_name}, line {line}: the label `{value}` in the {column} column is not a whole number from 0 \
         (data.label_column says where labels are: first, last or none)"
    )]
    Label {
        /// The file.
        source_name: String,
        /// From 1.
        line: u64,
        /// Where the label is looked for: `first` or `last`.
        column: &'static str,
        /// The text.
        value: String,
    },
    /// Labels in front, where nothing says so.
    #[error(
        "{source_name}: the first column looks like the labels (whole numbers up to {largest}, where pixels go up to \
         {highest}) and the last does not; say where they are: data.label_column = first, last or none"
    )]
    LabelFirst {
        /// The file.
        source_name: String,
        /// Largest number of the first column.
        largest: f64,
        /// Largest of the others.
        highest: f64,
    },
    /// A heading that contradicts the configuration, or names a label where none can be.
    #[error(
        "{source_name}, line {line}: the heading calls column {column} of {columns} `{name}`, where data.label_column = \
         {asked} does not expect it; labels may be in the first or the last column"
    )]
    Heading {
        /// The file.
        source_name: String,
        /// From 1.
        line: u64,
        /// Of the label, from 1.
        column: usize,
        /// Its name.
        name: String,
        /// How many columns there are.
        columns: usize,
        /// What the configuration says.
        asked: String,
    },
    /// A line of another length.
    #[error(
        "{source_name}, line {line}: has {found} columns; expected {expected} as on the first line"
    )]
    Ragged {
        /// The file.
        source_name: String,
        /// From 1.
        line: u64,
        /// Columns of this line.
        found: usize,
        /// Columns of the first line.
        expected: usize,
    },
    /// Text that is not CSV.
    #[error("{source_name}: cannot be read as CSV: {reason}")]
    Csv {
        /// The file.
        source_name: String,
        /// What the parser says.
        reason: String,
    },
    /// An array that cannot be used.
    #[error("{source_name}: {cause}")]
    Npy {
        /// The file.
        source_name: String,
        /// What is wrong with it.
        cause: NpyError,
    },
    /// An archive in which there is not the array that was asked for.
    #[error("{0}")]
    Array(#[from] ArrayFileError),
    /// An array without an axis of pixels.
    #[error(
        "{source_name}: has shape {shape:?}; expected images first, then one or more axes of pixels"
    )]
    Rank {
        /// The file.
        source_name: String,
        /// Its shape.
        shape: Vec<usize>,
    },
    /// Axes that are not those of the images.
    #[error(
        "{source_name}: data.shape = {axes:?} is not that of images of {pixels} pixels; expected [H, W] or [H, W, C]"
    )]
    Shape {
        /// The data.
        source_name: String,
        /// What was asked for.
        axes: Vec<usize>,
        /// Pixels of an image.
        pixels: usize,
    },
    /// The first four bytes of an IDX file are others.
    #[error("{source_name}: IDX magic {found:#010x}; expected {expected}")]
    IdxMagic {
        /// The file.
        source_name: String,
        /// The magic number in the file.
        found: u32,
        /// What is read here.
        expected: &'static str,
    },
    /// The file ends inside the IDX header.
    #[error("{source_name}: ends inside its IDX header")]
    IdxHeader {
        /// The file.
        source_name: String,
    },
    /// More or fewer bytes than the IDX header says.
    #[error(
        "{source_name}: its header says shape {shape:?}, that is {expected} bytes; the file holds {found}"
    )]
    IdxLength {
        /// The file.
        source_name: String,
        /// The shape in the header.
        shape: Vec<usize>,
        /// Bytes by the shape.
        expected: usize,
        /// The bytes that there are, or "more".
        found: String,
    },
    /// An array too large to be held.
    #[error("{source_name}: its header says shape {shape:?}; expected at most {limit} values")]
    TooLarge {
        /// The file.
        source_name: String,
        /// The shape in the header.
        shape: Vec<usize>,
        /// The limit.
        limit: usize,
    },
    /// More than the memory holds.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A truncated or damaged gzip stream.
    #[error("{source_name}: truncated or damaged gzip stream: {reason}")]
    Gzip {
        /// The file.
        source_name: String,
        /// What the unpacker says.
        reason: String,
    },
    /// Another number of labels than of images.
    #[error("{source_name}: holds {labels} labels for {images} images")]
    LabelCount {
        /// The file of labels.
        source_name: String,
        /// Labels in it.
        labels: usize,
        /// Images that they are for.
        images: usize,
    },
    /// Something in a file of labels that is none.
    #[error("{source_name}, label {place} (from 0): `{value}` is not a whole number from 0")]
    OwnLabel {
        /// The file of labels.
        source_name: String,
        /// Which label, from 0.
        place: usize,
        /// What stands there.
        value: String,
    },
    /// A share that leaves nothing to train on or nothing to compare with.
    #[error(
        "{source_name}: data.held_out = {share} of {images} images leaves none to train on, or none to \
         compare with"
    )]
    HeldOut {
        /// The data.
        source_name: String,
        /// `data.held_out`.
        share: f64,
        /// How many images there are.
        images: usize,
    },
    /// A folder that cannot be listed.
    #[error("{source_name}: cannot be listed: {cause}")]
    Folder {
        /// The folder.
        source_name: String,
        /// Why.
        cause: std::io::Error,
    },
    /// Label nodes are asked for, and there are no labels.
    #[error(
        "{source_name}: has no labels, and data.label_nodes = {label_nodes} asks for a class of each image; \
         data.labels names a file of them"
    )]
    NoLabels {
        /// The data.
        source_name: String,
        /// Label nodes asked for.
        label_nodes: usize,
    },
    /// A label for which there is no node.
    #[error(
        "{source_name}: image {image} is of class {label}; with data.label_nodes = {label_nodes} classes are \
         0 to {}",
        label_nodes - 1
    )]
    NoSuchClass {
        /// The data.
        source_name: String,
        /// Number of the image, from 0.
        image: usize,
        /// Its label.
        label: u32,
        /// Label nodes asked for.
        label_nodes: usize,
    },
    /// Not an image that can be used.
    #[error("{source_name}: cannot be used as a PNG image: {reason}")]
    Png {
        /// The file.
        source_name: String,
        /// Why.
        reason: String,
    },
    /// Images of several sizes or kinds in one folder.
    #[error("{source_name}: is an image of {found}; expected {expected}, as {like}")]
    Mixed {
        /// The file.
        source_name: String,
        /// Its size and depth.
        found: String,
        /// Those of the first.
        expected: String,
        /// The first.
        like: String,
    },
}

impl Blame for DataError {
    fn fault(&self) -> Fault {
        match self {
            Self::Access(cause) => cause.fault(),
            Self::Npy { cause, .. } => cause.fault(),
            Self::Array(cause) => cause.fault(),
            Self::Budget(cause) => cause.fault(),
            Self::Range { .. }
            | Self::Empty { .. }
            | Self::Format { .. }
            | Self::OutOfRange { .. }
            | Self::NotANumber { .. }
            | Self::Label { .. }
            | Self::LabelFirst { .. }
            | Self::Heading { .. }
            | Self::Ragged { .. }
            | Self::Csv { .. }
            | Self::Rank { .. }
            | Self::Shape { .. }
            | Self::IdxMagic { .. }
            | Self::IdxHeader { .. }
            | Self::IdxLength { .. }
            | Self::TooLarge { .. }
            | Self::Gzip { .. }
            | Self::LabelCount { .. }
            | Self::OwnLabel { .. }
            | Self::HeldOut { .. }
            | Self::NoLabels { .. }
            | Self::NoSuchClass { .. }
            | Self::Png { .. }
            | Self::Mixed { .. } => Fault::Input,
            Self::Folder { .. } => Fault::Machine,
        }
    }
}
