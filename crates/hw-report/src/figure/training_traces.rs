//! Whether the equilibria behind a training run were good enough, and what they cost.

use super::{FigureError, Reference, Series, canvas, check, panel::PanelFigure};
use crate::chart::{AxisKind, Chart, Colour, Curve, Weight, axis::Scale};
use std::path::Path;

const FIGURE: &str = "training traces";

/// Relaxation during a training run, one value per epoch throughout. All dimensionless.
///
/// Three panels, one below the other: residual (logarithmic), nudge displacement (logarithmic),
/// sweeps per phase. A panel without values is left out. Zeros lie on the lower edge of a
/// logarithmic axis.
#[derive(Clone, Copy, Debug)]
pub struct TrainingTraces<'a> {
    /// Which run this is: the heading.
    pub run: &'a str,
    /// Training epoch of each value.
    pub epochs: &'a [f64],
    /// Residual, the largest |∂S/∂s| of a sample: usually its median and maximum over samples.
    pub residual: &'a [Series<'a>],
    /// Residual at which a sample counts as settled.
    pub tolerance: Option<f64>,
    /// How far the nudge moves the network: |s⁺ − s⁻| or a part of it.
    pub displacement: &'a [Series<'a>],
    /// Displacement that rounding alone would cause.
    pub displacement_floor: Option<f64>,
    /// Relaxation sweeps of each phase, mean or maximum over samples.
    pub sweeps: &'a [Series<'a>],
}

impl TrainingTraces<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        check::check_finite(FIGURE, "epochs", self.epochs)?;
        let mut panels = Vec::new();
        let tolerance = reference("tolerance", self.tolerance);
        let floor = reference("rounding floor", self.displacement_floor);
        for (title, label, scale, series, references) in [
            (
                "Residual after relaxation",
                "largest |∂S/∂s| (dimensionless)",
                Scale::Log,
                self.residual,
                tolerance.as_slice(),
            ),
            (
                "Displacement by the nudge",
                "displacement (dimensionless)",
                Scale::Log,
                self.displacement,
                floor.as_slice(),
            ),
            (
                "Relaxation sweeps",
                "sweeps per phase (count)",
                Scale::Count,
                self.sweeps,
                &[],
            ),
        ] {
            if !series.is_empty() {
                let y = AxisKind::new(label, scale);
                panels.push(self.chart(title, y, series, references)?);
            }
        }
        if panels.is_empty() {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: "every trace".to_owned(),
            });
        }
        let figure = PanelFigure {
            heading: self.run.to_owned(),
            caption: String::new(),
            panels,
            columns: 1,
            panel_size: (1440, 560),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    fn chart(
        &self,
        title: &str,
        y: AxisKind,
        series: &[Series<'_>],
        references: &[Reference<'_>],
    ) -> Result<Chart, FigureError> {
        let not_negative = (0.0, "zero or a positive number");
        for Series { label, values } in series {
            let what = format!("{} '{label}'", title.to_lowercase());
            check::check_series(FIGURE, &what, values, self.epochs.len())?;
            check::check_at_least(FIGURE, &what, values, not_negative)?;
        }
        for Reference { label, value } in references {
            check::check_finite(FIGURE, label, &[*value])?;
            check::check_at_least(FIGURE, label, &[*value], not_negative)?;
        }
        let curves = series.iter().enumerate().map(|(index, series)| {
            let mut curve = Curve::new(
                series.label,
                self.epochs,
                series.values,
                Colour::Category(index),
            );
            curve.weight = Weight::Medium;
            curve
        });
        let x = AxisKind::new("epoch (passes over the data)", Scale::Count);
        Ok(Chart {
            curves: curves.collect(),
            ..Chart::new(title, x, y)
        }
        .with_references(references))
    }
}

fn reference(label: &str, value: Option<f64>) -> Vec<Reference<'_>> {
    value
        .map(|value| Reference { label, value })
        .into_iter()
        .collect()
}
