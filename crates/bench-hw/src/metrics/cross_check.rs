//! What another classifier says of the same samples.

use super::{MetricsError, Reference, Scores, measure, metric};
use crate::judge::Evaluator;
use gradep_core::data::Dataset;
use ndarray::ArrayView2;
use serde::Serialize;

/// The metrics of samples that depend on the classifier, by another one than the built-in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossCheck {
    /// Share of the digits of `optdigits.tes`, the reference, that the classifier tells rightly.
    pub accuracy: f64,
    /// By name. Distances have the scale of the classifier's features: compare them with their floor.
    pub scores: Scores,
}

/// Measures samples of digits `[n, 64]` against a reference by another classifier.
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
    let scores = measure(samples, &reference.judged_by(evaluator))?;
    let judged = |key: &str| metric(key).is_some_and(|metric| metric.judged);
    Ok(CrossCheck {
        accuracy,
        scores: scores.only(judged),
    })
}
