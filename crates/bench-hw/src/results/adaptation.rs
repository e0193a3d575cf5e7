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
    /// Loss of as many further updates at exact equilibria, mean of the first epoch and of the last.
    pub control_losses: [f64; 2],
    /// The chips.
    pub chips: Vec<Adapted>,
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
    "won_back_of_exact",
    "won_back_of_control",
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

    /// Their middle value and the smallest; none where no chip lost anything.
    pub fn median_and_worst(&self) -> Option<(f64, f64)> {
        let shares = self.won_back();
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
            let unadapted = format!("unadapted_{name}");
            [name.clone().into(), unadapted.into()]
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
                .number("won_back_of_exact", share.of_exact)
                .number("won_back_of_control", share.of_control)
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
                row.number(&name, Some(later.best.distance))
                    .number(&format!("unadapted_{name}"), Some(later.unadapted.distance))
            }));
        }
        table
    }
}

fn age(seconds: f64) -> String {
    format!("after_{seconds}_s")
}
