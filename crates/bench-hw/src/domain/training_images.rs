//! What baselines are made of.

use super::Track;
use gradep_core::data::{Dataset, Half};
use ndarray::Array2;
use units::fault::{Blame, Fault};

/// Digits, from 0.
pub(crate) const CLASSES: u32 = 10;

/// Images that baselines cannot be made of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainingImagesError {
    /// Images and classes do not pair up, or there are fewer than two.
    #[error("{images} training images with {classes} classes; expected as many, at least 2")]
    Number {
        /// Images given.
        images: usize,
        /// Classes given.
        classes: usize,
    },
    /// Not square.
    #[error("training images have {pixels} pixels; expected a square number")]
    Pixels {
        /// Pixels of an image.
        pixels: usize,
    },
    /// Outside [−1, 1], or not a number.
    #[error("training image {row}, pixel {column} is {value}; expected −1 to 1")]
    Value {
        /// Image.
        row: usize,
        /// Pixel.
        column: usize,
        /// Its value.
        value: f64,
    },
    /// No digit.
    #[error("training image {row} is of class {class}; expected 0 to 9")]
    Class {
        /// Image.
        row: usize,
        /// Its class.
        class: u32,
    },
}

impl Blame for TrainingImagesError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Square images in [−1, 1] with their classes 0 to 9.
#[derive(Clone, Debug)]
pub struct TrainingImages {
    /// `[images, pixels]`.
    pub(crate) images: Array2<f64>,
    /// `[images]`.
    pub(crate) classes: Vec<u32>,
}

impl TrainingImages {
    /// Images `[images, pixels]` in [−1, 1] of square shape, and their classes 0 to 9 `[images]`.
    ///
    /// # Errors
    /// Any [`TrainingImagesError`].
    pub fn new(images: Array2<f64>, classes: Vec<u32>) -> Result<Self, TrainingImagesError> {
        let (count, pixels) = images.dim();
        if count != classes.len() || count < 2 {
            return Err(TrainingImagesError::Number {
                images: count,
                classes: classes.len(),
            });
        }
        if pixels == 0 || pixels.isqrt().pow(2) != pixels {
            return Err(TrainingImagesError::Pixels { pixels });
        }
        let wrong = images
            .indexed_iter()
            .find(|(_, v)| !(-1.0..=1.0).contains(*v));
        if let Some(((row, column), &value)) = wrong {
            return Err(TrainingImagesError::Value { row, column, value });
        }
        let wrong = classes.iter().position(|&class| class >= CLASSES);
        if let Some(row) = wrong {
            let class = classes[row];
            return Err(TrainingImagesError::Class { row, class });
        }
        Ok(Self { images, classes })
    }

    /// The digits that a model of this track is trained on.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the built-in digits have classes"
    )]
    pub fn of(track: Track) -> Self {
        let digits = match track {
            Track::Published => Dataset::digits(),
            Track::HeldOut => Dataset::digits_half(Half::Train),
        };
        Self {
            images: digits.images().mapv(f64::from),
            classes: digits.labels().expect("the digits have classes").to_owned(),
        }
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.images.nrows()
    }

    /// Whether there are none; never so.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// Pixels of an image.
    pub(crate) fn pixels(&self) -> usize {
        self.images.ncols()
    }

    /// Images of some classes, in order.
    pub(crate) fn places_of(&self, is_wanted: impl Fn(u32) -> bool) -> Vec<usize> {
        let classes = self.classes.iter().enumerate();
        classes
            .filter(|&(_, &class)| is_wanted(class))
            .map(|(place, _)| place)
            .collect()
    }
}
