//! Drift: conductances that fall as a power of time.

use super::{
    Base, Fit, FitError, Kind, LawCurve, Limit, Measurements, Options, Parameter, Range, Residuals,
    abscissae, check_count,
    choice::{self, Chosen, Law},
    correlations,
    line::line,
    parameters, structure,
    text::quantity,
};
use toml::{Table, Value};
use units::Unit;

/// Fewest devices whose exponents have a spread.
const DEVICES: usize = 6;

/// One device: `ln G = ln G_0 − ν ln(t/t_0)`, by least squares; t counts from the last programming pulse,
/// G_0 is the conductance at t_0.
#[derive(Clone, Copy, Debug)]
struct Track {
    /// G_0/G_max.
    share: f64,
    exponent: f64,
    /// Standard error of the exponent.
    error: f64,
    /// Relative standard error of G_0.
    share_error: f64,
}

/// Shapes of a law of g, in the order of their parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// a
    Constant,
    /// a + b ln g
    Log,
    /// max(a + b ln g, c)
    Floor,
}

pub(super) const SHAPES: [Shape; 3] = [Shape::Constant, Shape::Log, Shape::Floor];

/// Fits an exponent to each device, then the law of their mean and spread as functions of g = G_0/G_max:
/// `ν_d ~ N(mean(g), sd(g)² + s_d²)`, s_d being the standard error of ν_d.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let time = measurements.quantity("time", Unit::Second)?;
    let conductance = measurements.quantity("conductance", Unit::Siemens)?;
    let since = "above 0: the time since the last programming pulse";
    measurements.check("time", &time, since, |t| t > 0.0)?;
    measurements.check("conductance", &conductance, "above 0", |g| g > 0.0)?;
    options.check_order(Kind::Drift)?;
    let tracks = tracks(measurements, &time, &conductance)?;
    let start = start(base, &time);
    let lines: Vec<_> = tracks.iter().map(|track| line(track, start)).collect();
    let largest = lines.iter().map(|line| line.intercept.exp());
    let range = base.range(options, largest.clone())?;
    let found = exponents(&tracks, start, range.max);
    let order = options.order;
    let mut chosen = choose(&found, |index| {
        order.is_none_or(|order| index == order * (SHAPES.len() + 1))
    })?;
    chosen.warnings.extend(misfit(&tracks, start));
    let is_told = base.largest(options).is_some();
    if is_told {
        chosen.warnings.extend(range.beyond(largest));
    }
    let mut fit = describe(chosen, &found, start, range, &time);
    if !is_told {
        fit.parameters.extend(largest_conductance(&found, range));
    }
    Ok(fit)
}

/// t_0, s: a power law has no time of its own, so it is a convention, at which time a conductance is the
/// programmed one. That of the base, whose other laws hold at it; else the first measurement.
fn start(base: &Base, time: &[f64]) -> f64 {
    let first = time.iter().copied().fold(f64::INFINITY, f64::min);
    let last = time.iter().copied().fold(0.0, f64::max);
    base.drift_start()
        .filter(|&start| start < last)
        .unwrap_or(first)
}

/// `[time, ln G]` of each device.
fn tracks(
    measurements: &Measurements,
    time: &[f64],
    conductance: &[f64],
) -> Result<Vec<Vec<[f64; 2]>>, FitError> {
    let groups = measurements.groups(&["device"]);
    let devices = groups.iter().max().map_or(0, |last| last + 1);
    check_count(measurements, "devices", devices, DEVICES)?;
    let mut tracks = vec![Vec::new(); devices];
    for (row, &device) in groups.iter().enumerate() {
        tracks[device].push([time[row], conductance[row].ln()]);
    }
    for (device, track) in tracks.iter().enumerate() {
        if track
            .iter()
            .all(|[t, _]| t.to_bits() == track[0][0].to_bits())
        {
            let own = (0..groups.len()).filter(|&row| groups[row] == device);
            let first = measurements.first_in_file(own);
            return Err(FitError::OneTime {
                file: measurements.file().to_owned(),
                line: measurements.line(first.unwrap_or(0)),
            });
        }
    }
    Ok(tracks)
}

/// The exponent of every device. Readings scatter by the same relative amount everywhere: their
/// variance is pooled.
fn exponents(tracks: &[Vec<[f64; 2]>], start: f64, max: f64) -> Vec<Track> {
    let lines: Vec<_> = tracks.iter().map(|track| line(track, start)).collect();
    let freedom: usize = tracks.iter().map(|track| track.len() - 2).sum();
    let squares: f64 = lines.iter().map(|line| line.squares).sum();
    let variance = squares / freedom.max(1) as f64;
    let tracks = lines.iter().map(|line| Track {
        share: line.intercept.exp() / max,
        exponent: -line.slope,
        error: (variance / line.width).sqrt(),
        share_error: (variance * line.origin).sqrt(),
    });
    tracks.collect()
}

/// The largest conductance at the start of drift among the devices, where no other is told.
fn largest_conductance(found: &[Track], range: Range) -> Option<Parameter> {
    let largest = found.iter().max_by(|a, b| a.share.total_cmp(&b.share))?;
    let value = largest.share * range.max;
    Some(Parameter {
        key: "conductance.max".to_owned(),
        value,
        standard_error: value * largest.share_error,
        unit: Unit::Siemens,
    })
}

/// Warns where readings depart from a power of time in the same way in many devices.
fn misfit(tracks: &[Vec<[f64; 2]>], start: f64) -> Option<String> {
    let lines: Vec<_> = tracks.iter().map(|track| line(track, start)).collect();
    let freedom: usize = tracks.iter().map(|track| track.len() - 2).sum();
    let squares: f64 = lines.iter().map(|line| line.squares).sum();
    let sd = (squares / freedom.max(1) as f64).sqrt();
    let points = tracks.iter().zip(&lines).flat_map(|(track, line)| {
        track.iter().map(move |&[t, log]| {
            let law = line.intercept + line.slope * (t / start).ln();
            [t, (log - law) / sd]
        })
    });
    structure::trend("time since programming", Unit::Second, points.collect())
}

impl Shape {
    fn parameters(self) -> usize {
        match self {
            Self::Constant => 1,
            Self::Log => 2,
            Self::Floor => 3,
        }
    }

    fn at(self, p: &[f64], log: f64) -> f64 {
        match self {
            Self::Constant => p[0],
            Self::Log => p[0] + p[1] * log,
            Self::Floor => (p[0] + p[1] * log).max(p[2]),
        }
    }

    fn formula(self) -> &'static str {
        match self {
            Self::Constant => "a",
            Self::Log => "a + b ln g",
            Self::Floor => "max(a + b ln g, c)",
        }
    }

    /// Keys of the parameters in a device file.
    fn keys(self, law: &str) -> Vec<String> {
        let all = ["polynomial[0]", "log", "clip[0]"];
        let keys = all.iter().take(self.parameters());
        keys.map(|key| format!("drift.{law}.{key}")).collect()
    }

    /// Where to start from a level: floors that take over at several conductances.
    fn starts(self, level: f64, slope: f64, knees: &[f64]) -> Vec<Vec<f64>> {
        match self {
            Self::Constant => vec![vec![level]],
            Self::Log => vec![vec![level, 0.0], vec![level, slope]],
            Self::Floor => knees
                .iter()
                .map(|knee| vec![level - slope * knee, slope, level])
                .collect(),
        }
    }

    /// The piece of a device file, held at its values at the ends of what was measured.
    fn piece(self, p: &[f64], logs: [f64; 2]) -> Table {
        let mut piece = Table::new();
        piece.insert("polynomial".to_owned(), vec![p[0]].into());
        if self != Self::Constant {
            let ends = logs.map(|log| self.at(p, log));
            let clip = [ends[0].min(ends[1]), ends[0].max(ends[1])];
            piece.insert("log".to_owned(), p[1].into());
            piece.insert("clip".to_owned(), clip.to_vec().into());
        }
        piece
    }
}

/// Laws of mean and spread: every pair of shapes.
fn choose(found: &[Track], allowed: impl Fn(usize) -> bool) -> Result<Chosen, FitError> {
    let observed: Vec<f64> = found.iter().map(|track| track.exponent).collect();
    let laws = laws(found);
    choice::choose(&laws, &observed, None, allowed)
}

fn laws(found: &[Track]) -> Vec<Law<'_>> {
    let count = found.len() as f64;
    let mean = found.iter().map(|t| t.exponent).sum::<f64>() / count;
    let spread = found
        .iter()
        .map(|t| (t.exponent - mean).powi(2))
        .sum::<f64>()
        / count;
    let mut logs: Vec<f64> = found.iter().map(|t| t.share.ln()).collect();
    logs.sort_by(f64::total_cmp);
    let knees: Vec<f64> = (1..4).map(|k| logs[k * (logs.len() - 1) / 4]).collect();
    let slope = -0.3 * mean;
    let pairs = SHAPES
        .iter()
        .flat_map(|&a| SHAPES.iter().map(move |&b| (a, b)));
    pairs
        .map(|(a, b)| {
            let spreads = b.starts(spread.sqrt(), -0.3 * spread.sqrt(), &knees);
            let starts = a.starts(mean, slope, &knees).into_iter().flat_map(|start| {
                let joined = spreads
                    .iter()
                    .map(move |s| [start.clone(), s.clone()].concat());
                joined.collect::<Vec<_>>()
            });
            Law {
                formula: format!("mean nu = {}, sd nu = {}", a.formula(), b.formula()),
                keys: [a.keys("mean"), b.keys("sd")].concat(),
                starts: starts.collect(),
                refines: false,
                moments: Box::new(move |i, p| {
                    let Track { share, error, .. } = found[i];
                    let sd = b.at(&p[a.parameters()..], share.ln());
                    // A spread below zero is none.
                    let total = if sd > 0.0 { sd.hypot(error) } else { f64::NAN };
                    [a.at(p, share.ln()), total]
                }),
            }
        })
        .collect()
}

fn describe(chosen: Chosen, found: &[Track], start: f64, range: Range, time: &[f64]) -> Fit {
    let laws = laws(found);
    let law = &laws[chosen.index];
    let shapes = (
        SHAPES[chosen.index / SHAPES.len()],
        SHAPES[chosen.index % SHAPES.len()],
    );
    let values = chosen.estimate.values.clone();
    let (mean, sd) = values.split_at(shapes.0.parameters());
    let logs: Vec<f64> = found.iter().map(|track| track.share.ln()).collect();
    let ends = [
        logs.iter().copied().fold(f64::INFINITY, f64::min),
        logs.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    ];
    let mut section = Table::new();
    section.insert("start".to_owned(), quantity(start, Unit::Second));
    let piece = |shape: Shape, p: &[f64]| Value::Array(vec![shape.piece(p, ends).into()]);
    section.insert("mean".to_owned(), piece(shapes.0, mean));
    section.insert("sd".to_owned(), piece(shapes.1, sd));
    let moments = |track: &Track| {
        let log = track.share.ln();
        let sd = shapes.1.at(sd, log).hypot(track.error);
        (shapes.0.at(mean, log), sd)
    };
    let standardised: Vec<f64> = found
        .iter()
        .map(|track| {
            let (mean, sd) = moments(track);
            (track.exponent - mean) / sd
        })
        .collect();
    let mut warnings = chosen.warnings.clone();
    warnings.extend(choice::tails(&standardised));
    let points = found.iter().zip(&standardised);
    warnings.extend(structure::trend(
        "conductance when drift begins",
        Unit::Siemens,
        points
            .map(|(track, z)| [track.share * range.max, *z])
            .collect(),
    ));
    warnings.extend(folded(found, mean, sd, shapes));
    let units = vec![(1.0, Unit::One); values.len()];
    let parameters = parameters(&chosen, &law.keys, &units);
    let shares: Vec<f64> = found.iter().map(|track| track.share).collect();
    Fit {
        kind: Kind::Drift,
        law: law.formula.clone(),
        points: time.len(),
        devices: Some(found.len()),
        parameters,
        correlations: correlations(&chosen.estimate.covariance),
        residuals: Residuals {
            abscissa: "conductance when drift begins",
            abscissa_unit: Unit::Siemens,
            ordinate: "exponent of drift",
            ordinate_unit: Unit::One,
            measured: found
                .iter()
                .map(|track| [track.share * range.max, track.exponent])
                .collect(),
            law: vec![LawCurve {
                label: "law".to_owned(),
                points: abscissae(&shares)
                    .into_iter()
                    .map(|g| {
                        let at = |shape: Shape, p| shape.at(p, g.ln());
                        [g * range.max, at(shapes.0, mean), at(shapes.1, sd)]
                    })
                    .collect(),
            }],
            standardised,
        },
        candidates: chosen.candidates,
        warnings,
        range,
        limit: Some(Limit::Seconds([
            start,
            time.iter().copied().fold(0.0, f64::max),
        ])),
        section,
    }
}

/// Warns where exponents near zero are common: the device's law takes their magnitude.
fn folded(found: &[Track], mean: &[f64], sd: &[f64], shapes: (Shape, Shape)) -> Option<String> {
    let near = found.iter().any(|track| {
        let log = track.share.ln();
        shapes.0.at(mean, log) < 2.0 * shapes.1.at(sd, log)
    });
    near.then(|| {
        "some exponents are within two standard deviations of zero: the device's law takes their magnitude, so that          conductances that rise are made to fall"
            .to_owned()
    })
}
