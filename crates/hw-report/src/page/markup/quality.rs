//! Quality against time.

use super::{choice, data, number, physical};
use crate::page::{
    metric,
    overview::{DIVERSITY, HEADLINE},
    plot::{AxisOf, Chart, CurveOf},
    quality::{Band, Baseline, Digital, Moment, Quality, Spread},
    source::Read,
};
use maud::{Markup, html};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a time can be measured in.
const AXES: [(&str, &str); 4] = [
    ("seconds", "time per sample / s"),
    ("joules", "energy per sample / J"),
    ("relaxation_tau", "relaxation / τ"),
    ("flow_time", "flow time"),
];

pub(super) fn section(qualities: &[Read<Quality>]) -> Markup {
    html! {
        @for quality in qualities {
            (one(&quality.document))
        }
    }
}

/// What the script draws.
#[derive(Serialize)]
struct Document<'a> {
    n: Option<u64>,
    bands: &'a [Band],
    metrics: BTreeMap<&'a str, MetricOf<'a>>,
    /// Label, kind and values.
    baselines: Vec<BaselineOf<'a>>,
}

#[derive(Serialize)]
struct MetricOf<'a> {
    label: &'a str,
    better: &'a str,
    floor: Option<f64>,
}

#[derive(Serialize)]
struct BaselineOf<'a> {
    label: &'a str,
    values: BTreeMap<&'a str, f64>,
}

fn one(quality: &Quality) -> Markup {
    let bands = quality.bands();
    let metrics = quality.metrics();
    let panels = panels(&metrics);
    let axis = first_axis(&bands);
    let document = Document {
        n: quality.n,
        bands: &bands,
        metrics: metrics
            .iter()
            .map(|key| {
                let of = MetricOf {
                    label: metric::label(key),
                    better: metric::direction(key),
                    floor: floor(quality, key),
                };
                (key.as_str(), of)
            })
            .collect(),
        baselines: quality.baselines.iter().map(baseline_of).collect(),
    };
    let options: Vec<(String, String)> = metrics
        .iter()
        .map(|key| (key.clone(), metric::label(key).to_owned()))
        .collect();
    let axes: Vec<(String, String)> = AXES
        .iter()
        .filter(|(key, _)| bands.iter().any(|band| has(band, key)))
        .map(|(key, label)| ((*key).to_owned(), (*label).to_owned()))
        .collect();
    let chosen_axis = axes.iter().position(|(key, _)| key == axis.0).unwrap_or(0);
    html! {
        div data-kind="quality" {
            (data(&document))
            div.controls hidden {
                @for (index, key) in panels.iter().enumerate() {
                    @let chosen = metrics.iter().position(|other| other == key).unwrap_or(0);
                    (choice(["upper chart", "lower chart"][index.min(1)], "metric", &options, chosen))
                }
                (choice("against", "axis", &axes, chosen_axis))
                label { input type="checkbox" data-role="log-x" checked; "logarithmic time" }
                label { input type="checkbox" data-role="log-y"; "logarithmic quality" }
            }
            @for key in &panels {
                figure.chart data-role="panel" {
                    (chart(quality, &bands, key, axis))
                }
            }
            p.readout data-role="readout" aria-live="polite" hidden {}
            p.note {
                "Each point is measured on N = "
                (quality.n.map_or_else(|| "?".to_owned(), |n| n.to_string()))
                " samples"
                @if let Some(track) = &quality.track { ", track " (track) }
                ". Lines are means over runs, sampling seeds and chips ("
                (counts(&bands)) " curves a band), shaded bands their low and high values. "
                "Dashed lines are baselines and the floor, which is what real images get. Bands without a "
                "clock are drawn as their best value where the axis is physical."
            }
        }
        (points(&bands, &metrics))
        @if !quality.baselines.is_empty() { (baselines(&quality.baselines, &metrics)) }
        @if let Some(digital) = &quality.digital { (processor(digital)) }
    }
}

/// The two charts: fidelity and diversity, as far as they were measured.
fn panels(metrics: &[String]) -> Vec<String> {
    let mut panels = Vec::new();
    for wanted in [HEADLINE, DIVERSITY] {
        let known = metrics.iter().find(|key| *key == wanted);
        let other = metrics.iter().find(|key| !panels.contains(*key));
        panels.extend(known.or(other).cloned());
    }
    panels.dedup();
    panels
}

fn baseline_of(baseline: &Baseline) -> BaselineOf<'_> {
    let values = baseline.scores.iter();
    BaselineOf {
        label: &baseline.label,
        values: values
            .filter_map(|(key, score)| Some((key.as_str(), score.value?)))
            .collect(),
    }
}

fn at(moment: &Moment, axis: &str) -> Option<f64> {
    match axis {
        "seconds" => moment.seconds,
        "joules" => moment.joules,
        "relaxation_tau" => moment.relaxation_tau,
        _ => moment.flow_time,
    }
}

fn has(band: &Band, axis: &str) -> bool {
    band.points
        .iter()
        .any(|point| at(&point.at, axis).is_some())
}

/// The floor, unless a baseline of real images shows it already.
fn floor(quality: &Quality, key: &str) -> Option<f64> {
    let is_real = |baseline: &Baseline| {
        baseline.kind.as_deref() == Some("real") && baseline.scores.contains_key(key)
    };
    let shown = quality.baselines.iter().any(is_real);
    quality.floor(key).filter(|_| !shown)
}

/// Physical where there is something physical.
fn first_axis(bands: &[Band]) -> (&'static str, &'static str) {
    let found = AXES
        .iter()
        .find(|(key, _)| bands.iter().any(|band| has(band, key)));
    *found.unwrap_or(&AXES[3])
}

/// The chart that is there without a script.
fn chart(quality: &Quality, bands: &[Band], key: &str, axis: (&str, &str)) -> Markup {
    let mut lines = Vec::new();
    let mut curves = Vec::new();
    for band in bands {
        if has(band, axis.0) {
            let points = band.points.iter().filter_map(|point| {
                let spread = point.metrics.get(key)?;
                let x = at(&point.at, axis.0)?;
                Some((x, spread.mean?, spread.low.zip(spread.high)))
            });
            curves.push(CurveOf {
                label: band.label.clone(),
                points: points.collect(),
            });
        } else if let Some(value) = band.best.get(key).and_then(|best| best.value) {
            lines.push((format!("{}, at its best", band.label), value));
        }
    }
    lines.extend(floor(quality, key).map(|floor| ("floor".to_owned(), floor)));
    lines.extend(quality.baselines.iter().filter_map(|baseline| {
        let value = baseline.scores.get(key)?.value?;
        Some((baseline.label.clone(), value))
    }));
    let title = format!("{} against {}", metric::label(key), axis.1);
    let chart = Chart {
        title: &title,
        x: AxisOf {
            label: axis.1,
            log: true,
        },
        y: AxisOf {
            label: metric::label(key),
            log: false,
        },
        curves: &curves,
        lines: &lines,
    };
    html! {
        (chart.markup())
        figcaption { (title) "; " (metric::direction(key)) "." }
    }
}

fn counts(bands: &[Band]) -> String {
    let spreads = bands
        .iter()
        .flat_map(|band| &band.points)
        .flat_map(|point| point.metrics.values());
    let mut counts: Vec<u64> = spreads.filter_map(|spread| spread.count).collect();
    counts.sort_unstable();
    counts.dedup();
    match (counts.first(), counts.last()) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => "an unknown number of".to_owned(),
    }
}

fn points(bands: &[Band], metrics: &[String]) -> Markup {
    html! {
        details {
            summary { "Every point as a table" }
            div.scroll tabindex="0" role="region" aria-label="Quality against time" {
                table {
                    caption {
                        "Mean of every band, with its 95 % interval by Student's t where there are several \
                         runs, seeds or chips (n: how many; of fewer than 10 it is wide)."
                    }
                    thead { tr {
                        th scope="col" { "band" } th scope="col" { "flow time" }
                        th scope="col" { "relaxation / τ" } th scope="col" { "time" }
                        th scope="col" { "energy" }
                        @for key in metrics { th scope="col" { (metric::label(key)) } }
                    } }
                    tbody {
                        @for band in bands { @for point in &band.points {
                            tr {
                                th scope="row" { (band.label) }
                                td { (number(point.at.flow_time)) }
                                td { (number(point.at.relaxation_tau)) }
                                td { (physical(point.at.seconds, "s")) }
                                td { (physical(point.at.joules, "J")) }
                                @for key in metrics {
                                    @let value = point.metrics.get(key).copied().unwrap_or_default();
                                    td { (with_interval(&value)) }
                                }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// `mean (low to high, n = how many)`.
fn with_interval(spread: &Spread) -> String {
    let mean = number(spread.mean);
    spread.interval.map_or(mean.clone(), |interval| {
        format!(
            "{mean} ({} to {}, n = {})",
            number(Some(interval.low)),
            number(Some(interval.high)),
            interval.degrees_of_freedom + 1
        )
    })
}

fn baselines(baselines: &[Baseline], metrics: &[String]) -> Markup {
    html! {
        details {
            summary { "Baselines" }
            div.scroll tabindex="0" role="region" aria-label="Baselines" {
                table {
                    thead { tr {
                        th scope="col" { "baseline" } th scope="col" { "kind" }
                        @for key in metrics { th scope="col" { (metric::label(key)) } }
                        th scope="col" { "source" }
                    } }
                    tbody {
                        @for baseline in baselines {
                            tr {
                                th scope="row" { (baseline.label) }
                                td { (baseline.kind.as_deref().unwrap_or("–")) }
                                @for key in metrics {
                                    td { (number(baseline.scores.get(key).and_then(|score| score.value))) }
                                }
                                td { (baseline.source.as_deref().unwrap_or("–")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn processor(digital: &Digital) -> Markup {
    html! {
        p {
            "For comparison, a processor"
            @if let Some(cpu) = &digital.cpu { " (" (cpu) ")" }
            " takes " (physical(digital.cpu_seconds_per_sample, "s"))
            " per sample; the same " (number(digital.flops_per_sample))
            " operations are about " (physical(digital.gpu_joules_per_sample, "J"))
            " on a graphics processor"
            @if let Some(source) = &digital.gpu_energy_per_op_source { " (" (source) ")" }
            "."
        }
    }
}
