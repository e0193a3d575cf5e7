//! Samples next to a reference, with all distances.

use super::{
    Evaluator, Values,
    evaluator::Judgement,
    frechet::NormalFit,
    kernels,
    neighbours::{Neighbours, least, radii, share, squares, squares_of},
};
use analog_substrate::estimates;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use units::budget::{BudgetError, check_memory};
use units::fault::{Blame, Fault};

/// Neighbours of precision and recall.
const NEAR: usize = 3;
/// Neighbours of density and coverage.
const WIDE: usize = 5;
/// Probability above which the classifier is sure.
const SURE: f64 = 0.9;
/// Fewer samples than this leave no neighbours in a subset.
pub const FEWEST: usize = 10;
/// Pixels of the digits that everything is measured against.
pub const PIXELS: usize = 64;
const CLASSES: usize = 10;

/// Samples that cannot be measured.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// Not 8 × 8 images.
    #[error("samples have {found} pixels; the evaluator takes {PIXELS} (8 × 8 digits)")]
    Pixels {
        /// Pixels of a sample.
        found: usize,
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

/// Images with what the classifier says of them.
#[derive(Clone, Debug)]
pub(super) struct Cloud {
    pub(super) images: Array2<f64>,
    pub(super) judgement: Judgement,
}

impl Cloud {
    /// Images clamped to [−1, 1].
    pub(super) fn new(
        images: ArrayView2<'_, f32>,
        evaluator: &Evaluator,
    ) -> Result<Self, MetricsError> {
        let (found, pixels) = images.dim();
        if pixels != PIXELS {
            return Err(MetricsError::Pixels { found: pixels });
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
            evaluator,
        ))
    }

    pub(super) fn of(images: Array2<f64>, evaluator: &Evaluator) -> Self {
        let judgement = evaluator.judge(images.view());
        Self { images, judgement }
    }

    pub(super) fn len(&self) -> usize {
        self.images.nrows()
    }
}

/// Real images with all that metrics ask of them alone.
#[derive(Clone, Debug)]
pub(super) struct Real {
    pub(super) cloud: Cloud,
    features: NormalFit,
    pixels: NormalFit,
    /// Mean kernels of pairs.
    gaussian: f64,
    cubic: f64,
    /// Squared radii of balls, and distances to the nearest other.
    near: Vec<f64>,
    wide: Vec<f64>,
    nearest: Vec<f64>,
    class_shares: [f64; CLASSES],
}

impl Real {
    pub(super) fn new(cloud: Cloud) -> Self {
        let products = cloud.images.dot(&cloud.images.t());
        let everyone = Array1::ones(cloud.len());
        let cubic = kernels::cubic(&products, PIXELS);
        let squares = squares_of(products, &cloud.images, &cloud.images);
        let gaussian = kernels::gaussian(&squares);
        let neighbours = Neighbours::new(squares);
        Self {
            features: NormalFit::new(cloud.judgement.features.view()),
            pixels: NormalFit::new(cloud.images.view()),
            gaussian: kernels::mean_of_pairs(&gaussian, &everyone),
            cubic: kernels::mean_of_pairs(&cubic, &everyone),
            near: radii(&neighbours, NEAR),
            wide: radii(&neighbours, WIDE),
            nearest: radii(&neighbours, 1),
            class_shares: class_shares(cloud.judgement.classes.iter().copied()),
            cloud,
        }
    }
}

/// Samples next to real images, with all that does not depend on which of the samples are looked at;
/// values are of subsets of the samples.
pub(super) struct Candidates<'a> {
    cloud: &'a Cloud,
    real: &'a Real,
    neighbours: Neighbours,
    /// Squared distances of samples to real images.
    across: Array2<f64>,
    /// Kernels of pairs of samples, and their means over the real images.
    gaussian: (Array2<f64>, Array1<f64>),
    cubic: (Array2<f64>, Array1<f64>),
    /// Of each sample: whether it lies in a small real ball, in how many large ones, and how far its
    /// nearest real image is.
    inside: Vec<bool>,
    in_wide: Vec<usize>,
    to_real: Vec<f64>,
    /// Whether a training image is nearer than any real one; none without a training half.
    copied: Option<Vec<bool>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(cloud: &'a Cloud, real: &'a Real, train: Option<&Cloud>) -> Self {
        let images = &cloud.images;
        let among = images.dot(&images.t());
        let cubic_among = kernels::cubic(&among, PIXELS);
        let among = squares_of(among, images, images);
        let across = images.dot(&real.cloud.images.t());
        let cubic_across = kernels::means_of_rows(&kernels::cubic(&across, PIXELS));
        let across = squares_of(across, images, &real.cloud.images);
        let gaussian_across = kernels::means_of_rows(&kernels::gaussian(&across));
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
            let to_train = nearest(&squares(images, &train.images));
            to_train.iter().zip(&to_real).map(|(t, r)| t < r).collect()
        });
        Self {
            gaussian: (kernels::gaussian(&among), gaussian_across),
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

    /// `fd_features` of the samples `members`, alone.
    pub(super) fn fd_features(&self, members: &[usize]) -> f64 {
        let features = self.cloud.judgement.features.select(Axis(0), members);
        self.real.features.distance(features.view())
    }

    /// Every metric of the samples `members`.
    pub(super) fn values(&self, members: &[usize]) -> Values {
        let count = members.len();
        let mut is_member = vec![false; self.cloud.len()];
        for &i in members {
            is_member[i] = true;
        }
        let weights: Array1<f64> = is_member
            .iter()
            .map(|&is| f64::from(u8::from(is)))
            .collect();
        let radius = |k| -> Vec<f64> {
            let radii = members.iter();
            radii
                .map(|&i| self.neighbours.radius(i, k, &is_member))
                .collect()
        };
        let (own, own_nearest) = (radius(NEAR), radius(1));
        let seen = self.seen_by_real(members, &own);
        let discrepancy = |kernels: &(Array2<f64>, Array1<f64>), real: f64| {
            let across = kernels.1.dot(&weights) / count as f64;
            kernels::mean_of_pairs(&kernels.0, &weights) + real - 2.0 * across
        };
        let judgement = &self.cloud.judgement;
        let pixels = self.cloud.images.select(Axis(0), members);
        let real = self.real.cloud.len();
        let sure = |i: usize| judgement.confidence[i] > SURE;
        let in_wide: usize = members.iter().map(|&i| self.in_wide[i]).sum();
        let confidence: f64 = members.iter().map(|&i| judgement.confidence[i]).sum();
        let shares = class_shares(members.iter().map(|&i| judgement.classes[i]));
        Values {
            fd_features: Some(self.fd_features(members)),
            fd_pixels: Some(self.real.pixels.distance(pixels.view())),
            mmd: Some(discrepancy(&self.gaussian, self.real.gaussian)),
            kid: Some(discrepancy(&self.cubic, self.real.cubic)),
            precision: Some(share(count, |&i| self.inside[members[i]])),
            recall: Some(share(real, |&j| seen.reached[j])),
            density: Some(in_wide as f64 / (WIDE * count) as f64),
            coverage: Some(share(real, |&j| seen.to_sample[j] < self.real.wide[j])),
            recognisable: Some(share(count, |&i| {
                sure(members[i]) && self.inside[members[i]]
            })),
            class_tv: Some(total_variation(&shares, &self.real.class_shares)),
            class_entropy: Some(entropy(&shares) / (CLASSES as f64).ln()),
            smallest_class: Some(least(shares.iter().copied())),
            confidence: Some(confidence / count as f64),
            one_nn_generated: Some(share(count, |&i| own_nearest[i] < self.to_real[members[i]])),
            one_nn_real: Some(share(real, |&j| self.real.nearest[j] < seen.to_sample[j])),
            memorisation: (self.copied.as_ref())
                .map(|copied| share(count, |&i| copied[members[i]])),
        }
    }

    /// What real images see of the samples `members` with balls of squared radii `own`.
    fn seen_by_real(&self, members: &[usize], own: &[f64]) -> SeenByReal {
        let real = self.real.cloud.len();
        let mut seen = SeenByReal {
            reached: vec![false; real],
            to_sample: vec![f64::INFINITY; real],
        };
        for (&i, &radius) in members.iter().zip(own) {
            let places = seen.reached.iter_mut().zip(&mut seen.to_sample);
            for (&square, (reached, nearest)) in self.across.row(i).iter().zip(places) {
                *reached |= square < radius;
                *nearest = nearest.min(square);
            }
        }
        seen
    }
}

/// Of each real image.
struct SeenByReal {
    /// Whether it lies in a sample's ball.
    reached: Vec<bool>,
    /// Squared distance to the nearest sample.
    to_sample: Vec<f64>,
}

fn total_variation(shares: &[f64], others: &[f64]) -> f64 {
    let pairs = shares.iter().zip(others);
    pairs.map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0
}

fn entropy(shares: &[f64]) -> f64 {
    let present = shares.iter().filter(|p| **p > 0.0);
    present.map(|p| -p * p.ln()).sum()
}

fn class_shares(classes: impl Iterator<Item = usize>) -> [f64; CLASSES] {
    let (mut counts, mut total) = ([0.0; CLASSES], 0.0);
    for class in classes {
        counts[class] += 1.0;
        total += 1.0;
    }
    counts.map(|count| count / total)
}
