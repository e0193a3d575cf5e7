//! How good samples are: distances between distributions, fidelity, diversity, classes, copying.
//!
//! Conventions (so that numbers can be compared): images of 64 pixels clamped to [−1, 1]; features are
//! the 32 post-ReLU activations of a fixed digit classifier ([`Evaluator`]); covariances have ddof = 1;
//! neighbours are in pixels, k = 3 for precision and recall (Kynkäänniemi et al. 2019), k = 5 for
//! density and coverage (Naeem et al. 2020), balls are open (a distance equal to the radius is outside).

mod cross_check;
mod evaluator;
mod floor;
mod frechet;
mod kernels;
mod neighbours;
mod range;
mod reference;
mod sets;
#[cfg(test)]
mod tests;
mod training;

pub use cross_check::{CrossCheck, cross_check};
pub use evaluator::{Evaluator, EvaluatorError};
pub(crate) use frechet::moments;
pub use neighbours::squares;
pub use range::{OtherRange, ValueRange};
pub use reference::{Reference, Track};
pub use sets::{FEWEST, MetricsError, PIXELS, check_size};

use ndarray::ArrayView2;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sets::{Candidates, Cloud};
use std::collections::BTreeMap;
use units::statistics;

/// Subsets from which standard errors are estimated.
const SUBSETS: usize = 16;
/// Share of the samples that a subset leaves out. Subsets have no duplicates, which a bootstrap has
/// and which metrics of nearest neighbours take for copies.
const LEFT_OUT: f64 = 0.2;

/// A metric with what is needed to read it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The metric; none where the reference has nothing to compare with.
    pub value: Option<f64>,
    /// Standard error from the choice of samples: delete-20 % jackknife (J. Shao and C. Wu, Ann.
    /// Statist. 17, 1176, 1989) over 16 subsets; of `one_nn_generated` that of a share of independent
    /// samples. The reference is taken as given.
    pub standard_error: Option<f64>,
    /// What real images get in the place of the samples: mean over five random divisions of all.
    pub floor: Option<f64>,
    /// Number of samples.
    pub n: usize,
}

macro_rules! scores {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Every metric of a set of samples.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Scores {
            $($(#[$doc])* pub $name: Score,)*
        }

        /// Values alone.
        #[derive(Clone, Copy, Debug)]
        struct Values {
            $($name: Option<f64>,)*
        }

        impl Values {
            /// Name and value of those that there are.
            fn named(&self) -> BTreeMap<String, f64> {
                [$((stringify!($name), self.$name),)*]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect()
            }
        }

        impl Values {
            /// Of several sets, where all have a value.
            fn mean(all: &[Self]) -> Self {
                let mean = |read: fn(&Self) -> Option<f64>| {
                    let sum = all.iter().map(read).sum::<Option<f64>>()?;
                    Some(sum / all.len() as f64)
                };
                Self { $($name: mean(|values| values.$name),)* }
            }
        }

        impl Scores {
            /// Name and score, in order.
            pub fn named(&self) -> Vec<(&'static str, Score)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            fn assemble(all: &Values, subsets: &[Values], floor: &Values, n: usize) -> Self {
                let scores = Self {
                    $($name: Score {
                        value: all.$name,
                        standard_error: jackknife(subsets.iter().map(|values| values.$name)),
                        floor: floor.$name,
                        n,
                    },)*
                };
                scores.with_errors_of_shares()
            }
        }
    };
}

scores! {
    /// Fréchet distance of normal fits to features (M. Heusel et al. 2017), biased by about +1200/N.
    fd_features,
    /// The same in pixels, biased by about +250/N.
    fd_pixels,
    /// Unbiased squared maximum mean discrepancy in pixels, mean of five Gaussian kernels
    /// (A. Gretton et al. 2012).
    mmd,
    /// Unbiased squared discrepancy in pixels, kernel (x·y/d + 1)³ (M. Bińkowski et al. 2018).
    kid,
    /// Share of samples inside a ball around a real image.
    precision,
    /// Share of real images inside a ball around a sample.
    recall,
    /// Mean number of real balls around a sample, divided by k.
    density,
    /// Share of real images with a sample in their ball.
    coverage,
    /// Share of samples that the classifier is sure of (> 0.9) and that are inside a real ball, k = 3.
    recognisable,
    /// Total variation between the class shares of samples and reference.
    class_tv,
    /// Entropy of the class shares divided by ln 10.
    class_entropy,
    /// Smallest class share.
    smallest_class,
    /// Mean probability of the likeliest class.
    confidence,
    /// Share of samples whose nearest neighbour among all others is a sample; 0.5 if they are as real.
    one_nn_generated,
    /// Share of real images whose nearest neighbour among all others is real.
    one_nn_real,
    /// Share of samples nearer to the training half than to the equally large held-out half; 0.5 if
    /// nothing is copied. None without a held-out half.
    memorisation,
}

impl Scores {
    /// Who is a sample's nearest neighbour changes with every sample that is left out: the jackknife takes
    /// these changes for spread and is 1.4 to 1.8 times too large. The share's own √(p(1 − p)/n) is within
    /// 10 % of the spread over independent sets of 898 (mixtures, noisy digits).
    fn with_errors_of_shares(mut self) -> Self {
        let score = &mut self.one_nn_generated;
        score.standard_error = (score.value).map(|p| (p * (1.0 - p) / score.n as f64).sqrt());
        self
    }
}

/// Measures samples `[n, 64]` against a reference.
///
/// # Errors
/// [`MetricsError`] for too few samples, another number of pixels or values that are not finite.
pub fn measure(
    samples: ArrayView2<'_, f32>,
    reference: &Reference,
) -> Result<Scores, MetricsError> {
    let cloud = Cloud::new(samples, &reference.evaluator)?;
    let n = cloud.len();
    let candidates = Candidates::new(&cloud, &reference.real, reference.train.as_deref());
    let all = candidates.values(&(0..n).collect::<Vec<_>>());
    let subsets: Vec<Values> = (0..SUBSETS as u64)
        .into_par_iter()
        .map(|k| candidates.values(&subset(n, k)))
        .collect();
    Ok(Scores::assemble(&all, &subsets, &reference.floor(n), n))
}

/// Values of every metric, without standard errors and floors: a sixteenth of the work of [`measure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Every metric that has a value, by name.
    pub values: BTreeMap<String, f64>,
    /// `fd_features` of the subsets from which [`measure`] takes the standard error; subset k leaves out
    /// the same rows of any samples of the same number, so that errors of differences can be had.
    pub fd_features_of_subsets: Vec<f64>,
}

/// [`measure`] for many sets of samples that are to be compared.
///
/// # Errors
/// As [`measure`].
pub fn measure_values(
    samples: ArrayView2<'_, f32>,
    reference: &Reference,
) -> Result<Measured, MetricsError> {
    let cloud = Cloud::new(samples, &reference.evaluator)?;
    let n = cloud.len();
    let candidates = Candidates::new(&cloud, &reference.real, reference.train.as_deref());
    let all = candidates.values(&(0..n).collect::<Vec<_>>());
    Ok(Measured {
        values: all.named(),
        fd_features_of_subsets: (0..SUBSETS as u64)
            .map(|k| candidates.fd_features(&subset(n, k)))
            .collect(),
    })
}

/// What `n` real images get in the place of samples: the floor of every metric that has one.
pub fn floors(reference: &Reference, n: usize) -> BTreeMap<String, f64> {
    reference.floor(n).named()
}

/// The samples of subset number `k`, in order.
fn subset(n: usize, k: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(k));
    let left_out = (n as f64 * LEFT_OUT).round();
    #[expect(clippy::cast_sign_loss, reason = "a share of a count")]
    order.truncate(n - left_out as usize);
    order.sort_unstable();
    order
}

/// Standard error of the whole from values of [`subset`]s.
pub(crate) fn jackknife(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    statistics::jackknife(values, LEFT_OUT)
}
