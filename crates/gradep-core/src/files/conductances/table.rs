//! The columns of a table of conductances.

use analog_substrate::{arrays::Bank, device::Stuck};

/// Names of the columns.
pub(super) const COLUMNS: [&str; 14] = [
    "row",
    "column",
    "tile_row",
    "tile_column",
    "plus_asked_S",
    "plus_achieved_S",
    "plus_error_S",
    "plus_stuck",
    "plus_drift",
    "minus_asked_S",
    "minus_achieved_S",
    "minus_error_S",
    "minus_stuck",
    "minus_drift",
];

/// The words for what a device can be.
pub(super) const STUCK: [(&str, Stuck); 3] = [
    ("free", Stuck::Free),
    ("on", Stuck::On),
    ("off", Stuck::Off),
];

/// The five fields of a polarity at one crosspoint.
pub(super) fn fields(bank: &Bank, at: (usize, usize)) -> [String; 5] {
    let (asked, achieved) = (bank.asked[at], bank.achieved[at]);
    let word = STUCK.iter().find(|(_, stuck)| *stuck == bank.stuck[at]);
    let drift = bank
        .drift
        .as_ref()
        .map_or(String::new(), |drift| number(drift[at]));
    [
        number(asked),
        number(achieved),
        number(achieved - asked),
        word.map_or("", |(word, _)| word).to_owned(),
        drift,
    ]
}

/// The shortest decimal that reads back as the same double.
fn number(value: f64) -> String {
    format!("{value:e}")
}
