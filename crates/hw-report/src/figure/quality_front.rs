//! What quality costs at least: the Pareto front over settings and moments.

use super::{
    FigureError, canvas, check,
    panel::PanelFigure,
    quality_time::{Abscissa, counted},
};
use crate::chart::axis::Scale;
use crate::{
    chart::{AxisKind, Chart, Colour, Curve, Mark, Weight},
    metric,
};
use bench_hw::quality::{Budget, FrontPoint, Quality, candidates};
use std::path::Path;

const FIGURE: &str = "Pareto front";

/// The metric that decides against seconds and against joules per sample: every moment of every setting as
/// a dot in the colour of its chip, the front as a line. Settings on a front have a number beside their first dot
/// there; the caption is the key.
#[derive(Clone, Copy, Debug)]
pub struct QualityFront<'a> {
    /// What was measured.
    pub document: &'a Quality,
}

/// A front and what it is against.
struct Side<'a> {
    title: &'static str,
    abscissa: Abscissa,
    budget: Budget,
    front: &'a [FrontPoint],
}

impl<'a> QualityFront<'a> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let document = self.document;
        for budget in [Budget::Seconds, Budget::Joules] {
            let all = candidates(&document.bands, budget);
            let costs: Vec<f64> = all.iter().map(|point| point.cost).collect();
            check::check_finite(FIGURE, "costs", &costs)?;
        }
        let chips = document.bands.iter().filter(|band| band.chip.is_some());
        let figure = PanelFigure {
            heading: "What quality costs at least".to_owned(),
            caption: format!(
                "Settings on the fronts: {}. Each dot: {} samples at one flow time t under one setting, mean \
                 over {} and seeds; {}; line: no other dot is both better and cheaper. Track {}. Simulated \
                 chips: time and energy are of the chip.",
                self.key().join("; "),
                document.n,
                counted(document.runs.len(), "trained model"),
                counted(chips.count(), "setting"),
                document.track,
            ),
            panels: self.charts(),
            columns: 2,
            panel_size: (1000, 720),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    fn sides(self) -> [Side<'a>; 2] {
        [
            Side {
                title: "Time",
                abscissa: Abscissa::Seconds,
                budget: Budget::Seconds,
                front: &self.document.pareto.seconds,
            },
            Side {
                title: "Energy",
                abscissa: Abscissa::Joules,
                budget: Budget::Joules,
                front: &self.document.pareto.joules,
            },
        ]
    }

    /// Against time and against energy.
    pub(crate) fn charts(self) -> Vec<Chart> {
        self.sides().iter().map(|side| self.chart(side)).collect()
    }

    /// The settings on a front, by the number that they have in the charts.
    fn settings(self) -> Vec<&'a str> {
        let pareto = &self.document.pareto;
        let mut settings: Vec<&str> = Vec::new();
        for point in pareto.seconds.iter().chain(&pareto.joules) {
            if !settings.contains(&point.label.as_str()) {
                settings.push(&point.label);
            }
        }
        settings
    }

    /// What the numbers in the charts mean: setting, and the flow times at which it is on a front.
    pub(crate) fn key(self) -> Vec<String> {
        let pareto = &self.document.pareto;
        let settings = self.settings().into_iter().enumerate();
        let entries = settings.map(|(index, setting)| {
            let fronts = pareto.seconds.iter().chain(&pareto.joules);
            let times = fronts.filter(|point| point.label == setting);
            let (first, last) = times.fold((f64::INFINITY, 0.0_f64), |(low, high), point| {
                (low.min(point.flow_time), high.max(point.flow_time))
            });
            let reach = if last > first {
                format!("{first} to {last}")
            } else {
                first.to_string()
            };
            format!("{} {setting} (t = {reach})", index + 1)
        });
        entries.collect()
    }

    fn chart(self, side: &Side<'_>) -> Chart {
        let document = self.document;
        let all = candidates(&document.bands, side.budget);
        let smallest = all.iter().map(|point| point.cost);
        let (label, factor) = side.abscissa.unit(smallest.fold(f64::INFINITY, f64::min));
        let mut chips: Vec<&str> = Vec::new();
        for band in &document.bands {
            let chip = band.chip.as_deref();
            chips.extend(chip.filter(|chip| !chips.contains(chip)));
        }
        let colour_of = |point: &FrontPoint| {
            let band = document.bands.iter().find(|band| band.label == point.label);
            let chip = band.and_then(|band| band.chip.as_deref())?;
            let index = chips.iter().position(|known| *known == chip)?;
            Some(Colour::Category(index))
        };
        let settings = self.settings();
        let words = words(side.front, &settings);
        let marks = all.iter().filter_map(|point| {
            Some(Mark {
                x: point.cost * factor,
                y: point.value(),
                colour: colour_of(point)?,
                label: words
                    .iter()
                    .find(|(on, _)| *on == point)
                    .map(|(_, number)| number.to_string()),
            })
        });
        // A curve without a line names the chip.
        let mut curves: Vec<Curve> = (chips.iter().enumerate())
            .map(|(index, chip)| Curve {
                label: Some((*chip).to_owned()),
                points: Vec::new(),
                colour: Colour::Category(index),
                weight: Weight::Bold,
                dashed: false,
            })
            .collect();
        curves.push(Curve {
            label: Some("front".to_owned()),
            points: (side.front.iter())
                .map(|point| (point.cost * factor, point.value()))
                .collect(),
            colour: Colour::Ink,
            weight: Weight::Medium,
            dashed: true,
        });
        let marks = marks.collect();
        let y = AxisKind::new(metric::label(document.decisive()).to_owned(), Scale::Log);
        Chart {
            curves,
            marks,
            ..Chart::new(side.title, AxisKind::new(label, Scale::Log), y)
        }
    }
}

/// The points of a front at which another setting begins, with its number.
fn words<'a>(front: &'a [FrontPoint], settings: &[&str]) -> Vec<(&'a FrontPoint, usize)> {
    let mut last = None;
    let mut words = Vec::new();
    for point in front {
        let number = settings.iter().position(|setting| *setting == point.label);
        if let Some(number) = number.filter(|_| last != number) {
            words.push((point, number + 1));
        }
        last = number;
    }
    words
}
