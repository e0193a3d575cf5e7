//! The baselines by name, and their samples.

use super::{
    altered::{blurred, class_means, neighbour_means},
    draws::{Draws, Part},
    mixture::{Mixture, Shape},
    normal::Normal,
};
use crate::domain::TrainingImages;
use ndarray::{Array2, Axis};
use serde::{Deserialize, Serialize};
use std::fmt;
use units::fault::{Blame, Fault};

/// Images that [`Baseline::FewImages`] repeats.
const FEW: usize = 100;

/// A way to make samples of training images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Baseline {
    /// Training images themselves, each once: what a perfect generator would be like.
    Real,
    /// Training images drawn with replacement.
    Bootstrap,
    /// Every pixel uniform in [−1, 1].
    Uniform,
    /// Every pixel standard normal, clamped.
    StandardNormal,
    /// Every pixel from another random training image.
    IndependentPixels,
    /// A normal distribution with the mean and covariance of the training images, clamped.
    Gaussian,
    /// A Gaussian blur of each training image.
    Blur {
        /// Standard deviation, pixels.
        deviation: f64,
    },
    /// Normal noise on each training image, clamped.
    PixelNoise {
        /// Standard deviation.
        deviation: f64,
    },
    /// A mixture of normal distributions, clamped.
    Mixture {
        /// How many.
        components: usize,
        /// Their covariances.
        shape: Shape,
    },
    /// Normal noise on training images drawn with replacement, clamped.
    KernelDensity {
        /// Standard deviation.
        bandwidth: f64,
    },
    /// Images of the digits 0 to 4 alone, with replacement.
    FiveClasses,
    /// Images of all digits but one, with replacement.
    ClassMissing {
        /// The digit.
        class: u32,
    },
    /// A hundred random training images, with replacement.
    FewImages,
    /// The mean images of random classes.
    ClassMeans,
    /// Each training image averaged with its nearest other.
    NeighbourMeans,
    /// Training images mixed at random, λ uniform in [0, 1] (H. Zhang et al. 2018, α = 1).
    Mixup,
    /// Ink of each training image times a factor, blank (−1) fixed.
    Contrast {
        /// The factor.
        factor: f64,
    },
    /// A constant added to each training image, clamped.
    Bias {
        /// The constant.
        shift: f64,
    },
}

/// What a baseline is, as figures group them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineKind {
    /// Real images.
    Real,
    /// One normal distribution.
    Gaussian,
    /// A mixture of them.
    Gmm,
    /// Copies with noise: a memoriser.
    Kde,
    /// Noise without, or on, images.
    Noise,
    /// Images altered, or too few of them.
    Altered,
    /// A model, of which values alone are known.
    Published,
}

impl BaselineKind {
    /// The kind that a table calls this.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }
}

/// Samples that a baseline cannot give.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// No such baseline.
    #[error("no baseline `{name}`; there are {}", names())]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// More samples than images, each of which makes one.
    #[error(
        "{baseline}: {samples} samples asked for; expected at most one for each of {images} training images"
    )]
    TooMany {
        /// The baseline.
        baseline: Baseline,
        /// Samples asked for.
        samples: usize,
        /// Images there are.
        images: usize,
    },
    /// Fewer images than it takes.
    #[error("{baseline}: {images} training images; expected at least {expected}")]
    TooFewImages {
        /// The baseline.
        baseline: Baseline,
        /// Images there are.
        images: usize,
        /// Images it takes.
        expected: usize,
    },
}

impl Blame for BaselineError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

fn names() -> String {
    Baseline::ALL
        .map(|baseline| baseline.to_string())
        .join(", ")
}

impl Baseline {
    /// All that are built in, in the order of tables.
    pub const ALL: [Self; 30] = [
        Self::Real,
        Self::Bootstrap,
        Self::Uniform,
        Self::StandardNormal,
        Self::IndependentPixels,
        Self::Gaussian,
        Self::Blur { deviation: 0.4 },
        Self::Blur { deviation: 0.5 },
        Self::Blur { deviation: 0.7 },
        Self::Blur { deviation: 1.0 },
        Self::PixelNoise { deviation: 0.05 },
        Self::PixelNoise { deviation: 0.1 },
        Self::PixelNoise { deviation: 0.2 },
        Self::PixelNoise { deviation: 0.3 },
        Self::PixelNoise { deviation: 0.5 },
        Self::Mixture {
            components: 10,
            shape: Shape::Full,
        },
        Self::Mixture {
            components: 20,
            shape: Shape::Full,
        },
        Self::Mixture {
            components: 50,
            shape: Shape::Diagonal,
        },
        Self::Mixture {
            components: 200,
            shape: Shape::Diagonal,
        },
        Self::KernelDensity { bandwidth: 0.1 },
        Self::KernelDensity { bandwidth: 0.2 },
        Self::KernelDensity { bandwidth: 0.3 },
        Self::FiveClasses,
        Self::ClassMissing { class: 8 },
        Self::FewImages,
        Self::ClassMeans,
        Self::NeighbourMeans,
        Self::Mixup,
        Self::Contrast { factor: 0.7 },
        Self::Bias { shift: 0.2 },
    ];

    /// The built-in baseline of this name.
    ///
    /// # Errors
    /// [`BaselineError::Unknown`], which lists them.
    pub fn by_name(name: &str) -> Result<Self, BaselineError> {
        let found = Self::ALL
            .into_iter()
            .find(|known| known.to_string() == name);
        found.ok_or_else(|| BaselineError::Unknown {
            name: name.to_owned(),
        })
    }

    /// What it is, as figures group them.
    pub fn kind(self) -> BaselineKind {
        match self {
            Self::Real | Self::Bootstrap => BaselineKind::Real,
            Self::Gaussian => BaselineKind::Gaussian,
            Self::Mixture { .. } => BaselineKind::Gmm,
            Self::KernelDensity { .. } => BaselineKind::Kde,
            Self::Uniform
            | Self::StandardNormal
            | Self::IndependentPixels
            | Self::PixelNoise { .. } => BaselineKind::Noise,
            _ => BaselineKind::Altered,
        }
    }

    /// `n` samples `[n, pixels]` in [−1, 1] for a seed.
    ///
    /// # Errors
    /// [`BaselineError`] for more samples than there are images where each image makes one, or for
    /// fewer images than the baseline takes.
    pub fn samples(
        self,
        n: usize,
        seed: u64,
        train: &TrainingImages,
    ) -> Result<Array2<f32>, BaselineError> {
        self.check(n, train)?;
        let draws = Draws { seed };
        let (images, pixels) = (&train.images, train.pixels());
        let chosen = |from: &[usize]| {
            let places: Vec<usize> = draws
                .choices(n, from.len())
                .iter()
                .map(|&i| from[i])
                .collect();
            images.select(Axis(0), &places)
        };
        let everyone: Vec<usize> = (0..train.len()).collect();
        let once = || {
            let order = draws.order(Part::Order, train.len());
            images.select(Axis(0), &order[..n])
        };
        let values = match self {
            Self::Real => once(),
            Self::Bootstrap => chosen(&everyone),
            Self::Uniform => draws.uniform(n, pixels) * 2.0 - 1.0,
            Self::StandardNormal => draws.normal(n, pixels),
            Self::IndependentPixels => {
                #[expect(clippy::cast_sign_loss, reason = "places of images")]
                let place = (draws.uniform(n, pixels) * train.len() as f64).mapv(|v| v as usize);
                Array2::from_shape_fn((n, pixels), |(i, j)| images[(place[(i, j)], j)])
            }
            Self::Gaussian => Normal::fit(images.view()).samples(draws.normal(n, pixels).view()),
            Self::Blur { deviation } => blurred(once().view(), deviation),
            Self::PixelNoise { deviation } => once() + draws.normal(n, pixels) * deviation,
            Self::Mixture { components, shape } => Mixture::fit(images, components, shape, draws)
                .samples(draws.normal(n, pixels), draws),
            Self::KernelDensity { bandwidth } => {
                chosen(&everyone) + draws.normal(n, pixels) * bandwidth
            }
            Self::FiveClasses => chosen(&train.places_of(|class| class < 5)),
            Self::ClassMissing { class: missing } => {
                chosen(&train.places_of(|class| class != missing))
            }
            Self::FewImages => chosen(&draws.order(Part::Order, train.len())[..FEW]),
            Self::ClassMeans => {
                let means = class_means(train);
                means.select(Axis(0), &draws.choices(n, means.nrows()))
            }
            Self::NeighbourMeans => {
                let order = draws.order(Part::Order, train.len());
                neighbour_means(images).select(Axis(0), &order[..n])
            }
            Self::Mixup => {
                let share = draws.uniform(n, 1);
                let partners = draws.order(Part::Partner, train.len());
                let partners = images.select(Axis(0), &partners[..n]);
                once() * &share + partners * (1.0 - share)
            }
            Self::Contrast { factor } => once().mapv(|v| factor * (v + 1.0) - 1.0),
            Self::Bias { shift } => once() + shift,
        };
        Ok(values.mapv(|v| v.clamp(-1.0, 1.0) as f32))
    }

    fn check(self, n: usize, train: &TrainingImages) -> Result<(), BaselineError> {
        let images = train.len();
        let one_each = matches!(
            self,
            Self::Real
                | Self::Blur { .. }
                | Self::PixelNoise { .. }
                | Self::NeighbourMeans
                | Self::Mixup
                | Self::Contrast { .. }
                | Self::Bias { .. }
        );
        if one_each && n > images {
            return Err(BaselineError::TooMany {
                baseline: self,
                samples: n,
                images,
            });
        }
        let (found, expected) = match self {
            Self::Mixture { components, .. } => (images, components.max(1)),
            Self::FewImages => (images, FEW),
            Self::FiveClasses => (train.places_of(|class| class < 5).len(), 1),
            Self::ClassMissing { class: missing } => {
                (train.places_of(|class| class != missing).len(), 1)
            }
            _ => (images, 1),
        };
        if found < expected {
            return Err(BaselineError::TooFewImages {
                baseline: self,
                images: found,
                expected,
            });
        }
        Ok(())
    }
}

/// The name.
impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Bootstrap => f.write_str("bootstrap"),
            Self::Uniform => f.write_str("uniform"),
            Self::StandardNormal => f.write_str("standard-normal"),
            Self::IndependentPixels => f.write_str("independent-pixels"),
            Self::Gaussian => f.write_str("gaussian"),
            Self::Blur { deviation } => write!(f, "blur-{deviation}"),
            Self::PixelNoise { deviation } => write!(f, "noise-{deviation}"),
            Self::Mixture {
                components,
                shape: Shape::Full,
            } => write!(f, "gmm-{components}"),
            Self::Mixture {
                components,
                shape: Shape::Diagonal,
            } => write!(f, "gmm-{components}-diagonal"),
            Self::KernelDensity { bandwidth } => write!(f, "kde-{bandwidth}"),
            Self::FiveClasses => f.write_str("five-classes"),
            Self::ClassMissing { class } => write!(f, "without-{class}"),
            Self::FewImages => f.write_str("hundred-images"),
            Self::ClassMeans => f.write_str("class-means"),
            Self::NeighbourMeans => f.write_str("neighbour-means"),
            Self::Mixup => f.write_str("mixup"),
            Self::Contrast { factor } => write!(f, "contrast-{factor}"),
            Self::Bias { shift } => write!(f, "bias-{shift}"),
        }
    }
}
