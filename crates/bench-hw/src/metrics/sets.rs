//! Samples next to a reference, with all distances.

use super::{
    Evaluator, Reference, Values,
    evaluator::Judgement,
    frechet, kernels,
    neighbours::{least, radii, share, squares},
};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Neighbours of precision and recall.
const NEAR: usize = 3;
/// Neighbours of density and coverage.
const WIDE: usize = 5;
/// Probability above which the classifier is sure.
const SURE: f64 = 0.9;
/// Fewer samples than this leave no neighbours in a subset.
const FEWEST: usize = 10;
const PIXELS: usize = 64;
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

/// Means and covariances of the features and of the pixels.
type Moments = [(Array1<f64>, Array2<f64>); 2];

fn moments(cloud: &Cloud, members: &[usize]) -> Moments {
    [&cloud.judgement.features, &cloud.images].map(|points| moments_of(points, members))
}

/// Mean and covariance of some rows.
fn moments_of(points: &Array2<f64>, members: &[usize]) -> (Array1<f64>, Array2<f64>) {
    frechet::moments(points.select(Axis(0), members).view())
}

/// Samples and a reference with all distances between them; values are of subsets of the samples.
pub(super) struct Candidates<'a> {
    cloud: &'a Cloud,
    reference: &'a Reference,
    reference_moments: Moments,
    /// Squared distances: samples to samples, samples to real images, real to real.
    among: Array2<f64>,
    across: Array2<f64>,
    gaussian: [Array2<f64>; 2],
    cubic: [Array2<f64>; 2],
    real_gaussian: f64,
    real_cubic: f64,
    /// Squared radii of real balls, and distances of real images to their nearest real image.
    near: Vec<f64>,
    wide: Vec<f64>,
    nearest_real: Vec<f64>,
    /// Squared distances of the samples to the training half.
    train: Option<Array2<f64>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(cloud: &'a Cloud, reference: &'a Reference) -> Self {
        let real = &reference.real;
        let everyone: Vec<usize> = (0..real.len()).collect();
        let among = squares(&cloud.images, &cloud.images);
        let across = squares(&cloud.images, &real.images);
        let within = squares(&real.images, &real.images);
        let real_gaussian = kernels::mean_of_pairs(&kernels::gaussian(&within), &everyone);
        let cubes = |a: &Array2<f64>, b: &Array2<f64>| kernels::cubic(a.view(), b.view());
        Self {
            gaussian: [kernels::gaussian(&among), kernels::gaussian(&across)],
            cubic: [
                cubes(&cloud.images, &cloud.images),
                cubes(&cloud.images, &real.images),
            ],
            real_gaussian,
            real_cubic: kernels::mean_of_pairs(&cubes(&real.images, &real.images), &everyone),
            near: radii(&within, &everyone, NEAR),
            wide: radii(&within, &everyone, WIDE),
            nearest_real: radii(&within, &everyone, 1),
            train: reference
                .train
                .as_ref()
                .map(|train| squares(&cloud.images, &train.images)),
            reference_moments: moments(real, &everyone),
            cloud,
            reference,
            among,
            across,
        }
    }

    /// `fd_features` of the samples `members`, alone.
    pub(super) fn fd_features(&self, members: &[usize]) -> f64 {
        let features = moments_of(&self.cloud.judgement.features, members);
        frechet::distance(&features, &self.reference_moments[0])
    }

    /// Every metric of the samples `members`.
    pub(super) fn values(&self, members: &[usize]) -> Values {
        let [features, pixels] = moments(self.cloud, members);
        let count = members.len();
        let real = self.reference.real.len();
        let discrepancy = |kernels: &[Array2<f64>; 2], real: f64| {
            kernels::mean_of_pairs(&kernels[0], members) + real
                - 2.0 * kernels::mean_of_rows(&kernels[1], members)
        };
        let inside = |i: usize| self.near.iter().zip(self.across.row(i)).any(|(r, d)| d < r);
        let own = radii(&self.among, members, NEAR);
        let own_nearest = radii(&self.among, members, 1);
        let to_real = |i: usize| least(self.across.row(i).iter().copied());
        let to_sample = |j: usize| least(members.iter().map(|&i| self.across[(i, j)]));
        let judgement = &self.cloud.judgement;
        let sure = |i: usize| judgement.confidence[i] > SURE;
        let shares = class_shares(members.iter().map(|&i| judgement.classes[i]));
        let real_shares = class_shares(self.reference.real.judgement.classes.iter().copied());
        let in_wide: usize = members
            .iter()
            .map(|&i| {
                self.wide
                    .iter()
                    .zip(self.across.row(i))
                    .filter(|(r, d)| d < r)
                    .count()
            })
            .sum();
        let entropy: f64 = shares
            .iter()
            .filter(|p| **p > 0.0)
            .map(|p| -p * p.ln())
            .sum();
        let distance: f64 = shares
            .iter()
            .zip(&real_shares)
            .map(|(p, q)| (p - q).abs())
            .sum();
        Values {
            fd_features: Some(frechet::distance(&features, &self.reference_moments[0])),
            fd_pixels: Some(frechet::distance(&pixels, &self.reference_moments[1])),
            mmd: Some(discrepancy(&self.gaussian, self.real_gaussian)),
            kid: Some(discrepancy(&self.cubic, self.real_cubic)),
            precision: Some(share(count, |&i| inside(members[i]))),
            recall: Some(share(real, |&j| {
                members
                    .iter()
                    .zip(&own)
                    .any(|(&i, r)| self.across[(i, j)] < *r)
            })),
            density: Some(in_wide as f64 / (WIDE * count) as f64),
            coverage: Some(share(real, |&j| to_sample(j) < self.wide[j])),
            recognisable: Some(share(count, |&i| sure(members[i]) && inside(members[i]))),
            class_tv: Some(distance / 2.0),
            class_entropy: Some(entropy / (CLASSES as f64).ln()),
            smallest_class: Some(least(shares.iter().copied())),
            confidence: Some(
                members
                    .iter()
                    .map(|&i| judgement.confidence[i])
                    .sum::<f64>()
                    / count as f64,
            ),
            one_nn_generated: Some(share(count, |&i| own_nearest[i] < to_real(members[i]))),
            one_nn_real: Some(share(real, |&j| self.nearest_real[j] < to_sample(j))),
            memorisation: self.train.as_ref().map(|train| {
                share(count, |&i| {
                    let i = members[i];
                    least(train.row(i).iter().copied()) < to_real(i)
                })
            }),
        }
    }
}

fn class_shares(classes: impl Iterator<Item = usize>) -> [f64; CLASSES] {
    let (mut counts, mut total) = ([0.0; CLASSES], 0.0);
    for class in classes {
        counts[class] += 1.0;
        total += 1.0;
    }
    counts.map(|count| count / total)
}
