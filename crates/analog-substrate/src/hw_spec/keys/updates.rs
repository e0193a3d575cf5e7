//! `[array]`, when a chip learns: how updates are written on its devices.

use super::{
    super::{Key, Kind, Off, key::CLOCK},
    optional, plain,
};
use crate::device::MOST_PULSES;
use units::Unit;

const LEARNING: &str = "when a chip learns: at every update";
/// Families of M. J. Rasch et al., AICAS 2021, arXiv 2104.02184.
const RASCH: &str = "M. J. Rasch et al., AICAS 2021, arXiv 2104.02184";

pub(super) static UPDATES: &[Key] = &[
    Key {
        name: "array.update",
        kind: Kind::Choice {
            words: &["pulses", "mixed-precision", "rewrite"],
            none: Some("exact"),
        },
        meaning: "how an update moves devices; \"exact\": each by what is asked of it, from where it is",
        formula: "pulses: ΔG·P/(G_max − G_min) of them, rounded to a whole number by chance; mixed-precision: the same, saved up to whole ones in digital; rewrite: programmed anew towards weights kept in digital",
        acts: LEARNING,
        source: "mixed precision: S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020)",
        off: Off::None,
        with: &[],
    },
    Key {
        name: "array.update_pulses",
        kind: Kind::Count {
            least: 1,
            most: MOST_PULSES,
            none: "device",
        },
        meaning: "P, states of a device: a pulse in the middle of the range moves it by (G_max − G_min)/P; \"device\": as its file says, if it has a response to pulses",
        formula: "see array.update_law",
        acts: LEARNING,
        source: RASCH,
        off: Off::Never,
        with: &["array.update"],
    },
    Key {
        name: "array.update_law",
        kind: Kind::Choice {
            words: &["constant", "linear", "soft-bounds", "power", "exponential"],
            none: Some("device"),
        },
        meaning: "how the step depends on ω, the share of the range that is left in its way; \"device\": as its file says, P pulses from end to end, constant if it says nothing",
        formula: "ΔG·P/(G_max − G_min) = 1; 1 + γ(2ω − 1); 2ω; (2ω)^γ; (1 − exp(−γω))/(1 − exp(−γ/2)); γ: array.update_shape",
        acts: LEARNING,
        source: RASCH,
        off: Off::Never,
        with: &["array.update"],
    },
    Key {
        name: "array.update_shape",
        kind: plain(Unit::One, 1e-3, 30.0),
        meaning: "γ of the laws linear (1 at most), power and exponential",
        formula: "see array.update_law",
        acts: LEARNING,
        source: RASCH,
        off: Off::Never,
        with: &["array.update"],
    },
    Key {
        name: "array.update_asymmetry",
        kind: plain(Unit::One, -1.0, 1.0),
        meaning: "a: how much larger steps upwards are than the mean of both ways",
        formula: "upwards (1 + a) times, downwards (1 − a) times",
        acts: LEARNING,
        source: RASCH,
        off: Off::Value(0.0),
        with: &["array.update"],
    },
    Key {
        name: "array.update_cycle",
        kind: optional(Unit::One, 0.0, 10.0, "device"),
        meaning: "σ from pulse to pulse as a share of the step; \"device\": as its file says",
        formula: "step·(1 + update_cycle·N(0, 1))",
        acts: LEARNING,
        source: RASCH,
        off: Off::Never,
        with: &["array.update"],
    },
    Key {
        name: "array.update_variation",
        kind: plain(Unit::One, 0.0, 1.0),
        meaning: "σ of the step from device to device as a share of it, of each way on its own",
        formula: "step·(1 + update_variation·N(0, 1)), not below 0, drawn once per chip",
        acts: LEARNING,
        source: RASCH,
        off: Off::Value(0.0),
        with: &["array.update"],
    },
    Key {
        name: "array.update_order",
        kind: Kind::Choice {
            words: &["serial", "rows"],
            none: None,
        },
        meaning: "which devices are pulsed at once: one after another, or those of a row that go the same way",
        formula: "time of an update = pulse_time × pulses, or × Σ over rows of the most that one device has up and down",
        acts: CLOCK,
        source: "definition",
        off: Off::Never,
        with: &["array.update"],
    },
];
