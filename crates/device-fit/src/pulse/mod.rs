//! Response to equal pulses.

mod law;
mod series;

use super::{
    Base, Fit, FitError, Kind, LawCurve, Measurements, Options, Parameter, Range, Residuals,
    abscissae, check_count,
    choice::{self, Chosen, Law},
    correlations, parameters, structure,
};
use analog_substrate::device::normalised;
use law::{Places, Shape, Sweeps, Told, shapes};
use series::{Readings, WAYS};
use toml::{Table, Value};
use units::{Quantity, Unit};

/// Orders of the law: a straight line, an exponential.
pub(super) const ORDERS: usize = 2;
/// Largest curvature that a device file takes: exp(−c) is below 1e-13.
const LARGEST: f64 = 30.0;

/// Fits `w(n) = (1 − exp(−c n/P))/(1 − exp(−c))`, the share of the range after n pulses, with P common to
/// both ways and c for each. Scatter is of one of two kinds, which the data choose: each pulse adds its
/// own (σ√n after n), or each reading has its own. Ends of the range that are not told are fitted with
/// the law: upwards leads away from the one, downwards from the other.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let readings = Readings::read(measurements)?;
    options.check_order(Kind::PulseResponse)?;
    let known = base
        .device()
        .map(analog_substrate::device::Device::conductance_range);
    let mut told = Told {
        min: options.min.or(known.map(|(min, _)| min)),
        max: options.max.or(known.map(|(_, max)| max)),
    };
    let after = readings.pulses.iter().filter(|&&n| n > 0.0).count();
    check_count(measurements, "measurements after a pulse", after, 8)?;
    let found = fit_told(&readings, told, base, options)?;
    if found.range.min >= 0.0 {
        return Ok(found);
    }
    told.min = Some(0.0);
    let mut found = fit_told(&readings, told, base, options)?;
    found
        .warnings
        .push("conductance.min is 0, not fitted: the most likely one is below".to_owned());
    Ok(found)
}

fn fit_told(
    readings: &Readings,
    told: Told,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let sweeps = Sweeps::new(readings, told)?;
    let shapes = shapes();
    let laws: Vec<Law<'_>> = shapes.iter().map(|&shape| sweeps.law(shape)).collect();
    let observed: Vec<f64> = sweeps.steps.iter().map(|step| step.reached).collect();
    let chosen = choice::choose(&laws, &observed, None, |index| {
        options
            .order
            .is_none_or(|order| shapes[index].order == order)
    })?;
    let shape = shapes[chosen.index];
    Ok(sweeps.describe(chosen, &laws, shape, base))
}

impl Sweeps {
    fn new(readings: &Readings, told: Told) -> Result<Self, FitError> {
        let values = || readings.conductance.iter().copied();
        let nominal = [
            told.min
                .unwrap_or_else(|| values().fold(f64::INFINITY, f64::min)),
            told.max.unwrap_or_else(|| values().fold(0.0, f64::max)),
        ];
        let [min, max] = nominal;
        if !(min >= 0.0 && max > min && max.is_finite()) {
            return Err(FitError::Range { min, max });
        }
        let fitted = [told.min.is_none(), told.max.is_none()];
        // A reading before the first pulse says where the range ends, if that is asked.
        let mut steps = readings.steps(nominal);
        let present: Vec<usize> = (0..WAYS.len())
            .filter(|way| steps.iter().any(|s| s.way == *way && s.pulses > 0.0))
            .collect();
        steps.retain(|step| step.pulses > 0.0 || (fitted[step.way] && present.contains(&step.way)));
        // One way to an end that nobody knows: as far as it was led.
        let count = match present[..] {
            [way] if fitted[1 - way] => {
                Some(steps.iter().map(|step| step.pulses).fold(0.0, f64::max))
            }
            _ => None,
        };
        Ok(Self {
            steps,
            present,
            nominal,
            fitted,
            count,
        })
    }

    fn describe(&self, mut chosen: Chosen, laws: &[Law<'_>], shape: Shape, base: &Base) -> Fit {
        let law = &laws[chosen.index];
        let places = self.places(shape);
        let values = chosen.estimate.values.clone();
        let scatter = values[places.scatter];
        let (count, _, ends) = self.values(places, &values, 0);
        let moments = (0..self.steps.len()).map(|i| (law.moments)(i, &values));
        let standardised: Vec<f64> = moments
            .zip(&self.steps)
            .map(|([mean, sd], step)| (step.reached - mean) / sd)
            .collect();
        self.doubt(&mut chosen, &standardised);
        if !shape.accumulates {
            chosen.warnings.push(format!(
                "scatter does not grow with the pulses: it is that of readings, {:.2} % of the range, and pulses.cycle is 0",
                100.0 * scatter
            ));
        }
        let curvature = [0, 1].map(|way| self.curvature(way, (places, &values), base, &mut chosen));
        chosen.warnings.extend(self.uncounted());
        chosen.warnings.extend(whole(&chosen, places, count));
        let range = self.range(ends);
        let cycle = if shape.accumulates { scatter } else { 0.0 };
        let spread = |n: f64| {
            if shape.accumulates {
                scatter * n.sqrt()
            } else {
                scatter
            }
        };
        Fit {
            kind: Kind::PulseResponse,
            law: law.formula.clone(),
            points: self.steps.len(),
            devices: None,
            parameters: self.parameters(&chosen, law, places),
            correlations: correlations(&chosen.estimate.covariance),
            residuals: Residuals {
                standardised,
                ..self.residuals(ends, count, curvature, spread)
            },
            candidates: chosen.candidates,
            warnings: chosen.warnings,
            range,
            limit: None,
            section: section(count, curvature, cycle),
        }
    }

    /// Residuals that follow from the ones before, that depend on the pulses, or that have tails.
    fn doubt(&self, chosen: &mut Chosen, standardised: &[f64]) {
        chosen.warnings.extend(choice::tails(standardised));
        let is_next = |i: usize| self.steps[i - 1].sweep == self.steps[i].sweep;
        chosen
            .warnings
            .extend(structure::followed(standardised, is_next));
        for &way in &self.present {
            let points: Vec<[f64; 2]> = (0..self.steps.len())
                .filter(|&i| self.steps[i].way == way)
                .map(|i| [self.steps[i].pulses, standardised[i]])
                .collect();
            let what = format!("pulses {}wards", WAYS[way]);
            chosen
                .warnings
                .extend(structure::trend(&what, Unit::One, points));
        }
    }

    /// The curvature of a way: fitted; else of the base; else that of the other way.
    fn curvature(
        &self,
        way: usize,
        (places, values): (Places, &[f64]),
        base: &Base,
        chosen: &mut Chosen,
    ) -> f64 {
        let fitted = |way: usize| {
            let is_present = self.present.contains(&way);
            is_present.then(|| self.values(places, values, way).1)
        };
        fitted(way).unwrap_or_else(|| {
            let (value, origin) = match base.curvature(way) {
                Some(value) => (value, "the base's"),
                None => (fitted(1 - way).unwrap_or(0.0), "that of the other way"),
            };
            chosen.warnings.push(format!(
                "pulses {}wards were not measured: their curvature is {origin}",
                WAYS[way]
            ));
            value
        })
    }

    /// What is said where P is not fitted.
    fn uncounted(&self) -> Option<String> {
        let count = self.count?;
        let (end, option) = match self.present[..] {
            [0] => ("largest", "--max"),
            _ => ("smallest", "--min"),
        };
        Some(format!(
            "pulses one way do not tell where the range ends: the {end} conductance is taken where {count} pulses lead, and \
             pulses.count is {count}; give {option} if it is known"
        ))
    }

    /// The range in siemens of ends in shares of the nominal one.
    fn range(&self, [low, high]: [f64; 2]) -> Range {
        let [min, max] = self.nominal;
        // Ends that were told stay what they are to the last bit.
        let end = |share: f64| share.mul_add(max - min, min);
        Range {
            min: if self.fitted[0] { end(low) } else { min },
            max: if self.fitted[1] { end(high) } else { max },
        }
    }

    fn parameters(&self, chosen: &Chosen, law: &Law<'_>, places: Places) -> Vec<Parameter> {
        let units = vec![(1.0, Unit::One); law.keys.len()];
        let mut parameters = parameters(chosen, &law.keys, &units);
        let [min, max] = self.nominal;
        for place in places.ends.into_iter().flatten() {
            let parameter = &mut parameters[place];
            parameter.value = parameter.value.mul_add(max - min, min);
            parameter.standard_error *= max - min;
            parameter.unit = Unit::Siemens;
        }
        parameters
    }

    /// What was reached against pulses, both as shares of the way.
    fn residuals(
        &self,
        [low, high]: [f64; 2],
        count: f64,
        curvature: [f64; 2],
        spread: impl Fn(f64) -> f64,
    ) -> Residuals {
        let pulses: Vec<f64> = self.steps.iter().map(|step| step.pulses).collect();
        let curve = |way: usize| LawCurve {
            label: format!("law, {}wards", WAYS[way]),
            points: abscissae(&pulses)
                .into_iter()
                .map(|n| [n, normalised(curvature[way], n / count), spread(n)])
                .collect(),
        };
        let passed = |way: usize, reached: f64| {
            let end = if way == 0 { low } else { 1.0 - high };
            (reached - end) / (high - low)
        };
        Residuals {
            abscissa: "pulses from the end of the range",
            abscissa_unit: Unit::One,
            ordinate: "share of the range that was passed",
            ordinate_unit: Unit::One,
            measured: self
                .steps
                .iter()
                .map(|step| [step.pulses, passed(step.way, step.reached)])
                .collect(),
            law: self.present.iter().map(|&way| curve(way)).collect(),
            standardised: Vec::new(),
        }
    }
}

/// Warns where the whole number of pulses that a device file holds is further from P than its standard
/// error.
fn whole(chosen: &Chosen, places: Places, count: f64) -> Option<String> {
    let place = places.count?;
    let error = chosen.estimate.covariance[(place, place)].sqrt();
    let rounded = count.round().max(1.0);
    ((rounded - count).abs() > error).then(|| {
        format!(
            "a device file holds whole pulses: {rounded} for {count:.3} ± {error:.3}, further than the standard error"
        )
    })
}

/// `[pulses]` of a device file.
fn section(count: f64, [up, down]: [f64; 2], cycle: f64) -> Table {
    let ways = Table::from_iter([
        ("up".to_owned(), up.into()),
        ("down".to_owned(), down.into()),
    ]);
    let cycle = Quantity {
        value: cycle,
        unit: Unit::One,
    };
    Table::from_iter([
        (
            "count".to_owned(),
            Value::Integer(count.round().max(1.0) as i64),
        ),
        ("curvature".to_owned(), ways.into()),
        ("cycle".to_owned(), cycle.to_string().into()),
    ])
}
