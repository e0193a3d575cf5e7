//! What a key of a hardware spec is.

use units::{Quantity, Unit};

pub(super) const CLOCK: &str = "in the clock of every result";
pub(super) const LEDGER: &str = "in the energy ledger of every result";

/// One key of a hardware spec: what it means, how it enters the equations, and how it is switched
/// off.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted name, such as `node.capacitance`.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it is, in one clause.
    pub meaning: &'static str,
    /// How it enters the equations.
    pub formula: &'static str,
    /// When it acts.
    pub acts: &'static str,
    /// Where the formula is from.
    pub source: &'static str,
    /// Whether it is an imperfection or a cost, and where its exact zero is.
    pub off: Off,
    /// The keys without all of which it does nothing; none: it needs no other.
    pub with: &'static [&'static str],
}

/// The values that a key takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A number with a unit.
    Quantity {
        /// The unit.
        unit: Unit,
        /// Smallest value that means anything, in the unit.
        least: f64,
        /// Largest value that means anything, in the unit.
        most: f64,
        /// Whether it may differ from element to element.
        distributed: bool,
        /// The word for having none.
        none: Option<&'static str>,
    },
    /// A whole number, or the word for having none.
    Count {
        /// Smallest number.
        least: u32,
        /// Largest number.
        most: u32,
        /// The word for having none.
        none: &'static str,
    },
    /// One of some words.
    Choice {
        /// The words.
        words: &'static [&'static str],
        /// The word for leaving the choice open.
        none: Option<&'static str>,
    },
    /// `true` or `false`.
    Switch,
}

/// The exact zero of a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Off {
    /// It has none: it is a scale, a choice or a detail of another key.
    Never,
    /// Its spread is 0; the nominal value is a scale.
    Spread,
    /// This value, in its unit, without spread.
    Value(f64),
    /// The word for having none.
    None,
    /// `false`.
    False,
}

impl Key {
    /// Whether it costs time or energy and changes nothing else.
    pub fn is_cost(&self) -> bool {
        [CLOCK, LEDGER].contains(&self.acts)
    }
}

impl Kind {
    /// What values are expected, as a message says it.
    pub fn expected(&self) -> String {
        match *self {
            Self::Quantity {
                unit,
                least,
                most,
                none,
                ..
            } => {
                let show = |value| Quantity { value, unit }.to_string();
                let example = unit.example();
                let word = none.map_or(String::new(), |word| format!(", or \"{word}\""));
                let dimension = unit.dimension();
                let (least, most) = (show(least), show(most));
                format!("{dimension} such as {example}, from {least} to {most}{word}")
            }
            Self::Count { least, most, none } => {
                format!("a whole number from {least} to {most}, or \"{none}\"")
            }
            Self::Choice { words, none } => {
                let quoted: Vec<_> = words
                    .iter()
                    .chain(none.iter())
                    .map(|word| format!("\"{word}\""))
                    .collect();
                quoted.join(" or ")
            }
            Self::Switch => "true or false".to_owned(),
        }
    }

    /// The word for having none.
    pub fn none(&self) -> Option<&'static str> {
        match *self {
            Self::Quantity { none, .. } | Self::Choice { none, .. } => none,
            Self::Count { none, .. } => Some(none),
            Self::Switch => None,
        }
    }

    /// The unit of its numbers; dimensionless where there are none.
    pub fn unit(&self) -> Unit {
        match *self {
            Self::Quantity { unit, .. } => unit,
            _ => Unit::One,
        }
    }

    /// Whether it may differ from element to element.
    pub fn is_distributed(&self) -> bool {
        matches!(
            self,
            Self::Quantity {
                distributed: true,
                ..
            }
        )
    }
}
