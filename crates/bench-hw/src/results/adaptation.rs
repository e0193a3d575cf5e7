//! `adapt.json`: what chips came to that learned on.

use super::{
    ResultFile,
    table::{Row, Table, Tabled},
};
use crate::adaptation::{Adapted, Best, Course, median};
use serde::{Deserialize, Serialize};

/// Chips before and after they learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adaptations {
    /// Name and version of this layout.
    pub schema: String,
    /// Version of gradep.
    pub version: String,
    /// The model: the BLAKE3 of its file.
    pub model: String,
    /// The spec of the chips.
    pub chip: String,
    /// What the command line sets in it.
    pub set: Vec<String>,
    /// The chips that they are compared with, in words.
    pub reference: String,
    /// Seed of the chips.
    pub chip_seed: u64,
    /// Seed of the starting noise.
    pub seed: u64,
    /// The metric that decides.
    pub metric: String,
    /// What samples are held against, in words.
    pub against: String,
    /// Samples of each measurement.
    pub n: usize,
    /// How they learned.
    pub course: Course,
    /// Updates at each later age; none where there was no refresh.
    pub refresh: Option<u64>,
    /// Loss of as many further updates at exact equilibria, mean of the first epoch and of the last.
    pub control_losses: [f64; 2],
    /// What weights for a population were learned from; none where there are none.
    pub population: Option<OfPopulation>,
    /// The chips.
    pub chips: Vec<Adapted>,
}

/// Weights for all chips of a design.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OfPopulation {
    /// Different chips that updates were made on in turn.
    pub chips: u64,
    /// Number of the first of them.
    pub first: u64,
    /// Loss that they read, mean of the first epoch and of the last.
    pub losses: [f64; 2],
}

/// Columns of `adapt.csv`, before those of later ages.
const COLUMNS: &[&str] = &[
    "study",
    "chip",
    "chip_number",
    "before",
    "before_time",
    "after",
    "after_time",
    "exact",
    "control",
    "population",
    "won_back_of_exact",
    "won_back_of_control",
    "population_won_back_of_control",
    "loss_first",
    "loss_last",
    "updates",
    "refused",
    "time_s",
    "energy_j",
    "moves",
    "update_pulses",
    "update_most_pulses",
    "update_time_s",
    "update_energy_j",
    "n",
];

/// What precedes a later age in the names of the columns of a refresh: distance, updates, seconds, joules and moves.
const REFRESH: &[&str; 5] = &[
    "refreshed_",
    "refresh_updates_",
    "refresh_time_s_",
    "refresh_energy_j_",
    "refresh_moves_",
];

impl ResultFile for Adaptations {
    const NAME: &'static str = "adapt.json";
    const SCHEMA: &'static str = "gradep-adapt-1";

    fn table_name(&self) -> &'static str {
        "adapt.csv"
    }
}

impl Adaptations {
    /// Shares that were won back against the reference with as many further updates, of each chip that lost anything.
    pub fn won_back(&self) -> Vec<f64> {
        let chips = self.chips.iter();
        chips
            .filter_map(|chip| chip.recovery().of_control)
            .collect()
    }

    /// [`Self::won_back`] by weights for a population, of each chip that lost anything.
    pub fn won_back_by_population(&self) -> Vec<f64> {
        let shares = self.chips.iter().map(Adapted::recovery_of_population);
        shares.filter_map(|share| share?.of_control).collect()
    }

    /// The middle value of shares and the smallest; none of none.
    pub fn median_and_worst(shares: &[f64]) -> Option<(f64, f64)> {
        let worst = shares.iter().copied().fold(f64::INFINITY, f64::min);
        Some((median(shares.iter().copied())?, worst))
    }
}

/// A row for every chip; a column for every later age.
impl Tabled for Adaptations {
    fn table(&self) -> Table {
        let ages = self.chips.first().map_or(&[][..], |chip| &chip.later);
        let ages: Vec<String> = ages.iter().map(|later| age(later.seconds)).collect();
        let names = ages.iter().flat_map(|name| {
            let refresh: &[&str] = if self.refresh.is_some() { REFRESH } else { &[] };
            let all = ["", "unadapted_"].iter().chain(refresh);
            all.map(move |prefix| format!("{prefix}{name}").into())
        });
        let mut table = Table::new(COLUMNS, &names.collect::<Vec<_>>(), false);
        for chip in &self.chips {
            let distance = |best: Option<Best>| best.map(|best| best.distance);
            let share = chip.recovery();
            let row = Row::default()
                .text("study", "adapt")
                .text("chip", &self.chip)
                .whole("chip_number", Some(chip.chip))
                .number("before", Some(chip.before.distance))
                .number("before_time", Some(chip.before.time))
                .number("after", Some(chip.after.distance))
                .number("after_time", Some(chip.after.time))
                .number("exact", distance(chip.exact))
                .number("control", distance(chip.control))
                .number("population", distance(chip.population))
                .number("won_back_of_exact", share.of_exact)
                .number("won_back_of_control", share.of_control)
                .number(
                    "population_won_back_of_control",
                    chip.recovery_of_population()
                        .and_then(|share| share.of_control),
                )
                .number("loss_first", Some(chip.losses[0]))
                .number("loss_last", Some(chip.losses[1]))
                .whole("updates", Some(chip.updates))
                .whole("refused", Some(chip.refused))
                .number("time_s", Some(chip.seconds))
                .number("energy_j", Some(chip.joules))
                .whole("moves", chip.moves)
                .whole("update_pulses", chip.updating.map(|took| took.pulses))
                .whole(
                    "update_most_pulses",
                    chip.updating.map(|took| u64::from(took.most)),
                )
                .number("update_time_s", chip.updating.and_then(|took| took.seconds))
                .number(
                    "update_energy_j",
                    chip.updating.and_then(|took| took.joules),
                )
                .whole("n", Some(self.n as u64));
            let later = chip.later.iter();
            table.push(later.fold(row, |row, later| {
                let name = age(later.seconds);
                let row = row
                    .number(&name, Some(later.best.distance))
                    .number(&format!("unadapted_{name}"), Some(later.unadapted.distance));
                let Some(refreshed) = &later.refreshed else {
                    return row;
                };
                let [distance, updates, time, energy, moves] =
                    [0, 1, 2, 3, 4].map(|k| format!("{}{name}", REFRESH[k]));
                row.number(&distance, Some(refreshed.best.distance))
                    .whole(&updates, Some(refreshed.updates))
                    .number(&time, Some(refreshed.seconds))
                    .number(&energy, Some(refreshed.joules))
                    .whole(&moves, refreshed.moves)
            }));
        }
        table
    }
}

fn age(seconds: f64) -> String {
    format!("after_{seconds}_s")
}
