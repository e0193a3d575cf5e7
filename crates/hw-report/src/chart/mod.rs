//! A chart as a description: what is drawn, in words and numbers, apart from how it is drawn.
//!
//! Figures ([`crate::figure`]) draw it with plotters, as SVG and as PNG; the page draws it as SVG of its own, which
//! follows the page's light and dark colours, and its scripts draw it again when something else is chosen. Maps
//! (conductances, two keys of a sweep) and grids of samples are no charts: their numbers lie in cells, not along axes.

pub(crate) mod axis;
pub(crate) mod labels;

use axis::{Axis, Scale};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A pair of axes and what is drawn on them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Chart {
    /// What it shows.
    pub(crate) title: String,
    pub(crate) x: AxisKind,
    pub(crate) y: AxisKind,
    pub(crate) curves: Vec<Curve>,
    /// What lies between two curves, behind all curves.
    pub(crate) bands: Vec<Band>,
    /// Values worth comparing with: dashed horizontal lines.
    pub(crate) lines: Vec<Line>,
    /// Abscissae worth noticing: dashed vertical lines.
    pub(crate) instants: Vec<Instant>,
    /// Points worth noticing.
    pub(crate) marks: Vec<Mark>,
    /// Points in the background.
    pub(crate) cloud: Vec<(f64, f64)>,
    /// Names of the abscissae 0, 1, 2 …; none: they are numbers.
    pub(crate) names: Vec<String>,
}

/// A value that is worth comparing with: a dashed horizontal line.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// What the legend says.
    pub label: &'a str,
    /// Where the line lies, in the unit of the axis.
    pub value: f64,
}

/// What an axis shows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AxisKind {
    /// Quantity in words, and unit.
    pub(crate) label: Cow<'static, str>,
    #[serde(rename = "log", serialize_with = "is_log")]
    pub(crate) scale: Scale,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_log<S: Serializer>(scale: &Scale, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(*scale == Scale::Log)
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Curve {
    /// What the legend says; a curve without one has no entry.
    pub(crate) label: Option<String>,
    /// From left to right.
    pub(crate) points: Vec<(f64, f64)>,
    #[serde(serialize_with = "as_class")]
    pub(crate) colour: Colour,
    #[serde(skip)]
    pub(crate) weight: Weight,
    pub(crate) dashed: bool,
}

/// What lies between two curves over the same abscissae: the spread of what a curve is the mean of.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Band {
    pub(crate) low: Vec<(f64, f64)>,
    pub(crate) high: Vec<(f64, f64)>,
    #[serde(serialize_with = "as_class")]
    pub(crate) colour: Colour,
}

/// A value over all abscissae.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) value: f64,
    /// Its own colour; none: whatever sets it apart from the curves.
    #[serde(skip)]
    pub(crate) colour: Option<Colour>,
}

/// An abscissa over all values.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Instant {
    pub(crate) label: String,
    pub(crate) x: f64,
}

/// A point worth noticing.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Mark {
    pub(crate) x: f64,
    pub(crate) y: f64,
    #[serde(serialize_with = "as_class")]
    pub(crate) colour: Colour,
    /// A word or a number beside it.
    pub(crate) label: Option<String>,
}

/// Which colour something has; what it looks like is said where it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// Of the n-th of several unordered things.
    Category(usize),
    /// Of one of several ordered things.
    Ordered {
        /// Its place from 0.
        place: usize,
        /// How many there are.
        of: usize,
    },
    /// Of the n-th thing to compare with.
    Baseline(usize),
    /// Of what another curve sums up.
    Raw,
    /// Of text.
    Ink,
}

/// How much a curve matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// What the chart is about.
    Bold,
    /// One of many.
    Medium,
    /// In the background.
    Thin,
}

/// Colours of the page's style sheet that differ.
const CLASSES: usize = 7;

impl Colour {
    /// Its class in the style sheet of the page.
    pub(crate) fn class(self) -> String {
        match self {
            Self::Category(index) => format!("c{}", index % CLASSES),
            Self::Ordered { place, .. } => format!("c{}", place % CLASSES),
            Self::Raw => "raw".to_owned(),
            Self::Baseline(_) | Self::Ink => "ink".to_owned(),
        }
    }
}

fn as_class<S: Serializer>(colour: &Colour, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&colour.class())
}

impl AxisKind {
    /// An axis of a quantity in words with its unit.
    pub(crate) fn new(label: impl Into<Cow<'static, str>>, scale: Scale) -> Self {
        Self {
            label: label.into(),
            scale,
        }
    }
}

impl Curve {
    /// A bold curve over equally long slices.
    pub(crate) fn new(label: &str, x: &[f64], y: &[f64], colour: Colour) -> Self {
        Self {
            label: Some(label.to_owned()),
            points: x.iter().copied().zip(y.iter().copied()).collect(),
            colour,
            weight: Weight::Bold,
            dashed: false,
        }
    }
}

/// Share of the y axis that stays free above and below.
const PADDING: f64 = 0.06;

impl Chart {
    /// A chart without anything on it.
    pub(crate) fn new(title: impl Into<String>, x: AxisKind, y: AxisKind) -> Self {
        Self {
            title: title.into(),
            x,
            y,
            curves: Vec::new(),
            bands: Vec::new(),
            lines: Vec::new(),
            instants: Vec::new(),
            marks: Vec::new(),
            cloud: Vec::new(),
            names: Vec::new(),
        }
    }

    /// Adds dashed horizontal lines in a colour apart from the curves.
    pub(crate) fn with_references(mut self, references: &[Reference<'_>]) -> Self {
        self.lines.extend(references.iter().map(|reference| Line {
            label: reference.label.to_owned(),
            value: reference.value,
            colour: None,
        }));
        self
    }

    /// Adds a dashed vertical line, if there is one.
    pub(crate) fn with_instant(mut self, instant: Option<&(String, f64)>) -> Self {
        self.instants.extend(instant.map(|(label, x)| Instant {
            label: label.clone(),
            x: *x,
        }));
        self
    }

    /// Both axes, which hold everything that can be shown.
    pub(crate) fn axes(&self) -> (Axis, Axis) {
        let finite = |value: &f64| value.is_finite();
        let points = || {
            let curves = self.curves.iter().flat_map(|curve| &curve.points);
            let all = curves.chain(&self.cloud);
            all.filter(|(x, y)| self.x.shows(*x) && self.y.shows(*y))
        };
        let lines = |is_own: bool| {
            let lines = self.lines.iter();
            let lines = lines.filter(move |line| line.colour.is_some() == is_own);
            lines.map(|line| line.value).filter(finite)
        };
        let mut x = if self.names.is_empty() {
            let label = self.x.label.clone();
            Axis::fit(label, self.x.scale, 0.0, points().map(|p| p.0))
        } else {
            Axis::of_names(self.x.label.clone(), self.names.clone())
        };
        let ys = points().map(|p| p.1).chain(lines(false));
        let mut y = Axis::fit(self.y.label.clone(), self.y.scale, PADDING, ys);
        let edges = self.bands.iter().flat_map(|b| b.low.iter().chain(&b.high));
        y.hold(edges.map(|edge| edge.1).filter(finite));
        y.hold(lines(true));
        let marks = || {
            let all = self.marks.iter();
            all.filter(|mark| self.x.shows(mark.x) && self.y.shows(mark.y))
        };
        if self.names.is_empty() {
            x.hold(marks().map(|mark| mark.x));
        }
        y.hold(marks().map(|mark| mark.y));
        (x, y)
    }

    /// Whether anything can be shown.
    pub(crate) fn is_empty(&self) -> bool {
        let curves = self.curves.iter().flat_map(|curve| &curve.points);
        let marks = self.marks.iter().map(|mark| (mark.x, mark.y));
        let mut all = curves.chain(&self.cloud).copied().chain(marks);
        !all.any(|(x, y)| self.x.shows(x) && self.y.shows(y))
    }

    /// The same with at most `most` points of each curve, evenly spaced, the first and the last among them.
    pub(crate) fn thinned(mut self, most: usize) -> Self {
        for curve in &mut self.curves {
            let count = curve.points.len();
            let stride = count.div_ceil(most.max(1)).max(1);
            let mut place = 0;
            curve.points.retain(|_| {
                place += 1;
                (place - 1) % stride == 0 || place == count
            });
        }
        self
    }
}

impl AxisKind {
    /// Whether a value has a place on the axis: a logarithm shows none of zero or below.
    pub(crate) fn shows(&self, value: f64) -> bool {
        value.is_finite() && (self.scale != Scale::Log || value >= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        let kind = AxisKind::new("x", Scale::Linear);
        Chart {
            curves: vec![Curve {
                label: None,
                points,
                colour: Colour::Ink,
                weight: Weight::Bold,
                dashed: false,
            }],
            ..Chart::new("", kind.clone(), kind)
        }
    }

    #[test]
    fn axes_hold_curves_bands_lines_and_marks() {
        let mut all = chart(vec![(0.0, 1.0), (1.0, 2.0)]);
        all.bands.push(Band {
            low: vec![(0.0, -3.0)],
            high: vec![(0.0, 4.0)],
            colour: Colour::Ink,
        });
        all.lines.push(Line {
            label: String::new(),
            value: 9.0,
            colour: Some(Colour::Ink),
        });
        all.marks.push(Mark {
            x: 5.0,
            y: -7.0,
            colour: Colour::Ink,
            label: None,
        });
        all.marks.push(Mark {
            x: f64::NAN,
            y: f64::INFINITY,
            colour: Colour::Ink,
            label: None,
        });
        let (x, y) = all.axes();
        assert!(
            x.range.start <= 0.0 && x.range.end >= 5.0 && x.range.end < 6.0,
            "{x:?}"
        );
        assert!(
            y.range.start <= -7.0 && y.range.end >= 9.0 && y.range.end < 11.0,
            "{y:?}"
        );
        assert!(chart(vec![(f64::NAN, 1.0)]).is_empty() && !all.is_empty());
    }

    proptest! {
        #[test]
        fn thinned_curves_keep_their_ends(count in 1..2000_usize, most in 1..300_usize) {
            let points: Vec<(f64, f64)> = (0..count).map(|n| (n as f64, 0.0)).collect();
            let thinned = chart(points.clone()).thinned(most);
            let kept = &thinned.curves[0].points;
            prop_assert!(kept.len() <= most + 1 && kept.len() <= count);
            prop_assert_eq!(kept.first(), points.first());
            prop_assert_eq!(kept.last(), points.last());
        }
    }
}
