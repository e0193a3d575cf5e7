//! `sweep.json`: what non-idealities cost. Fields that a writer left out are absent, not an error.

use super::quality::{ByMetric, Score};
use serde::Deserialize;
use serde_json::Value;
use units::statistics::Interval;

/// The layout that is read.
pub(super) const SCHEMA: &str = "gradep-sweep-1";

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Sweep {
    /// Words of the command line.
    pub(super) command: Value,
    /// Version of the program.
    pub(super) version: Option<String>,
    /// `sweep`, `sensitivity` or `tolerance`.
    pub(super) kind: Option<String>,
    /// `H` or `P`.
    pub(super) track: Option<String>,
    /// Data that samples were compared with, where they are not the built-in digits.
    pub(super) domain: Option<String>,
    /// The model, which one it is, and what it was trained on.
    pub(super) run: Option<String>,
    pub(super) model_blake3: Option<String>,
    pub(super) trained_on: Option<String>,
    /// Samples per chip.
    pub(super) n: Option<u64>,
    pub(super) flow_time: Option<f64>,
    pub(super) chip: Option<String>,
    pub(super) mode: Option<String>,
    /// What is swept.
    pub(super) axes: Vec<Axis>,
    /// One combination of values each.
    pub(super) cells: Vec<Cell>,
    /// The same without imperfections.
    pub(super) ideal: ByMetric<Score>,
    /// Parameters, the most costly first.
    pub(super) ranking: Option<Vec<Rank>>,
    /// How much of a parameter is bearable.
    pub(super) tolerance: Option<Tolerance>,
}

/// One imperfection among all of a chip.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Rank {
    pub(super) key: String,
    /// Its value in the spec.
    pub(super) level: Option<String>,
    /// A chip with nothing but it, minus the ideal chip.
    pub(super) alone: Effect,
    /// The whole chip, minus the chip without it.
    pub(super) left_out: Effect,
}

/// Changes of metrics.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Effect {
    pub(super) fd_features: OverChips,
    pub(super) velocity_error: OverChips,
}

/// The largest level of an imperfection that chips bear.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Tolerance {
    pub(super) key: String,
    pub(super) rule: Option<String>,
    /// The last level that half of the chips bear, and the ends of its interval.
    pub(super) median: Option<Bound>,
    pub(super) low: Option<Bound>,
    pub(super) high: Option<Bound>,
    /// Probability of the interval.
    pub(super) coverage: Option<f64>,
    /// The last level that 95 % of the chips bear.
    pub(super) most: Option<Bound>,
}

/// A level in words.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Bound {
    pub(super) text: String,
}

/// A key of the spec and its values.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Axis {
    pub(super) key: String,
    pub(super) values: Vec<String>,
    pub(super) numbers: Vec<Option<f64>>,
    pub(super) unit: Option<String>,
}

/// One combination of values, on several chips.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Cell {
    pub(super) values: Vec<String>,
    pub(super) chips: Option<u64>,
    pub(super) scores: ByMetric<OverChips>,
    #[serde(rename = "yield")]
    pub(super) yielded: Option<Yield>,
    pub(super) seconds: Option<f64>,
    pub(super) joules: Option<f64>,
}

/// How a metric spreads over chips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct OverChips {
    pub(super) mean: Option<f64>,
    /// Interval of the mean.
    pub(super) interval: Option<Interval>,
    pub(super) median: Option<f64>,
    pub(super) p5: Option<f64>,
    pub(super) p95: Option<f64>,
}

/// Share of the chips that are good enough, with its confidence interval.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Yield {
    pub(super) share: Option<f64>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) rule: Option<String>,
}

impl Sweep {
    /// Metrics that some cell has, in the order of the first.
    pub(super) fn metrics(&self) -> Vec<String> {
        let mut metrics: Vec<String> = ["fd_features", "coverage"]
            .into_iter()
            .filter(|key| self.cells.iter().any(|cell| cell.scores.contains_key(*key)))
            .map(str::to_owned)
            .collect();
        for key in self.cells.iter().flat_map(|cell| cell.scores.keys()) {
            if !metrics.contains(key) {
                metrics.push(key.clone());
            }
        }
        metrics
    }
}
