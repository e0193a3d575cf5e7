//! Currents that are not in proportion to the voltage.

mod law;
mod sweep;

use super::{
    Base, Fit, FitError, Kind, LawCurve, Limit, Measurements, Options, Parameter, Residuals,
    abscissae,
    choice::{self, Chosen, Law},
    correlations, structure,
    text::quantities,
};
pub(super) use law::MOST;
use law::{Currents, Scatter, Shape, shapes};
use nalgebra::DMatrix;
use sweep::Sweep;
use toml::{Table, Value};
use units::Unit;

/// Fits `I = G V + c₂(x) V² + c₃(x) V³`, x = log₁₀(G/1 S), with G of every device, c₂ and c₃ polynomials
/// of x that all devices share.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let sweep = Sweep::read(measurements)?;
    options.check_order(Kind::Iv)?;
    let data = sweep.checked(measurements, options)?;
    let shapes = shapes();
    let laws: Vec<Law<'_>> = shapes.iter().map(|&shape| data.law(shape)).collect();
    let chosen = choice::choose(&laws, &data.measured, None, |index| {
        shapes[index].is_allowed(options)
    })?;
    let shape = shapes[chosen.index];
    data.describe(chosen, &laws, shape, (base, options))
}

impl Currents {
    fn describe(
        &self,
        mut chosen: Chosen,
        laws: &[Law<'_>],
        shape: Shape,
        (base, options): (&Base, &Options),
    ) -> Result<Fit, FitError> {
        let terms = shape.terms();
        let nominal = self.nominal.max;
        let values = chosen.estimate.values.clone();
        let own = &values[shape.shared()..];
        let range = base.range(options, own.iter().map(|g| g * nominal))?;
        let (mut parameters, covariance) =
            self.parameters(&chosen, &laws[chosen.index].keys, shape);
        if base.largest(options).is_none() {
            parameters.push(self.largest(&chosen, shape));
        } else {
            chosen
                .warnings
                .extend(range.beyond(own.iter().map(|g| g * nominal)));
        }
        let moments = (0..self.volts.len()).map(|i| self.moments(shape, &values, i));
        let standardised: Vec<f64> = moments
            .zip(&self.measured)
            .map(|([mean, sd], current)| (current - mean) / sd)
            .collect();
        chosen.warnings.extend(choice::tails(&standardised));
        let against = |abscissae: &mut dyn Iterator<Item = f64>| -> Vec<[f64; 2]> {
            abscissae.zip(&standardised).map(|(x, z)| [x, *z]).collect()
        };
        let volts = against(&mut self.volts.iter().copied());
        let amperes = against(
            &mut (0..self.volts.len()).map(|i| self.volts[i] * own[self.devices[i]] * nominal),
        );
        chosen
            .warnings
            .extend(structure::trend("voltage", Unit::Volt, volts));
        chosen
            .warnings
            .extend(structure::trend("current G V", Unit::Ampere, amperes));
        let mut section = Table::new();
        if shape.order.is_some() {
            let units = [Unit::SiemensPerVolt, Unit::SiemensPerVoltSquared];
            for (name, at, unit) in [("quadratic", 0, units[0]), ("cubic", terms, units[1])] {
                let own: Vec<f64> = (at..at + terms).map(|k| parameters[k].value).collect();
                section.insert(name.to_owned(), quantities(&own, unit));
            }
            let fitted = extremes(own).map(|g| Value::Float(range.share(g * nominal).min(1.0)));
            section.insert("fitted".to_owned(), Value::Array(fitted.to_vec()));
        } else {
            chosen.warnings.push(
                "currents are in proportion to the voltage as far as the data tell".to_owned(),
            );
        }
        Ok(Fit {
            kind: Kind::Iv,
            law: laws[chosen.index].formula.clone(),
            points: self.volts.len(),
            devices: Some(own.len()),
            parameters,
            correlations: correlations(&covariance),
            residuals: self.residuals(shape, &values, standardised),
            candidates: chosen.candidates,
            warnings: chosen.warnings,
            range,
            limit: Some(Limit::Volts(
                self.volts.iter().map(|v| v.abs()).fold(0.0, f64::max),
            )),
            section,
        })
    }

    /// Coefficients and scatter with their covariance, from powers of x − centre to powers of x: one
    /// matrix moves values and covariance.
    fn parameters(
        &self,
        chosen: &Chosen,
        keys: &[String],
        shape: Shape,
    ) -> (Vec<Parameter>, DMatrix<f64>) {
        let (terms, count, nominal) = (shape.terms(), shape.shared(), self.nominal.max);
        let shift = shifted(terms, -self.centre);
        let mut change = DMatrix::<f64>::identity(count, count);
        for at in [0, terms] {
            change.view_mut((at, at), (terms, terms)).copy_from(&shift);
        }
        let own = nalgebra::DVector::from_column_slice(&chosen.estimate.values[..count]);
        let values = &change * own;
        let covariance =
            &change * chosen.estimate.covariance.view((0, 0), (count, count)) * change.transpose();
        let units = [Unit::SiemensPerVolt, Unit::SiemensPerVoltSquared];
        let parameter = |k: usize| {
            let (factor, unit) = match k {
                k if k < 2 * terms => (nominal, units[k / terms]),
                k if k == 2 * terms && shape.scatter != Scatter::Floor => (1.0, Unit::One),
                _ => (nominal, Unit::Ampere),
            };
            Parameter {
                key: keys[k].clone(),
                value: values[k] * factor,
                standard_error: covariance[(k, k)].sqrt() * factor,
                unit,
            }
        };
        ((0..count).map(parameter).collect(), covariance)
    }

    /// The largest conductance that was measured.
    fn largest(&self, chosen: &Chosen, shape: Shape) -> Parameter {
        let at = |place: usize| chosen.estimate.values[place];
        let places = shape.shared()..chosen.estimate.values.len();
        let place = places
            .max_by(|&a, &b| at(a).total_cmp(&at(b)))
            .unwrap_or_default();
        Parameter {
            key: "conductance.max".to_owned(),
            value: at(place) * self.nominal.max,
            standard_error: chosen.estimate.covariance[(place, place)].sqrt() * self.nominal.max,
            unit: Unit::Siemens,
        }
    }

    /// Currents over conductances, V: curves of the device that conducts least and of the one that
    /// conducts most.
    fn residuals(&self, shape: Shape, values: &[f64], standardised: Vec<f64>) -> Residuals {
        let own = &values[shape.shared()..];
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
            let mut p = values[..shape.shared()].to_vec();
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
