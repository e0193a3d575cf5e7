//! What another classifier says of the same samples.

use super::{Evaluator, MetricsError, Reference, Score, measure};
use gradep_core::data::Dataset;
use ndarray::ArrayView2;
use serde::{Serialize, Serializer};

/// Metrics that a classifier has a say in.
const JUDGED: [&str; 6] = [
    "fd_features",
    "recognisable",
    "class_tv",
    "class_entropy",
    "smallest_class",
    "confidence",
];

/// The metrics of samples that depend on the classifier, by another one than the built-in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossCheck {
    /// Share of the digits of `optdigits.tes`, the reference, that the classifier tells rightly.
    pub accuracy: f64,
    /// By name. Distances have the scale of the classifier's features: compare them with their floor.
    #[serde(serialize_with = "as_map")]
    pub scores: Vec<(&'static str, Score)>,
}

fn as_map<S: Serializer>(
    scores: &[(&'static str, Score)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(scores.iter().copied())
}

/// Measures samples `[n, 64]` against a reference by another classifier.
///
/// # Errors
/// As [`measure`].
#[expect(
    clippy::missing_panics_doc,
    reason = "the built-in digits have classes"
)]
pub fn cross_check(
    samples: ArrayView2<'_, f32>,
    reference: &Reference,
    evaluator: Evaluator,
) -> Result<CrossCheck, MetricsError> {
    let digits = Dataset::digits();
    let accuracy = evaluator
        .accuracy(&digits)
        .expect("the digits have classes");
    let scores = measure(samples, &reference.judged_by(evaluator))?.named();
    let judged = scores.into_iter().filter(|(name, _)| JUDGED.contains(name));
    Ok(CrossCheck {
        accuracy,
        scores: judged.collect(),
    })
}
