//! Rows of the tables: what documents hold, by the names of the columns.

use super::{
    quality::{Curve, Point, Quality},
    study::{Axis, Cell, ChipCost, Spread, Study},
    table::{COMMON, ERROR, OF_QUALITY, OF_STUDIES, Row, Table, Tabled},
};
use crate::metrics::{Score, decisive};
use std::borrow::Cow;

/// Where a metric's column lies: the one that decides first, then by name.
fn ordered<'a>(names: impl IntoIterator<Item = &'a str>, decisive: &str) -> Vec<Cow<'a, str>> {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    names.dedup();
    names.sort_by_key(|name| *name != decisive);
    names.into_iter().map(Cow::Borrowed).collect()
}

/// A row for every point of every curve, for the floor, and for every baseline.
impl Tabled for Quality {
    fn table(&self) -> Table {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let scores: Vec<Vec<(String, Score)>> = points().map(named).collect();
        let keys = scores.iter().flatten().map(|(key, _)| key.as_str());
        let metrics = ordered(keys, self.decisive());
        let mut table = Table::new(COMMON.iter().chain(OF_QUALITY), &metrics, true);
        let mut floors = Row::default();
        let mut all = scores.iter();
        for curve in &self.curves {
            for (point, scores) in curve.points.iter().zip(all.by_ref()) {
                let row = of_point(curve, point);
                table.push(scores.iter().fold(row, |row, (key, score)| {
                    row.number(key, score.value)
                        .number(&format!("{key}{ERROR}"), score.standard_error)
                }));
                floors = floors.values(
                    scores
                        .iter()
                        .map(|(key, score)| (key.as_str(), score.floor)),
                );
            }
        }
        let n = Some(self.n as u64);
        let reference = |row: Row, role, label| {
            row.text("study", "quality")
                .text("role", role)
                .text("setting", label)
                .whole("n", n)
        };
        table.push(reference(floors, "floor", "real images"));
        for line in &self.baselines {
            let values = line.scores.iter();
            let values = values.map(|(key, score)| (key.as_str(), Some(score.value)));
            table.push(reference(
                Row::default().values(values),
                "baseline",
                &line.label,
            ));
        }
        table
    }
}

fn named(point: &Point) -> Vec<(String, Score)> {
    let scores = point.scores.named();
    scores.map(|(key, score)| (key.to_owned(), score)).collect()
}

fn of_point(curve: &Curve, point: &Point) -> Row {
    let n = point.scores.named().map(|(_, score)| score.n);
    Row::default()
        .text("study", "quality")
        .text("role", "measured")
        .text("setting", &curve.label)
        .text("chip", curve.chip.as_deref().unwrap_or_default())
        .text("mode", curve.mode.name())
        .text("run", &curve.run)
        .whole("chip_number", curve.chip_seed)
        .whole("sampling_seed", Some(curve.sampling_seed))
        .number("flow_time", Some(point.flow_time))
        .number("relaxation_tau", point.relaxation_tau)
        .number("time_s", point.seconds)
        .number("energy_j", point.joules)
        .number("iterations", Some(point.sweeps_or_steps))
        .number("mean_evaluations", point.mean_evaluations)
        .whole("most_evaluations", point.most_evaluations)
        .number("unsettled_share", point.unsettled_share)
        .number("speed_share", point.speed_share)
        .number("beyond_share", point.reach.map(|reach| reach.beyond_share))
        .number("largest_rms", point.reach.map(|reach| reach.largest_rms))
        .whole("n", n.max().map(|n| n as u64))
}

/// A row for every chip of every cell or level, of the chips without imperfections, and for the floor.
impl Tabled for Study {
    fn table(&self) -> Table {
        let mut keys: Vec<&str> = self.ideal.keys().map(String::as_str).collect();
        keys.extend(
            self.cells
                .iter()
                .flat_map(|cell| cell.scores.keys().map(String::as_str)),
        );
        let metrics = ordered(keys, &self.question.decisive);
        let mut table = Table::new(COMMON.iter().chain(OF_STUDIES), &metrics, false);
        for cell in &self.cells {
            let levels = self.axes.iter().zip(&cell.values).enumerate();
            let row = levels.fold(
                self.row("measured", &cell.values.join(", ")),
                |row, (at, (axis, value))| with_level(row, at + 1, axis, value),
            );
            of_cell(&mut table, &row, cell);
        }
        if let Some(whole) = &self.whole {
            of_cell(&mut table, &self.row("whole", "whole chip"), whole);
        }
        self.of_tolerance(&mut table);
        of_cell(
            &mut table,
            &self.row("ideal", "ideal chip"),
            &self.ideal_cell,
        );
        let floors = self
            .ideal
            .iter()
            .map(|(key, score)| (key.as_str(), score.floor));
        table.push(
            Row::default()
                .text("study", self.question.kind.name())
                .text("role", "floor")
                .text("setting", "real images")
                .whole("n", Some(self.question.n as u64))
                .values(floors),
        );
        table
    }
}

impl Study {
    fn row(&self, role: &str, setting: &str) -> Row {
        let question = &self.question;
        Row::default()
            .text("study", question.kind.name())
            .text("role", role)
            .text("setting", setting)
            .text("chip", &question.chip)
            .text("mode", &question.mode)
            .text("run", &question.run)
            .number("flow_time", Some(question.flow_time))
            .whole("n", Some(question.n as u64))
    }

    /// Every level at which a chip was tried.
    fn of_tolerance(&self, table: &mut Table) {
        let Some(tolerance) = &self.tolerance else {
            return;
        };
        for chip in &tolerance.chips {
            for tried in &chip.evaluations {
                let (value, unit) = in_si(tried.number, &tolerance.unit);
                let level = format!("{value} {unit}");
                let fd = tried.fd_features.map(|fd| (decisive(true), Some(fd)));
                let row = with_cost(self.row("measured", &level), tried.cost.as_ref());
                table.push(
                    row.whole("chip_number", Some(chip.chip))
                        .text("key_1", &tolerance.key)
                        .text("level_1", &level)
                        .number("value_1", Some(value))
                        .text("unit_1", unit)
                        .number("excess", tried.excess)
                        .number("velocity_error", tried.velocity_error)
                        .values(
                            tried
                                .scores
                                .iter()
                                .map(|(key, value)| (key.as_str(), Some(*value))),
                        )
                        .values(fd),
                );
            }
        }
    }
}

/// Key and level of the axis number `at` from 1: as it was given, and as a number in its SI unit.
pub(super) fn with_level(row: Row, at: usize, axis: &Axis, level: &str) -> Row {
    let place = axis.values.iter().position(|value| value == level);
    let number = place.and_then(|place| axis.numbers.get(place).copied().flatten());
    let si = number.map(|number| in_si(number, &axis.unit));
    row.text(&format!("key_{at}"), &axis.key)
        .text(&format!("level_{at}"), level)
        .number(&format!("value_{at}"), si.map(|(value, _)| value))
        .text(&format!("unit_{at}"), si.map_or("", |(_, unit)| unit))
}

/// A number of an axis in its SI unit; percentages are shares.
fn in_si(number: f64, unit: &str) -> (f64, &str) {
    if unit == "%" {
        (number / 100.0, "1")
    } else {
        (number, unit)
    }
}

/// A row for each chip of a cell; of a chip that failed there is nothing but its number.
fn of_cell(table: &mut Table, row: &Row, cell: &Cell) {
    for chip in 0..cell.chips {
        let at = |values: &[Option<f64>]| values.get(chip).copied().flatten();
        let scores = cell.scores.iter();
        let cost = cell.costs.get(chip).and_then(Option::as_ref);
        let velocity =
            |spread: &Option<Spread>| spread.as_ref().and_then(|spread| at(&spread.chips));
        table.push(
            with_cost(row.clone(), cost)
                .whole("chip_number", Some(chip as u64))
                .number("excess", at(&cell.excess.chips))
                .number("velocity_error", velocity(&cell.velocity_error))
                .number("velocity_error_rms", velocity(&cell.velocity_error_rms))
                .values(scores.map(|(key, spread)| (key.as_str(), at(&spread.chips)))),
        );
    }
}

fn with_cost(row: Row, cost: Option<&ChipCost>) -> Row {
    row.number("relaxation_tau", cost.map(|cost| cost.relaxation_tau))
        .number("time_s", cost.map(|cost| cost.seconds))
        .number("energy_j", cost.map(|cost| cost.joules))
}
