//! Sweeps, rankings and tolerances.

use super::{number, physical, spread};
use crate::{
    figure::SweepMap,
    metric,
    page::{bars, encode::SEQUENTIAL, plot},
    study::StudyFigures,
};
use bench_hw::{
    results::{
        Kept,
        study::{Axis, Cell, Rank, Spread, Study, SweepKind, Yield},
    },
    sweep::{NOT_ADDITIVE, about_intervals},
};
use maud::{Markup, html};

pub(super) fn section(sweeps: &[Kept<Study>]) -> Markup {
    html! {
        @for sweep in sweeps {
            (one(&sweep.document))
        }
    }
}

fn one(sweep: &Study) -> Markup {
    html! {
        h3 { (heading(sweep)) }
        @let figures = StudyFigures { document: sweep };
        @for chart in figures.charts() {
            figure.chart {
                (plot::chart(&chart))
                figcaption { (chart.title) "; " (conditions(sweep)) "." }
            }
        }
        @if let Some(maps) = figures.with_maps(maps) { (maps) }
        @if let Some(bars) = figures.with_ranking(bars::chart) { (bars) }
        @if let Some(ranks) = &sweep.ranking { (ranking(sweep, ranks)) }
        @if let Some(found) = &sweep.tolerance { p { strong { (found.key) } ": " (found.sentence()) } }
        @if !sweep.cells.is_empty() { (cells(sweep)) }
        (ideal(sweep))
    }
}

fn heading(sweep: &Study) -> String {
    let question = &sweep.question;
    let axes: Vec<&str> = sweep.axes.iter().map(|axis| axis.key.as_str()).collect();
    let of = if axes.is_empty() || question.kind == SweepKind::Sensitivity {
        String::new()
    } else {
        format!(" of {}", axes.join(" and "))
    };
    format!("{}{of} on {}", question.kind.name(), question.chip)
}

/// What all cells have in common.
fn conditions(sweep: &Study) -> String {
    let question = &sweep.question;
    format!(
        "{} chips, N = {} samples a chip, track {}, mode {}, flow time {}",
        sweep.chips(),
        question.n,
        question.track,
        question.mode,
        number(Some(question.flow_time))
    )
}

/// Maps over two keys: tables, each cell in the colour of its number.
fn maps(figure: &SweepMap<'_>) -> Markup {
    html! {
        @for map in figure.maps {
            @let finite = map.values.iter().copied().filter(|value| value.is_finite());
            @let low = finite.clone().fold(f64::INFINITY, f64::min);
            @let high = finite.fold(f64::NEG_INFINITY, f64::max);
            p.note { (map.title) "; down: " (figure.rows.key) ", across: " (figure.columns.key) "." }
            div.scroll tabindex="0" role="region" aria-label=(map.title) {
                table.map {
                    thead { tr {
                        th {}
                        @for value in figure.columns.values { th scope="col" { (value) } }
                    } }
                    tbody {
                        @for (row, value) in map.values.outer_iter().zip(figure.rows.values) {
                            tr {
                                th scope="row" { (value) }
                                @for &value in row { (coloured(value, low, high)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A cell of a map: light at the largest number, dark at the smallest.
fn coloured(value: f64, low: f64, high: f64) -> Markup {
    let share = if high > low {
        (value - low) / (high - low)
    } else {
        1.0
    };
    let [r, g, b] = SEQUENTIAL.at(share);
    let ink = if share > 0.5 { "#000" } else { "#fff" };
    html! {
        @if value.is_finite() {
            td style=(format!("background: rgb({r} {g} {b}); color: {ink}")) { (number(Some(value))) }
        } @else {
            td { "none" }
        }
    }
}

/// The table to sort and filter.
fn cells(sweep: &Study) -> Markup {
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
                        @if let Some(cell) = sweep.cells.first() { ", good: " (cell.yielded.rule) }
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

fn row(sweep: &Study, cell: &Cell, metrics: &[String]) -> Markup {
    html! {
        tr {
            @for (index, value) in cell.values.iter().enumerate() {
                (sorted(axis_number(sweep, index, value), value))
            }
            (sorted(Some(cell.chips as f64), &cell.chips.to_string()))
            (sorted(Some(cell.yielded.share.share), &percent(&cell.yielded)))
            @for key in metrics {
                (over(cell.scores.get(key)))
            }
            (sorted(cell.seconds, &physical(cell.seconds, "s")))
            (sorted(cell.joules, &physical(cell.joules, "J")))
        }
    }
}

fn axis_number(sweep: &Study, index: usize, value: &str) -> Option<f64> {
    let axis: &Axis = sweep.axes.get(index)?;
    let place = axis.values.iter().position(|other| other == value)?;
    axis.numbers.get(place).copied().flatten()
}

fn percent(yielded: &Yield) -> String {
    let share = &yielded.share;
    let [middle, low, high] = [share.share, share.low, share.high].map(|value| Some(100.0 * value));
    spread(middle, low, high)
}

fn ideal(sweep: &Study) -> Markup {
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
fn ranking(sweep: &Study, ranks: &[Rank]) -> Markup {
    let about = about_intervals(sweep.chips());
    let caption = format!(
        "Which parameter to pay for, the dearest first: mean change of {} over chips ({about}); {NOT_ADDITIVE}.",
        metric::label(&sweep.question.decisive)
    );
    html! {
        div data-kind="table" {
            div.scroll tabindex="0" role="region" aria-label="Ranking" {
                table {
                    caption { (caption) }
                    thead { tr {
                        (sortable("parameter")) (sortable("level"))
                        (sortable("gained without it")) (sortable("lost with it alone"))
                        (sortable("velocity error with it alone"))
                    } }
                    tbody {
                        @for rank in ranks {
                            tr {
                                (sorted(None, &rank.key))
                                (sorted(None, &rank.level))
                                (change(rank.left_out.of(&sweep.question.decisive)))
                                (change(rank.alone.of(&sweep.question.decisive)))
                                (change(&rank.alone.velocity_error))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn over(over: Option<&Spread>) -> Markup {
    let text = over.map_or_else(
        || "–".to_owned(),
        |over| spread(over.median, over.p5, over.p95),
    );
    sorted(over.and_then(|over| over.median), &text)
}

/// The mean with its interval.
fn change(over: &Spread) -> Markup {
    let (low, high) = over
        .interval
        .map_or((None, None), |all| (Some(all.low), Some(all.high)));
    sorted(over.mean, &spread(over.mean, low, high))
}
