//! How good samples are: distances between distributions, fidelity, diversity, classes, copying.
//!
//! Conventions (so that numbers can be compared): images clamped to [−1, 1]; features are the 32 post-ReLU
//! activations of a classifier ([`Evaluator`](crate::judge::Evaluator)); covariances have ddof = 1; neighbours are in pixels (of more
//! than 256 pixels in 64 principal components, [`Space`]), k = 3 for precision and recall (Kynkäänniemi et al.
//! 2019), k = 5 for density and coverage (Naeem et al. 2020), balls are open (a distance equal to the radius is
//! outside).

mod catalogue;
mod comparison;
mod cross_check;
mod floor;
mod frechet;
mod kernels;
mod neighbours;
mod reference;
mod scores;
mod sets;
mod space;
#[cfg(test)]
mod tests;

pub use catalogue::{Better, Kind, METRICS, Metric, decisive, drawn, headline, label, metric};
pub use comparison::Comparison;
pub use cross_check::{CrossCheck, cross_check};
pub(crate) use frechet::moments;
pub use neighbours::squares;
pub use reference::Reference;
pub(crate) use scores::jackknife;
pub use scores::{Score, Scores};
pub use sets::{FEWEST, MetricsError, check_size};
pub use space::{COMPONENTS, Components, MOST_PIXELS, Space};

use ndarray::ArrayView2;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use scores::{LEFT_OUT, Values};
use sets::{Candidates, Cloud};
use std::collections::BTreeMap;

/// Subsets from which standard errors are estimated.
const SUBSETS: usize = 16;

/// Measures samples `[n, pixels]` against a reference.
///
/// # Errors
/// [`MetricsError`] for too few samples, another number of pixels or values that are not finite.
pub fn measure(
    samples: ArrayView2<'_, f32>,
    reference: &Reference,
) -> Result<Scores, MetricsError> {
    let cloud = Cloud::new(samples, &reference.eye)?;
    let n = cloud.len();
    let candidates = candidates(&cloud, reference);
    let values = |members: &[usize]| reference.values(&Comparison::new(&candidates, members));
    let all = values(&(0..n).collect::<Vec<_>>());
    let subsets: Vec<Values> = (0..SUBSETS as u64)
        .into_par_iter()
        .map(|k| values(&subset(n, k)))
        .collect();
    let floor = reference.floor(n);
    Ok(Scores::assemble(
        reference.metrics(),
        (&all, &floor),
        &subsets,
        n,
    ))
}

fn candidates<'a>(cloud: &'a Cloud, reference: &'a Reference) -> Candidates<'a> {
    let train = reference.train.as_deref();
    Candidates::new(cloud, &reference.real, train, reference.eye.gaussians)
}

/// Values of every metric, without standard errors and floors: a sixteenth of the work of [`measure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Every metric that has a value, by key.
    pub values: BTreeMap<String, f64>,
    /// The metric that decides ([`Reference::decisive`]) of the subsets from which [`measure`] takes the
    /// standard error; subset k leaves out the same rows of any samples of the same number, so that errors of
    /// differences can be had.
    pub decisive_of_subsets: Vec<f64>,
}

/// [`measure`] for many sets of samples that are to be compared.
///
/// # Errors
/// As [`measure`].
pub fn measure_values(
    samples: ArrayView2<'_, f32>,
    reference: &Reference,
) -> Result<Measured, MetricsError> {
    let cloud = Cloud::new(samples, &reference.eye)?;
    let n = cloud.len();
    let candidates = candidates(&cloud, reference);
    let everyone: Vec<usize> = (0..n).collect();
    let all = reference.values(&Comparison::new(&candidates, &everyone));
    Ok(Measured {
        values: all.named(reference.metrics()),
        decisive_of_subsets: (0..SUBSETS as u64)
            .map(|k| candidates.decisive(&subset(n, k)))
            .collect(),
    })
}

/// What `n` real images get in the place of samples: the floor of every metric that has one.
pub fn floors(reference: &Reference, n: usize) -> BTreeMap<String, f64> {
    reference.floor(n).named(reference.metrics())
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
