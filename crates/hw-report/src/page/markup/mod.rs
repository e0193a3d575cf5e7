//! The page as HTML. Every text from outside is escaped by the template (maud); data for the scripts is
//! JSON beside the part that it belongs to.

mod chip;
mod provenance;
mod quality;
mod samples;
mod summary;
mod sweeps;
mod training;

use super::{Page, encode};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde::Serialize;
use units::prefix::{quantity, significant};

const STYLE: &str = include_str!("../../../assets/report/page.css");
/// In the order in which they need each other.
const SCRIPTS: [&str; 7] = [
    include_str!("../../../assets/report/base.js"),
    include_str!("../../../assets/report/chart.js"),
    include_str!("../../../assets/report/quality.js"),
    include_str!("../../../assets/report/relaxation.js"),
    include_str!("../../../assets/report/heatmap.js"),
    include_str!("../../../assets/report/samples.js"),
    include_str!("../../../assets/report/table.js"),
];

/// Nothing may be loaded; what is inside the page may run and be shown.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/// Significant digits in tables.
const DIGITS: usize = 4;

/// The whole page.
pub(super) fn page(page: &Page) -> Markup {
    let sections = sections(page);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("gradep ", env!("CARGO_PKG_VERSION")));
                link rel="icon" href="data:,";
                title { (page.title) " · gradep report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#summary" { "Skip to the summary" }
                header {
                    h1 { (page.title) }
                    p.note { (subtitle(page)) }
                    nav aria-label="Sections" {
                        @for section in &sections {
                            a href=(format!("#{}", section.id)) { (section.name) }
                        }
                    }
                }
                main {
                    @for section in &sections {
                        section id=(section.id) aria-labelledby=(format!("{}-heading", section.id)) {
                            h2 id=(format!("{}-heading", section.id)) { (section.heading) }
                            (section.content)
                        }
                    }
                }
                @for script in SCRIPTS {
                    script { (PreEscaped(script)) }
                }
            }
        }
    }
}

/// A part of the page.
struct Section {
    id: &'static str,
    /// In the navigation.
    name: &'static str,
    heading: &'static str,
    content: Markup,
}

/// What there is to show.
fn sections(page: &Page) -> Vec<Section> {
    let mut sections = vec![Section {
        id: "summary",
        name: "Summary",
        heading: "Summary",
        content: summary::section(page),
    }];
    let mut add = |id, name, heading, content: Option<Markup>| {
        sections.extend(content.map(|content| Section {
            id,
            name,
            heading,
            content,
        }));
    };
    let results = &page.results;
    add(
        "quality",
        "Quality",
        "Quality against time",
        (!results.qualities.is_empty()).then(|| quality::section(&results.qualities)),
    );
    add(
        "sweeps",
        "Sweeps",
        "What non-idealities cost",
        (!results.sweeps.is_empty()).then(|| sweeps::section(&results.sweeps)),
    );
    add(
        "relaxation",
        "Relaxation",
        "How a chip relaxes",
        page.relaxations.as_ref().map(chip::relaxation),
    );
    add(
        "conductances",
        "Conductances",
        "Conductances of the arrays",
        page.conductances.as_ref().map(chip::conductances),
    );
    add(
        "samples",
        "Samples",
        "Generated samples and their nearest training images",
        page.gallery
            .as_ref()
            .map(|gallery| samples::section(gallery, page.run.as_ref())),
    );
    add(
        "training",
        "Training",
        "Training",
        page.run.as_ref().map(training::section),
    );
    add(
        "provenance",
        "Provenance",
        "Provenance and downloads",
        Some(provenance::section(page)),
    );
    sections
}

fn subtitle(page: &Page) -> String {
    let mut parts = Vec::new();
    if let Some(run) = &page.run {
        let sizes: Vec<String> = run
            .config
            .network
            .layers
            .sizes()
            .iter()
            .map(ToString::to_string)
            .collect();
        parts.push(format!(
            "{} network, {} cells, {} parameters, seed {}",
            sizes.join("-"),
            run.config.network.cell,
            run.config.network.topology().parameters(),
            run.config.seed
        ));
    }
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let results = &page.results;
    if !results.qualities.is_empty() {
        parts.push(count(results.qualities.len(), "curve file"));
    }
    if !results.sweeps.is_empty() {
        parts.push(count(results.sweeps.len(), "sweep file"));
    }
    format!(
        "{} · made by gradep {}",
        parts.join(" · "),
        env!("CARGO_PKG_VERSION")
    )
}

/// Data for the scripts of an element.
fn data(document: &impl Serialize) -> Markup {
    html! {
        script type="application/json" { (PreEscaped(encode::script_json(document))) }
    }
}

/// A number, or a dash.
fn number(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => "–".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(value) if value.abs() < 1e-3 || value.abs() >= 1e6 => {
            format!("{value:.3e}").replace('-', "−")
        }
        Some(value) => significant(value, DIGITS),
    }
}

/// A quantity with its unit, or a dash.
fn physical(value: Option<f64>, unit: &str) -> String {
    value
        .filter(|value| value.is_finite())
        .map_or_else(|| "–".to_owned(), |value| quantity(value, unit, DIGITS))
}

/// `value (low to high)`.
fn spread(value: Option<f64>, low: Option<f64>, high: Option<f64>) -> String {
    if value.is_none() || low.is_none() || high.is_none() {
        return number(value);
    }
    format!("{} ({} to {})", number(value), number(low), number(high))
}

/// A choice that the scripts bring to life.
fn choice(label: &str, role: &str, options: &[(String, String)], chosen: usize) -> Markup {
    html! {
        label {
            (label)
            select data-role=(role) {
                @for (index, (value, text)) in options.iter().enumerate() {
                    option value=(value) selected[index == chosen] { (text) }
                }
            }
        }
    }
}

/// A slider that the scripts bring to life.
fn slider(label: &str, role: &str, last: usize, value: usize) -> Markup {
    html! {
        label.slider {
            (label)
            input type="range" data-role=(role) min="0" max=(last) step="1" value=(value)
                aria-label=(label);
            output data-role=(format!("{role}-text")) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_what_is_missing_is_a_dash() {
        for (value, text) in [
            (None, "–"),
            (Some(f64::NAN), "–"),
            (Some(0.0), "0"),
            (Some(0.913_37), "0.9134"),
            (Some(2.5e-4), "2.500e−4"),
            (Some(-12.0), "−12"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(spread(Some(1.0), Some(0.5), Some(2.0)), "1 (0.5 to 2)");
        assert_eq!(spread(Some(1.0), None, Some(2.0)), "1");
        assert_eq!(physical(Some(3.2e-7), "s"), "320 ns");
    }
}
