//! A study of chips drawn: curves or maps of a sweep, the ranking of imperfections, how much chips bear.
//!
//! Each is described once; [`StudyFigures::write`] draws the description as files, the page draws it in itself.

mod curves;
mod maps;
mod ranking;
#[cfg(test)]
mod tests;
mod tolerance;

pub(crate) use curves::scaled;

use crate::{chart::Chart, figure::FigureError, metric};
use analog_substrate::hw_spec::KEYS;
use bench_hw::sweep::{Axis, Cell, Spread, Study};
use std::path::{Path, PathBuf};

const PERCENT: f64 = 100.0;

/// What a document of a study is drawn as.
#[derive(Clone, Copy, Debug)]
pub struct StudyFigures<'a> {
    /// What was asked, and what came of it.
    pub document: &'a Study,
}

/// What suits a document.
enum Suits<'a> {
    /// One key: curves over its levels.
    Curves(&'a Axis),
    /// Two keys: a map for each quantity, since numbers over two keys lie in cells and not along an axis.
    Maps {
        rows: &'a Axis,
        columns: &'a Axis,
    },
    Ranking,
    Tolerance,
    Nothing,
}

impl<'a> StudyFigures<'a> {
    /// Draws what the document holds as `sweep`, `ranking` or `tolerance`, `.svg` and `.png`, into a
    /// folder; returns the files.
    ///
    /// # Errors
    /// [`FigureError`].
    pub fn write(self, folder: &Path) -> Result<Vec<PathBuf>, FigureError> {
        let name = match self.suits() {
            Suits::Ranking => "ranking",
            Suits::Tolerance => "tolerance",
            Suits::Curves(_) | Suits::Maps { .. } => "sweep",
            Suits::Nothing => return Ok(Vec::new()),
        };
        let files: Vec<PathBuf> = ["svg", "png"]
            .map(|extension| folder.join(format!("{name}.{extension}")))
            .into();
        for path in &files {
            match self.suits() {
                Suits::Curves(axis) => self.curves(axis, |figure| figure.write(path))?,
                Suits::Maps { rows, columns } => {
                    self.maps(rows, columns, |figure| figure.write(path))?;
                }
                Suits::Ranking => self.ranking(|figure| figure.write(path))?,
                Suits::Tolerance => self.tolerance(|figure| figure.write(path))?,
                Suits::Nothing => {}
            }
        }
        Ok(files)
    }

    /// The charts of the document: the curves of a sweep of one key, or what every chip bears.
    pub(crate) fn charts(self) -> Vec<Chart> {
        match self.suits() {
            Suits::Curves(axis) =>
            {
                #[expect(
                    clippy::redundant_closure_for_method_calls,
                    reason = "the method is of one lifetime, what is wanted of all"
                )]
                self.curves(axis, |figure| figure.charts())
            }
            Suits::Tolerance => self.tolerance(|figure| vec![figure.chart()]),
            Suits::Maps { .. } | Suits::Ranking | Suits::Nothing => Vec::new(),
        }
    }

    /// Does something with the ranking, if the document has one.
    pub(crate) fn with_ranking<T>(
        self,
        act: impl FnOnce(&crate::figure::Ranking<'_>) -> T,
    ) -> Option<T> {
        matches!(self.suits(), Suits::Ranking).then(|| self.ranking(act))
    }

    /// Does something with the maps, if the document is of two keys.
    pub(crate) fn with_maps<T>(
        self,
        act: impl FnOnce(&crate::figure::SweepMap<'_>) -> T,
    ) -> Option<T> {
        match self.suits() {
            Suits::Maps { rows, columns } => Some(self.maps(rows, columns, act)),
            _ => None,
        }
    }

    fn suits(self) -> Suits<'a> {
        let document = self.document;
        match (
            &document.ranking,
            &document.tolerance,
            document.axes.as_slice(),
        ) {
            (Some(_), ..) => Suits::Ranking,
            (_, Some(_), _) => Suits::Tolerance,
            (.., [axis]) => Suits::Curves(axis),
            (.., [rows, columns]) => Suits::Maps { rows, columns },
            _ => Suits::Nothing,
        }
    }

    /// What every caption says.
    fn conditions(self, chips: usize) -> String {
        let question = &self.document.question;
        let seed = &question.settings["seed"];
        format!(
            "Chip {}, {} mode, flow time {}; {chips} chips of {} samples each, track {}, seed {seed}: chip \
             k has the same draws and the same starting noise throughout.",
            question.chip, question.mode, question.flow_time, question.n, question.track
        )
    }

    fn ideal_reference(self) -> Option<f64> {
        self.document.ideal.get(self.decisive())?.value
    }

    /// The metric that decides about a chip.
    fn decisive(self) -> &'a str {
        &self.document.question.decisive
    }

    /// The same in words.
    fn headline(self) -> &'a str {
        metric::label(self.decisive())
    }

    /// How many chips each cell has, and by which rule they are good.
    fn chips_and_rule(self) -> (usize, &'a str) {
        let first = self.document.cells.first();
        first.map_or((0, ""), |cell| (cell.chips, cell.yielded.rule.as_str()))
    }
}

/// What a key of the spec means, as a sentence; nothing of what is no key.
pub(crate) fn meaning(key: &str) -> String {
    let find = |name: &str| KEYS.iter().find(|key| key.name == name);
    let found = match (find(key), key.rsplit_once('.')) {
        (Some(found), _) => Some(found.meaning.to_owned()),
        (None, Some((name, field))) => {
            find(name).map(|found| format!("{field} of the {}", found.meaning))
        }
        (None, None) => None,
    };
    found.map_or_else(String::new, |meaning| format!("{key}: {meaning}. "))
}

/// 5 %, 50 % and 95 % quantiles.
fn quantiles(spread: &Spread, factor: f64) -> Option<[f64; 3]> {
    Some([
        spread.p5? * factor,
        spread.median? * factor,
        spread.p95? * factor,
    ])
}

/// Median of a metric over the chips of a cell.
fn median_of(cell: &Cell, metric: &str) -> Option<f64> {
    cell.scores.get(metric)?.median
}

/// Prefixed unit in which the largest value is readable, and how many of it a unit has.
fn unit_of(unit: &str, values: impl Iterator<Item = f64>) -> (f64, String) {
    let largest = values.fold(0.0_f64, |most, value| most.max(value.abs()));
    crate::figure::prefixed(unit, largest)
}

/// A key with its unit.
fn with_unit(key: &str, unit: &str) -> String {
    match unit {
        "1" | "" => format!("{key} (dimensionless)"),
        unit => format!("{key} ({unit})"),
    }
}
