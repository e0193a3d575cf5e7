//! How fast solvers reach equilibrium.

use super::{FigureError, Reference, canvas, check, panel::PanelFigure};
use crate::chart::{AxisKind, Chart, Colour, Curve, axis::Scale};
use std::path::Path;

const FIGURE: &str = "relaxation trace";
/// Longest to shortest curve, in sweeps, above which the sweep axis is logarithmic: a curve that
/// takes less than a tenth of a linear axis is a vertical line.
const DISPARATE: f64 = 10.0;

/// The residual of one solver on its way to equilibrium.
#[derive(Clone, Copy, Debug)]
pub struct RelaxationCurve<'a> {
    /// What the legend says: the solver.
    pub label: &'a str,
    /// Sweeps (or steps) done when the residual was taken.
    pub sweeps: &'a [f64],
    /// Largest |∂S/∂s|, one value per entry of `sweeps`, dimensionless, not negative.
    pub residual: &'a [f64],
}

/// Residual against sweep for several solvers, logarithmic.
///
/// The sweep axis is logarithmic where one solver takes over ten times the sweeps of another; a
/// point at sweep 0 then lies on its left edge. Zero residuals lie on the lower edge.
#[derive(Clone, Copy, Debug)]
pub struct RelaxationTrace<'a> {
    /// What was relaxed: the heading.
    pub run: &'a str,
    /// One curve per solver.
    pub curves: &'a [RelaxationCurve<'a>],
    /// Residual at which a sample counts as settled.
    pub tolerance: Option<f64>,
}

impl RelaxationTrace<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        let curves = self.curves.iter().enumerate().map(|(index, curve)| {
            Curve::new(
                curve.label,
                curve.sweeps,
                curve.residual,
                Colour::Category(index),
            )
        });
        let tolerance = self.tolerance.map(|value| Reference {
            label: "tolerance",
            value,
        });
        let x = AxisKind::new("relaxation sweeps (count)", self.sweep_scale());
        let y = AxisKind::new("largest |∂S/∂s| (dimensionless)", Scale::Log);
        let chart = Chart {
            curves: curves.collect(),
            ..Chart::new("Residual during relaxation", x, y)
        };
        let figure = PanelFigure {
            heading: self.run.to_owned(),
            caption: String::new(),
            panels: vec![chart.with_references(tolerance.as_slice())],
            columns: 1,
            panel_size: (1280, 800),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    fn check(&self) -> Result<(), FigureError> {
        if self.curves.is_empty() {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: "the list of solvers".to_owned(),
            });
        }
        let not_negative = (0.0, "zero or a positive number");
        for curve in self.curves {
            let sweeps = format!("sweeps of '{}'", curve.label);
            let residual = format!("residual of '{}'", curve.label);
            check::check_finite(FIGURE, &sweeps, curve.sweeps)?;
            check::check_at_least(FIGURE, &sweeps, curve.sweeps, not_negative)?;
            check::check_series(FIGURE, &residual, curve.residual, curve.sweeps.len())?;
            check::check_at_least(FIGURE, &residual, curve.residual, not_negative)?;
        }
        if let Some(tolerance) = self.tolerance {
            check::check_finite(FIGURE, "tolerance", &[tolerance])?;
            check::check_at_least(FIGURE, "tolerance", &[tolerance], not_negative)?;
        }
        Ok(())
    }

    fn sweep_scale(&self) -> Scale {
        let lengths = self
            .curves
            .iter()
            .map(|c| c.sweeps.iter().copied().fold(0.0, f64::max));
        let (shortest, longest) = lengths.fold((f64::INFINITY, 0.0_f64), |(low, high), length| {
            (low.min(length), high.max(length))
        });
        if longest > DISPARATE * shortest {
            Scale::Log
        } else {
            Scale::Count
        }
    }
}
