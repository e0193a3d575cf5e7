//! Device files from measurements: fits of the laws that device files hold.
//!
//! ```text
//! my.csv ──columns──▶ numbers in SI ──maximum likelihood──▶ law, uncertainties ──▶ my-device.toml
//! ```
//!
//! Every law is fitted by maximum likelihood to normal deviations whose mean and spread are functions
//! of the parameters (`gaussian`). Among laws of growing complexity the data choose by the corrected
//! Akaike criterion (`choice`), and what they cannot tell is said. Uncertainties are standard errors
//! from the inverse Fisher information, correlations included.

mod choice;
mod columns;
mod drift;
mod error;
mod gaussian;
mod iv;
mod line;
mod programming;
mod pulse;
mod structure;
mod synthetic;
#[cfg(test)]
mod tests;
mod text;

pub use columns::Measurements;
pub use error::FitError;
pub use synthetic::{Synthetic, measure};
pub use text::Base;

use choice::Chosen;
use serde::{Deserialize, Serialize};
use units::{Quantity, Unit};

/// Columns that tell rows apart: device, cycle of programming, way of the pulses.
const LABELS: &[&str] = &["device", "cycle", "way"];

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Conductances that were asked for and reached: `target_S`, `achieved_S`.
    ProgrammingNoise,
    /// Conductances at times after the last programming pulse: `time_s`, `conductance_S`, `device`.
    Drift,
    /// Conductances after numbers of equal pulses: `pulse`, `conductance_S`, optionally `device`, `cycle`, `way`.
    PulseResponse,
    /// Currents at voltages: `voltage_V`, `current_A`, optionally `device`.
    Iv,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [
        Self::ProgrammingNoise,
        Self::Drift,
        Self::PulseResponse,
        Self::Iv,
    ];

    /// The largest order of its law, from 0, and what an order is.
    pub const fn orders(self) -> (usize, &'static str) {
        match self {
            Self::ProgrammingNoise => (programming::MOST, "highest power of g"),
            Self::Drift => (
                drift::SHAPES.len() - 1,
                "constant, logarithm of g, with a floor",
            ),
            Self::PulseResponse => (pulse::ORDERS - 1, "line, exponential"),
            Self::Iv => (iv::MOST, "highest power of log10 G"),
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProgrammingNoise => "programming-noise",
            Self::Drift => "drift",
            Self::PulseResponse => "pulse-response",
            Self::Iv => "iv",
        }
    }

    /// The columns of numbers that it takes.
    const fn quantities(self) -> &'static [(&'static str, Unit)] {
        match self {
            Self::ProgrammingNoise => &[("target", Unit::Siemens), ("achieved", Unit::Siemens)],
            Self::Drift => &[("time", Unit::Second), ("conductance", Unit::Siemens)],
            Self::PulseResponse => &[("pulse", Unit::One), ("conductance", Unit::Siemens)],
            Self::Iv => &[("voltage", Unit::Volt), ("current", Unit::Ampere)],
        }
    }

    /// The table of a device file that holds its law.
    const fn section(self) -> &'static str {
        match self {
            Self::ProgrammingNoise => "programming",
            Self::Drift => "drift",
            Self::PulseResponse => "pulses",
            Self::Iv => "current",
        }
    }

    /// Tables of a base that its law takes the place of.
    const fn replaces(self) -> &'static [&'static str] {
        match self {
            Self::Drift => &["drift", "relaxation", "creep", "leak"],
            // Measured errors have those of pulses in them.
            Self::ProgrammingNoise => &["programming", "pulses"],
            // Pulses lead to any conductance at any time.
            Self::PulseResponse => &["pulses", "levels", "relaxation"],
            Self::Iv => &["current"],
        }
    }
}

/// What a fit may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Smallest conductance of the device, S; none: that of the base, else the fitted one of pulses, else 0.
    pub min: Option<f64>,
    /// Largest conductance of the device, S; none: that of the base, else the largest fitted one, of
    /// programming noise the largest asked for.
    pub max: Option<f64>,
    /// Order of the law; none: what the data ask for.
    pub order: Option<usize>,
}

impl Options {
    /// Refuses an order above the largest of the laws of a kind.
    fn check_order(&self, kind: Kind) -> Result<(), FitError> {
        let (largest, _) = kind.orders();
        match self.order {
            Some(order) if order > largest => Err(FitError::Order { order, largest }),
            _ => Ok(()),
        }
    }
}

/// A fitted parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its key in the device file.
    pub key: String,
    /// The value, in the unit without prefix.
    pub value: f64,
    /// The same in the same unit.
    pub standard_error: f64,
    /// The unit.
    pub unit: Unit,
}

/// A law that was tried.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// As a formula.
    pub law: String,
    /// How many parameters it has.
    pub parameters: usize,
    /// ln of the likelihood of the data.
    pub log_likelihood: f64,
    /// Corrected Akaike criterion: less is better.
    pub aicc: f64,
}

/// Residuals of a fit, for a figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Residuals {
    /// Quantity of the abscissa.
    pub abscissa: &'static str,
    /// Its unit.
    pub abscissa_unit: Unit,
    /// Quantity of the ordinate.
    pub ordinate: &'static str,
    /// Its unit.
    pub ordinate_unit: Unit,
    /// What was measured: abscissa, ordinate.
    pub measured: Vec<[f64; 2]>,
    /// The law, a curve for each case that it tells apart.
    pub law: Vec<LawCurve>,
    /// (measured − mean)/standard deviation, as `measured`.
    pub standardised: Vec<f64>,
}

/// A curve of a law.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LawCurve {
    /// Which case it is of.
    pub label: String,
    /// Abscissa, mean, standard deviation.
    pub points: Vec<[f64; 3]>,
}

/// A law fitted to measurements.
#[derive(Clone, Debug, Serialize)]
pub struct Fit {
    /// What was measured.
    pub kind: Kind,
    /// The law that was chosen, as a formula.
    pub law: String,
    /// Number of measurements.
    pub points: usize,
    /// Number of devices, where they are told apart.
    pub devices: Option<usize>,
    /// What was fitted.
    pub parameters: Vec<Parameter>,
    /// Correlations of the parameters.
    pub correlations: Vec<Vec<f64>>,
    /// Laws that were tried.
    pub candidates: Vec<Candidate>,
    /// What the data do not tell, or the law does not hold.
    pub warnings: Vec<String>,
    /// Residuals.
    pub residuals: Residuals,
    /// Range of the device.
    #[serde(skip)]
    range: Range,
    /// How far measurements reach.
    #[serde(skip)]
    limit: Option<Limit>,
    /// Part of the device file.
    #[serde(skip)]
    section: toml::Table,
}

/// Share of a range that measurements may be above it without a word: their own errors.
const BEYOND: f64 = 0.02;

/// Smallest and largest conductance that laws are functions of, S.
#[derive(Clone, Copy, Debug)]
struct Range {
    min: f64,
    max: f64,
}

/// How far measurements reach.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// First and last second since the last programming pulse.
    Seconds([f64; 2]),
    /// Volts.
    Volts(f64),
}

impl Range {
    fn share(self, conductance: f64) -> f64 {
        conductance / self.max
    }

    /// Warns of conductances that were found above a largest one that was told.
    fn beyond(self, conductances: impl Iterator<Item = f64>) -> Option<String> {
        let largest = conductances.fold(0.0, f64::max);
        let show = |value| {
            Quantity {
                value,
                unit: Unit::Siemens,
            }
            .rounded(4)
        };
        (largest > self.max * (1.0 + BEYOND)).then(|| {
            format!(
                "a device conducts {}, above the largest conductance of the range, {}",
                show(largest),
                show(self.max)
            )
        })
    }
}

/// Fits the law of `kind` to measurements; `base` holds what is not measured.
///
/// # Errors
/// [`FitError`]
pub fn fit(
    kind: Kind,
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let measurements = &measurements.sorted(LABELS, kind.quantities())?;
    match kind {
        Kind::ProgrammingNoise => programming::fit(measurements, base, options),
        Kind::Drift => drift::fit(measurements, base, options),
        Kind::PulseResponse => pulse::fit(measurements, base, options),
        Kind::Iv => iv::fit(measurements, base, options),
    }
}

/// Parameters of a law with what is known of them: the place in the law's list, key, factor to the
/// unit, unit.
fn parameters(chosen: &Chosen, keys: &[String], units: &[(f64, Unit)]) -> Vec<Parameter> {
    let estimate = &chosen.estimate;
    let described = keys.iter().zip(units).enumerate();
    described
        .map(|(k, (key, &(factor, unit)))| Parameter {
            key: key.clone(),
            value: estimate.values[k] * factor,
            standard_error: estimate.covariance[(k, k)].sqrt() * factor,
            unit,
        })
        .collect()
}

fn correlations(covariance: &nalgebra::DMatrix<f64>) -> Vec<Vec<f64>> {
    let sd = |k: usize| covariance[(k, k)].sqrt();
    (0..covariance.nrows())
        .map(|i| {
            (0..covariance.ncols())
                .map(|j| covariance[(i, j)] / (sd(i) * sd(j)))
                .collect()
        })
        .collect()
}

/// Evenly spaced abscissae for a curve over the measured ones.
fn abscissae(values: &[f64]) -> Vec<f64> {
    const POINTS: u32 = 200;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (0..=POINTS)
        .map(|k| least + (most - least) * f64::from(k) / f64::from(POINTS))
        .collect()
}

/// Refuses fewer than `least` of something.
fn check_count(
    measurements: &Measurements,
    what: &'static str,
    found: usize,
    least: usize,
) -> Result<(), FitError> {
    if found >= least {
        return Ok(());
    }
    Err(FitError::TooFew {
        file: measurements.file().to_owned(),
        what,
        found,
        least,
    })
}
