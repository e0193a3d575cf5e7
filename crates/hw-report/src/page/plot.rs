//! Charts as SVG inside the page, readable without script. Colours are classes of the page's style sheet, so that they
//! change with light and dark.

use crate::chart::{
    Band, Chart, Curve,
    axis::Axis,
    labels::{self, Word},
};
use maud::{Markup, html};
use std::fmt::Write as _;
use units::prefix::significant;

/// Size of a chart in units of its own; the page scales it.
const SIZE: (f64, f64) = (720.0, 360.0);
/// Room for labels: left (numbers of seven digits beside the axis' own label), right, top, bottom.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 46.0;
/// Height of a line of text, and the width of a letter.
const LABEL_HEIGHT: f64 = 13.0;
const LETTER: f64 = 6.5;
/// Curves of at most this many points show each of them.
const FEW_POINTS: usize = 60;

/// A chart with its legend; words where there is nothing to draw.
pub(super) fn chart(chart: &Chart) -> Markup {
    if chart.is_empty() {
        return html! { p.note { "Nothing to draw." } };
    }
    let (x, y) = chart.axes();
    let place = Places { chart, x, y };
    html! {
        svg viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) role="img" aria-label=(chart.title) {
            (place.grid())
            @for band in &chart.bands { (place.band(band)) }
            (place.lines())
            @for instant in chart.instants.iter().filter(|instant| chart.x.shows(instant.x)) {
                @let x = round(place.x(instant.x));
                line.reference x1=(x) x2=(x) y1=(TOP) y2=(SIZE.1 - BOTTOM) {}
            }
            @for curve in &chart.curves { (place.curve(curve)) }
            (place.marks())
            text.axis x=(f64::midpoint(LEFT, SIZE.0 - RIGHT)) y=(SIZE.1 - 6.0)
                text-anchor="middle" { (chart.x.label) }
            text.axis transform=(format!("translate(14 {}) rotate(-90)", SIZE.1 / 2.0 - 15.0))
                text-anchor="middle" { (chart.y.label) }
        }
        (legend(chart))
    }
}

fn legend(chart: &Chart) -> Markup {
    let curves = chart.curves.iter();
    let curves = curves.filter_map(|curve| Some((curve.label.as_ref()?, curve)));
    html! {
        ul.legend {
            @for (label, curve) in curves {
                @let dashed = if curve.dashed { " dashed" } else { "" };
                li { span class=(format!("key {}{dashed}", curve.colour.class())) {} (label) }
            }
            @for line in &chart.lines {
                li { span.key.reference {} (line.label) ": " (significant(line.value, 3)) }
            }
            @for instant in &chart.instants {
                li { span.key.reference {} (instant.label) }
            }
        }
    }
}

/// Where values lie in a chart.
struct Places<'a> {
    chart: &'a Chart,
    x: Axis,
    y: Axis,
}

impl Places<'_> {
    fn x(&self, value: f64) -> f64 {
        across(&self.x, self.x.place(value))
    }

    fn y(&self, value: f64) -> f64 {
        up(&self.y, self.y.place(value))
    }

    /// The points that can be shown, in units of the chart.
    fn shown<'p>(
        &'p self,
        points: impl IntoIterator<Item = &'p (f64, f64)>,
    ) -> impl Iterator<Item = (f64, f64)> {
        let points = points.into_iter();
        let shown = points.filter(|(x, y)| self.chart.x.shows(*x) && self.chart.y.shows(*y));
        shown.map(|(x, y)| (self.x(*x), self.y(*y)))
    }

    fn grid(&self) -> Markup {
        let (right, bottom) = (SIZE.0 - RIGHT, SIZE.1 - BOTTOM);
        html! {
            @for &tick in &self.x.ticks {
                @let x = round(across(&self.x, tick));
                line.grid x1=(x) x2=(x) y1=(TOP) y2=(bottom) {}
                text x=(x) y=(bottom + 16.0) text-anchor="middle" { (self.x.tick_label(tick)) }
            }
            @for &tick in &self.y.ticks {
                @let y = round(up(&self.y, tick));
                line.grid x1=(LEFT) x2=(right) y1=(y) y2=(y) {}
                text x=(LEFT - 6.0) y=(y + 4.0) text-anchor="end" { (self.y.tick_label(tick)) }
            }
            rect.frame x=(LEFT) y=(TOP) width=(right - LEFT) height=(bottom - TOP) {}
        }
    }

    /// Horizontal lines, labelled where the labels do not run into each other.
    fn lines(&self) -> Markup {
        let lines = self.chart.lines.iter();
        let mut lines: Vec<(&str, f64)> = lines
            .filter(|line| self.chart.y.shows(line.value))
            .map(|line| (line.label.as_str(), round(self.y(line.value))))
            .collect();
        lines.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut last = f64::NEG_INFINITY;
        let labelled = lines.into_iter().map(|(label, y)| {
            let fits = y - last >= LABEL_HEIGHT;
            if fits {
                last = y;
            }
            (y, fits.then_some(label))
        });
        html! {
            @for (y, label) in labelled {
                line.reference x1=(LEFT) x2=(SIZE.0 - RIGHT) y1=(y) y2=(y) {}
                @if let Some(label) = label {
                    text.label x=(SIZE.0 - RIGHT - 4.0) y=(y - 3.0) text-anchor="end" { (label) }
                }
            }
        }
    }

    fn band(&self, band: &Band) -> Markup {
        let outline: Vec<(f64, f64)> = self
            .shown(band.low.iter().chain(band.high.iter().rev()))
            .collect();
        html! {
            @if outline.len() > 3 {
                path class=(format!("band {}", band.colour.class()))
                    d=(format!("{}Z", path(outline.into_iter()))) {}
            }
        }
    }

    fn curve(&self, curve: &Curve) -> Markup {
        let points: Vec<(f64, f64)> = self.shown(&curve.points).collect();
        let colour = curve.colour.class();
        let dashed = if curve.dashed { " dashed" } else { "" };
        html! {
            @if points.len() > 1 {
                path class=(format!("curve {colour}{dashed}")) d=(path(points.iter().copied())) {}
            }
            @if points.len() <= FEW_POINTS && !curve.dashed {
                @for (x, y) in points {
                    circle class=(format!("dot {colour}")) r="2.5" cx=(round(x)) cy=(round(y)) {}
                }
            }
        }
    }

    /// Points with their words beside them, where there is room.
    fn marks(&self) -> Markup {
        let marks: Vec<_> = (self.chart.marks.iter())
            .filter(|mark| self.chart.x.shows(mark.x) && self.chart.y.shows(mark.y))
            .map(|mark| (mark, (self.x(mark.x), self.y(mark.y))))
            .collect();
        let points: Vec<(f64, f64)> = marks.iter().map(|(_, at)| *at).collect();
        let named: Vec<(&str, Word)> = marks
            .iter()
            .filter_map(|(mark, at)| {
                let label = mark.label.as_deref()?;
                let width = LETTER * label.chars().count() as f64;
                let word = Word {
                    at: *at,
                    size: (width, LABEL_HEIGHT),
                };
                Some((label, word))
            })
            .collect();
        let words: Vec<Word> = named.iter().map(|(_, word)| *word).collect();
        let frame = labels::Box {
            left: LEFT,
            top: TOP,
            right: SIZE.0 - RIGHT,
            bottom: SIZE.1 - BOTTOM,
        };
        let boxes = labels::place(&words, &points, 5.0, frame);
        html! {
            @for (mark, (x, y)) in &marks {
                circle class=(format!("dot {}", mark.colour.class())) r="3"
                    cx=(round(*x)) cy=(round(*y)) {}
            }
            @for ((label, _), there) in named.iter().zip(boxes) {
                @if let Some(there) = there {
                    text.word x=(round(f64::midpoint(there.left, there.right)))
                        y=(round(there.bottom - 3.0)) text-anchor="middle" { (label) }
                }
            }
        }
    }
}

/// Share of an axis at which a place lies.
fn share(axis: &Axis, place: f64) -> f64 {
    (place - axis.range.start) / (axis.range.end - axis.range.start)
}

fn across(axis: &Axis, place: f64) -> f64 {
    LEFT + share(axis, place) * (SIZE.0 - LEFT - RIGHT)
}

fn up(axis: &Axis, place: f64) -> f64 {
    SIZE.1 - BOTTOM - share(axis, place) * (SIZE.1 - TOP - BOTTOM)
}

/// A tenth of a unit is less than a pixel.
pub(super) fn round(length: f64) -> f64 {
    (10.0 * length).round() / 10.0
}

fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let step = if text.is_empty() { 'M' } else { 'L' };
        // Writing to a string does not fail.
        let _ = write!(text, "{step}{} {}", round(x), round(y));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{AxisKind, Colour, Line, Mark, Weight, axis::Scale};

    fn description(values: &[(f64, f64)]) -> Chart {
        let axis = AxisKind::new("t (s)", Scale::Log);
        let edge = |factor: f64| values.iter().map(|(x, y)| (*x, factor * y)).collect();
        let colour = Colour::Category(0);
        Chart {
            curves: vec![Curve {
                label: Some("a & b".to_owned()),
                points: values.to_vec(),
                colour,
                weight: Weight::Bold,
                dashed: false,
            }],
            bands: vec![Band {
                low: edge(0.5),
                high: edge(2.0),
                colour,
            }],
            lines: vec![Line {
                label: "floor".to_owned(),
                value: 1.3,
                colour: None,
            }],
            marks: vec![Mark {
                x: 3e-9,
                y: 9.0,
                colour,
                label: Some("1".to_owned()),
            }],
            ..Chart::new("a <title>", axis.clone(), axis)
        }
    }

    #[test]
    fn everything_stays_inside_the_frame_and_text_is_escaped() {
        let values = [(1e-9, 20.0), (1e-7, 4.0), (f64::NAN, 1.0), (-1.0, 3.0)];
        let svg = chart(&description(&values)).into_string();
        let part = svg.split_inclusive("</svg>").next().unwrap();
        let document = roxmltree::Document::parse(part).unwrap();
        let dots = document
            .descendants()
            .filter(|node| node.has_tag_name("circle"));
        // Neither what is no number, nor what a logarithm cannot show; one mark.
        assert_eq!(dots.clone().count(), 3);
        for dot in dots {
            let number = |name| dot.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!((LEFT..=SIZE.0 - RIGHT).contains(&number("cx")));
            assert!((TOP..=SIZE.1 - BOTTOM).contains(&number("cy")));
        }
        assert_eq!(
            document.root_element().attribute("aria-label"),
            Some("a <title>")
        );
        assert!(svg.contains("a &amp; b"), "{svg}");
        let mut words = document
            .descendants()
            .filter(|node| node.text() == Some("1"));
        assert!(words.any(|word| word.attribute("class") == Some("word")));
    }

    #[test]
    fn nothing_to_draw_is_said() {
        let mut nothing = description(&[(f64::NAN, 1.0)]);
        nothing.marks.clear();
        assert!(chart(&nothing).into_string().contains("Nothing to draw"));
    }
}
