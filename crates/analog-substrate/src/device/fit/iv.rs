//! Currents that are not in proportion to the voltage.

use super::{
    Base, Fit, FitError, Kind, LawCurve, Limit, Measurements, Options, Parameter, Range, Residuals,
    abscissae, check_count,
    choice::{self, Chosen, Law},
    correlations,
    text::quantities,
};
use crate::{chip::spec::Unit, device::law::polynomial};
use nalgebra::DMatrix;
use toml::{Table, Value};

/// Highest power of log₁₀ G that is tried in the coefficients.
pub(super) const MOST: usize = 3;

/// Measured currents as shares of G_max times a volt.
struct Currents {
    volts: Vec<f64>,
    measured: Vec<f64>,
    /// Device of each measurement.
    devices: Vec<usize>,
    /// G/G_max of each device, roughly: of the measurements at the smallest voltages.
    rough: Vec<f64>,
    range: Range,
    /// log₁₀(G/1 S) that powers are taken from, so that they are nearly independent.
    centre: f64,
}

/// Which law: of what order in log₁₀ G, none for Ohm's, and what readings scatter by.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Shape {
    order: Option<usize>,
    /// By a share of the current, or by the same everywhere.
    relative: bool,
}

/// Fits `I = G V + c₂(x) V² + c₃(x) V³`, x = log₁₀(G/1 S), with G of every device, c₂ and c₃ polynomials
/// of x that all devices share.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let volts = measurements.quantity("voltage", Unit::Volt)?;
    let amperes = measurements.quantity("current", Unit::Ampere)?;
    options.check_order(Kind::Iv)?;
    let groups = measurements.groups("device");
    // Nothing flows at 0 V, whatever the device.
    let rows: Vec<usize> = (0..volts.len()).filter(|&row| volts[row] != 0.0).collect();
    check_count(measurements, "measurements at a voltage", rows.len(), 8)?;
    let chords = || rows.iter().map(|&row| amperes[row] / volts[row]);
    let range = base.range(options, chords())?;
    let devices: Vec<usize> = rows.iter().map(|&row| groups[row]).collect();
    let count = devices.iter().max().map_or(0, |last| last + 1);
    let rough: Vec<f64> = (0..count)
        .map(|device| {
            let own = rows.iter().filter(|&&row| groups[row] == device);
            let near = own.min_by(|&&a, &&b| volts[a].abs().total_cmp(&volts[b].abs()));
            near.map_or(f64::NAN, |&row| range.share(amperes[row] / volts[row]))
        })
        .collect();
    if let Some(place) = devices.iter().position(|&device| {
        let g = rough[device];
        g.is_nan() || g <= 0.0
    }) {
        let expected = "a current of the voltage's sign";
        return Err(measurements.refuse("current", rows[place], expected));
    }
    let centre = rough.iter().map(|g| (g * range.max).log10()).sum::<f64>() / count as f64;
    let data = Currents {
        volts: rows.iter().map(|&row| volts[row]).collect(),
        measured: rows.iter().map(|&row| range.share(amperes[row])).collect(),
        devices,
        rough,
        range,
        centre,
    };
    let shapes = shapes();
    let laws: Vec<Law<'_>> = shapes.iter().map(|&shape| data.law(shape)).collect();
    let chosen = choice::choose(&laws, &data.measured, None, |index| {
        options
            .order
            .is_none_or(|order| shapes[index].order == Some(order))
    })?;
    let shape = shapes[chosen.index];
    Ok(data.describe(chosen, &laws, shape))
}

fn shapes() -> Vec<Shape> {
    let orders = [None].into_iter().chain((0..=MOST).map(Some));
    orders
        .flat_map(|order| [true, false].map(|relative| Shape { order, relative }))
        .collect()
}

impl Shape {
    /// Coefficients of c₂, and as many of c₃.
    fn terms(self) -> usize {
        self.order.map_or(0, |order| order + 1)
    }
}

impl Currents {
    /// The law's parameters first, then the scatter, then what is each device's own.
    fn law(&self, shape: Shape) -> Law<'_> {
        let terms = shape.terms();
        let names = ["quadratic", "cubic"].into_iter();
        let mut keys: Vec<String> = names
            .flat_map(|name| (0..terms).map(move |k| format!("current.{name}[{k}]")))
            .collect();
        keys.push("scatter of readings".to_owned());
        keys.extend((0..self.rough.len()).map(|device| format!("G of device {device}")));
        let typical = self.measured.iter().map(|i| i.abs()).fold(0.0, f64::max);
        let mut start = vec![0.0; 2 * terms];
        start.push(if shape.relative { 0.05 } else { 0.05 * typical });
        start.extend(&self.rough);
        Law {
            formula: format!(
                "I = G V{}, readings scatter by {}",
                match shape.order {
                    None => String::new(),
                    Some(0) => " + c2 V^2 + c3 V^3".to_owned(),
                    Some(order) => format!(" + c2 V^2 + c3 V^3, c of order {order} in log10 G"),
                },
                if shape.relative {
                    "a share of the current"
                } else {
                    "the same everywhere"
                }
            ),
            keys,
            starts: vec![start],
            moments: Box::new(move |i, p| self.moments(shape, p, i)),
        }
    }

    fn moments(&self, shape: Shape, p: &[f64], i: usize) -> [f64; 2] {
        let terms = shape.terms();
        let (v, g) = (self.volts[i], p[2 * terms + 1 + self.devices[i]]);
        if g <= 0.0 {
            return [f64::NAN; 2];
        }
        let x = (g * self.range.max).log10() - self.centre;
        let [c2, c3] = [&p[..terms], &p[terms..2 * terms]].map(|c| polynomial(c, x));
        let current = v * (g + v * (c2 + v * c3));
        let scatter = p[2 * terms];
        let sd = if shape.relative {
            scatter * (g * v).abs()
        } else {
            scatter
        };
        [current, sd]
    }

    fn describe(&self, mut chosen: Chosen, laws: &[Law<'_>], shape: Shape) -> Fit {
        let terms = shape.terms();
        let max = self.range.max;
        let values = chosen.estimate.values.clone();
        // From powers of x − centre to powers of x: the same matrix for values and covariance.
        let count = 2 * terms + 1;
        let shift = shifted(terms, -self.centre);
        let mut change = DMatrix::<f64>::zeros(count, count);
        change.view_mut((0, 0), (terms, terms)).copy_from(&shift);
        change
            .view_mut((terms, terms), (terms, terms))
            .copy_from(&shift);
        change[(2 * terms, 2 * terms)] = 1.0;
        let own = nalgebra::DVector::from_column_slice(&values[..count]);
        let law_values = &change * own;
        let covariance =
            &change * chosen.estimate.covariance.view((0, 0), (count, count)) * change.transpose();
        let units = [Unit::SiemensPerVolt, Unit::SiemensPerVoltSquared];
        let parameters: Vec<Parameter> = (0..count)
            .map(|k| {
                let (factor, unit) = match k {
                    k if k < 2 * terms => (max, units[k / terms]),
                    _ if shape.relative => (1.0, Unit::One),
                    _ => (max, Unit::Ampere),
                };
                Parameter {
                    key: laws[chosen.index].keys[k].clone(),
                    value: law_values[k] * factor,
                    standard_error: covariance[(k, k)].sqrt() * factor,
                    unit,
                }
            })
            .collect();
        let moments: Vec<[f64; 2]> = (0..self.volts.len())
            .map(|i| self.moments(shape, &values, i))
            .collect();
        let standardised: Vec<f64> = moments
            .iter()
            .zip(&self.measured)
            .map(|([mean, sd], current)| (current - mean) / sd)
            .collect();
        chosen.warnings.extend(choice::tails(&standardised));
        let conductances = &values[2 * terms + 1..];
        let ends = extremes(conductances);
        let mut section = Table::new();
        if shape.order.is_some() {
            for (name, at, unit) in [("quadratic", 0, units[0]), ("cubic", terms, units[1])] {
                let own: Vec<f64> = (at..at + terms).map(|k| parameters[k].value).collect();
                section.insert(name.to_owned(), quantities(&own, unit));
            }
            let fitted = ends.map(|g| Value::Float(g.min(1.0)));
            section.insert("fitted".to_owned(), Value::Array(fitted.to_vec()));
        } else {
            chosen.warnings.push(
                "currents are in proportion to the voltage as far as the data tell".to_owned(),
            );
        }
        Fit {
            kind: Kind::Iv,
            law: laws[chosen.index].formula.clone(),
            points: self.volts.len(),
            devices: Some(conductances.len()),
            parameters,
            correlations: correlations(&covariance),
            residuals: self.residuals(shape, &values, standardised),
            candidates: chosen.candidates,
            warnings: chosen.warnings,
            range: self.range,
            limit: Some(Limit::Volts(
                self.volts.iter().map(|v| v.abs()).fold(0.0, f64::max),
            )),
            section,
        }
    }

    /// Currents over conductances, V: curves of the device that conducts least and of the one that
    /// conducts most.
    fn residuals(&self, shape: Shape, values: &[f64], standardised: Vec<f64>) -> Residuals {
        let own = &values[2 * shape.terms() + 1..];
        let ratio = |i: usize, current: f64| current / own[self.devices[i]];
        let [least, most] = extremes(own);
        let mut shown = vec![("smallest", least)];
        if most > least {
            shown.push(("largest", most));
        }
        let law = shown.into_iter().map(|(name, g)| {
            let volts = abscissae(&self.volts);
            let curve = Self {
                devices: vec![0; volts.len()],
                volts,
                measured: Vec::new(),
                rough: Vec::new(),
                ..*self
            };
            let mut p = values[..=2 * shape.terms()].to_vec();
            p.push(g);
            let points = (0..curve.volts.len()).map(|i| {
                let [mean, sd] = curve.moments(shape, &p, i);
                [curve.volts[i], mean / g, sd / g]
            });
            LawCurve {
                label: format!("law, {name} conductance"),
                points: points.collect(),
            }
        });
        Residuals {
            abscissa: "voltage",
            abscissa_unit: Unit::Volt,
            ordinate: "current / conductance",
            ordinate_unit: Unit::Volt,
            law: law.collect(),
            measured: (0..self.volts.len())
                .map(|i| [self.volts[i], ratio(i, self.measured[i])])
                .collect(),
            standardised,
        }
    }
}

fn extremes(values: &[f64]) -> [f64; 2] {
    [
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(0.0, f64::max),
    ]
}

/// The matrix that takes coefficients of powers of x + `by` to those of powers of x: binomials.
fn shifted(terms: usize, by: f64) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(terms, terms);
    for from in 0..terms {
        let mut binomial = 1.0;
        for to in (0..=from).rev() {
            // (x + by)^from = Σ C(from, to) x^to by^(from − to)
            matrix[(to, from)] = binomial * by.powf((from - to) as f64);
            binomial *= to as f64 / (from - to + 1) as f64;
        }
    }
    matrix
}
