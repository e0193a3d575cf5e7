//! Every key of a hardware spec.

mod arrays;
mod blocks;
mod node;
mod periphery;
mod updates;

use super::{
    Key, Kind, Off,
    key::{CLOCK, LEDGER},
};
use units::{Unit, nearest};

const ALONG: &str = "at every instant of a relaxation";
const DRAWN: &str = "along every relaxation; drawn once per chip and node";

/// A number that is the same in every element.
const fn plain(unit: Unit, least: f64, most: f64) -> Kind {
    Kind::Quantity {
        unit,
        least,
        most,
        distributed: false,
        none: None,
    }
}

/// A number that can differ from element to element.
const fn distributed(unit: Unit, least: f64, most: f64) -> Kind {
    Kind::Quantity {
        unit,
        least,
        most,
        distributed: true,
        none: None,
    }
}

/// A number, or a word for having none.
const fn optional(unit: Unit, least: f64, most: f64, none: &'static str) -> Kind {
    Kind::Quantity {
        unit,
        least,
        most,
        distributed: false,
        none: Some(none),
    }
}

/// The keys of each file.
const SECTIONS: &[&[Key]] = &[
    node::NODE,
    arrays::ARRAYS,
    updates::UPDATES,
    blocks::BLOCKS,
    periphery::PERIPHERY,
];

/// Every key, in the order in which specs are written and shown.
pub static KEYS: &[Key] = &joined::<{ count() }>();

const fn count() -> usize {
    let (mut section, mut count) = (0, 0);
    while section < SECTIONS.len() {
        count += SECTIONS[section].len();
        section += 1;
    }
    count
}

/// The keys of all sections, one after another.
const fn joined<const N: usize>() -> [Key; N] {
    let mut all = [SECTIONS[0][0]; N];
    let (mut section, mut filled) = (0, 0);
    while section < SECTIONS.len() {
        let mut key = 0;
        while key < SECTIONS[section].len() {
            all[filled] = SECTIONS[section][key];
            filled += 1;
            key += 1;
        }
        section += 1;
    }
    all
}

/// The key of a dotted name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// Whether keys begin with this section.
pub(super) fn is_section(name: &str) -> bool {
    KEYS.iter().any(|key| {
        key.name
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The key most similar to a name.
pub(super) fn nearest_key(name: &str) -> Option<String> {
    let others = [
        "name",
        "summary",
        "inherits",
        "device",
        "golden",
        "wires.node",
    ];
    nearest(name, KEYS.iter().map(|key| key.name).chain(others))
}
