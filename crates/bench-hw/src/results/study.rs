//! `sweep.json`: what non-idealities cost.

use super::ResultFile;
use crate::metrics;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use units::statistics::{Interval, Share};

/// Which question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SweepKind {
    /// Quality over one or two keys.
    Sweep,
    /// Which imperfection costs what.
    Sensitivity,
    /// How much of one imperfection chips bear.
    Tolerance,
}

impl SweepKind {
    /// As files and commands write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sweep => "sweep",
            Self::Sensitivity => "sensitivity",
            Self::Tolerance => "tolerance",
        }
    }
}

/// A metric of the chip without imperfections.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdealScore {
    /// Mean over the noises that the chips start from.
    pub value: Option<f64>,
    /// Standard error of that mean, from the spread over noises; none of one.
    pub standard_error: Option<f64>,
    /// Interval of that mean, by Student's t; none of one.
    pub interval: Option<Interval>,
    /// What as many real images get.
    pub floor: Option<f64>,
    /// Number of samples in each evaluation.
    pub n: usize,
}

/// What decided before there was a choice.
fn decisive() -> String {
    metrics::decisive(true).to_owned()
}

/// What was asked, in the words of the command line and in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The command that gives this document again.
    pub command: Vec<String>,
    /// Version of the program.
    pub version: String,
    /// What kind of question.
    pub kind: SweepKind,
    /// `H` or `P`.
    pub track: String,
    /// Data that samples are compared with, where they are not the built-in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The metric that decides about a chip. Files of 0.1.0 may be without: `fd_features`.
    #[serde(default = "decisive")]
    pub decisive: String,
    /// Samples of each chip.
    pub n: usize,
    /// Flow time at which samples are taken.
    pub flow_time: f64,
    /// The model: a run or a file.
    pub run: String,
    /// Which model it is: what `b3sum` prints of its file.
    pub model_blake3: String,
    /// `data.source` of the run; none of a file, which does not say.
    pub trained_on: Option<String>,
    /// Name of the spec.
    pub chip: String,
    /// How chips generate.
    pub mode: String,
    /// Everything else that outcomes depend on.
    pub settings: serde_json::Value,
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Name and version of the format.
    pub schema: String,
    /// What was asked.
    #[serde(flatten)]
    pub question: Question,
    /// What was varied.
    pub axes: Vec<Axis>,
    /// What came of it, the last axis fastest.
    pub cells: Vec<Cell>,
    /// The chip without imperfections.
    pub ideal: BTreeMap<String, IdealScore>,
    /// The same with the spread over starting noises.
    pub ideal_cell: Cell,
    /// The chip as the spec has it, in a ranking.
    pub whole: Option<Cell>,
    /// Imperfections, the dearest first.
    pub ranking: Option<Vec<Rank>>,
    /// Largest level that chips bear.
    pub tolerance: Option<Tolerance>,
}

impl Study {
    /// A document of what was asked, still without an answer; `floors` are what real images get.
    pub fn new(question: Question, ideal: Cell, floors: &BTreeMap<String, f64>) -> Self {
        let n = question.n;
        let scores = ideal.scores.iter().map(|(name, spread)| {
            let score = IdealScore {
                value: spread.mean,
                standard_error: spread.standard_error,
                interval: spread.interval,
                floor: floors.get(name).copied(),
                n,
            };
            (name.clone(), score)
        });
        Self {
            schema: Self::SCHEMA.to_owned(),
            ideal: scores.collect(),
            question,
            axes: Vec::new(),
            cells: Vec::new(),
            ideal_cell: ideal,
            whole: None,
            ranking: None,
            tolerance: None,
        }
    }
}

impl Study {
    /// Keys of every metric that some cell has: the one that decides and coverage first.
    pub fn metrics(&self) -> Vec<String> {
        let has = |key: &str| self.cells.iter().any(|cell| cell.scores.contains_key(key));
        let first = [self.question.decisive.as_str(), "coverage"]
            .into_iter()
            .filter(|key| has(key));
        let mut metrics: Vec<String> = first.map(str::to_owned).collect();
        for key in self.cells.iter().flat_map(|cell| cell.scores.keys()) {
            if !metrics.contains(key) {
                metrics.push(key.clone());
            }
        }
        metrics
    }

    /// How many chips there are of each variant.
    pub fn chips(&self) -> usize {
        self.ideal_cell.chips
    }
}

impl ResultFile for Study {
    const NAME: &'static str = "sweep.json";
    const SCHEMA: &'static str = "gradep-sweep-1";

    fn table_name(&self) -> &'static str {
        match self.question.kind {
            SweepKind::Sweep => "sweep.csv",
            SweepKind::Sensitivity => "sensitivity.csv",
            SweepKind::Tolerance => "tolerance.csv",
        }
    }
}

/// A varied key: `KEY=v1,v2,…` on the command line.
///
/// ```
/// use analog_substrate::hw_spec::Spec;
/// use bench_hw::sweep::Axis;
///
/// let axis = Axis::parse("node.capacitance=50 fF,100 fF", &Spec::load("D3")?)?;
/// assert_eq!(axis.numbers, [Some(50e-15), Some(100e-15)]);
/// assert_eq!(axis.unit, "F");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Dotted name, of a key or of one of its fields (`activation.offset.spread`).
    pub key: String,
    /// The values as they were given.
    pub values: Vec<String>,
    /// The values in `unit`; none where a value is no number.
    pub numbers: Vec<Option<f64>>,
    /// Symbol of the unit without prefix; `1` for dimensionless, `%` for shares.
    pub unit: String,
}

/// The yield of a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Yield {
    /// Chips within the rule over all chips, with Wilson's interval of 95 %.
    #[serde(flatten)]
    pub share: Share,
    /// The rule.
    pub rule: String,
}

/// What a sample costs on one chip.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipCost {
    /// Physical time in seconds.
    pub seconds: f64,
    /// Energy in joules.
    pub joules: f64,
    /// Relaxation in units of τ.
    pub relaxation_tau: f64,
}

/// All chips of a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// The value of each axis.
    pub values: Vec<String>,
    /// How many chips.
    pub chips: usize,
    /// How many of them failed: their nodes ran away.
    pub failed: usize,
    /// Every metric.
    pub scores: BTreeMap<String, Spread>,
    /// The metric that decides, relative to the ideal chip of the same number, minus 1.
    pub excess: Spread,
    /// Standard error of one chip's excess from the choice of its samples, mean over chips: a jackknife
    /// that leaves the same samples out of both chips.
    pub excess_standard_error: Option<f64>,
    /// Share of chips within the rule.
    #[serde(rename = "yield")]
    pub yielded: Yield,
    /// Median over anchors of |v − v0|/|v0|.
    pub velocity_error: Option<Spread>,
    /// The same as a ratio of root mean squares.
    pub velocity_error_rms: Option<Spread>,
    /// Physical time of a sample in seconds, mean over chips.
    pub seconds: Option<f64>,
    /// Energy of a sample in joules, mean over chips.
    pub joules: Option<f64>,
    /// What a sample costs on each chip, by number; none of a chip that failed. Files of 0.1.0 may be without.
    #[serde(default)]
    pub costs: Vec<Option<ChipCost>>,
}

/// Values of one quantity over chips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// 50 % quantile.
    pub median: Option<f64>,
    /// 5 % quantile.
    pub p5: Option<f64>,
    /// 95 % quantile.
    pub p95: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation from chip to chip (denominator n − 1); none of one chip.
    pub sd: Option<f64>,
    /// Standard error of the mean; none of one chip.
    pub standard_error: Option<f64>,
    /// Interval of the mean over all chips of the design, by Student's t; none of one chip.
    pub interval: Option<Interval>,
    /// The values, by number of the chip; none where a chip gave no value.
    pub chips: Vec<Option<f64>>,
}

/// What an imperfection does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Change of `fd_features`; no values where nobody judges.
    pub fd_features: Spread,
    /// Change of `fd_pixels`.
    pub fd_pixels: Spread,
    /// Change of the median velocity error.
    pub velocity_error: Spread,
    /// Change of the velocity error as a ratio of root mean squares.
    pub velocity_error_rms: Spread,
}

/// An imperfection in the ranking. Differences are between chips of the same number, so that what they
/// have in common cancels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rank {
    /// Its key.
    pub key: String,
    /// Its value in the spec.
    pub level: String,
    /// The chip with nothing but it, minus the ideal chip.
    pub alone: Effect,
    /// The whole chip, minus the chip without it: what one would gain by paying for it.
    pub left_out: Effect,
}

/// A level between the two that were given, or beyond them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// In the unit of the key; none where no level between the ends is meant.
    pub number: Option<f64>,
    /// For people.
    pub text: String,
}

/// A level at which a chip was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The level in the unit of the key.
    pub number: f64,
    /// `fd_features`; none of a chip that failed.
    pub fd_features: Option<f64>,
    /// Relative to the ideal chip of the same number, minus 1.
    pub excess: Option<f64>,
    /// Median velocity error.
    pub velocity_error: Option<f64>,
    /// Every metric of its samples. Files of 0.1.0 may be without.
    #[serde(default)]
    pub scores: BTreeMap<String, f64>,
    /// What a sample cost; none of a chip that failed.
    pub cost: Option<ChipCost>,
}

/// One chip's tolerance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChipTolerance {
    /// Number of the chip.
    pub chip: u64,
    /// The last level that it bears.
    pub bears: Bound,
    /// Where it was tried, by level.
    pub evaluations: Vec<Evaluation>,
}

/// How much of an imperfection chips bear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// The key.
    pub key: String,
    /// Its unit.
    pub unit: String,
    /// The good and the bad end.
    pub between: [String; 2],
    /// Distance of neighbouring levels.
    pub resolution: f64,
    /// When a chip bears a level.
    pub rule: String,
    /// The last level that half of the chips bear.
    pub median: Bound,
    /// The interval that holds the median of all chips of the design with probability `coverage`.
    pub low: Bound,
    /// See `low`.
    pub high: Bound,
    /// Probability of that interval.
    pub coverage: f64,
    /// The last level that 95 % of these chips bear.
    pub most: Bound,
    /// Chips that do not even bear the good end.
    pub nowhere: usize,
    /// Chips that bear the bad end.
    pub everywhere: usize,
    /// Every chip.
    pub chips: Vec<ChipTolerance>,
}
