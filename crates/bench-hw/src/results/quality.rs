//! `quality.json`: quality against time.

use super::ResultFile;
use crate::{
    baselines::BaselineKind,
    generation::Mode,
    metrics::{Scores, decisive},
};
use gradep_core::{generate::Reach, objective::ObjectiveKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use units::statistics::{Interval, mean};

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Name and version of the format.
    pub schema: String,
    /// The command line.
    pub command: Vec<String>,
    /// Version of this program.
    pub version: String,
    /// `H` or `P`.
    pub track: String,
    /// Data that samples are compared with, where they are not the built-in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Samples per evaluation.
    pub n: usize,
    /// Names of the headline metrics.
    pub headline: Vec<String>,
    /// The models.
    pub runs: Vec<RunEntry>,
    /// Every curve.
    pub curves: Vec<Curve>,
    /// Curves of a setting together.
    pub bands: Vec<Band>,
    /// Settings and moments that no other beats in quality and cost.
    pub pareto: Pareto,
    /// What to compare with.
    pub baselines: Vec<BaselineLine>,
    /// Digital processors; none where it was not asked for.
    pub digital: Option<Digital>,
    /// The file of samples: for each band, key by its number, `[times, samples, pixels]`.
    pub samples: String,
}

impl ResultFile for Quality {
    const NAME: &'static str = "quality.json";
    const SCHEMA: &'static str = "gradep-quality-1";

    fn table_name(&self) -> &'static str {
        "quality.csv"
    }
}

impl Quality {
    /// The metric that decides: the first of the headline.
    pub fn decisive(&self) -> &str {
        self.headline
            .first()
            .map_or_else(|| decisive(true), String::as_str)
    }

    /// Keys of every metric that some point has: those of the headline first.
    pub fn metrics(&self) -> Vec<String> {
        let mut metrics = self.headline.clone();
        let points = self.bands.iter().flat_map(|band| &band.points);
        for key in points.flat_map(|point| point.metrics.keys()) {
            if !metrics.contains(key) {
                metrics.push(key.clone());
            }
        }
        metrics
    }

    /// What real images get in the place of samples.
    pub fn floor(&self, metric: &str) -> Option<f64> {
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let mut scores = points.flat_map(|point| point.scores.named());
        scores.find_map(|(key, score)| score.floor.filter(|_| key == metric))
    }

    /// Standard error of a band's mean at a flow time: from the spread over its curves, but no less than the
    /// choice of samples explains, which the spread of two or three curves can miss.
    pub fn error(&self, band: &Band, point: &BandPoint, metric: &str) -> Option<f64> {
        let spread = point.metrics.get(metric)?;
        let count = spread.count.max(1) as f64;
        let over_curves = (spread.standard_error).or_else(|| Some(spread.sd? / count.sqrt()));
        let curves = self.curves.iter().filter(|curve| curve.label == band.label);
        let points = curves.flat_map(|curve| &curve.points);
        let here = points.filter(|other| same_time(other.flow_time, point.flow_time));
        let squares: Vec<f64> = here
            .flat_map(|other| other.scores.named())
            .filter(|(key, _)| *key == metric)
            .filter_map(|(_, score)| Some(score.standard_error?.powi(2)))
            .collect();
        let of_samples = mean(&squares).map(|square| (square / count).sqrt());
        match (over_curves, of_samples) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

/// Whether two flow times of one file are the same moment.
fn same_time(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq()
}

impl Band {
    /// The point at which a metric is best.
    pub fn best_point(&self, metric: &str) -> Option<&BandPoint> {
        let best = self.best.get(metric)?;
        let mut points = self.points.iter();
        points.find(|point| same_time(point.flow_time, best.flow_time))
    }

    /// Whether a flow time is the last one that was measured: later ones may be better.
    pub fn is_last(&self, flow_time: f64) -> bool {
        let last = self.points.last();
        last.is_some_and(|last| same_time(last.flow_time, flow_time))
    }
}

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunEntry {
    /// Name of the run or of the file.
    pub name: String,
    /// Seed of the run; none of a file.
    pub seed: Option<u64>,
    /// Which model it is: what `b3sum` prints of its file.
    pub model_blake3: String,
    /// `data.source` of the run; none of a file, which does not say.
    pub trained_on: Option<String>,
    /// What it learned; flow matching where nothing says so.
    #[serde(default)]
    pub objective: ObjectiveKind,
}

/// Samples at one moment of the flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Flow time; 1 is where the data of flow matching are.
    pub flow_time: f64,
    /// Relaxation per sample in units of τ; none without a chip.
    pub relaxation_tau: Option<f64>,
    /// Time per sample in seconds, with overheads; none without a chip.
    pub seconds: Option<f64>,
    /// Energy per sample in joules; none without a chip.
    pub joules: Option<f64>,
    /// Solver sweeps (exact equilibria) or integrator steps (chip) per sample.
    pub sweeps_or_steps: f64,
    /// Velocities that a sample read, each one relaxation, in the mean; none in a free run, and of earlier versions.
    #[serde(default)]
    pub mean_evaluations: Option<f64>,
    /// Velocities of the sample that read most.
    #[serde(default)]
    pub most_evaluations: Option<u64>,
    /// Share of relaxations that ended unsettled; none in a free run, which is not to settle.
    pub unsettled_share: Option<f64>,
    /// Root mean square of the velocity over that at the start; none in a free run, which reads none, and of earlier
    /// versions.
    #[serde(default)]
    pub speed_share: Option<f64>,
    /// How far the samples have gone; none of earlier versions.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// Every metric.
    pub scores: Scores,
}

/// Quality along a flow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The setting, as legends show it; with the objective where models of several are compared.
    pub label: String,
    /// The chip; none: exact equilibria.
    pub chip: Option<String>,
    /// How the flow is integrated.
    pub mode: Mode,
    /// What the model has learned; flow matching where nothing says so.
    #[serde(default)]
    pub objective: ObjectiveKind,
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

/// Some values of one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation; none of a single one.
    pub sd: Option<f64>,
    /// Standard error of their mean, that of the interval; none of a single one.
    pub standard_error: Option<f64>,
    /// Interval of the mean by Student's t; none of a single one. Curves that share a run, a sampling seed
    /// or a chip are not independent: of the intervals over runs, over seeds and over chips, each of means
    /// over the others, it is the widest.
    pub interval: Option<Interval>,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// How many.
    pub count: usize,
}

/// All curves at one flow time. Costs are means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandPoint {
    /// Flow time.
    pub flow_time: f64,
    /// Relaxation per sample in units of τ; none without a chip.
    pub relaxation_tau: Option<f64>,
    /// Time per sample in seconds.
    pub seconds: Option<f64>,
    /// Energy per sample in joules.
    pub joules: Option<f64>,
    /// Root mean square of the velocity over that at the start; none in a free run.
    #[serde(default)]
    pub speed_share: Option<f64>,
    /// How far samples have gone: the mean share beyond the range, the largest rms of any.
    #[serde(default)]
    pub reach: Option<Reach>,
    /// Every metric that has values.
    pub metrics: BTreeMap<String, Summary>,
}

/// Where a metric's mean is best.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Flow time.
    pub flow_time: f64,
    /// Time per sample in seconds; none without a chip.
    pub seconds: Option<f64>,
    /// Energy per sample in joules; none without a chip.
    pub joules: Option<f64>,
    /// The mean there.
    pub value: f64,
}

/// What becomes of the samples from the best time of the metric that decides to the end of the curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct After {
    /// Flow time from which.
    pub from: f64,
    /// Flow time to which.
    pub to: f64,
    /// Change of each drawn metric's mean.
    pub change: BTreeMap<String, f64>,
}

/// The curves of one setting and objective: over runs, sampling seeds and chips.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The setting, as legends show it.
    pub label: String,
    /// The chip; none: exact equilibria.
    pub chip: Option<String>,
    /// How the flow is integrated.
    pub mode: Mode,
    /// What the models have learned.
    #[serde(default)]
    pub objective: ObjectiveKind,
    /// How many curves.
    pub curves: usize,
    /// By flow time.
    pub points: Vec<BandPoint>,
    /// By metric of the headline.
    pub best: BTreeMap<String, Best>,
    /// None where the best time is the last.
    pub after: Option<After>,
}

/// A point of a front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrontPoint {
    /// The setting.
    pub label: String,
    /// When the flow is read.
    pub flow_time: f64,
    /// Cost per sample, in seconds or joules.
    pub cost: f64,
    /// Mean over the setting's curves; none of images without classes.
    pub fd_features: Option<f64>,
    /// What decides in its place there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fd_pixels: Option<f64>,
}

impl FrontPoint {
    /// The metric that decides.
    pub fn value(&self) -> f64 {
        self.fd_features.or(self.fd_pixels).unwrap_or(f64::INFINITY)
    }
}

/// The fronts of the metric that decides against both costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pareto {
    /// Against seconds per sample.
    pub seconds: Vec<FrontPoint>,
    /// Against joules per sample.
    pub joules: Vec<FrontPoint>,
}

/// Something to compare with, by metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineLine {
    /// As legends show it.
    pub label: String,
    /// What it is.
    pub kind: BaselineKind,
    /// Values by metric.
    pub scores: BTreeMap<String, BaselineValue>,
    /// Where they come from.
    pub source: String,
}

/// A baseline's metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BaselineValue {
    /// The metric.
    pub value: f64,
}

/// The same samples at exact equilibria on digital processors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digital {
    /// Flow time to which samples are generated.
    pub flow_time: f64,
    /// Seconds of one core of this processor per sample, best of some repetitions.
    pub cpu_seconds_per_sample: f64,
    /// The processor.
    pub cpu: String,
    /// Floating-point operations per sample: the products of couplings and outputs alone.
    pub flops_per_sample: f64,
    /// Energy of as many operations on a GPU in joules: a lower bound.
    pub gpu_joules_per_sample: f64,
    /// Where the energy of an operation comes from.
    pub gpu_energy_per_op_source: String,
}
