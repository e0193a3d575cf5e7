//! Why a hardware spec was refused.

use super::SHIPPED;
use crate::device::DeviceError;
use std::path::PathBuf;
use units::{
    Origin, QuantityError,
    fault::{Blame, Fault},
};

/// Why a hardware spec was refused; the message names file, key, value and what was expected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Neither a shipped spec nor a file.
    #[error(
        "`{reference}` is neither a hardware spec nor a file{}; specs are {}",
        suggestion(nearest.as_deref()), names().join(", ")
    )]
    Unknown {
        /// What was asked for.
        reference: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// The file cannot be read as text.
    #[error("{}: cannot be read: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        reason: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{file}: is not valid TOML: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Line, column and cause, from the parser.
        message: String,
    },
    /// An override has no `=`.
    #[error("override `{text}` is not of the form key=value, e.g. node.capacitance=\"50 fF\"")]
    NotAnAssignment {
        /// The override.
        text: String,
    },
    /// No key has this name.
    #[error("{origin}: unknown key `{key}`{}", suggestion(nearest.as_deref()))]
    UnknownKey {
        /// Where it stands.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// The most similar key.
        nearest: Option<String>,
    },
    /// A value does not fit its key.
    #[error("{origin}: `{key}` = {value}: {problem}")]
    BadValue {
        /// Where it stands.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// The value as TOML, cut if long.
        value: String,
        /// What is wrong with it, and what was expected.
        problem: Box<Problem>,
    },
    /// A spec that inherits nothing lacks a key.
    #[error("{file}: key `{key}` is missing; give it, or begin with inherits = \"ideal\"")]
    Incomplete {
        /// The file.
        file: String,
        /// The first key that is missing.
        key: &'static str,
    },
    /// The spec that is inherited from cannot be had.
    #[error("{origin}: `inherits` = {parent:?}: {reason}")]
    Parent {
        /// Where it is named.
        origin: Origin,
        /// The name or path.
        parent: String,
        /// Why.
        reason: Box<SpecError>,
    },
    /// The device of the arrays cannot be had.
    #[error("{origin}: `device` = {device:?}: {reason}")]
    Device {
        /// Where it is named.
        origin: Origin,
        /// The name or path.
        device: String,
        /// Why.
        reason: Box<DeviceError>,
    },
    /// A spec inherits from itself.
    #[error("{file}: inherits from itself: {}", chain.join(" -> "))]
    Cycle {
        /// The spec.
        file: String,
        /// The chain of specs back to it.
        chain: Vec<String>,
    },
    /// Too many generations.
    #[error("{file}: inherits over more than {limit} generations: {}", chain.join(" -> "))]
    TooDeep {
        /// The spec.
        file: String,
        /// How many are allowed.
        limit: usize,
        /// The chain of specs.
        chain: Vec<String>,
    },
    /// A golden check does not hold.
    #[error("{file}: golden.{name} is {actual}, expected {expected} ± {tolerance}")]
    Golden {
        /// The spec.
        file: String,
        /// Which derived quantity.
        name: &'static str,
        /// What the spec gives.
        actual: String,
        /// What it says that it gives.
        expected: String,
        /// Largest difference allowed.
        tolerance: String,
    },
}

impl Blame for SpecError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { reason, .. } => reason.fault(),
            Self::Parent { reason, .. } => reason.fault(),
            Self::Device { reason, .. } => reason.fault(),
            Self::Unknown { .. }
            | Self::Syntax { .. }
            | Self::NotAnAssignment { .. }
            | Self::UnknownKey { .. }
            | Self::BadValue { .. }
            | Self::Incomplete { .. }
            | Self::Cycle { .. }
            | Self::TooDeep { .. }
            | Self::Golden { .. } => Fault::Input,
        }
    }
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// It is no value of the key.
    #[error("expected {expected}")]
    Expected {
        /// What the key takes.
        expected: String,
    },
    /// It is no quantity of the key's unit.
    #[error("{reason}; expected {expected}")]
    Quantity {
        /// What is wrong with the text.
        reason: QuantityError,
        /// What the key takes.
        expected: String,
    },
    /// It is outside the validity range.
    #[error("is outside the validity range, {least} to {most} (given at {given})")]
    OutOfRange {
        /// Smallest valid value.
        least: String,
        /// Largest valid value.
        most: String,
        /// Where the range was given.
        given: Origin,
    },
    /// The key's values do not differ from element to element.
    #[error("the key takes no {field}, its value is the same in every element of a chip")]
    NotDistributed {
        /// `spread` or `law`.
        field: &'static str,
    },
    /// The spread does not go with the nominal value.
    #[error("{0}")]
    Spread(SpreadProblem),
}

/// Why a spread does not go with its nominal value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpreadProblem {
    /// Elements of the wrong sign would be drawn.
    #[error(
        "values of the wrong sign would be drawn; expected at most a quarter of the value, or \
         law = \"log-normal\""
    )]
    ChangesSign,
    /// A share of zero.
    #[error("is a share of a value that is zero; expected an absolute spread")]
    ShareOfZero,
    /// A log-normal law around zero or less.
    #[error("expected a value above zero to go with it")]
    LogNormalNeedsPositive,
    /// A log-normal law that reaches beyond all meaning.
    #[error("expected a log-normal spread of at most the value itself")]
    TooWide,
}

/// The specs that come with the crate.
fn names() -> Vec<&'static str> {
    SHIPPED.iter().map(|spec| spec.name).collect()
}

/// `; did you mean …?`, or nothing.
fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}
