//! Quality against time.

use super::{choice, data, number, physical};
use crate::{
    chart::Chart,
    figure::{Abscissa, QualityFront, QualityTime},
    metric,
    page::{overview::DIVERSITY, plot},
};
use bench_hw::results::{
    Kept,
    quality::{Band, BaselineLine, Digital, Quality, Summary},
};
use maud::{Markup, html};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) fn section(qualities: &[Kept<Quality>]) -> Markup {
    html! {
        @for quality in qualities {
            (one(&quality.document))
        }
    }
}

/// What the script draws.
#[derive(Serialize)]
struct Document<'a> {
    n: usize,
    bands: &'a [Band],
    metrics: BTreeMap<&'a str, MetricOf<'a>>,
    /// By axis, then by metric.
    charts: BTreeMap<&'static str, Against>,
}

#[derive(Serialize)]
struct MetricOf<'a> {
    label: &'a str,
    better: &'a str,
}

/// Everything against one axis.
#[derive(Serialize)]
struct Against {
    /// How many of the axis' unit a second, a joule or a τ has.
    per_unit: f64,
    charts: BTreeMap<String, Chart>,
}

/// Figures of a document, one for each axis that it has.
fn figures(quality: &Quality) -> Vec<QualityTime<'_>> {
    let all = Abscissa::ALL.map(|abscissa| QualityTime {
        document: quality,
        abscissa,
    });
    all.into_iter().filter(QualityTime::is_drawable).collect()
}

fn one(quality: &Quality) -> Markup {
    let metrics = quality.metrics();
    let panels = panels(quality.decisive(), &metrics);
    let figures = figures(quality);
    let document = Document {
        n: quality.n,
        bands: &quality.bands,
        metrics: metrics.iter().map(|key| (key.as_str(), of(key))).collect(),
        charts: figures
            .iter()
            .map(|figure| (figure.abscissa.key(), against(figure, &metrics)))
            .collect(),
    };
    let options: Vec<(String, String)> = metrics
        .iter()
        .map(|key| (key.clone(), metric::label(key).to_owned()))
        .collect();
    let axes: Vec<(String, String)> = figures
        .iter()
        .map(|figure| {
            let abscissa = figure.abscissa;
            (abscissa.key().to_owned(), abscissa.quantity().to_owned())
        })
        .collect();
    html! {
        div data-kind="quality" {
            (data(&document))
            div.controls hidden {
                @for (index, key) in panels.iter().enumerate() {
                    @let chosen = metrics.iter().position(|other| other == key).unwrap_or(0);
                    (choice(["upper chart", "lower chart"][index.min(1)], "metric", &options, chosen))
                }
                (choice("against", "axis", &axes, 0))
                label { input type="checkbox" data-role="log-x" checked; "logarithmic time" }
                label { input type="checkbox" data-role="log-y"; "logarithmic quality" }
            }
            @for key in &panels {
                figure.chart data-role="panel" {
                    @if let Some(figure) = figures.first() {
                        @let chart = figure.chart(key);
                        (plot::chart(&chart))
                        figcaption { (chart.title) "; " (metric::direction(key)) "." }
                    }
                }
            }
            p.readout data-role="readout" aria-live="polite" hidden {}
            p.note { (note(quality)) }
        }
        (front(quality))
        (points(&quality.bands, &metrics))
        @if !quality.baselines.is_empty() { (baselines(&quality.baselines, &metrics)) }
        @if let Some(digital) = &quality.digital { (processor(digital)) }
    }
}

fn of(key: &str) -> MetricOf<'_> {
    MetricOf {
        label: metric::label(key),
        better: metric::direction(key),
    }
}

fn against(figure: &QualityTime<'_>, metrics: &[String]) -> Against {
    let charts = metrics.iter().map(|key| (key.clone(), figure.chart(key)));
    Against {
        per_unit: figure.unit().1,
        charts: charts.collect(),
    }
}

fn note(quality: &Quality) -> String {
    let curves = quality.bands.iter().map(|band| band.curves);
    let (least, most) = (curves.clone().min(), curves.max());
    let curves = match (least, most) {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => "no".to_owned(),
    };
    format!(
        "Each point is measured on N = {} samples, track {}. Lines are means over runs, sampling seeds and chips \
         ({curves} curves a band), shaded bands their low and high values; of more than six settings those with the \
         smallest {} are drawn. Horizontal lines are what else is compared with: real images, and fits to the \
         training images. Exact equilibria have no clock: they are drawn dashed, where a chip is at the same flow \
         time.",
        quality.n,
        quality.track,
        metric::label(quality.decisive())
    )
}

/// The two charts: fidelity and diversity, as far as they were measured.
fn panels(decisive: &str, metrics: &[String]) -> Vec<String> {
    let mut panels = Vec::new();
    for wanted in [decisive, DIVERSITY] {
        let known = metrics.iter().find(|key| *key == wanted);
        let other = metrics.iter().find(|key| !panels.contains(*key));
        panels.extend(known.or(other).cloned());
    }
    panels.dedup();
    panels
}

/// Settings of which no other is both better and cheaper.
fn front(quality: &Quality) -> Markup {
    let figure = QualityFront { document: quality };
    let charts = figure.charts();
    html! {
        @if !quality.pareto.seconds.is_empty() {
            h3 { "What quality costs at least" }
            @for chart in &charts {
                figure.chart {
                    (plot::chart(chart))
                    figcaption { "Every setting at every moment; front: no other dot is both better and cheaper." }
                }
            }
            p.note { "Settings on the fronts, by the number beside their first dot there: " (figure.key().join("; ")) "." }
        }
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
                        th scope="col" { "|v| over its start" }
                        th scope="col" { "relaxation (τ)" } th scope="col" { "time" }
                        th scope="col" { "energy" }
                        @for key in metrics { th scope="col" { (metric::label(key)) } }
                    } }
                    tbody {
                        @for band in bands { @for point in &band.points {
                            tr {
                                th scope="row" { (band.label) }
                                td { (number(Some(point.flow_time))) }
                                td { (number(point.speed_share)) }
                                td { (number(point.relaxation_tau)) }
                                td { (physical(point.seconds, "s")) }
                                td { (physical(point.joules, "J")) }
                                @for key in metrics { td { (with_interval(point.metrics.get(key))) } }
                            }
                        } }
                    }
                }
            }
        }
    }
}

/// `mean (low to high, n = how many)`.
fn with_interval(summary: Option<&Summary>) -> String {
    let mean = number(summary.map(|summary| summary.mean));
    let interval = summary.and_then(|summary| summary.interval);
    interval.map_or(mean.clone(), |interval| {
        format!(
            "{mean} ({} to {}, n = {})",
            number(Some(interval.low)),
            number(Some(interval.high)),
            interval.degrees_of_freedom + 1
        )
    })
}

fn baselines(baselines: &[BaselineLine], metrics: &[String]) -> Markup {
    html! {
        details {
            summary { "Baselines" }
            div.scroll tabindex="0" role="region" aria-label="Baselines" {
                table {
                    thead { tr {
                        th scope="col" { "baseline" }
                        @for key in metrics { th scope="col" { (metric::label(key)) } }
                        th scope="col" { "source" }
                    } }
                    tbody {
                        @for baseline in baselines {
                            tr {
                                th scope="row" { (baseline.label) }
                                @for key in metrics {
                                    td { (number(baseline.scores.get(key).map(|score| score.value))) }
                                }
                                td { (baseline.source) }
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
            "For comparison, a processor (" (digital.cpu) ") takes "
            (physical(Some(digital.cpu_seconds_per_sample), "s"))
            " per sample; the same " (number(Some(digital.flops_per_sample)))
            " operations are about " (physical(Some(digital.gpu_joules_per_sample), "J"))
            " on a graphics processor (" (digital.gpu_energy_per_op_source) ")."
        }
    }
}
