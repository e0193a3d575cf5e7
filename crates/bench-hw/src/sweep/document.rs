//! The file that a sweep leaves: `sweep.json`.

use super::{Axis, Cell, Rank, Tolerance};
use serde::Serialize;
use std::collections::BTreeMap;
use units::statistics::Interval;

/// Name and version of the format.
pub const SCHEMA: &str = "gradep-sweep-1";

/// Which question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SweepKind {
    /// Quality over one or two keys.
    Sweep,
    /// Which imperfection costs what.
    Sensitivity,
    /// How much of one imperfection chips bear.
    Tolerance,
}

/// A metric of the chip without imperfections.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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

/// What was asked, in the words of the command line and in numbers.
#[derive(Clone, Debug, Serialize)]
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
    /// The metric that decides about a chip.
    pub decisive: &'static str,
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
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: &'static str,
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

impl Document {
    /// A document of cells on axes; `floors` are what real images get.
    pub fn new(
        question: Question,
        axes: Vec<Axis>,
        cells: Vec<Cell>,
        ideal: Cell,
        floors: &BTreeMap<String, f64>,
    ) -> Self {
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
            schema: SCHEMA,
            ideal: scores.collect(),
            question,
            axes,
            cells,
            ideal_cell: ideal,
            whole: None,
            ranking: None,
            tolerance: None,
        }
    }
}
