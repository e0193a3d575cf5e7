//! Line charts as SVG inside the page, readable without script. Colours are those of the page's style
//! sheet (classes `c0` … `c6`), so that they change with light and dark.

use crate::figure::{
    axis::{Axis, Scale},
    prefix::significant,
};
use maud::{Markup, html};
use std::fmt::Write as _;

/// Size of a chart in units of its own; the page scales it.
const SIZE: (f64, f64) = (720.0, 360.0);
/// Room for labels: left (numbers of seven digits beside the axis' own label), right, top, bottom.
const ROOM: (f64, f64, f64, f64) = (84.0, 14.0, 12.0, 46.0);
/// Height of a line of text.
const LABEL_HEIGHT: f64 = 13.0;
/// Colours that differ.
const COLOURS: usize = 7;

/// A chart.
pub(super) struct Chart<'a> {
    /// What it shows, for those who cannot see it.
    pub(super) title: &'a str,
    pub(super) x: AxisOf<'a>,
    pub(super) y: AxisOf<'a>,
    pub(super) curves: &'a [CurveOf],
    /// Horizontal dashed lines.
    pub(super) lines: &'a [(String, f64)],
}

/// An axis.
#[derive(Clone, Copy)]
pub(super) struct AxisOf<'a> {
    /// With its unit.
    pub(super) label: &'a str,
    pub(super) log: bool,
}

/// x, y and the edges of the band.
pub(super) type Point = (f64, f64, Option<(f64, f64)>);

/// A curve with its band.
pub(super) struct CurveOf {
    pub(super) label: String,
    /// From left to right.
    pub(super) points: Vec<Point>,
}

impl Chart<'_> {
    /// The chart with its legend; nothing where there is nothing to draw.
    pub(super) fn markup(&self) -> Markup {
        let shown = |value: f64, log: bool| value.is_finite() && (!log || value > 0.0);
        let points = || {
            let all = self.curves.iter().flat_map(|curve| &curve.points);
            all.filter(|(x, y, _)| shown(*x, self.x.log) && shown(*y, self.y.log))
        };
        if points().next().is_none() {
            return html! { p.note { "Nothing to draw." } };
        }
        let lines = || {
            let values = self.lines.iter().map(|line| line.1);
            values.filter(|value| shown(*value, self.y.log))
        };
        let ys = points()
            .flat_map(|(_, y, band)| {
                let (low, high) = band.unwrap_or((*y, *y));
                [*y, low, high]
            })
            .chain(lines())
            .filter(|y| shown(*y, self.y.log));
        let x = axis(self.x, points().map(|point| point.0));
        let y = axis(self.y, ys);
        let place = Places { x: &x, y: &y };
        html! {
            svg viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) role="img" aria-label=(self.title) {
                (place.grid())
                @for (index, curve) in self.curves.iter().enumerate() {
                    (place.curve(curve, index, shown, (self.x.log, self.y.log)))
                }
                (place.references(self))
                text.axis x=(f64::midpoint(ROOM.0, SIZE.0 - ROOM.1)) y=(SIZE.1 - 6.0)
                    text-anchor="middle" { (self.x.label) }
                text.axis transform=(format!("translate(14 {}) rotate(-90)", SIZE.1 / 2.0 - 15.0))
                    text-anchor="middle" { (self.y.label) }
            }
            (legend(self))
        }
    }
}

fn axis(of: AxisOf<'_>, values: impl Iterator<Item = f64>) -> Axis {
    let scale = if of.log { Scale::Log } else { Scale::Linear };
    Axis::fit(String::new().into(), scale, 0.04, values)
}

fn legend(chart: &Chart<'_>) -> Markup {
    html! {
        ul.legend {
            @for (index, curve) in chart.curves.iter().enumerate() {
                li { span class=(format!("key c{}", index % COLOURS)) {} (curve.label) }
            }
            @for (label, value) in chart.lines {
                li { span.key.reference {} (label) ": " (significant(*value, 3)) }
            }
        }
    }
}

/// Where values lie in a chart.
struct Places<'a> {
    x: &'a Axis,
    y: &'a Axis,
}

impl Places<'_> {
    fn x(&self, value: f64) -> f64 {
        across(self.x, self.x.place(value))
    }

    fn y(&self, value: f64) -> f64 {
        up(self.y, self.y.place(value))
    }

    fn grid(&self) -> Markup {
        let (left, right) = (ROOM.0, SIZE.0 - ROOM.1);
        let (top, bottom) = (ROOM.2, SIZE.1 - ROOM.3);
        html! {
            @for &tick in &self.x.ticks {
                @let x = round(across(self.x, tick));
                line.grid x1=(x) x2=(x) y1=(top) y2=(bottom) {}
                text x=(x) y=(bottom + 16.0) text-anchor="middle" { (self.x.tick_label(tick)) }
            }
            @for &tick in &self.y.ticks {
                @let y = round(up(self.y, tick));
                line.grid x1=(left) x2=(right) y1=(y) y2=(y) {}
                text x=(left - 6.0) y=(y + 4.0) text-anchor="end" { (self.y.tick_label(tick)) }
            }
            rect.frame x=(left) y=(top) width=(right - left) height=(bottom - top) {}
        }
    }

    /// Horizontal lines, labelled where the labels do not run into each other.
    fn references(&self, chart: &Chart<'_>) -> Markup {
        let mut lines: Vec<(&str, f64)> = chart
            .lines
            .iter()
            .filter(|(_, value)| value.is_finite() && (!chart.y.log || *value > 0.0))
            .map(|(label, value)| (label.as_str(), round(self.y(*value))))
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
                line.reference x1=(ROOM.0) x2=(SIZE.0 - ROOM.1) y1=(y) y2=(y) {}
                @if let Some(label) = label {
                    text.label x=(SIZE.0 - ROOM.1 - 4.0) y=(y - 3.0) text-anchor="end" { (label) }
                }
            }
        }
    }

    fn curve(
        &self,
        curve: &CurveOf,
        index: usize,
        shown: impl Fn(f64, bool) -> bool,
        (log_x, log_y): (bool, bool),
    ) -> Markup {
        let points: Vec<_> = curve
            .points
            .iter()
            .filter(|(x, y, _)| shown(*x, log_x) && shown(*y, log_y))
            .collect();
        let line = path(points.iter().map(|(x, y, _)| (self.x(*x), self.y(*y))));
        let edge = |value: f64| {
            // A band that reaches below a logarithmic axis ends at its edge.
            self.y(if log_y {
                value.max(f64::MIN_POSITIVE)
            } else {
                value
            })
        };
        let banded: Vec<_> = points
            .iter()
            .filter_map(|(x, _, band)| Some((self.x(*x), (*band)?)))
            .filter(|(_, (low, high))| low.is_finite() && high.is_finite())
            .collect();
        let upper = banded.iter().map(|(x, (_, high))| (*x, edge(*high)));
        let lower = banded.iter().rev().map(|(x, (low, _))| (*x, edge(*low)));
        let band = path(upper.chain(lower));
        let colour = format!("c{}", index % COLOURS);
        html! {
            @if banded.len() > 1 { path class=(format!("band {colour}")) d=(format!("{band}Z")) {} }
            path class=(format!("curve {colour}")) d=(line) {}
            @if points.len() <= 60 {
                @for (x, y, _) in &points {
                    circle class=(format!("dot {colour}")) r="2.5"
                        cx=(round(self.x(*x))) cy=(round(self.y(*y))) {}
                }
            }
        }
    }
}

fn across(axis: &Axis, place: f64) -> f64 {
    let share = (place - axis.range.start) / (axis.range.end - axis.range.start);
    ROOM.0 + share * (SIZE.0 - ROOM.0 - ROOM.1)
}

fn up(axis: &Axis, place: f64) -> f64 {
    let share = (place - axis.range.start) / (axis.range.end - axis.range.start);
    SIZE.1 - ROOM.3 - share * (SIZE.1 - ROOM.2 - ROOM.3)
}

/// A tenth of a unit is less than a pixel.
fn round(length: f64) -> f64 {
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

    fn chart(values: &[(f64, f64)], log: bool) -> String {
        let axis = AxisOf {
            label: "t / s",
            log,
        };
        let points = values
            .iter()
            .map(|(x, y)| (*x, *y, Some((0.5 * y, 2.0 * y))));
        Chart {
            title: "a <title>",
            x: axis,
            y: axis,
            curves: &[CurveOf {
                label: "a & b".to_owned(),
                points: points.collect(),
            }],
            lines: &[("floor".to_owned(), 1.3)],
        }
        .markup()
        .into_string()
    }

    #[test]
    fn curves_stay_inside_their_frame_and_text_is_escaped() {
        let svg = chart(
            &[(1e-9, 20.0), (1e-7, 4.0), (f64::NAN, 1.0), (-1.0, 3.0)],
            true,
        );
        let part = svg.split_inclusive("</svg>").next().unwrap();
        let document = roxmltree::Document::parse(part).unwrap();
        let dots = document
            .descendants()
            .filter(|node| node.has_tag_name("circle"));
        // Neither what is no number, nor what a logarithm cannot show.
        assert_eq!(dots.clone().count(), 2);
        for dot in dots {
            let number = |name| dot.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!((ROOM.0..SIZE.0 - ROOM.1).contains(&number("cx")));
            assert!((ROOM.2..SIZE.1 - ROOM.3).contains(&number("cy")));
        }
        assert!(
            svg.contains("a &lt;title&gt;")
                || document.root_element().attribute("aria-label") == Some("a <title>")
        );
        assert!(svg.contains("a &amp; b"), "{svg}");
    }

    #[test]
    fn nothing_to_draw_is_said() {
        assert!(chart(&[(f64::NAN, 1.0)], false).contains("Nothing to draw"));
    }
}
