//! The values that a key takes.

use std::fmt;

/// The values that a key takes, by itself. What two keys allow together is checked by
/// [`Config::validate`](crate::config::Config::validate).
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    /// A line of text.
    Text,
    /// `true` or `false`.
    Switch,
    /// A list of whole numbers.
    Counts,
    /// A list of lines of text.
    Texts,
    /// One of the names that this function returns.
    Choice(fn() -> &'static [&'static str]),
    /// A whole number.
    Whole {
        /// The smallest.
        least: u64,
        /// The largest, if there is one below that of the type.
        most: Option<u64>,
    },
    /// A number.
    Number(Range),
}

/// A range of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Any finite number.
    Finite,
    /// Above 0.
    Positive,
    /// 0 or more.
    NotNegative,
    /// From 0 to 1.
    Share,
    /// From 0 to less than 1.
    Decay,
    /// 1 or more.
    OneOrMore,
}

impl Range {
    /// Whether a number is in it. NaN is in none.
    pub fn contains(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Finite => true,
                Self::Positive => value > 0.0,
                Self::NotNegative => value >= 0.0,
                Self::Share => (0.0..=1.0).contains(&value),
                Self::Decay => (0.0..1.0).contains(&value),
                Self::OneOrMore => value >= 1.0,
            }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Finite => "a finite number",
            Self::Positive => "a finite number above 0",
            Self::NotNegative => "a finite number, 0 or more",
            Self::Share => "a share from 0 to 1",
            Self::Decay => "at least 0 and less than 1",
            Self::OneOrMore => "a finite number, 1 or more",
        })
    }
}

impl Expected {
    /// Whether a number is one that the key takes; false where it takes no numbers.
    pub fn contains(self, value: f64) -> bool {
        match self {
            Self::Number(range) => range.contains(value),
            Self::Whole { least, most } => {
                value >= least as f64 && most.is_none_or(|most| value <= most as f64)
            }
            Self::Text | Self::Switch | Self::Counts | Self::Texts | Self::Choice(_) => false,
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Text => f.write_str("a line of text"),
            Self::Switch => f.write_str("true or false"),
            Self::Counts => f.write_str("a list of whole numbers"),
            Self::Texts => f.write_str("a list of texts"),
            Self::Choice(names) => {
                for (place, name) in names().iter().enumerate() {
                    let between = if place == 0 { "" } else { " or " };
                    write!(f, "{between}\"{name}\"")?;
                }
                Ok(())
            }
            Self::Whole {
                least,
                most: Some(most),
            } => write!(f, "a whole number from {least} to {most}"),
            Self::Whole { least, most: None } => write!(f, "a whole number, {least} or more"),
            Self::Number(range) => range.fmt(f),
        }
    }
}
