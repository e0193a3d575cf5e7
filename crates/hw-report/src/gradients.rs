//! A map of what gradients of a chip are worth, drawn: curves over one key, maps over two.

use crate::{
    figure::{
        FigureError, KeyAxis, LevelAxis, SweepCurves, SweepMap, SweepPanel, SweepPoint, ValueMap,
    },
    study::{meaning, scaled},
};
use bench_hw::{
    gradients::{GradientCell, Gradients, Measured, WayWorth},
    sweep::Axis,
};
use gradep_core::oracle::ChipNudge;
use ndarray::Array2;
use std::path::{Path, PathBuf};

/// What a document of gradients is drawn as.
#[derive(Clone, Copy, Debug)]
pub struct GradientFigures<'a> {
    /// What was asked, and what came of it.
    pub document: &'a Gradients,
}

/// A quantity that is drawn: its title, its axis, and what it is of a way.
struct Shown {
    title: &'static str,
    label: &'static str,
    value: fn(&WayWorth) -> Option<[f64; 3]>,
}

const SHOWN: [Shown; 4] = [
    Shown {
        title: "Direction (higher is better)",
        label: "cosine of one estimate",
        value: |way| ends(&way.cosine),
    },
    Shown {
        title: "Noise of one estimate",
        label: "noise over |g|",
        value: |way| ends(&way.noise),
    },
    Shown {
        title: "Bias, which no averaging takes away",
        label: "bias over |g|",
        value: |way| ends(&way.bias),
    },
    Shown {
        title: "Time for the wanted cosine",
        label: "chip time for the wanted cosine (us)",
        value: |way| way.cost().map(|(seconds, _)| [1e6 * seconds; 3]),
    },
];

impl GradientFigures<'_> {
    /// Draws what was varied as `gradients`, `.svg` and `.png`, into a folder; returns the files. Without an axis there is nothing to draw.
    ///
    /// # Errors
    /// [`FigureError`].
    pub fn write(self, folder: &Path) -> Result<Vec<PathBuf>, FigureError> {
        let Some(way) = self.way() else {
            return Ok(Vec::new());
        };
        let files: Vec<PathBuf> = ["svg", "png"]
            .map(|extension| folder.join(format!("gradients.{extension}")))
            .into();
        for path in &files {
            match self.document.axes.as_slice() {
                [axis] => self.curves(axis, way, path)?,
                [rows, columns] => self.maps([rows, columns], way, path)?,
                _ => return Ok(Vec::new()),
            }
        }
        Ok(files)
    }

    /// The way that is drawn, by its number: the one with the highest cosine of one estimate, mean over all cells.
    fn way(self) -> Option<usize> {
        let cells = &self.document.cells;
        let cosine = |way: usize| -> f64 {
            let cosines = cells
                .iter()
                .filter_map(|cell| cell.ways.get(way)?.cosine.mean);
            cosines.sum()
        };
        let ways = cells.iter().map(|cell| cell.ways.len()).min()?;
        (0..ways).max_by(|&a, &b| cosine(a).total_cmp(&cosine(b)))
    }

    fn curves(self, axis: &Axis, way: usize, path: &Path) -> Result<(), FigureError> {
        let (label, numbers) = scaled(axis);
        let numbers = numbers.as_deref();
        let shown: Vec<(&Shown, Vec<SweepPoint>)> = SHOWN
            .iter()
            .map(|shown| (shown, self.points(shown, way, numbers)))
            .filter(|(_, points)| !points.is_empty())
            .collect();
        let panels: Vec<SweepPanel<'_>> = shown
            .iter()
            .map(|(shown, points)| SweepPanel {
                title: shown.title,
                label: shown.label,
                line: "mean over batches",
                band: "95 % interval",
                points,
                references: &[],
                is_share: false,
            })
            .collect();
        SweepCurves {
            heading: &format!("{} on chip {}", axis.key, self.document.chip),
            caption: &format!("{}{}", meaning(&axis.key), self.conditions(way)),
            axis: LevelAxis {
                label: &label,
                names: &axis.values,
                numbers,
            },
            panels: &panels,
        }
        .write(path)
    }

    /// A quantity at the levels where there is one, in the order of their numbers.
    fn points(self, shown: &Shown, way: usize, numbers: Option<&[f64]>) -> Vec<SweepPoint> {
        let cells = self.document.cells.iter().enumerate();
        let mut points: Vec<SweepPoint> = cells
            .filter_map(|(level, cell)| {
                let [low, middle, high] = (shown.value)(cell.ways.get(way)?)?;
                Some(SweepPoint {
                    level,
                    low,
                    middle,
                    high,
                })
            })
            .collect();
        if let Some(numbers) = numbers {
            points.sort_by(|a, b| numbers[a.level].total_cmp(&numbers[b.level]));
        }
        points
    }

    fn maps(self, [rows, columns]: [&Axis; 2], way: usize, path: &Path) -> Result<(), FigureError> {
        let shape = (rows.values.len(), columns.values.len());
        let map = |shown: &Shown| {
            let value = |cell: &GradientCell| Some((shown.value)(cell.ways.get(way)?)?[1]);
            let cells = self.document.cells.iter();
            let values: Vec<f64> = cells.map(|cell| value(cell).unwrap_or(f64::NAN)).collect();
            Array2::from_shape_vec(shape, values)
                .unwrap_or_else(|_| Array2::from_elem(shape, f64::NAN))
        };
        let all = SHOWN.map(|shown| (shown.label, map(&shown)));
        let maps: Vec<ValueMap<'_>> = all
            .iter()
            .filter(|(_, values)| values.iter().any(|value| value.is_finite()))
            .map(|(title, values)| ValueMap {
                title,
                values: values.view(),
            })
            .collect();
        SweepMap {
            heading: &format!(
                "{} and {} on chip {}",
                rows.key, columns.key, self.document.chip
            ),
            caption: &format!(
                "{}{}{}",
                meaning(&rows.key),
                meaning(&columns.key),
                self.conditions(way)
            ),
            rows: KeyAxis {
                key: &rows.key,
                values: &rows.values,
            },
            columns: KeyAxis {
                key: &columns.key,
                values: &columns.values,
            },
            maps: &maps,
        }
        .write(path)
    }

    /// What the caption says.
    fn conditions(self, way: usize) -> String {
        let document = self.document;
        let drawn = document.cells.first().and_then(|cell| cell.ways.get(way));
        let drawn = drawn.map_or(String::new(), |worth| {
            let nudge = match worth.way.nudge {
                ChipNudge::Tilt { range } => format!("a range of {range}"),
                ChipNudge::Quadratic { beta } => format!("a beta of {beta}"),
            };
            format!(
                "Where they are not varied: {nudge}, {} tau free, {} tau nudged, {} phases. ",
                worth.way.free,
                worth.way.nudged,
                worth.way.phases.name()
            )
        });
        format!(
            "{drawn}Chip {}; {} x {} samples, {} estimates each; wanted cosine {}; seed {}.",
            document.chip_number,
            document.batches,
            document.samples,
            document.repeats,
            document.wanted_cosine,
            document.seed
        )
    }
}

/// The ends of the interval about the mean; of one batch all are the mean.
fn ends(measured: &Measured) -> Option<[f64; 3]> {
    let mean = measured.mean?;
    Some(match measured.interval {
        Some(interval) => [interval.low, mean, interval.high],
        None => [mean; 3],
    })
}
