//! What samples are judged by: real images of some kind, how they were divided, and who tells their classes.
//!
//! The built-in digits are one domain ([`Digits`]), images of a user's own another ([`OwnImages`]). A new one
//! implements [`Domain`]; metrics, floors and studies take any.

mod digits;
mod own;
mod training_images;

pub use digits::Digits;
pub use own::{LARGEST, OwnImages, OwnImagesError};
pub(crate) use training_images::CLASSES;
pub use training_images::{TrainingImages, TrainingImagesError};

use crate::judge::{Evaluator, OtherRange, ValueRange};
use gradep_core::data::ImageShape;
use ndarray::Array2;
use std::fmt;

/// Which of the real images stand for reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// Images that were kept from training (of the digits the held-out half of 898).
    HeldOut,
    /// All images, for models trained on them (of the digits all 1,797).
    Published,
}

impl Track {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "H",
            Self::Published => "P",
        }
    }

    /// The track of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = [Self::HeldOut, Self::Published].into_iter();
        all.find(|track| track.name() == name)
    }
}

/// Fewest real images that samples can be compared with: a floor divides them into halves, of which each point needs
/// neighbours.
pub const FEWEST: usize = 20;

/// A kind of images by which samples are judged.
pub trait Domain: fmt::Debug + Send + Sync {
    /// As tables, legends and documents have it: `digits`, or the name of a file.
    fn name(&self) -> String;

    /// Which of the images stand for reality.
    fn track(&self) -> Track;

    /// Height, width and channels of an image.
    fn shape(&self) -> ImageShape;

    /// Number of classes; none of images without classes.
    fn classes(&self) -> Option<usize>;

    /// All images, `[n, pixels]` in [−1, 1]: what the flow's paths lead to.
    fn images(&self) -> Array2<f64>;

    /// Real images to compare samples with, `[n, pixels]` in [−1, 1], at least [`FEWEST`].
    fn real(&self) -> Array2<f64>;

    /// As many of the images that models are trained on, `[n, pixels]`; none where no image is kept from
    /// training, so that copies cannot be told.
    fn training(&self) -> Option<Array2<f64>>;

    /// What fits and altered images are drawn from to compare with; none where no such baselines are made.
    fn baselines(&self) -> Option<TrainingImages> {
        None
    }

    /// Who tells the classes and gives the features of images; none of images without classes.
    fn judge(&self) -> Option<Evaluator>;

    /// What identifies the images, where results are kept by what they depend on; none of the built-in digits,
    /// which the track identifies.
    fn id(&self) -> Option<String>;

    /// Median squared distance of two real images, where it is fixed so that values can be compared.
    fn median_square(&self) -> Option<f64> {
        None
    }

    /// Refuses samples whose values cannot be such images.
    ///
    /// # Errors
    /// [`OtherRange`].
    fn check_range(&self, values: &ValueRange) -> Result<(), OtherRange>;

    /// Why what is measured says little of a model that was trained on `trained_on` (`data.source`; none: not
    /// known); none where it was trained on such images.
    fn doubt(&self, trained_on: Option<&str>) -> Option<String>;

    /// What people should know before they read numbers: how many images, who judges them.
    fn about(&self) -> String;
}
