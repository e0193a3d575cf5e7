//! Quality and cost of one model on one chip under one setting and one starting noise.

use crate::{
    generation::{Cost, Mode},
    metrics::Scores,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Samples at one moment of the flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Flow time; 1 is where the data is.
    pub flow_time: f64,
    /// Relaxation per sample in units of τ; none without a chip.
    pub relaxation_tau: Option<f64>,
    /// Time per sample in seconds, with overheads; none without a chip.
    pub seconds: Option<f64>,
    /// Energy per sample in joules; none without a chip.
    pub joules: Option<f64>,
    /// Solver sweeps (exact equilibria) or integrator steps (chip) per sample.
    pub sweeps_or_steps: f64,
    /// Share of relaxations that ended unsettled; none in a free run, which is not to settle.
    pub unsettled_share: Option<f64>,
    /// Every metric.
    pub scores: Scores,
}

impl Point {
    pub(super) fn new(flow_time: f64, cost: &Cost, scores: Scores) -> Self {
        Self {
            flow_time,
            relaxation_tau: cost.relaxation_tau(),
            seconds: cost.seconds(),
            joules: cost.joules(),
            sweeps_or_steps: cost.iterations,
            unsettled_share: cost.unsettled_share,
            scores,
        }
    }
}

/// Quality along a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The setting, as legends show it.
    pub label: String,
    /// The chip; none: exact equilibria.
    pub chip: Option<String>,
    /// How the flow is integrated.
    pub mode: Mode,
    /// Every knob.
    pub settings: Map<String, Value>,
    /// The model.
    pub run: String,
    /// Seed of the starting noise, and of the noise along transients.
    pub sampling_seed: u64,
    /// Seed of the chip's own deviations; none: exact equilibria.
    pub chip_seed: Option<u64>,
    /// By flow time.
    pub points: Vec<Point>,
}
