//! `quality.json`: quality against time. Fields that a writer left out are absent, not an error.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use units::statistics::{Interval, mean};

/// The layout that is read.
pub(super) const SCHEMA: &str = "gradep-quality-1";

/// Metrics by key.
pub(super) type ByMetric<T> = BTreeMap<String, T>;

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Quality {
    /// Words of the command line.
    pub(super) command: Value,
    /// Version of the program.
    pub(super) version: Option<String>,
    /// `H` or `P`.
    pub(super) track: Option<String>,
    /// Data that samples were compared with, where they are not the built-in digits.
    pub(super) domain: Option<String>,
    /// Samples per point.
    pub(super) n: Option<u64>,
    /// Metrics to show first.
    pub(super) headline: Vec<String>,
    /// The models.
    pub(super) runs: Vec<RunOfQuality>,
    /// One run, seed and chip each.
    pub(super) curves: Vec<Curve>,
    /// Means over runs, seeds and chips.
    pub(super) bands: Vec<Band>,
    /// What to compare with.
    pub(super) baselines: Vec<Baseline>,
    /// What a processor takes.
    pub(super) digital: Option<Digital>,
    /// File of pictures beside this one.
    pub(super) samples: Option<String>,
}

/// A model that was measured.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct RunOfQuality {
    pub(super) name: String,
    pub(super) seed: Option<u64>,
    pub(super) model_blake3: Option<String>,
    pub(super) trained_on: Option<String>,
}

/// One run, seed and chip.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Curve {
    pub(super) label: String,
    pub(super) chip: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) sampling_seed: Option<u64>,
    pub(super) chip_seed: Option<u64>,
    pub(super) settings: Value,
    pub(super) points: Vec<CurvePoint>,
}

/// A moment of a curve.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct CurvePoint {
    #[serde(flatten)]
    pub(super) at: Moment,
    pub(super) scores: ByMetric<Score>,
}

/// When, and at what cost, per sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Moment {
    /// Dimensionless.
    pub(super) flow_time: Option<f64>,
    /// Relaxation in units of τ.
    pub(super) relaxation_tau: Option<f64>,
    /// Seconds.
    pub(super) seconds: Option<f64>,
    /// Joules.
    pub(super) joules: Option<f64>,
}

/// A metric with its error, its floor and its number of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Score {
    pub(super) value: Option<f64>,
    pub(super) standard_error: Option<f64>,
    /// Of a mean over chips.
    pub(super) interval: Option<Interval>,
    pub(super) floor: Option<f64>,
}

/// Several curves together.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Band {
    pub(super) label: String,
    pub(super) chip: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) points: Vec<BandPoint>,
    pub(super) best: ByMetric<Best>,
}

/// A moment of a band.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct BandPoint {
    #[serde(flatten)]
    pub(super) at: Moment,
    pub(super) metrics: ByMetric<Spread>,
}

/// How a metric spreads over runs, seeds and chips.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Spread {
    pub(super) mean: Option<f64>,
    pub(super) sd: Option<f64>,
    pub(super) standard_error: Option<f64>,
    /// Interval of the mean.
    pub(super) interval: Option<Interval>,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// How many curves.
    pub(super) count: Option<u64>,
}

/// Where a metric is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Best {
    pub(super) flow_time: Option<f64>,
    pub(super) seconds: Option<f64>,
    pub(super) joules: Option<f64>,
    pub(super) value: Option<f64>,
}

/// What to compare with: real halves, a Gaussian fit, mixtures.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Baseline {
    pub(super) label: String,
    pub(super) kind: Option<String>,
    pub(super) scores: ByMetric<Score>,
    pub(super) source: Option<String>,
}

/// What a processor takes for the same samples.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Digital {
    pub(super) cpu_seconds_per_sample: Option<f64>,
    pub(super) cpu: Option<String>,
    pub(super) flops_per_sample: Option<f64>,
    pub(super) gpu_joules_per_sample: Option<f64>,
    pub(super) gpu_energy_per_op_source: Option<String>,
}

impl Quality {
    /// The bands; where there are none, every curve with its own standard errors.
    pub(super) fn bands(&self) -> Vec<Band> {
        if self.bands.is_empty() {
            self.curves.iter().map(Curve::band).collect()
        } else {
            self.bands.clone()
        }
    }

    /// Every metric that some point has, headline metrics first.
    pub(super) fn metrics(&self) -> Vec<String> {
        let mut metrics = self.headline.clone();
        for band in self.bands() {
            for key in band.points.iter().flat_map(|point| point.metrics.keys()) {
                if !metrics.contains(key) {
                    metrics.push(key.clone());
                }
            }
        }
        metrics
    }

    /// What real images get in the place of samples.
    pub(super) fn floor(&self, metric: &str) -> Option<f64> {
        let points = self.curves.iter().flat_map(|curve| &curve.points);
        let mut scores = points.filter_map(|point| point.scores.get(metric));
        scores.find_map(|score| score.floor)
    }
}

impl Quality {
    /// Standard error of a band's mean at a flow time: from the spread over its curves, but no less than the
    /// choice of samples explains, which the spread of two or three curves can miss.
    pub(super) fn error(&self, band: &Band, point: &BandPoint, metric: &str) -> Option<f64> {
        let spread = point.metrics.get(metric)?;
        let count = spread.count.unwrap_or(1).max(1) as f64;
        let over_curves = (spread.standard_error).or_else(|| Some(spread.sd? / count.sqrt()));
        let curves = self.curves.iter().filter(|curve| curve.label == band.label);
        let points = curves.flat_map(|curve| &curve.points);
        let squares: Vec<f64> = points
            .filter(|other| other.at.flow_time == point.at.flow_time)
            .filter_map(|other| Some(other.scores.get(metric)?.standard_error?.powi(2)))
            .collect();
        let of_samples = mean(&squares).map(|square| (square / count).sqrt());
        match (over_curves, of_samples) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

impl Curve {
    fn band(&self) -> Band {
        let spread = |score: &Score| {
            let reach = |sign: f64| Some(score.value? + sign * score.standard_error?);
            Spread {
                mean: score.value,
                sd: None,
                standard_error: None,
                interval: None,
                low: reach(-1.0),
                high: reach(1.0),
                count: Some(1),
            }
        };
        let point = |point: &CurvePoint| BandPoint {
            at: point.at,
            metrics: point
                .scores
                .iter()
                .map(|(key, score)| (key.clone(), spread(score)))
                .collect(),
        };
        Band {
            label: self.label.clone(),
            chip: self.chip.clone(),
            mode: self.mode.clone(),
            points: self.points.iter().map(point).collect(),
            best: ByMetric::new(),
        }
    }
}

impl Band {
    /// Where a metric is smallest, if the band has it: as its file says, else by its points.
    pub(super) fn least(&self, metric: &str) -> Option<(Best, Option<&BandPoint>)> {
        let value = |point: &BandPoint| point.metrics.get(metric)?.mean;
        let least = self
            .points
            .iter()
            .filter(|point| value(point).is_some_and(f64::is_finite))
            .min_by(|a, b| {
                f64::total_cmp(&value(a).unwrap_or(f64::NAN), &value(b).unwrap_or(f64::NAN))
            });
        if let Some(best) = self.best.get(metric) {
            let there = |point: &&BandPoint| point.at.flow_time == best.flow_time;
            return Some((*best, self.points.iter().find(there)));
        }
        least.map(|point| {
            let best = Best {
                flow_time: point.at.flow_time,
                seconds: point.at.seconds,
                joules: point.at.joules,
                value: value(point),
            };
            (best, Some(point))
        })
    }
}
