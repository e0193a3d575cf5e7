//! How a fitted law stands to what was measured.

use super::{FigureError, Reference, canvas, check, panel::PanelFigure};
use crate::chart::{AxisKind, Chart, Colour, Curve, Weight, axis::Scale};
use std::path::Path;
use units::prefix::Prefix;

const FIGURE: &str = "residuals of a fit";

/// An axis of measurements.
#[derive(Clone, Copy, Debug)]
pub struct MeasuredAxis<'a> {
    /// The quantity.
    pub quantity: &'a str,
    /// Its unit without prefix; empty for a pure number.
    pub unit: &'a str,
}

/// A law over its abscissa, with what it scatters by.
#[derive(Clone, Copy, Debug)]
pub struct FittedCurve<'a> {
    /// What the legend says.
    pub label: &'a str,
    /// Abscissa, mean, standard deviation, in the units of the axes.
    pub points: &'a [[f64; 3]],
}

/// Measurements with a fitted law above, and below what the law leaves over, in standard deviations.
#[derive(Clone, Copy, Debug)]
pub struct FitResiduals<'a> {
    /// What was fitted: the heading.
    pub heading: &'a str,
    /// What the caption says.
    pub caption: &'a str,
    /// Abscissa.
    pub x: MeasuredAxis<'a>,
    /// Ordinate.
    pub y: MeasuredAxis<'a>,
    /// What was measured: abscissa, ordinate.
    pub measured: &'a [[f64; 2]],
    /// Curves of the law.
    pub law: &'a [FittedCurve<'a>],
    /// (measured − mean)/standard deviation, as many as `measured`.
    pub standardised: &'a [f64],
}

impl FitResiduals<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        let scale = |k: usize| {
            let largest = self.measured.iter().map(|p| p[k].abs());
            largest.fold(0.0, f64::max)
        };
        let (x, y) = (Axis::of(self.x, scale(0)), Axis::of(self.y, scale(1)));
        let cloud = |second: &dyn Fn(usize) -> f64| -> Vec<(f64, f64)> {
            let places = self.measured.iter().enumerate();
            places
                .map(|(i, point)| (point[0] * x.factor, second(i)))
                .collect()
        };
        let above = Chart {
            curves: self.curves(&x, &y),
            cloud: cloud(&|i| self.measured[i][1] * y.factor),
            ..Chart::new(
                "Measurements (dots) and law, ± one standard deviation (thin)",
                x.kind(),
                y.kind(),
            )
        };
        let bounds = [("0", 0.0), ("+2", 2.0), ("−2", -2.0)];
        let references = bounds.map(|(label, value)| Reference { label, value });
        let below = Chart {
            cloud: cloud(&|i| self.standardised[i]),
            ..Chart::new(
                "Residuals: expected are 68 % within ± 1, 95 % within ± 2",
                x.kind(),
                AxisKind::new("residual / standard deviation", Scale::Linear),
            )
        }
        .with_references(&references);
        let figure = PanelFigure {
            heading: self.heading.to_owned(),
            caption: self.caption.to_owned(),
            panels: vec![above, below],
            columns: 1,
            shared_legend: false,
            panel_size: (1400, 720),
        };
        canvas::save(path, &figure)
    }

    fn check(&self) -> Result<(), FigureError> {
        let count = self.measured.len();
        let column = |k: usize| -> Vec<f64> { self.measured.iter().map(|p| p[k]).collect() };
        check::check_finite(FIGURE, "the abscissa", &column(0))?;
        check::check_finite(FIGURE, "the ordinate", &column(1))?;
        check::check_series(FIGURE, "residuals", self.standardised, count)?;
        for curve in self.law {
            let all: Vec<f64> = curve.points.iter().flatten().copied().collect();
            check::check_finite(FIGURE, &format!("'{}'", curve.label), &all)?;
        }
        Ok(())
    }

    fn curves(&self, x: &Axis<'_>, y: &Axis<'_>) -> Vec<Curve> {
        let mut curves = Vec::new();
        for (index, law) in self.law.iter().enumerate() {
            let line = |offset: f64| -> Vec<(f64, f64)> {
                let points = law.points.iter();
                points
                    .map(|[at, mean, sd]| (at * x.factor, (mean + offset * sd) * y.factor))
                    .collect()
            };
            let colour = Colour::Category(index + 1);
            for (offset, weight) in [
                (0.0, Weight::Bold),
                (-1.0, Weight::Thin),
                (1.0, Weight::Thin),
            ] {
                curves.push(Curve {
                    label: (offset == 0.0).then(|| law.label.to_owned()),
                    points: line(offset),
                    colour,
                    weight,
                    dashed: false,
                });
            }
        }
        curves
    }
}

/// An axis with the prefix that suits its values.
struct Axis<'a> {
    named: MeasuredAxis<'a>,
    prefix: &'static str,
    factor: f64,
}

impl<'a> Axis<'a> {
    fn of(named: MeasuredAxis<'a>, largest: f64) -> Self {
        if named.unit.is_empty() {
            return Self {
                named,
                prefix: "",
                factor: 1.0,
            };
        }
        let prefix = Prefix::of(largest);
        Self {
            named,
            prefix: prefix.symbol,
            factor: prefix.per_unit,
        }
    }

    fn kind(&self) -> AxisKind {
        let MeasuredAxis { quantity, unit } = self.named;
        let label = match unit {
            "" => format!("{quantity} (dimensionless)"),
            unit => format!("{quantity} ({}{unit})", self.prefix),
        };
        AxisKind::new(label, Scale::Linear)
    }
}
