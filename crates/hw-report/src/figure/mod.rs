//! Figures as SVG or PNG files, chosen by the extension of the path.
//!
//! Each figure is a struct of borrowed numbers with a `write` method. A figure is checked first,
//! drawn into a temporary file beside its destination, and moved there when it is complete: a
//! failed call leaves no trace. PNG files carry two pixels per point, so that text is sharp on any
//! screen; SVG files are the same drawing at one point per unit.
//!
//! The font is embedded (`DejaVu Sans` 2.37, licence in `assets/`), so a machine without fonts
//! draws the same picture.

#![expect(
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "lengths in a picture are positive and far below 2³¹ (`TooLarge` sees to it)"
)]

mod canvas;
mod check;
mod chip_transient;
mod conductance_map;
mod error;
mod fit_residuals;
mod legend;
mod loss_curve;
mod panel;
mod quality_front;
mod quality_time;
mod ranking;
mod raster;
mod relaxation_trace;
mod sample_grid;
mod sample_groups;
mod sheet;
mod sweep_curves;
mod sweep_map;
mod theme;
mod tiles;
mod time_strip;
mod training_traces;

#[cfg(test)]
mod tests;

pub use crate::chart::Reference;
pub use chip_transient::{ChipConditions, ChipTransient};
pub use conductance_map::{BankMap, ConductanceFigure};
pub use error::FigureError;
pub use fit_residuals::{FitResiduals, FittedCurve, MeasuredAxis};
pub use loss_curve::LossHistory;
pub use quality_front::QualityFront;
pub use quality_time::{Abscissa, QualityTime};
pub use ranking::{Bar, BarPanel, Ranking};
pub(crate) use raster::png_file;
pub use relaxation_trace::{RelaxationCurve, RelaxationTrace};
pub use sample_grid::SampleGrid;
pub use sample_groups::SampleGroups;
pub use sweep_curves::{
    ChipCurve, LevelAxis, SweepCurves, SweepPanel, SweepPoint, ToleranceCurves,
};
pub use sweep_map::{KeyAxis, SweepMap, ValueMap};
pub use time_strip::TimeStrip;
pub use training_traces::TrainingTraces;

/// How many of the prefixed unit a unit has, and its symbol, so that a value of this size is readable;
/// percentages, plain numbers, powers and the chip's own units keep theirs.
pub(crate) fn prefixed(unit: &str, largest: f64) -> (f64, String) {
    if ["1", "%", "V^2", "1/s", "tau", "V_unit", ""].contains(&unit) {
        return (1.0, unit.to_owned());
    }
    let prefix = units::prefix::Prefix::of(largest);
    (prefix.per_unit, format!("{}{unit}", prefix.symbol))
}

/// Named values over the same abscissa as the figure they belong to.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// What the legend says.
    pub label: &'a str,
    /// One value per abscissa.
    pub values: &'a [f64],
}
