//! Quantities over the levels of one key.

use super::{PERCENT, StudyFigures, meaning, quantiles, unit_of, with_unit};
use crate::{
    figure::{LevelAxis, Reference, SweepCurves, SweepPanel, SweepPoint},
    metric,
};
use bench_hw::sweep::{Axis, Cell};

/// What a panel shows.
struct Shown {
    title: &'static str,
    label: String,
    line: &'static str,
    band: &'static str,
    points: Vec<SweepPoint>,
    has_ideal: bool,
    is_share: bool,
}

impl StudyFigures<'_> {
    /// Does something with the curves over one key.
    pub(super) fn curves<T>(self, axis: &Axis, act: impl FnOnce(&SweepCurves<'_>) -> T) -> T {
        let (label, numbers) = scaled(axis);
        let numbers = numbers.as_deref();
        let ideal = self.ideal_reference().map(|value| Reference {
            label: "ideal chip",
            value,
        });
        let shown = self.shown(numbers);
        let panels: Vec<SweepPanel<'_>> = shown
            .iter()
            .filter(|shown| !shown.points.is_empty())
            .map(|shown| SweepPanel {
                title: shown.title,
                label: &shown.label,
                line: shown.line,
                band: shown.band,
                points: &shown.points,
                references: if shown.has_ideal {
                    ideal.as_slice()
                } else {
                    &[]
                },
                is_share: shown.is_share,
            })
            .collect();
        let (chips, rule) = self.chips_and_rule();
        act(&SweepCurves {
            heading: &format!("{} on chip {}", axis.key, self.document.question.chip),
            caption: &format!(
                "{}{} Yield: {rule}.{}",
                meaning(&axis.key),
                self.conditions(chips),
                self.paired_error()
            ),
            axis: LevelAxis {
                label: &label,
                names: &axis.values,
                numbers,
            },
            panels: &panels,
        })
    }

    fn shown(self, numbers: Option<&[f64]>) -> [Shown; 4] {
        let over = |value: &dyn Fn(&Cell) -> Option<[f64; 3]>| self.points(numbers, value);
        let decisive = self.decisive();
        let score = |key: &str| {
            let key = key.to_owned();
            move |cell: &Cell| {
                let spread = cell.scores.get(&key);
                spread.and_then(|spread| quantiles(spread, 1.0))
            }
        };
        let of_chips = |title, label, points| Shown {
            title,
            label,
            line: "median of the chips",
            band: "5 to 95 % of the chips",
            points,
            has_ideal: false,
            is_share: false,
        };
        let velocity = |cell: &Cell| quantiles(cell.velocity_error.as_ref()?, PERCENT);
        [
            Shown {
                has_ideal: true,
                ..of_chips(
                    "Distance to real images (lower is better)",
                    self.headline().to_owned(),
                    over(&score(decisive)),
                )
            },
            Shown {
                line: "share of the chips",
                band: "95 % interval (Wilson)",
                is_share: true,
                ..of_chips(
                    "Yield",
                    "share of chips within the rule".to_owned(),
                    over(&|cell| {
                        let share = cell.yielded.share;
                        Some([share.low, share.share, share.high])
                    }),
                )
            },
            of_chips(
                "Velocity",
                "median velocity error (%)".to_owned(),
                over(&velocity),
            ),
            Shown {
                is_share: true,
                ..of_chips(
                    "Diversity (higher is better)",
                    metric::label("coverage").to_owned(),
                    over(&score("coverage")),
                )
            },
        ]
    }

    /// A quantity at the levels where there is one, in the order of their numbers.
    fn points(
        self,
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
    fn paired_error(self) -> String {
        let cells = self.document.cells.iter();
        let errors = cells.filter_map(|cell| cell.excess_standard_error);
        let largest = errors.fold(0.0_f64, f64::max);
        format!(
            " The excess of one chip has a standard error of at most {:.1} % from its samples (paired \
             jackknife, mean over chips).",
            PERCENT * largest
        )
    }
}

/// Label and levels of an axis in a unit with a prefix.
pub(crate) fn scaled(axis: &Axis) -> (String, Option<Vec<f64>>) {
    let Some(numbers) = axis.all_numbers() else {
        return (axis.key.clone(), None);
    };
    let (factor, unit) = unit_of(&axis.unit, numbers.iter().copied());
    let numbers = numbers.iter().map(|n| factor * n).collect();
    (with_unit(&axis.key, &unit), Some(numbers))
}
