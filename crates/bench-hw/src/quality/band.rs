//! Curves of one setting together: mean, spread, best time, and what happens after it.

use super::{After, Band, BandPoint, Best, Curve, Summary};
use crate::metrics::{self, Better, decisive, drawn, headline};
use gradep_core::generate::Reach;
use std::collections::BTreeMap;
use units::statistics::{Interval, deviation, mean, standard_error};

impl Summary {
    /// Of a value for each of some curves; none of none.
    pub fn of(curves: &[&Curve], values: &[f64]) -> Option<Self> {
        let independent = [
            by(curves, values, |curve| Some(&curve.run)),
            by(curves, values, |curve| Some(curve.sampling_seed)),
            by(curves, values, |curve| curve.chip_seed),
        ];
        let width = |values: &Vec<f64>| Interval::of_mean(values).map(|all| all.half_width());
        let widest = independent
            .into_iter()
            .filter(|values| width(values).is_some())
            .max_by(|a, b| width(a).unwrap_or(0.0).total_cmp(&width(b).unwrap_or(0.0)))
            .unwrap_or_default();
        Some(Self {
            mean: mean(values)?,
            sd: deviation(values),
            standard_error: standard_error(&widest),
            interval: Interval::of_mean(&widest),
            low: values.iter().copied().fold(f64::INFINITY, f64::min),
            high: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            count: values.len(),
        })
    }
}

/// Means over the curves that have the same key, by the first curve that has it.
fn by<'a, K: PartialEq>(
    curves: &[&'a Curve],
    values: &[f64],
    key: impl Fn(&'a Curve) -> Option<K>,
) -> Vec<f64> {
    let mut groups: Vec<(Option<K>, Vec<f64>)> = Vec::new();
    for (&curve, &value) in curves.iter().zip(values) {
        let key = key(curve);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(value),
            None => groups.push((key, vec![value])),
        }
    }
    let groups = groups.iter();
    groups.filter_map(|(_, values)| mean(values)).collect()
}

/// The bands of some curves, in the order in which their labels first appear. Curves of one label have
/// the same flow times.
pub fn bands(curves: &[Curve]) -> Vec<Band> {
    let mut labels: Vec<&str> = Vec::new();
    for curve in curves {
        if !labels.contains(&curve.label.as_str()) {
            labels.push(&curve.label);
        }
    }
    labels
        .into_iter()
        .map(|label| {
            let of_label: Vec<&Curve> = curves.iter().filter(|c| c.label == label).collect();
            Band::of(&of_label)
        })
        .collect()
}

impl Band {
    fn of(curves: &[&Curve]) -> Self {
        let first = curves[0];
        let points: Vec<BandPoint> = (0..first.points.len())
            .map(|at| BandPoint::of(curves, at))
            .collect();
        let judged = is_judged(&points);
        let best: BTreeMap<String, Best> = headline(judged)
            .into_iter()
            .filter_map(|metric| Some((metric.to_owned(), best(&points, metric)?)))
            .collect();
        Self {
            label: first.label.clone(),
            chip: first.chip.clone(),
            mode: first.mode,
            objective: first.objective,
            curves: curves.len(),
            after: best
                .get(decisive(judged))
                .and_then(|best| after(&points, best)),
            best,
            points,
        }
    }
}

impl BandPoint {
    fn of(curves: &[&Curve], at: usize) -> Self {
        let points: Vec<_> = curves.iter().map(|curve| &curve.points[at]).collect();
        let mean = |values: Option<Vec<f64>>| values.as_deref().and_then(mean);
        let mut metrics = BTreeMap::new();
        for (metric, _) in points[0].scores.named() {
            let values: Option<Vec<f64>> = points
                .iter()
                .map(|point| {
                    let named = point.scores.named();
                    named
                        .filter(|(name, _)| *name == metric)
                        .find_map(|(_, s)| s.value)
                })
                .collect();
            if let Some(summary) = values
                .as_deref()
                .and_then(|values| Summary::of(curves, values))
            {
                metrics.insert(metric.to_owned(), summary);
            }
        }
        Self {
            flow_time: points[0].flow_time,
            relaxation_tau: mean(points.iter().map(|point| point.relaxation_tau).collect()),
            seconds: mean(points.iter().map(|point| point.seconds).collect()),
            joules: mean(points.iter().map(|point| point.joules).collect()),
            speed_share: mean(points.iter().map(|point| point.speed_share).collect()),
            reach: reach(points.iter().filter_map(|point| point.reach).collect()),
            metrics,
        }
    }
}

/// The mean share beyond the range, and the largest rms of any sample; none of no curves.
fn reach(of_curves: Vec<Reach>) -> Option<Reach> {
    let shares: Vec<f64> = of_curves.iter().map(|reach| reach.beyond_share).collect();
    let largest = of_curves.iter().map(|reach| reach.largest_rms);
    Some(Reach {
        beyond_share: mean(&shares)?,
        largest_rms: largest.fold(0.0, f64::max),
    })
}

/// Whether a classifier judged the samples.
fn is_judged(points: &[BandPoint]) -> bool {
    points
        .iter()
        .any(|point| point.metrics.contains_key("fd_features"))
}

fn best(points: &[BandPoint], metric: &str) -> Option<Best> {
    let better = metrics::metric(metric).map(|metric| metric.better);
    let sign = if better == Some(Better::Higher) {
        -1.0
    } else {
        1.0
    };
    let of = |point: &BandPoint| Some(point.metrics.get(metric)?.mean);
    points
        .iter()
        .filter_map(|point| Some((point, of(point)?)))
        .min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))
        .map(|(point, value)| Best {
            flow_time: point.flow_time,
            seconds: point.seconds,
            joules: point.joules,
            value,
        })
}

fn after(points: &[BandPoint], best: &Best) -> Option<After> {
    let from = points
        .iter()
        .find(|point| point.flow_time >= best.flow_time)?;
    let to = points.last()?;
    let change = drawn(is_judged(points)).into_iter().filter_map(|metric| {
        let moved = to.metrics.get(metric)?.mean - from.metrics.get(metric)?.mean;
        Some((metric.to_owned(), moved))
    });
    (to.flow_time > from.flow_time).then(|| After {
        from: from.flow_time,
        to: to.flow_time,
        change: change.collect(),
    })
}
