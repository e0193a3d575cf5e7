//! Samples next to a reference, with all distances.

use super::{
    Space,
    frechet::NormalFit,
    kernels::{self, Gaussians},
    neighbours::{Neighbours, least, radii, squares, squares_of},
};
use crate::judge::{Evaluator, Judgement};
use analog_substrate::estimates;
use gradep_core::data::ImageShape;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use units::budget::{BudgetError, check_memory};
use units::fault::{Blame, Fault};

/// Neighbours of precision and recall.
pub(super) const NEAR: usize = 3;
/// Neighbours of density and coverage.
pub(super) const WIDE: usize = 5;
/// Fewer samples than this leave no neighbours in a subset.
pub const FEWEST: usize = 10;

/// Samples that cannot be measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// Of another size than the real images.
    #[error("samples have {found} pixels; expected {} ({expected} images)", expected.pixels())]
    Pixels {
        /// Pixels of a sample.
        found: usize,
        /// Shape of the real images.
        expected: ImageShape,
    },
    /// Too few to have neighbours.
    #[error("{found} samples are too few to measure; expected at least {FEWEST}")]
    TooFew {
        /// How many there are.
        found: usize,
    },
    /// More than the memory holds.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// An infinity or NaN.
    #[error("sample {row}, pixel {column} is {value}; expected a finite number")]
    NotFinite {
        /// Sample.
        row: usize,
        /// Pixel.
        column: usize,
        /// Its value.
        value: f32,
    },
}

impl Blame for MetricsError {
    fn fault(&self) -> Fault {
        match self {
            Self::Budget(cause) => cause.fault(),
            Self::Pixels { .. } | Self::TooFew { .. } | Self::NotFinite { .. } => Fault::Input,
        }
    }
}

/// Refuses more samples than fit into the memory when they are measured.
///
/// # Errors
/// [`MetricsError::Budget`].
pub fn check_size(samples: usize) -> Result<(), MetricsError> {
    Ok(check_memory(
        || format!("measuring {samples} samples"),
        estimates::distances(samples),
        "measure fewer samples",
    )?)
}

/// Who looks at images, and where distances between them are measured.
#[derive(Clone, Debug)]
pub(super) struct Eye {
    pub(super) shape: ImageShape,
    pub(super) space: Space,
    pub(super) gaussians: Gaussians,
    /// None of images without classes.
    pub(super) evaluator: Option<Evaluator>,
}

/// Images with what the classifier says of them.
#[derive(Clone, Debug)]
pub(super) struct Cloud {
    pub(super) images: Array2<f64>,
    /// The images as points in the space of distances, where that is not the pixels.
    points: Option<Array2<f64>>,
    pub(super) judgement: Option<Judgement>,
}

impl Cloud {
    /// Images clamped to [−1, 1].
    pub(super) fn new(images: ArrayView2<'_, f32>, eye: &Eye) -> Result<Self, MetricsError> {
        let (found, pixels) = images.dim();
        if pixels != eye.shape.pixels() {
            return Err(MetricsError::Pixels {
                found: pixels,
                expected: eye.shape,
            });
        }
        if found < FEWEST {
            return Err(MetricsError::TooFew { found });
        }
        check_size(found)?;
        let wrong = images.indexed_iter().find(|(_, value)| !value.is_finite());
        if let Some(((row, column), &value)) = wrong {
            return Err(MetricsError::NotFinite { row, column, value });
        }
        Ok(Self::of(
            images.mapv(|v| f64::from(v).clamp(-1.0, 1.0)),
            eye,
        ))
    }

    pub(super) fn of(images: Array2<f64>, eye: &Eye) -> Self {
        let judgement = eye.evaluator.as_ref().map(|e| e.judge(images.view()));
        Self {
            points: eye.space.points(images.view()),
            judgement,
            images,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.images.nrows()
    }

    /// The images in the space of distances, `[n, dimensions]`.
    pub(super) fn points(&self) -> &Array2<f64> {
        self.points.as_ref().unwrap_or(&self.images)
    }
}

/// Real images with all that metrics ask of them alone.
#[derive(Clone, Debug)]
pub(super) struct Real {
    pub(super) cloud: Cloud,
    pub(super) features: Option<NormalFit>,
    pub(super) pixels: NormalFit,
    /// Mean kernels of pairs.
    pub(super) gaussian: f64,
    pub(super) cubic: f64,
    /// Squared radii of balls, and distances to the nearest other.
    near: Vec<f64>,
    pub(super) wide: Vec<f64>,
    pub(super) nearest: Vec<f64>,
    pub(super) class_shares: Option<Vec<f64>>,
}

impl Real {
    pub(super) fn new(cloud: Cloud, gaussians: Gaussians) -> Self {
        let points = cloud.points();
        let products = points.dot(&points.t());
        let everyone = Array1::ones(cloud.len());
        let cubic = kernels::cubic(&products, points.ncols());
        let squares = squares_of(products, points, points);
        let gaussian = gaussians.of(&squares);
        let neighbours = Neighbours::new(squares);
        let judgement = cloud.judgement.as_ref();
        Self {
            features: judgement.map(|j| NormalFit::new(j.features.view())),
            pixels: NormalFit::new(points.view()),
            gaussian: kernels::mean_of_pairs(&gaussian, &everyone),
            cubic: kernels::mean_of_pairs(&cubic, &everyone),
            near: radii(&neighbours, NEAR),
            wide: radii(&neighbours, WIDE),
            nearest: radii(&neighbours, 1),
            class_shares: judgement
                .map(|j| class_shares(j.classes.iter().copied(), j.number_of_classes)),
            cloud,
        }
    }
}

/// Samples next to real images, with all that does not depend on which of the samples are looked at;
/// values are of subsets of the samples.
pub(super) struct Candidates<'a> {
    pub(super) cloud: &'a Cloud,
    pub(super) real: &'a Real,
    pub(super) neighbours: Neighbours,
    /// Squared distances of samples to real images.
    pub(super) across: Array2<f64>,
    /// Kernels of pairs of samples, and their means over the real images.
    pub(super) gaussian: (Array2<f64>, Array1<f64>),
    pub(super) cubic: (Array2<f64>, Array1<f64>),
    /// Of each sample: whether it lies in a small real ball, in how many large ones, and how far its
    /// nearest real image is.
    pub(super) inside: Vec<bool>,
    pub(super) in_wide: Vec<usize>,
    pub(super) to_real: Vec<f64>,
    /// Whether a training image is nearer than any real one; none without a training half.
    pub(super) copied: Option<Vec<bool>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(
        cloud: &'a Cloud,
        real: &'a Real,
        train: Option<&Cloud>,
        gaussians: Gaussians,
    ) -> Self {
        let points = cloud.points();
        let dimensions = points.ncols();
        let among = points.dot(&points.t());
        let cubic_among = kernels::cubic(&among, dimensions);
        let among = squares_of(among, points, points);
        let across = points.dot(&real.cloud.points().t());
        let cubic_across = kernels::means_of_rows(&kernels::cubic(&across, dimensions));
        let across = squares_of(across, points, real.cloud.points());
        let gaussian_across = kernels::means_of_rows(&gaussians.of(&across));
        let nearest = |squares: &Array2<f64>| -> Vec<f64> {
            let rows = squares.rows().into_iter();
            rows.map(|row| least(row.iter().copied())).collect()
        };
        let to_real = nearest(&across);
        let within = |radii: &[f64], sample: usize| {
            let row = across.row(sample);
            radii.iter().zip(row).filter(|(r, d)| d < r).count()
        };
        let copied = train.map(|train| {
            let to_train = nearest(&squares(points, train.points()));
            to_train.iter().zip(&to_real).map(|(t, r)| t < r).collect()
        });
        Self {
            gaussian: (gaussians.of(&among), gaussian_across),
            cubic: (cubic_among, cubic_across),
            inside: (0..cloud.len())
                .map(|i| within(&real.near, i) > 0)
                .collect(),
            in_wide: (0..cloud.len()).map(|i| within(&real.wide, i)).collect(),
            neighbours: Neighbours::new(among),
            to_real,
            copied,
            across,
            cloud,
            real,
        }
    }

    /// The distance that decides, of the samples `members` alone: in features, or in pixels where
    /// nobody judges.
    pub(super) fn decisive(&self, members: &[usize]) -> f64 {
        if let (Some(judgement), Some(real)) = (&self.cloud.judgement, &self.real.features) {
            return real.distance(judgement.features.select(Axis(0), members).view());
        }
        let points = self.cloud.points().select(Axis(0), members);
        self.real.pixels.distance(points.view())
    }
}

pub(super) fn total_variation(shares: &[f64], others: &[f64]) -> f64 {
    let pairs = shares.iter().zip(others);
    pairs.map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0
}

pub(super) fn entropy(shares: &[f64]) -> f64 {
    let present = shares.iter().filter(|p| **p > 0.0);
    present.map(|p| -p * p.ln()).sum()
}

pub(super) fn least_share(shares: &[f64]) -> f64 {
    least(shares.iter().copied())
}

/// Share of each of `count` classes.
pub(super) fn class_shares(classes: impl Iterator<Item = usize>, count: usize) -> Vec<f64> {
    let (mut counts, mut total) = (vec![0.0; count], 0.0);
    for class in classes {
        counts[class] += 1.0;
        total += 1.0;
    }
    counts.into_iter().map(|count| count / total).collect()
}
