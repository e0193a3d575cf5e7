//! A ranking as bars: SVG inside the page, drawn from the description of the figure.

use super::plot::round;
use crate::{
    chart::axis::{Axis, Scale},
    figure::{Bar, BarPanel, Ranking},
};
use maud::{Markup, html};

/// Height of a bar, and between two things.
const BAR: f64 = 11.0;
const GAP: f64 = 10.0;
/// Room for names at the left, for the ends of numbers at the right, for numbers and label below.
const LEFT: f64 = 220.0;
const RIGHT: f64 = 24.0;
const BELOW: f64 = 40.0;
const WIDTH: f64 = 720.0;

/// One chart of bars for each quantity, with the legend.
pub(super) fn chart(ranking: &Ranking<'_>) -> Markup {
    html! {
        @for panel in ranking.panels {
            @if has_values(panel) {
                figure.chart {
                    (bars(ranking, panel))
                    ul.legend {
                        @for (index, label) in ranking.legend.iter().enumerate() {
                            li { span class=(format!("key c{index}")) {} (label) }
                        }
                    }
                    figcaption { (panel.label) "; error bars: 95 % intervals of the means." }
                }
            }
        }
    }
}

fn has_values(panel: &BarPanel<'_>) -> bool {
    ends(panel).next().is_some()
}

/// Both ends of every error bar.
fn ends(panel: &BarPanel<'_>) -> impl Iterator<Item = f64> {
    let bars = panel.bars.iter().flatten().flatten();
    bars.flat_map(|bar| {
        let error = bar.error.unwrap_or(0.0);
        [bar.value - error, bar.value + error]
    })
    .filter(|end| end.is_finite())
}

fn bars(ranking: &Ranking<'_>, panel: &BarPanel<'_>) -> Markup {
    let axis = Axis::fit(
        panel.label.to_owned().into(),
        Scale::Linear,
        0.04,
        ends(panel).chain([0.0]),
    );
    let x = |value: f64| {
        let share = (value - axis.range.start) / (axis.range.end - axis.range.start);
        round(LEFT + share * (WIDTH - LEFT - RIGHT))
    };
    let row = ranking.legend.len() as f64 * BAR + GAP;
    let bottom = ranking.names.len() as f64 * row;
    let height = bottom + BELOW;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(panel.label) {
            @for &tick in &axis.ticks {
                line.grid x1=(x(tick)) x2=(x(tick)) y1="0" y2=(bottom) {}
                text x=(x(tick)) y=(bottom + 15.0) text-anchor="middle" { (axis.tick_label(tick)) }
            }
            @for (index, (name, level)) in ranking.names.iter().enumerate() {
                @let top = index as f64 * row + 0.5 * GAP;
                @let middle = round(top + 0.5 * (row - GAP));
                text x=(LEFT - 8.0) y=(middle - 1.0) text-anchor="end" { (name) }
                text.faint x=(LEFT - 8.0) y=(middle + 11.0) text-anchor="end" { (level) }
                @for (of, bar) in panel.bars.get(index).into_iter().flatten().enumerate() {
                    @if let Some(bar) = bar { (one(*bar, of, top + of as f64 * BAR, &x)) }
                }
            }
            line.zero x1=(x(0.0)) x2=(x(0.0)) y1="0" y2=(bottom) {}
            text.axis x=(round(f64::midpoint(LEFT, WIDTH - RIGHT))) y=(height - 8.0)
                text-anchor="middle" { (panel.label) }
        }
    }
}

/// A bar with its error; what is no number has none.
fn one(bar: Bar, colour: usize, top: f64, x: &impl Fn(f64) -> f64) -> Markup {
    let (from, to) = (x(bar.value.min(0.0)), x(bar.value.max(0.0)));
    let middle = round(top + 0.5 * BAR);
    let error = bar.error.filter(|error| error.is_finite());
    html! {
        @if bar.value.is_finite() {
            rect class=(format!("c{colour}")) x=(from) y=(round(top + 1.0)) width=(round(to - from))
                height=(BAR - 2.0) {}
            @if let Some(error) = error {
                line.error x1=(x(bar.value - error)) x2=(x(bar.value + error)) y1=(middle) y2=(middle) {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_at_zero_and_their_lengths_are_as_their_values() {
        let bar = |value, error| Some(Bar { value, error });
        let bars = [
            vec![bar(4.0, Some(1.0)), bar(-2.0, None)],
            vec![bar(2.0, None), None],
        ];
        let names = [("a <b>", "1 mV"), ("c", "on")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        let panel = BarPanel {
            label: "change",
            bars: &bars,
        };
        let ranking = Ranking {
            heading: "",
            caption: "",
            names: &names,
            legend: &["without", "alone"],
            panels: &[panel],
        };
        let html = chart(&ranking).into_string();
        let start = html.find("<svg").unwrap();
        let end = html.find("</svg>").unwrap() + "</svg>".len();
        let document = roxmltree::Document::parse(&html[start..end]).unwrap();
        let of = |class: &str, attribute: &str| -> Vec<f64> {
            let nodes = document
                .descendants()
                .filter(|n| n.attribute("class") == Some(class));
            let values = nodes.filter_map(|node| node.attribute(attribute)?.parse().ok());
            values.collect()
        };
        let zero = of("zero", "x1")[0];
        let (widths, lefts) = (of("c0", "width"), of("c0", "x"));
        assert!((widths[0] / widths[1] - 2.0).abs() < 0.02, "{widths:?}");
        assert!(lefts.iter().all(|left| (left - zero).abs() < 0.2));
        // What is below zero ends there.
        let below = of("c1", "x")[0] + of("c1", "width")[0];
        assert!((below - zero).abs() < 0.2 && (of("c1", "width")[0] - widths[1]).abs() < 0.3);
        assert_eq!(of("error", "x1").len(), 1);
        assert!(html.contains("a &lt;b&gt;"));
    }
}
