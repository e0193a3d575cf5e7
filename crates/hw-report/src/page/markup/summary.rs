//! The answers that a newcomer looks for.

use super::{number, physical};
use crate::metric;
use crate::page::{
    Page,
    hints::{Missing, TIME_AND_ENERGY, WORST},
    overview::{BestTime, Overview, best_times},
};
use maud::{Markup, html};

pub(super) fn section(page: &Page) -> Markup {
    let overview = &page.overview;
    html! {
        @if !overview.warnings.is_empty() {
            div.warning id="warnings" role="alert" {
                h3 { "Warning" }
                @for warning in &overview.warnings { p { (warning) } }
            }
        }
        div.cards {
            (time_card(overview))
            (energy_card(overview))
            (worst_card(overview))
        }
        @if let Some(best) = &overview.best { (reading(best)) }
        @if let Some(then) = &overview.hints.then {
            p { "After that, this makes the page again with what was measured:" }
            pre tabindex="0" { code { (then) } }
        }
        (bests(page))
    }
}

fn card(name: &str, id: &str, content: &Markup) -> Markup {
    html! {
        div.card id=(id) {
            h3 { (name) }
            (content)
        }
    }
}

/// What to type to get an answer.
fn to_measure(overview: &Overview, what: &str) -> Markup {
    let missing: Vec<&Missing> = overview
        .hints
        .missing
        .iter()
        .filter(|m| m.what == what)
        .collect();
    html! {
        p.value { "not measured yet" }
        @for missing in missing {
            @if let Some(command) = &missing.command {
                p { "Run" }
                pre tabindex="0" { code { (command) } }
            }
            @if let Some(reason) = &missing.reason { p { (reason) } }
        }
    }
}

fn time_card(overview: &Overview) -> Markup {
    let timed = overview.best.as_ref().filter(|best| best.seconds.is_some());
    let content = match (timed, &overview.best) {
        (Some(best), _) => html! {
            p.value { (physical(best.seconds, "s")) }
            p { "per sample, flow time " (number(best.flow_time)) ", on " (best.band) }
        },
        (None, Some(best)) => html! {
            p.value { "flow time " (number(best.flow_time)) }
            p { (best.band) ": without a physical clock" }
            (to_measure(overview, TIME_AND_ENERGY))
        },
        (None, None) => to_measure(overview, TIME_AND_ENERGY),
    };
    card("Best time", "best-time", &content)
}

fn energy_card(overview: &Overview) -> Markup {
    let joules = overview.best.as_ref().and_then(|best| best.joules);
    let content = if joules.is_some() {
        html! {
            p.value { (physical(joules, "J")) }
            p { "at the best time, by the chip's energy ledger" }
        }
    } else {
        html! {
            p.value { "not measured yet" }
            p { "Comes with the best time." }
        }
    };
    card("Energy per sample", "best-energy", &content)
}

fn worst_card(overview: &Overview) -> Markup {
    let content = match &overview.worst {
        Some(worst) => html! {
            p.value { (worst.parameter) }
            p { (worst.effect) }
        },
        None => to_measure(overview, WORST),
    };
    card("Worst non-ideality", "worst", &content)
}

/// A sentence on what the number means.
fn reading(best: &BestTime) -> Markup {
    html! {
        @if best.is_last {
            p { strong { "This is the last time that was measured: later ones may be better." } }
        }
        p {
            "There, the " (metric::label(&best.metric)) " is " strong { (number(Some(best.value))) }
            @if best.value > best.smallest {
                ", within one standard error"
                @if let Some(error) = best.standard_error { " (" (number(Some(error))) ")" }
                " of the smallest, " (number(Some(best.smallest))) ", and reached sooner"
            }
            @if let Some(floor) = best.floor { " (real images get " (number(Some(floor))) ")" }
            @if let Some(coverage) = best.coverage {
                " and coverage is " strong { (number(Some(coverage))) }
            }
            @if let Some(n) = best.n { ", N = " (n) " samples" }
            @if let Some(count) = best.count { ", mean of " (count) " curves" }
            ". Fidelity and diversity need not be best at the same time: look at both charts below."
        }
    }
}

fn bests(page: &Page) -> Markup {
    let rows = best_times(&page.results);
    let name = rows
        .first()
        .map_or("", |(best, _)| metric::label(&best.metric));
    html! {
        @if rows.len() > 1 {
            div.scroll tabindex="0" role="region" aria-label="Best times" {
                table {
                    caption { "Smallest " (name) " of every band, and what it takes." }
                    thead { tr {
                        th scope="col" { "band" } th scope="col" { (name) }
                        th scope="col" { "coverage there" } th scope="col" { "flow time" }
                        th scope="col" { "relaxation (τ)" } th scope="col" { "time" }
                        th scope="col" { "energy" }
                    } }
                    tbody {
                        @for (best, relaxation) in &rows {
                            tr {
                                th scope="row" { (best.band) }
                                td { (number(Some(best.value))) }
                                td { (number(best.coverage)) }
                                td { (number(best.flow_time)) }
                                td { (number(*relaxation)) }
                                td { (physical(best.seconds, "s")) }
                                td { (physical(best.joules, "J")) }
                            }
                        }
                    }
                }
            }
        }
    }
}
