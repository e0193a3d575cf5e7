//! Baselines measured, beside what is published of them.

use super::{Baseline, BaselineError, BaselineKind, Published, uncertainty::difference};
use crate::domain::TrainingImages;
use crate::metrics::{MetricsError, Reference, Score, Scores, measure};
use rayon::prelude::*;
use serde::{Serialize, Serializer};
use std::ops::Range;
use units::fault::{Blame, Fault};
use units::statistics::{self, mean};

/// A metric of a baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct BaselineScore {
    /// Mean over the seeds.
    pub value: Option<f64>,
    /// Standard error of one evaluation from the choice of samples (root mean square over the seeds).
    pub standard_error: Option<f64>,
    /// What real images get.
    pub floor: Option<f64>,
    /// Samples of each evaluation.
    pub n: usize,
    /// Standard deviation over the seeds; none of a single one.
    pub sd_over_seeds: Option<f64>,
    /// The published value.
    pub published: Option<f64>,
    /// (value − published) / the standard deviation of such a difference, where that is known.
    pub deviation: Option<f64>,
}

/// A baseline's metrics.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BaselineRow {
    /// Its name.
    pub name: String,
    /// What a figure calls it.
    pub label: String,
    /// What it is.
    pub kind: BaselineKind,
    /// Evaluations.
    pub seeds: usize,
    /// By metric, in order.
    #[serde(serialize_with = "as_map")]
    pub scores: Vec<(&'static str, BaselineScore)>,
    /// Where the numbers come from.
    pub source: &'static str,
}

fn as_map<S: Serializer>(
    scores: &[(&'static str, BaselineScore)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(scores.iter().copied())
}

/// A baseline that cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineTableError {
    /// The baseline cannot be made.
    #[error("{0}")]
    Baseline(#[from] BaselineError),
    /// Its samples cannot be measured.
    #[error("{baseline}: {cause}")]
    Metrics {
        /// The baseline.
        baseline: Baseline,
        /// Why.
        cause: MetricsError,
    },
}

impl Blame for BaselineTableError {
    fn fault(&self) -> Fault {
        match self {
            Self::Baseline(cause) => cause.fault(),
            Self::Metrics { cause, .. } => cause.fault(),
        }
    }
}

impl BaselineRow {
    /// One metric.
    pub fn score(&self, metric: &str) -> Option<&BaselineScore> {
        let found = self.scores.iter().find(|(name, _)| *name == metric);
        found.map(|(_, score)| score)
    }
}

/// How a baseline is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// Samples of each set.
    pub samples: usize,
    /// Seeds of the sets.
    pub seeds: Range<u64>,
    /// Whether published values, which are of 898 samples of track H, are set beside.
    pub compare: bool,
}

/// Measures sets of samples of a baseline that are drawn from `train`; `done` is told of every evaluation.
///
/// # Errors
/// [`BaselineTableError`].
pub fn measure_baseline(
    baseline: Baseline,
    measurement: Measurement,
    train: &TrainingImages,
    reference: &Reference,
    done: impl Fn() + Sync,
) -> Result<BaselineRow, BaselineTableError> {
    let Measurement {
        samples,
        seeds,
        compare,
    } = measurement;
    let evaluate = |seed| {
        let drawn = baseline.samples(samples, seed, train)?;
        let scores = measure(drawn.view(), reference)
            .map_err(|cause| BaselineTableError::Metrics { baseline, cause })?;
        done();
        Ok(scores)
    };
    let evaluations: Vec<Scores> = seeds
        .into_par_iter()
        .map(evaluate)
        .collect::<Result<_, BaselineTableError>>()?;
    let name = baseline.to_string();
    let published = Published::named(&name);
    let scores = reference.metrics().iter().map(|metric| {
        let of_seeds: Vec<Score> = (evaluations.iter())
            .filter_map(|scores| scores.get(metric.key).copied())
            .collect();
        let published = published.filter(|_| compare);
        (metric.key, summary(metric.key, &of_seeds, published))
    });
    Ok(BaselineRow {
        label: published.map_or_else(|| name.clone(), |row| row.label.clone()),
        name,
        kind: baseline.kind(),
        seeds: evaluations.len(),
        scores: scores.collect(),
        source: "made and measured by this program",
    })
}

fn summary(metric: &str, of_seeds: &[Score], published: Option<&Published>) -> BaselineScore {
    let all =
        |read: fn(&Score) -> Option<f64>| of_seeds.iter().map(read).collect::<Option<Vec<_>>>();
    let values = all(|score| score.value);
    let value = values.as_deref().and_then(mean);
    let sd_over_seeds = values.as_deref().and_then(statistics::deviation);
    let squared = all(|score| score.standard_error.map(|error| error * error));
    let standard_error = squared.and_then(|squares| mean(&squares)).map(f64::sqrt);
    let published = published.and_then(|row| row.values.get(metric)).copied();
    let deviation = || {
        let published = published?;
        let spread = difference(metric, published, standard_error?, of_seeds.len())?;
        Some((value? - published.value) / spread)
    };
    BaselineScore {
        value,
        standard_error,
        floor: of_seeds[0].floor,
        n: of_seeds[0].n,
        sd_over_seeds,
        deviation: deviation(),
        published: published.map(|published| published.value),
    }
}
