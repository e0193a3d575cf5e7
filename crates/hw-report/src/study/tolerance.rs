//! How the quality of every chip leaves its limit.

use super::{PERCENT, StudyFigures, meaning, unit_of, with_unit};
use crate::figure::{ChipCurve, Reference, ToleranceCurves};
use bench_hw::sweep::{ChipTolerance, Tolerance};

impl StudyFigures<'_> {
    /// Does something with the curves of all chips; with none where the document has no tolerance.
    pub(super) fn tolerance<T>(self, act: impl FnOnce(&ToleranceCurves<'_>) -> T) -> T {
        let found = self.document.tolerance.as_ref();
        let chips = found
            .map(|found| found.chips.as_slice())
            .unwrap_or_default();
        let (key, unit) = found.map_or(("", "1"), |found| (&found.key, &found.unit));
        let tried = chips.iter().flat_map(|chip| &chip.evaluations);
        let (factor, unit) = unit_of(unit, tried.map(|evaluation| evaluation.number));
        let curves: Vec<ChipCurve> = chips
            .iter()
            .map(|chip| curve(chip, factor))
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let levels = found.map(|found| levels(found, factor)).unwrap_or_default();
        let within = self.document.question.settings["within"].as_f64();
        act(&ToleranceCurves {
            heading: &format!("How much {key} chip {} bears", self.document.question.chip),
            caption: &format!(
                "{}{} {}",
                meaning(key),
                self.conditions(chips.len()),
                found.map(Tolerance::sentence).unwrap_or_default()
            ),
            label: &with_unit(key, &unit),
            metric: self.headline(),
            chips: &curves,
            limit: Reference {
                label: "limit",
                value: PERCENT * within.unwrap_or_default(),
            },
            levels: &levels,
        })
    }
}

/// Level and excess in per cent, where a chip was tried and did not fail.
fn curve(chip: &ChipTolerance, factor: f64) -> ChipCurve {
    let tried = chip.evaluations.iter();
    ChipCurve {
        points: tried
            .filter_map(|at| Some((factor * at.number, PERCENT * at.excess?)))
            .collect(),
    }
}

/// The levels worth noticing, with their names.
fn levels(found: &Tolerance, factor: f64) -> Vec<(String, f64)> {
    let interval = format!("{:.1} % interval of the median", PERCENT * found.coverage);
    let median = format!("half of the chips bear {}", found.median.text);
    let low = format!("{interval}: {}", found.low.text);
    let all = [
        (median, &found.median),
        (low, &found.low),
        (found.high.text.clone(), &found.high),
    ];
    let known = all
        .into_iter()
        .filter_map(|(label, bound)| Some((label, factor * bound.number?)));
    known.collect()
}
