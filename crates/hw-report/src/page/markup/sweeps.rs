//! Sweeps, rankings and tolerances.

use super::{number, physical, spread};
use crate::page::{
    metric,
    overview::HEADLINE,
    plot::{AxisOf, Chart, CurveOf, Point},
    source::Read,
    sweep::{Bound, Cell, OverChips, Rank, Sweep, Tolerance, Yield},
};
use bench_hw::sweep::{NOT_ADDITIVE, about_intervals};
use maud::{Markup, html};

pub(super) fn section(sweeps: &[Read<Sweep>]) -> Markup {
    html! {
        @for sweep in sweeps {
            (one(&sweep.document))
        }
    }
}

fn one(sweep: &Sweep) -> Markup {
    html! {
        h3 { (heading(sweep)) }
        @if let Some(ranks) = &sweep.ranking { (ranking(ranks)) }
        @if let Some(found) = &sweep.tolerance { (tolerance(found)) }
        @if sweep.axes.len() == 1 { (curve(sweep)) }
        @if !sweep.cells.is_empty() { (cells(sweep)) }
        (ideal(sweep))
    }
}

fn heading(sweep: &Sweep) -> String {
    let axes: Vec<&str> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
    let mut text = sweep.kind.clone().unwrap_or_else(|| "sweep".to_owned());
    if !axes.is_empty() {
        text = format!("{text} of {}", axes.join(" and "));
    }
    if let Some(chip) = &sweep.chip {
        text = format!("{text} on {chip}");
    }
    text
}

/// What all cells have in common.
fn conditions(sweep: &Sweep) -> String {
    let mut parts = Vec::new();
    parts.extend(sweep.n.map(|n| format!("N = {n} samples a chip")));
    parts.extend(sweep.track.as_ref().map(|track| format!("track {track}")));
    parts.extend(sweep.mode.as_ref().map(|mode| format!("mode {mode}")));
    let time = sweep.flow_time;
    parts.extend(time.map(|time| format!("flow time {}", number(Some(time)))));
    parts.join(", ")
}

/// The swept metric against the parameter, with its band over chips.
fn curve(sweep: &Sweep) -> Markup {
    let axis = &sweep.axes[0];
    let place = |cell: &Cell| {
        let text = cell.values.first()?;
        let index = axis.values.iter().position(|value| value == text)?;
        axis.numbers.get(index).copied().flatten()
    };
    let mut points: Vec<Point> = sweep
        .cells
        .iter()
        .filter_map(|cell| {
            let over = cell.scores.get(HEADLINE)?;
            Some((place(cell)?, over.median?, over.p5.zip(over.p95)))
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let unit = axis
        .unit
        .as_deref()
        .filter(|unit| !matches!(*unit, "" | "1"));
    let label = unit.map_or_else(|| axis.key.clone(), |unit| format!("{} / {unit}", axis.key));
    let ideal = sweep.ideal.get(HEADLINE);
    let lines: Vec<(String, f64)> = ideal
        .and_then(|score| score.value)
        .map(|value| ("without imperfections".to_owned(), value))
        .into_iter()
        .chain(
            ideal
                .and_then(|score| score.floor)
                .map(|floor| ("floor".to_owned(), floor)),
        )
        .collect();
    let title = format!("{} against {label}", metric::label(HEADLINE));
    let chart = Chart {
        title: &title,
        x: AxisOf {
            label: &label,
            log: false,
        },
        y: AxisOf {
            label: metric::label(HEADLINE),
            log: false,
        },
        curves: &[CurveOf {
            label: "median over chips, 5 to 95 %".to_owned(),
            points: points.clone(),
        }],
        lines: &lines,
    };
    html! {
        @if points.len() > 1 {
            figure.chart {
                (chart.markup())
                figcaption { (title) "; " (conditions(sweep)) "." }
            }
        }
    }
}

/// The table to sort and filter.
fn cells(sweep: &Sweep) -> Markup {
    let metrics = sweep.metrics();
    html! {
        div data-kind="table" {
            div.controls hidden {
                label { "filter rows" input type="search" data-role="filter" placeholder="text in any column"; }
                span data-role="count" aria-live="polite" {}
            }
            div.scroll tabindex="0" role="region" aria-label="Sweep" {
                table {
                    caption {
                        "Median (5 to 95 % of the chips); yield: share of good chips (confidence interval)"
                        @if let Some(rule) = rule(sweep) { ", good: " (rule) }
                        ". " (conditions(sweep)) "."
                    }
                    thead { tr {
                        @for axis in &sweep.axes { (sortable(&axis.key)) }
                        (sortable("chips"))
                        (sortable("yield / %"))
                        @for key in &metrics { (sortable(metric::label(key))) }
                        (sortable("time")) (sortable("energy"))
                    } }
                    tbody {
                        @for cell in &sweep.cells { (row(sweep, cell, &metrics)) }
                    }
                }
            }
        }
    }
}

fn sortable(text: &str) -> Markup {
    html! { th scope="col" aria-sort="none" { (text) } }
}

/// A cell with the number that it is sorted by.
fn sorted(by: Option<f64>, text: &str) -> Markup {
    let by = by.filter(|value| value.is_finite());
    html! { td data-value=[by] { (text) } }
}

fn row(sweep: &Sweep, cell: &Cell, metrics: &[String]) -> Markup {
    let yielded = cell.yielded.as_ref();
    html! {
        tr {
            @for (index, value) in cell.values.iter().enumerate() {
                (sorted(axis_number(sweep, index, value), value))
            }
            (sorted(cell.chips.map(|n| n as f64), &cell.chips.map_or("–".to_owned(), |n| n.to_string())))
            (sorted(yielded.and_then(|share| share.share), &percent(yielded)))
            @for key in metrics {
                (over(&cell.scores.get(key).copied().unwrap_or_default()))
            }
            (sorted(cell.seconds, &physical(cell.seconds, "s")))
            (sorted(cell.joules, &physical(cell.joules, "J")))
        }
    }
}

fn axis_number(sweep: &Sweep, index: usize, value: &str) -> Option<f64> {
    let axis = sweep.axes.get(index)?;
    let place = axis.values.iter().position(|other| other == value)?;
    axis.numbers.get(place).copied().flatten()
}

fn percent(yielded: Option<&Yield>) -> String {
    let Some(share) = yielded else {
        return "–".to_owned();
    };
    let scaled = |value: Option<f64>| value.map(|value| 100.0 * value);
    spread(scaled(share.share), scaled(share.low), scaled(share.high))
}

fn rule(sweep: &Sweep) -> Option<&str> {
    let mut yields = sweep.cells.iter().filter_map(|cell| cell.yielded.as_ref());
    yields.find_map(|share| share.rule.as_deref())
}

fn ideal(sweep: &Sweep) -> Markup {
    let scores = sweep
        .ideal
        .iter()
        .filter(|(_, score)| score.value.is_some());
    let texts: Vec<String> = scores
        .map(|(key, score)| {
            let floor = score.floor;
            let floor = floor.map_or_else(String::new, |floor| {
                format!(", floor {}", number(Some(floor)))
            });
            let error = score.interval.map_or_else(String::new, |interval| {
                format!(
                    " ± {} (95 %, n = {})",
                    number(Some(interval.half_width())),
                    interval.degrees_of_freedom + 1
                )
            });
            format!(
                "{} {}{error}{floor}",
                metric::label(key),
                number(score.value)
            )
        })
        .collect();
    html! {
        @if !texts.is_empty() { p.note { "Without imperfections: " (texts.join("; ")) "." } }
    }
}

/// Which parameter to pay for.
fn ranking(ranks: &[Rank]) -> Markup {
    let chips = ranks
        .iter()
        .filter_map(|rank| rank.left_out.fd_features.interval)
        .map(|interval| interval.degrees_of_freedom + 1)
        .max();
    let about = chips.map_or_else(|| "no intervals are known".to_owned(), about_intervals);
    let caption = format!(
        "Which parameter to pay for, the dearest first: mean change over chips ({about}); {NOT_ADDITIVE}."
    );
    html! {
        div data-kind="table" {
            div.scroll tabindex="0" role="region" aria-label="Ranking" {
                table {
                    caption { (caption) }
                    thead { tr {
                        (sortable("parameter")) (sortable("level"))
                        (sortable("distance gained without it")) (sortable("distance added by it alone"))
                        (sortable("velocity error by it alone"))
                    } }
                    tbody {
                        @for rank in ranks {
                            tr {
                                (sorted(None, &rank.key))
                                (sorted(None, rank.level.as_deref().unwrap_or("–")))
                                (change(&rank.left_out.fd_features))
                                (change(&rank.alone.fd_features))
                                (change(&rank.alone.velocity_error))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn over(over: &OverChips) -> Markup {
    sorted(over.median, &spread(over.median, over.p5, over.p95))
}

/// The mean with its interval.
fn change(over: &OverChips) -> Markup {
    let mean = over.mean.or(over.median);
    let (low, high) = over
        .interval
        .map_or((None, None), |all| (Some(all.low), Some(all.high)));
    sorted(mean, &spread(mean, low, high))
}

/// How much of a parameter is bearable.
fn tolerance(tolerance: &Tolerance) -> Markup {
    let text = |bound: &Option<Bound>| {
        let text = bound.as_ref().map(|bound| bound.text.clone());
        text.unwrap_or_else(|| "–".to_owned())
    };
    let percent = |share: Option<f64>| number(share.map(|share| 100.0 * share));
    html! {
        p {
            "Half of the chips bear " strong { (tolerance.key) } " up to "
            strong { (text(&tolerance.median)) }
            " (" (percent(tolerance.coverage)) " % interval " (text(&tolerance.low)) " to "
            (text(&tolerance.high)) "); 95 % of them up to " (text(&tolerance.most)) "."
            @if let Some(rule) = &tolerance.rule { " Rule: " (rule) "." }
        }
    }
}
