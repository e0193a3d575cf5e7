//! Figures of a study of chips: a sweep, a ranking or a tolerance.

use crate::figure::{
    Bar, BarPanel, ChipCurve, FigureError, LevelAxis, Ranking, Reference, SweepCurves, SweepMap,
    SweepPanel, SweepPoint, ToleranceCurves, ValueMap,
};
use bench_hw::sweep::{
    Axis, Cell, DECISIVE, Document, NOT_ADDITIVE, Rank, Spread, Tolerance, about_intervals,
};
use ndarray::Array2;
use std::path::{Path, PathBuf};

const PERCENT: f64 = 100.0;

/// What a document of a study is drawn as.
#[derive(Clone, Copy, Debug)]
pub struct StudyFigures<'a> {
    /// What was asked, and what came of it.
    pub document: &'a Document,
}

impl StudyFigures<'_> {
    /// Draws what the document holds as `sweep`, `ranking` or `tolerance`, `.svg` and `.png`, into a
    /// folder; returns the files.
    ///
    /// # Errors
    /// [`FigureError`].
    pub fn write(&self, folder: &Path) -> Result<Vec<PathBuf>, FigureError> {
        let name = match (&self.document.ranking, &self.document.tolerance) {
            (Some(_), _) => "ranking",
            (_, Some(_)) => "tolerance",
            _ => "sweep",
        };
        let files: Vec<PathBuf> = ["svg", "png"]
            .map(|extension| folder.join(format!("{name}.{extension}")))
            .into();
        for path in &files {
            match (
                &self.document.ranking,
                &self.document.tolerance,
                self.document.axes.as_slice(),
            ) {
                (Some(ranking), ..) => self.draw_ranking(ranking, path)?,
                (_, Some(tolerance), _) => self.draw_tolerance(tolerance, path)?,
                (.., [axis]) => self.draw_curves(axis, path)?,
                (.., [rows, columns]) => self.draw_maps(rows, columns, path)?,
                _ => return Ok(Vec::new()),
            }
        }
        Ok(files)
    }

    /// What every caption says.
    fn conditions(&self, chips: usize) -> String {
        let question = &self.document.question;
        let seed = &question.settings["seed"];
        format!(
            "Chip {}, {} mode, flow time {}; {chips} chips of {} samples each, track {}, seed {seed}: chip \
             k has the same draws and the same starting noise throughout.",
            question.chip, question.mode, question.flow_time, question.n, question.track
        )
    }

    fn ideal_reference(&self) -> Option<f64> {
        self.document.ideal.get(DECISIVE)?.value
    }

    fn draw_curves(&self, axis: &Axis, path: &Path) -> Result<(), FigureError> {
        let (label, numbers) = scaled(axis);
        let ideal = self.ideal_reference();
        let references: Vec<Reference<'_>> = ideal
            .iter()
            .map(|&value| Reference {
                label: "ideal chip",
                value,
            })
            .collect();
        let numbers = numbers.as_deref();
        let over = |value: &dyn Fn(&Cell) -> Option<[f64; 3]>| self.points(numbers, value);
        let score = |name: &'static str| {
            move |cell: &Cell| cell.scores.get(name).and_then(|spread| band(spread, 1.0))
        };
        let fd = over(&score(DECISIVE));
        let yields = over(&|cell| {
            let share = cell.yielded.share;
            Some([share.low, share.share, share.high])
        });
        let velocity = over(&|cell| band(cell.velocity_error.as_ref()?, PERCENT));
        let coverage = over(&score("coverage"));
        let legend = ("median of the chips", "5 to 95 % of the chips");
        let panel = |title, label, points, references, is_share| SweepPanel {
            title,
            label,
            legend,
            points,
            references,
            is_share,
        };
        let panels = [
            panel(
                "Fréchet distance of features",
                "fd_features (lower is better)",
                &fd[..],
                &references[..],
                false,
            ),
            SweepPanel {
                legend: ("share of the chips", "95 % interval (Wilson)"),
                ..panel(
                    "Yield",
                    "share of chips within the rule",
                    &yields,
                    &[],
                    true,
                )
            },
            panel(
                "Velocity",
                "median velocity error (%)",
                &velocity,
                &[],
                false,
            ),
            panel(
                "Diversity",
                "coverage (higher is better)",
                &coverage,
                &[],
                true,
            ),
        ];
        let drawn: Vec<SweepPanel<'_>> = panels
            .into_iter()
            .filter(|p| !p.points.is_empty())
            .collect();
        let (chips, rule) = self
            .document
            .cells
            .first()
            .map_or((0, String::new()), |cell| {
                (cell.chips, cell.yielded.rule.clone())
            });
        let figure = SweepCurves {
            heading: &format!("{} on chip {}", axis.key, self.document.question.chip),
            caption: &format!(
                "{} Yield: {rule}.{}",
                self.conditions(chips),
                self.paired_error()
            ),
            axis: LevelAxis {
                label: &label,
                names: &axis.values,
                numbers,
            },
            panels: &drawn,
        };
        figure.write(path)
    }

    /// A quantity at the levels where there is one, in the order of their numbers.
    fn points(
        &self,
        numbers: Option<&[f64]>,
        value: &dyn Fn(&Cell) -> Option<[f64; 3]>,
    ) -> Vec<SweepPoint> {
        let cells = self.document.cells.iter().enumerate();
        let points = cells.filter_map(|(level, cell)| {
            let [low, middle, high] = value(cell)?;
            Some(SweepPoint {
                level,
                low,
                middle,
                high,
            })
        });
        let mut points: Vec<SweepPoint> = points.collect();
        if let Some(numbers) = numbers {
            points.sort_by(|a, b| numbers[a.level].total_cmp(&numbers[b.level]));
        }
        points
    }

    /// How well a chip's verdict is known.
    fn paired_error(&self) -> String {
        let errors = self
            .document
            .cells
            .iter()
            .filter_map(|cell| cell.excess_standard_error);
        let largest = errors.fold(0.0_f64, f64::max);
        format!(
            " The excess of one chip has a standard error of at most {:.1} % from its samples (paired \
             jackknife, mean over chips).",
            PERCENT * largest
        )
    }

    fn draw_maps(&self, rows: &Axis, columns: &Axis, path: &Path) -> Result<(), FigureError> {
        let shape = (rows.values.len(), columns.values.len());
        let map = |value: &dyn Fn(&Cell) -> Option<f64>| {
            let values = self
                .document
                .cells
                .iter()
                .map(|cell| value(cell).unwrap_or(f64::NAN));
            Array2::from_shape_vec(shape, values.collect()).expect("a cell for every combination")
        };
        let fd = map(&|cell| cell.scores.get(DECISIVE)?.median);
        let yields = map(&|cell| Some(PERCENT * cell.yielded.share.share));
        let velocity = map(&|cell| Some(PERCENT * cell.velocity_error.as_ref()?.median?));
        let all = [
            ("fd_features, median of the chips", &fd),
            ("yield (% of the chips)", &yields),
            ("median velocity error (%)", &velocity),
        ];
        let maps: Vec<ValueMap<'_>> = all
            .into_iter()
            .filter(|(_, values)| values.iter().any(|value| value.is_finite()))
            .map(|(title, values)| ValueMap {
                title,
                values: values.view(),
            })
            .collect();
        let (chips, rule) = self
            .document
            .cells
            .first()
            .map_or((0, String::new()), |cell| {
                (cell.chips, cell.yielded.rule.clone())
            });
        let ideal = self.ideal_reference().map_or(String::new(), |value| {
            format!(" The ideal chip has fd_features {value:.2}.")
        });
        let figure = SweepMap {
            heading: &format!(
                "{} and {} on chip {}",
                rows.key, columns.key, self.document.question.chip
            ),
            caption: &format!("{}{ideal} Yield: {rule}.", self.conditions(chips)),
            rows: (&rows.key, &rows.values),
            columns: (&columns.key, &columns.values),
            maps: &maps,
        };
        figure.write(path)
    }

    fn draw_ranking(&self, ranking: &[Rank], path: &Path) -> Result<(), FigureError> {
        let names: Vec<(String, String)> = ranking
            .iter()
            .map(|rank| (rank.key.clone(), rank.level.clone()))
            .collect();
        let bars = |scale: f64, of: &dyn Fn(&Rank) -> [&Spread; 2]| -> Vec<Vec<Option<Bar>>> {
            let both = ranking.iter().map(of);
            both.map(|pair| pair.map(|spread| bar(spread, scale)).to_vec())
                .collect()
        };
        let fd = bars(1.0, &|r| [&r.left_out.fd_features, &r.alone.fd_features]);
        let velocity = bars(PERCENT, &|r| {
            [&r.left_out.velocity_error, &r.alone.velocity_error]
        });
        let pixels = bars(1.0, &|r| [&r.left_out.fd_pixels, &r.alone.fd_pixels]);
        let panels = [
            BarPanel {
                label: "change of fd_features",
                bars: &fd,
            },
            BarPanel {
                label: "change of fd_pixels",
                bars: &pixels,
            },
            BarPanel {
                label: "change of velocity error (% points)",
                bars: &velocity,
            },
        ];
        let chips = self.document.whole.as_ref().map_or(0, |whole| whole.chips);
        let value = |cell: Option<&Cell>| {
            let score = cell.and_then(|cell| cell.scores.get(DECISIVE)?.mean);
            score.map_or("none".to_owned(), |value| format!("{value:.2}"))
        };
        let figure = Ranking {
            heading: &format!("What to pay for on chip {}", self.document.question.chip),
            caption: &format!(
                "{} Mean over chips of differences between chips of the same number; error bars: {}. \
                 fd_features of the whole chip {}, of the ideal one {}. Only imperfections that are on; \
                 {NOT_ADDITIVE}.",
                self.conditions(chips),
                about_intervals(chips),
                value(self.document.whole.as_ref()),
                value(Some(&self.document.ideal_cell)),
            ),
            names: &names,
            legend: &["gained by removing it from the chip", "lost with it alone"],
            panels: &panels,
        };
        figure.write(path)
    }

    fn draw_tolerance(&self, found: &Tolerance, path: &Path) -> Result<(), FigureError> {
        let (factor, unit) = unit_of(
            &found.unit,
            found
                .chips
                .iter()
                .flat_map(|chip| chip.evaluations.iter().map(|evaluation| evaluation.number)),
        );
        let chips: Vec<ChipCurve> = found
            .chips
            .iter()
            .map(|chip| ChipCurve {
                points: chip
                    .evaluations
                    .iter()
                    .filter_map(|at| Some((factor * at.number, PERCENT * at.excess?)))
                    .collect(),
            })
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let interval = format!("{:.1} % interval of the median", PERCENT * found.coverage);
        let levels: Vec<(String, f64)> = [
            (
                format!("half of the chips bear {}", found.median.text),
                &found.median,
            ),
            (format!("{interval}: {}", found.low.text), &found.low),
            (found.high.text.clone(), &found.high),
        ]
        .into_iter()
        .filter_map(|(label, bound)| Some((label, factor * bound.number?)))
        .collect();
        let within = self.document.question.settings["within"]
            .as_f64()
            .unwrap_or_default();
        let figure = ToleranceCurves {
            heading: &format!(
                "How much {} chip {} bears",
                found.key, self.document.question.chip
            ),
            caption: &format!(
                "{} {}",
                self.conditions(found.chips.len()),
                found.sentence()
            ),
            label: &format!("{} ({unit})", found.key),
            chips: &chips,
            limit: Reference {
                label: "limit",
                value: PERCENT * within,
            },
            levels: &levels,
        };
        figure.write(path)
    }
}

/// 5 %, 50 % and 95 % quantiles.
fn band(spread: &Spread, factor: f64) -> Option<[f64; 3]> {
    Some([
        spread.p5? * factor,
        spread.median? * factor,
        spread.p95? * factor,
    ])
}

/// Mean with half its interval.
fn bar(spread: &Spread, factor: f64) -> Option<Bar> {
    Some(Bar {
        value: factor * spread.mean?,
        error: spread
            .interval
            .map(|interval| factor * interval.half_width()),
    })
}

/// Label and levels of an axis in a unit with a prefix.
fn scaled(axis: &Axis) -> (String, Option<Vec<f64>>) {
    let Some(numbers) = axis.all_numbers() else {
        return (axis.key.clone(), None);
    };
    let (factor, unit) = unit_of(&axis.unit, numbers.iter().copied());
    let label = match unit.as_str() {
        "1" => axis.key.clone(),
        unit => format!("{} ({unit})", axis.key),
    };
    (label, Some(numbers.iter().map(|n| factor * n).collect()))
}

/// Prefixed unit in which the largest value is readable, and how many of it a unit has.
fn unit_of(unit: &str, values: impl Iterator<Item = f64>) -> (f64, String) {
    let largest = values.fold(0.0_f64, |most, value| most.max(value.abs()));
    crate::figure::prefixed(unit, largest)
}
