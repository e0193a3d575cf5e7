//! What quality costs at least: the Pareto front over settings and moments.

use super::{
    FigureError,
    axis::Scale,
    canvas,
    panel::{self, AxisKind, Curve, Panel, PanelFigure},
    quality_time::{Abscissa, counted},
    theme,
};
use bench_hw::quality::{Budget, Document, FrontPoint, candidates};
use std::path::Path;

const FIGURE: &str = "Pareto front";

/// `fd_features` against seconds and against joules per sample: every moment of every setting as a
/// dot in the colour of its chip, the front as a line.
#[derive(Clone, Copy, Debug)]
pub struct QualityFront<'a> {
    /// What was measured.
    pub document: &'a Document,
}

impl QualityFront<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let document = self.document;
        let panels = [
            (
                "Time",
                Abscissa::Seconds,
                Budget::Seconds,
                &document.pareto.seconds,
            ),
            (
                "Energy",
                Abscissa::Joules,
                Budget::Joules,
                &document.pareto.joules,
            ),
        ]
        .map(|(title, abscissa, budget, front)| self.panel(title, abscissa, budget, front));
        let panels = panels.into_iter().collect::<Result<Vec<_>, _>>()?;
        let settings = document
            .bands
            .iter()
            .filter(|band| band.chip.is_some())
            .count();
        let figure = PanelFigure {
            heading: "What quality costs at least".to_owned(),
            caption: format!(
                "Each dot: {} samples at one flow time under one setting, mean over {} and seeds; {}; \
                 line: no other dot is both better and cheaper. Track {}. Simulated chips: time and \
                 energy are of the chip.",
                document.n,
                counted(document.runs.len(), "trained model"),
                counted(settings, "setting"),
                document.track,
            ),
            panels,
            columns: 2,
            panel_size: (1000, 720),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    fn panel(
        self,
        title: &str,
        abscissa: Abscissa,
        budget: Budget,
        front: &[FrontPoint],
    ) -> Result<Panel, FigureError> {
        let document = self.document;
        let all = candidates(&document.bands, budget);
        let costs: Vec<f64> = all.iter().map(|point| point.cost).collect();
        panel::check_finite(FIGURE, "costs", &costs)?;
        let smallest = costs.iter().copied().fold(f64::INFINITY, f64::min);
        let (label, factor) = abscissa.unit(smallest);
        let place = |point: &FrontPoint| (point.cost * factor, point.value());
        let mut chips: Vec<&str> = Vec::new();
        for band in &document.bands {
            let chip = band.chip.as_deref();
            chips.extend(chip.filter(|chip| !chips.contains(chip)));
        }
        let chip_of = |label: &str| {
            let band = document.bands.iter().find(|band| band.label == label);
            band.and_then(|band| band.chip.as_deref())
        };
        let marks = all.iter().filter_map(|point| {
            let chip = chip_of(&point.label)?;
            let index = chips.iter().position(|known| *known == chip)?;
            Some((place(point), theme::category(index)))
        });
        let marks: Vec<_> = marks.collect();
        // A curve without a line holds the axes open for all dots, and names the chip.
        let mut curves: Vec<Curve> = chips
            .iter()
            .enumerate()
            .map(|(index, chip)| Curve {
                label: Some((*chip).to_owned()),
                points: Vec::new(),
                colour: theme::category(index),
                width: theme::BOLD,
                dashed: false,
            })
            .collect();
        curves.push(Curve {
            label: Some("front".to_owned()),
            points: front.iter().map(place).collect(),
            colour: theme::INK,
            width: 3,
            dashed: true,
        });
        let kinds = (
            AxisKind {
                label: label.into(),
                scale: Scale::Log,
            },
            AxisKind {
                label: "fd_features".into(),
                scale: Scale::Log,
            },
        );
        Ok(Panel::new(title, kinds, curves, &[]).with_held_marks(marks))
    }
}
