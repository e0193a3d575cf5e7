//! What becomes of chips along one key of their spec.

use super::{
    FigureError, Reference,
    axis::Scale,
    canvas,
    panel::{self, AxisKind, Band, Curve, Panel, PanelFigure},
    theme,
};
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
    /// What the line is, and what the band.
    pub legend: (&'a str, &'a str),
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
        let panels = self.panels.iter().map(|panel| self.panel(panel));
        let figure = PanelFigure {
            heading: self.heading.to_owned(),
            caption: self.caption.to_owned(),
            panels: panels.collect(),
            columns: self.panels.len().min(2),
            shared_legend: false,
            panel_size: (1000, 640),
        };
        canvas::save(path, &figure)
    }

    fn check(&self) -> Result<(), FigureError> {
        if let Some(numbers) = self.axis.numbers {
            panel::check_series(FIGURE, "levels", numbers, self.axis.names.len())?;
        }
        for panel in self.panels {
            for point in panel.points {
                let values = [point.low, point.middle, point.high];
                panel::check_finite(FIGURE, panel.title, &values)?;
            }
        }
        Ok(())
    }

    fn panel(&self, shown: &SweepPanel<'_>) -> Panel {
        let place = |level: usize| self.axis.numbers.map_or(level as f64, |n| n[level]);
        let edge = |value: &dyn Fn(&SweepPoint) -> f64| -> Vec<(f64, f64)> {
            let points = shown.points.iter();
            points.map(|p| (place(p.level), value(p))).collect()
        };
        let colour = theme::category(0);
        let band = Band {
            low: edge(&|point| point.low),
            high: edge(&|point| point.high),
            colour,
        };
        let curves = vec![Curve {
            label: Some(format!("{}; band: {}", shown.legend.0, shown.legend.1)),
            points: edge(&|point| point.middle),
            colour,
            width: theme::BOLD,
            dashed: false,
        }];
        let x = AxisKind {
            label: self.axis.label.to_owned().into(),
            scale: self.axis.numbers.map_or(Scale::Linear, scale_of),
        };
        let y = AxisKind {
            label: shown.label.to_owned().into(),
            scale: if shown.is_share {
                Scale::Fraction
            } else {
                Scale::Linear
            },
        };
        let panel =
            Panel::new(shown.title, (x, y), curves, shown.references).with_bands(vec![band]);
        match self.axis.numbers {
            Some(_) => panel,
            None => panel.with_names(self.axis.names),
        }
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
        let top = CUT * self.limit.value;
        let mut curves = Vec::new();
        for (number, chip) in self.chips.iter().enumerate() {
            let values: Vec<f64> = chip.points.iter().flat_map(|&(x, y)| [x, y]).collect();
            panel::check_finite(FIGURE, "excess of a chip", &values)?;
            let points = chip.points.iter();
            curves.push(Curve {
                label: (number == 0).then(|| format!("each of {} chips", self.chips.len())),
                points: points.map(|&(x, y)| (x, y.min(top))).collect(),
                colour: theme::RAW,
                width: 3,
                dashed: false,
            });
        }
        let axes = (
            AxisKind {
                label: self.label.to_owned().into(),
                scale: Scale::Linear,
            },
            AxisKind {
                label: "excess of fd_features over the ideal chip (%)".into(),
                scale: Scale::Linear,
            },
        );
        let title = "Each chip against the ideal one with the same noise";
        let mut panel = Panel::new(title, axes, curves, &[self.limit]);
        for (label, level) in self.levels {
            panel = panel.with_instant(label, *level);
        }
        let figure = PanelFigure {
            heading: self.heading.to_owned(),
            caption: self.caption.to_owned(),
            panels: vec![panel],
            columns: 1,
            shared_legend: false,
            panel_size: (1400, 800),
        };
        canvas::save(path, &figure)
    }
}
