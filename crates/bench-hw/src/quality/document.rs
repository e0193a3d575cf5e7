//! `quality.json` and `quality.csv`.

use super::{Band, BaselineLine, Curve, Digital, Pareto, QualityError, Trained};
use gradep_core::files::{sealed_json, write_atomically};
use serde::Serialize;
use std::{io, path::Path};
use units::printable::cell;

/// Name and version of the format.
pub const SCHEMA: &str = "gradep-quality-1";

/// Everything that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: &'static str,
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
    pub headline: Vec<&'static str>,
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
    pub samples: &'static str,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunEntry {
    /// Name of the run or of the file.
    pub name: String,
    /// Seed of the run; none of a file.
    pub seed: Option<u64>,
    /// Which model it is: what `b3sum` prints of its file.
    pub model_blake3: String,
    /// `data.source` of the run; none of a file, which does not say.
    pub trained_on: Option<String>,
}

impl From<&Trained> for RunEntry {
    fn from(run: &Trained) -> Self {
        Self {
            name: run.name.clone(),
            seed: run.seed,
            model_blake3: run.id.clone(),
            trained_on: run.trained_on.clone(),
        }
    }
}

impl Document {
    /// Writes the document as JSON.
    ///
    /// # Errors
    /// [`QualityError::File`].
    pub fn write_json(&self, path: &Path) -> Result<(), QualityError> {
        write_atomically(path, |file| io::Write::write_all(file, &sealed_json(self)?))
            .map_err(QualityError::at(path))
    }

    /// Writes a row for every point of every curve and every metric that has a value.
    ///
    /// # Errors
    /// [`QualityError::File`].
    pub fn write_csv(&self, path: &Path) -> Result<(), QualityError> {
        write_atomically(path, |file| self.rows(file)).map_err(QualityError::at(path))
    }

    fn rows(&self, file: impl io::Write) -> io::Result<()> {
        let mut table = csv::Writer::from_writer(file);
        table.write_record([
            "label",
            "chip",
            "mode",
            "run",
            "sampling_seed",
            "chip_seed",
            "flow_time",
            "relaxation_tau",
            "time_s",
            "energy_j",
            "sweeps_or_steps",
            "unsettled_share",
            "metric",
            "value",
            "standard_error",
            "floor",
            "n",
            "headline",
        ])?;
        let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        for curve in &self.curves {
            for point in &curve.points {
                for (metric, score) in point.scores.named() {
                    if score.value.is_none() {
                        continue;
                    }
                    table.write_record([
                        cell(&curve.label),
                        cell(curve.chip.as_deref().unwrap_or_default()),
                        curve.mode.name().to_owned(),
                        cell(&curve.run),
                        curve.sampling_seed.to_string(),
                        curve
                            .chip_seed
                            .map(|seed| seed.to_string())
                            .unwrap_or_default(),
                        point.flow_time.to_string(),
                        number(point.relaxation_tau),
                        number(point.seconds),
                        number(point.joules),
                        point.sweeps_or_steps.to_string(),
                        number(point.unsettled_share),
                        metric.to_owned(),
                        number(score.value),
                        number(score.standard_error),
                        number(score.floor),
                        score.n.to_string(),
                        self.headline.contains(&metric).to_string(),
                    ])?;
                }
            }
        }
        table.flush()
    }
}
