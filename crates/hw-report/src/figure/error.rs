//! Why a figure was not written.

use gradep_core::data::ImageShape;
use std::{error::Error, io, path::PathBuf};
use units::fault::{Blame, Fault};

/// Why a figure was not written. Whatever the reason, the destination is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// The extension names no format.
    #[error("{}: expected a file name ending in .svg or .png", path.display())]
    Extension {
        /// The path asked for.
        path: PathBuf,
    },
    /// There is nothing to draw.
    #[error("{figure}: {what} is empty, expected at least one value")]
    Empty {
        /// Which figure.
        figure: &'static str,
        /// Which of its parts.
        what: String,
    },
    /// Images that have not the shape that they are said to have.
    #[error("{figure}: images of {pixels} pixels, expected {expected} of the shape {shape}")]
    Shape {
        /// Which figure.
        figure: &'static str,
        /// Pixels of an image.
        pixels: usize,
        /// Pixels that the shape has.
        expected: usize,
        /// The shape.
        shape: ImageShape,
    },
    /// A value is infinite or not a number.
    #[error("{figure}: {what} is {value} at index {index}, expected a finite number")]
    NotFinite {
        /// Which figure.
        figure: &'static str,
        /// Which of its parts.
        what: String,
        /// Place in that part, in row-major order.
        index: usize,
        /// What was there.
        value: f64,
    },
    /// A value is too small for its axis.
    #[error("{figure}: {what} is {value} at index {index}, expected {expected}")]
    OutOfRange {
        /// Which figure.
        figure: &'static str,
        /// Which of its parts.
        what: String,
        /// Place in that part.
        index: usize,
        /// What was there.
        value: f64,
        /// What the axis can show.
        expected: &'static str,
    },
    /// Two parts do not pair up.
    #[error("{figure}: {what} has {found} values, expected {expected}")]
    Length {
        /// Which figure.
        figure: &'static str,
        /// Which of its parts.
        what: String,
        /// Its length.
        found: usize,
        /// The length it should have.
        expected: usize,
    },
    /// More images than a picture can hold.
    #[error(
        "{figure}: a picture of {width} × {height} pixels, expected at most {limit} a side; draw fewer images"
    )]
    TooLarge {
        /// Which figure.
        figure: &'static str,
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Largest width and height.
        limit: usize,
    },
    /// The folder or the file could not be written.
    #[error("{}: cannot write the figure", path.display())]
    Write {
        /// The path asked for.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The drawing library failed.
    #[error("{}: cannot draw the figure", path.display())]
    Draw {
        /// The path asked for.
        path: PathBuf,
        /// What the library says.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl Blame for FigureError {
    fn fault(&self) -> Fault {
        match self {
            Self::Write { source, .. } => source.fault(),
            Self::Draw { .. } => Fault::Machine,
            Self::Extension { .. }
            | Self::Empty { .. }
            | Self::Shape { .. }
            | Self::NotFinite { .. }
            | Self::OutOfRange { .. }
            | Self::Length { .. }
            | Self::TooLarge { .. } => Fault::Input,
        }
    }
}

impl FigureError {
    /// Whether the figure itself can be drawn: a place to write it was lacking.
    pub fn is_of_the_machine(&self) -> bool {
        matches!(self, Self::Write { .. } | Self::Draw { .. })
    }
}
