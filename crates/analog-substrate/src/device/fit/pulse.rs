//! Response to equal pulses.

use super::{
    Base, Fit, FitError, Kind, LawCurve, Measurements, Options, Range, Residuals, abscissae,
    check_count,
    choice::{self, Chosen, Law},
    correlations, parameters,
};
use crate::{
    chip::spec::{Quantity, Unit},
    device::pulses::normalised,
};
use toml::{Table, Value};

/// Orders of the law: a straight line, an exponential.
pub(super) const ORDERS: usize = 2;
/// Names of the ways.
const WAYS: [&str; 2] = ["up", "down"];
/// Largest curvature that a device file takes: exp(−c) is below 1e-13.
const LARGEST: f64 = 30.0;

/// One measurement. Everything is a share of the way from the end that pulses lead away from.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Pulses from that end.
    pulses: f64,
    /// Pulses since the measurement before, and what that was; from the end itself without one.
    since: (f64, f64),
    way: usize,
    reached: f64,
}

/// Fits `w(n) = (1 − exp(−c n/P))/(1 − exp(−c))`, the share of the range after n pulses, with P common to
/// both ways and c for each. Scatter is of one of two kinds, which the data choose: each pulse adds its
/// own (σ√n after n), or each reading has its own.
pub(super) fn fit(
    measurements: &Measurements,
    base: &Base,
    options: &Options,
) -> Result<Fit, FitError> {
    let pulses = measurements.quantity("pulse", Unit::One)?;
    let conductance = measurements.quantity("conductance", Unit::Siemens)?;
    measurements.check("pulse", &pulses, "a number of pulses, 0 or more", |n| {
        n >= 0.0
    })?;
    measurements.check("conductance", &conductance, "0 or more", |g| g >= 0.0)?;
    options.check_order(Kind::PulseResponse)?;
    let range = range(base, options, &conductance)?;
    let ways = ways(measurements)?;
    let steps = steps(measurements, &pulses, &conductance, &ways, range);
    check_count(measurements, "measurements after a pulse", steps.len(), 8)?;
    let present: Vec<usize> = (0..2)
        .filter(|way| steps.iter().any(|step| step.way == *way))
        .collect();
    let laws = laws(&steps, &present);
    let observed: Vec<f64> = steps.iter().map(|step| step.reached).collect();
    let chosen = choice::choose(&laws, &observed, None, |index| {
        options.order.is_none_or(|order| index % ORDERS == order)
    })?;
    Ok(describe(chosen, &laws, (&steps, &present), range, base))
}

/// The range of the base or of the options; else the extremes of what was measured.
fn range(base: &Base, options: &Options, conductance: &[f64]) -> Result<Range, FitError> {
    let least = conductance.iter().copied().fold(f64::INFINITY, f64::min);
    let known = base.device().is_some();
    let options = Options {
        min: options.min.or((!known).then_some(least)),
        ..options.clone()
    };
    base.range(&options, conductance.iter().copied())
}

/// 0 upwards, 1 downwards: by the column `way`, or upwards.
fn ways(measurements: &Measurements) -> Result<Vec<usize>, FitError> {
    let Some(labels) = measurements.labels("way") else {
        return Ok(vec![0; measurements.len()]);
    };
    let ways = labels.iter().enumerate().map(|(row, label)| {
        WAYS.iter()
            .position(|way| way == label)
            .ok_or_else(|| measurements.refuse("way", row, "up or down"))
    });
    ways.collect()
}

fn steps(
    measurements: &Measurements,
    pulses: &[f64],
    conductance: &[f64],
    ways: &[usize],
    range: Range,
) -> Vec<Step> {
    let devices = measurements.groups("device");
    let share = |row: usize| {
        let up = (conductance[row] - range.min) / (range.max - range.min);
        if ways[row] == 0 { up } else { 1.0 - up }
    };
    (0..pulses.len())
        .filter(|&row| pulses[row] > 0.0)
        .map(|row| {
            let follows = row > 0
                && devices[row - 1] == devices[row]
                && ways[row - 1] == ways[row]
                && pulses[row - 1] < pulses[row];
            let since = if follows {
                (pulses[row] - pulses[row - 1], share(row - 1))
            } else {
                (pulses[row], 0.0)
            };
            Step {
                pulses: pulses[row],
                since,
                way: ways[row],
                reached: share(row),
            }
        })
        .collect()
}

fn laws<'a>(steps: &'a [Step], present: &'a [usize]) -> Vec<Law<'a>> {
    let most = steps.iter().map(|step| step.pulses).fold(0.0, f64::max);
    let mut laws = Vec::new();
    for accumulates in [true, false] {
        for order in 0..ORDERS {
            laws.push(law(steps, present, (accumulates, order), most));
        }
    }
    laws
}

fn law<'a>(
    steps: &'a [Step],
    present: &'a [usize],
    (accumulates, order): (bool, usize),
    most: f64,
) -> Law<'a> {
    let curvatures = if order == 0 { 0 } else { present.len() };
    let mut keys = vec!["pulses.count".to_owned()];
    keys.extend(
        present
            .iter()
            .take(curvatures)
            .map(|&way| format!("pulses.curvature.{}", WAYS[way])),
    );
    let scatter = if accumulates {
        "pulses.cycle"
    } else {
        "scatter of readings"
    };
    keys.push(scatter.to_owned());
    let starts = [0.5, 2.0, 6.0].map(|c| {
        let mut start = vec![most];
        start.extend(vec![c; curvatures]);
        start.push(0.05);
        start
    });
    Law {
        formula: format!(
            "w = {}, {}",
            ["n/P", "(1 - exp(-c n/P))/(1 - exp(-c))"][order],
            if accumulates {
                "every pulse scatters"
            } else {
                "every reading scatters"
            }
        ),
        keys,
        starts: starts.into_iter().take(1 + 2 * order).collect(),
        moments: Box::new(move |i, p| {
            let step = &steps[i];
            let c = match present.iter().position(|&way| way == step.way) {
                Some(place) if curvatures > 0 => p[1 + place],
                _ => 0.0,
            };
            let (count, scatter) = (p[0], p[p.len() - 1]);
            if !(count > 0.0 && (0.0..=LARGEST).contains(&c)) {
                return [f64::NAN; 2];
            }
            if accumulates {
                let (pulses, before) = step.since;
                let x = pulses / count;
                [
                    before * (-c * x).exp() + normalised(c, x),
                    scatter * pulses.sqrt(),
                ]
            } else {
                [normalised(c, step.pulses / count), scatter]
            }
        }),
    }
}

fn describe(
    mut chosen: Chosen,
    laws: &[Law<'_>],
    (steps, present): (&[Step], &[usize]),
    range: Range,
    base: &Base,
) -> Fit {
    let law = &laws[chosen.index];
    let accumulates = chosen.index < ORDERS;
    let values = chosen.estimate.values.clone();
    let (count, scatter) = (values[0], values[values.len() - 1]);
    let curvature = |way: usize| {
        let place = present.iter().position(|&there| there == way)?;
        Some(if values.len() > 2 {
            values[1 + place]
        } else {
            0.0
        })
    };
    let standardised: Vec<f64> = steps
        .iter()
        .enumerate()
        .map(|(i, step)| {
            let [mean, sd] = (law.moments)(i, &values);
            (step.reached - mean) / sd
        })
        .collect();
    chosen.warnings.extend(choice::tails(&standardised));
    chosen.warnings.extend(choice::followed(&standardised));
    if !accumulates {
        chosen.warnings.push(format!(
            "scatter does not grow with the pulses: it is that of readings, {:.2} % of the range, and pulses.cycle is 0",
            100.0 * scatter
        ));
    }
    let [up, down] = [0, 1].map(|way| {
        let other = curvature(1 - way).unwrap_or(0.0);
        curvature(way).unwrap_or_else(|| {
            let (value, origin) = match base.curvature(way) {
                Some(value) => (value, "the base's"),
                None => (other, "that of the other way"),
            };
            chosen.warnings.push(format!(
                "pulses {}wards were not measured: their curvature is {origin}",
                WAYS[way]
            ));
            value
        })
    });
    let mut section = Table::new();
    section.insert(
        "count".to_owned(),
        Value::Integer(count.round().max(1.0) as i64),
    );
    let ways = Table::from_iter([
        ("up".to_owned(), up.into()),
        ("down".to_owned(), down.into()),
    ]);
    section.insert("curvature".to_owned(), ways.into());
    let cycle = if accumulates { scatter } else { 0.0 };
    section.insert(
        "cycle".to_owned(),
        Quantity {
            value: cycle,
            unit: Unit::One,
        }
        .to_string()
        .into(),
    );
    let units = vec![(1.0, Unit::One); values.len()];
    Fit {
        kind: Kind::PulseResponse,
        law: law.formula.clone(),
        points: steps.len(),
        devices: None,
        parameters: parameters(&chosen, &law.keys, &units),
        correlations: correlations(&chosen.estimate.covariance),
        residuals: Residuals {
            standardised,
            ..residuals(steps, present, count, [up, down], |n| {
                if accumulates {
                    scatter * n.sqrt()
                } else {
                    scatter
                }
            })
        },
        candidates: chosen.candidates,
        warnings: chosen.warnings,
        range,
        limit: None,
        section,
    }
}

/// What was reached against pulses, both as shares of the way.
fn residuals(
    steps: &[Step],
    present: &[usize],
    count: f64,
    curvature: [f64; 2],
    spread: impl Fn(f64) -> f64,
) -> Residuals {
    let pulses: Vec<f64> = steps.iter().map(|step| step.pulses).collect();
    let curve = |way: usize| LawCurve {
        label: format!("law, {}wards", WAYS[way]),
        points: abscissae(&pulses)
            .into_iter()
            .map(|n| [n, normalised(curvature[way], n / count), spread(n)])
            .collect(),
    };
    Residuals {
        abscissa: "pulses from the end of the range",
        abscissa_unit: Unit::One,
        ordinate: "share of the range that was passed",
        ordinate_unit: Unit::One,
        measured: steps
            .iter()
            .map(|step| [step.pulses, step.reached])
            .collect(),
        law: present.iter().map(|&way| curve(way)).collect(),
        standardised: Vec::new(),
    }
}
