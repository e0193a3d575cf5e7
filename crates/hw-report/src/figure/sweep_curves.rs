//! What becomes of chips along one key of their spec.

use super::{FigureError, Reference, canvas, check, panel::PanelFigure};
use crate::chart::{AxisKind, Band, Chart, Colour, Curve, Weight, axis::Scale};
use std::path::Path;

const FIGURE: &str = "sweep curves";
/// Ratio of the largest to the smallest level beyond which their axis is logarithmic.
const WIDE: f64 = 20.0;

/// The varied key.
#[derive(Clone, Copy, Debug)]
pub struct LevelAxis<'a> {
    /// Name and unit.
    pub label: &'a str,
    /// The levels as text.
    pub names: &'a [String],
    /// The levels as numbers, ascending; none: they have no order, and are named.
    pub numbers: Option<&'a [f64]>,
}

/// A quantity at one level: its middle and the ends of its band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepPoint {
    /// Which level, by number from 0.
    pub level: usize,
    /// Lower end of the band.
    pub low: f64,
    /// Middle.
    pub middle: f64,
    /// Upper end.
    pub high: f64,
}

/// A quantity over the levels.
#[derive(Clone, Copy, Debug)]
pub struct SweepPanel<'a> {
    /// Heading.
    pub title: &'a str,
    /// Quantity and unit.
    pub label: &'a str,
    /// What the line is.
    pub line: &'a str,
    /// What the band is.
    pub band: &'a str,
    /// The levels at which there is something to show.
    pub points: &'a [SweepPoint],
    /// Values to compare with.
    pub references: &'a [Reference<'a>],
    /// Whether the axis is to reach from 0 to 1.
    pub is_share: bool,
}

/// Panels over one key.
#[derive(Clone, Copy, Debug)]
pub struct SweepCurves<'a> {
    /// What was varied on which chip.
    pub heading: &'a str,
    /// Counts, seeds and rules.
    pub caption: &'a str,
    /// The key.
    pub axis: LevelAxis<'a>,
    /// Quantities, two in a row.
    pub panels: &'a [SweepPanel<'a>],
}

impl SweepCurves<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        let figure = PanelFigure {
            heading: self.heading.to_owned(),
            caption: self.caption.to_owned(),
            panels: self.charts(),
            columns: self.panels.len().min(2),
            shared_legend: false,
            panel_size: (1000, 640),
        };
        canvas::save(path, &figure)
    }

    /// The panels as charts.
    pub(crate) fn charts(&self) -> Vec<Chart> {
        self.panels.iter().map(|panel| self.chart(panel)).collect()
    }

    fn check(&self) -> Result<(), FigureError> {
        if let Some(numbers) = self.axis.numbers {
            check::check_series(FIGURE, "levels", numbers, self.axis.names.len())?;
        }
        for panel in self.panels {
            for point in panel.points {
                let values = [point.low, point.middle, point.high];
                check::check_finite(FIGURE, panel.title, &values)?;
            }
        }
        Ok(())
    }

    fn chart(&self, shown: &SweepPanel<'_>) -> Chart {
        let place = |level: usize| self.axis.numbers.map_or(level as f64, |n| n[level]);
        let edge = |value: &dyn Fn(&SweepPoint) -> f64| -> Vec<(f64, f64)> {
            let points = shown.points.iter();
            points.map(|p| (place(p.level), value(p))).collect()
        };
        let colour = Colour::Category(0);
        let band = Band {
            low: edge(&|point| point.low),
            high: edge(&|point| point.high),
            colour,
        };
        let curves = vec![Curve {
            label: Some(format!("{}; band: {}", shown.line, shown.band)),
            points: edge(&|point| point.middle),
            colour,
            weight: Weight::Bold,
            dashed: false,
        }];
        let scale = self.axis.numbers.map_or(Scale::Linear, scale_of);
        let x = AxisKind::new(self.axis.label.to_owned(), scale);
        let scale = if shown.is_share {
            Scale::Fraction
        } else {
            Scale::Linear
        };
        let y = AxisKind::new(shown.label.to_owned(), scale);
        let names = match self.axis.numbers {
            Some(_) => Vec::new(),
            None => self.axis.names.to_vec(),
        };
        Chart {
            curves,
            bands: vec![band],
            names,
            ..Chart::new(shown.title, x, y)
        }
        .with_references(shown.references)
    }
}

/// Levels over more than a decade are shown by their logarithm, unless zero is among them.
fn scale_of(numbers: &[f64]) -> Scale {
    let (low, high) = numbers
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(l, h), &n| (l.min(n), h.max(n)));
    if low > 0.0 && high > WIDE * low {
        Scale::Log
    } else {
        Scale::Linear
    }
}

/// One chip's excess where it was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct ChipCurve {
    /// Level and excess in per cent, by level.
    pub points: Vec<(f64, f64)>,
}

/// How the quality of every chip leaves its limit.
#[derive(Clone, Copy, Debug)]
pub struct ToleranceCurves<'a> {
    /// What was varied on which chip.
    pub heading: &'a str,
    /// Result, counts, seeds and rules.
    pub caption: &'a str,
    /// Key and unit.
    pub label: &'a str,
    /// What the excess is of, in words.
    pub metric: &'a str,
    /// Every chip.
    pub chips: &'a [ChipCurve],
    /// Largest excess in per cent.
    pub limit: Reference<'a>,
    /// Levels worth noticing, with their names.
    pub levels: &'a [(String, f64)],
}

/// Excesses above this many times the limit are cut off: where a chip ends up when nothing is left of the
/// model says nothing about its tolerance.
const CUT: f64 = 6.0;

impl ToleranceCurves<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        for chip in self.chips {
            let values: Vec<f64> = chip.points.iter().flat_map(|&(x, y)| [x, y]).collect();
            check::check_finite(FIGURE, "excess of a chip", &values)?;
        }
        let figure = PanelFigure {
            heading: self.heading.to_owned(),
            caption: self.caption.to_owned(),
            panels: vec![self.chart()],
            columns: 1,
            shared_legend: false,
            panel_size: (1400, 800),
        };
        canvas::save(path, &figure)
    }

    /// Every chip's excess against the level.
    pub(crate) fn chart(&self) -> Chart {
        let top = CUT * self.limit.value;
        let chips = self.chips.iter().enumerate();
        let curves = chips.map(|(number, chip)| Curve {
            label: (number == 0).then(|| format!("each of {} chips", self.chips.len())),
            points: (chip.points.iter())
                .map(|&(x, y)| (x, y.min(top)))
                .collect(),
            colour: Colour::Raw,
            weight: Weight::Medium,
            dashed: false,
        });
        let x = AxisKind::new(self.label.to_owned(), Scale::Linear);
        let y = AxisKind::new("excess over the ideal chip (%)", Scale::Linear);
        let title = format!(
            "{} of each chip against the ideal one with the same noise",
            self.metric
        );
        let chart = Chart {
            curves: curves.collect(),
            ..Chart::new(title, x, y)
        }
        .with_references(&[self.limit]);
        let levels = self.levels.iter();
        levels.fold(chart, |chart, level| chart.with_instant(Some(level)))
    }
}
