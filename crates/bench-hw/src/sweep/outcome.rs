//! What one chip did.

use crate::results::study::ChipCost;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The samples of one chip, measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Why there is nothing to measure: the chip's nodes ran away. A chip that failed counts as a bad one.
    pub failure: Option<String>,
    /// Every metric that its samples have.
    pub scores: BTreeMap<String, f64>,
    /// `fd_features` of the subsets of the samples from which standard errors are estimated; subsets of
    /// all chips leave out the same samples.
    pub subsets: Vec<f64>,
    /// Median over anchors along the flow of |v − v0|/|v0|, v0 of the chip without imperfections.
    pub velocity_error: Option<f64>,
    /// The same as one ratio of root mean squares over all anchors.
    pub velocity_error_rms: Option<f64>,
    /// Physical time of a sample in seconds.
    pub seconds: f64,
    /// Energy of a sample in joules.
    pub joules: f64,
    /// Relaxation of a sample in τ.
    pub relaxation_tau: f64,
}

impl Outcome {
    /// What a sample cost; none of a chip that failed.
    pub fn cost(&self) -> Option<ChipCost> {
        self.failure.is_none().then_some(ChipCost {
            seconds: self.seconds,
            joules: self.joules,
            relaxation_tau: self.relaxation_tau,
        })
    }

    /// A metric of the samples, or one of the velocity errors by its name.
    pub fn metric(&self, name: &str) -> Option<f64> {
        match name {
            "velocity_error" => self.velocity_error,
            "velocity_error_rms" => self.velocity_error_rms,
            _ => self.scores.get(name).copied(),
        }
    }
}
