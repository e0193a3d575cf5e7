//! The columns of a table of conductances.

use analog_substrate::{arrays::Bank, device::Stuck};

/// Names of the columns.
pub(super) const COLUMNS: [&str; 12] = [
    "row",
    "column",
    "tile_row",
    "tile_column",
    "plus_asked_S",
    "plus_achieved_S",
    "plus_error_S",
    "plus_stuck",
    "minus_asked_S",
    "minus_achieved_S",
    "minus_error_S",
    "minus_stuck",
];

/// The words for what a device can be.
pub(super) const STUCK: [(&str, Stuck); 3] = [
    ("free", Stuck::Free),
    ("on", Stuck::On),
    ("off", Stuck::Off),
];

/// The four fields of a polarity at one crosspoint.
pub(super) fn fields(bank: &Bank, at: (usize, usize)) -> [String; 4] {
    let (asked, achieved) = (bank.asked[at], bank.achieved[at]);
    let word = STUCK.iter().find(|(_, stuck)| *stuck == bank.stuck[at]);
    [
        number(asked),
        number(achieved),
        number(achieved - asked),
        word.map_or("", |(word, _)| word).to_owned(),
    ]
}

/// The shortest decimal that reads back as the same double.
fn number(value: f64) -> String {
    format!("{value:e}")
}
