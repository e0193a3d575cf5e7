//! Why a configuration was refused.

use super::{InvalidConfig, PRESETS};
use crate::data::DataError;
use analog_substrate::hw_spec::SpecError;
use std::path::PathBuf;
use units::{
    Origin,
    fault::{Blame, Fault},
};

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no such preset.
    #[error("unknown preset `{name}`{}; presets are {}", suggestion(nearest.as_deref()), PRESETS.join(", "))]
    UnknownPreset {
        /// What was asked for.
        name: String,
        /// The most similar preset.
        nearest: Option<String>,
    },
    /// Data that should say what they are cannot be read.
    #[error("{0}")]
    Data(#[from] DataError),
    /// The configuration file cannot be read.
    #[error("{}: cannot be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not TOML.
    #[error("{}: is not valid TOML: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, column and cause, from the parser.
        message: String,
    },
    /// An override has no `=`.
    #[error("override `{text}` is not of the form key=value, e.g. nudge.beta=1e-3")]
    NotAnAssignment {
        /// The override.
        text: String,
    },
    /// No key has this name.
    #[error("{origin}: unknown key `{key}`{}", suggestion(nearest.as_deref()))]
    UnknownKey {
        /// Who set it.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// The most similar key.
        nearest: Option<String>,
    },
    /// A key of hardware specs where there is no chip.
    #[error(
        "{origin}: `{key}` is a key of hardware specs, and there is no chip; name one with --chip SPEC (key chip.spec)"
    )]
    OfAChip {
        /// Who set it.
        origin: Origin,
        /// The dotted key.
        key: String,
    },
    /// Neither a configuration nor a hardware spec has a key of this name.
    #[error(
        "{origin}: `{key}` is neither a key of a configuration{} nor of the chip's spec{}",
        suggestion(nearest.as_deref()), suggestion(nearest_of_chips.as_deref())
    )]
    UnknownOnChip {
        /// Who set it.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// The most similar key of configurations.
        nearest: Option<String>,
        /// The most similar key of specs.
        nearest_of_chips: Option<String>,
    },
    /// The spec of the chip cannot be had.
    #[error("chip.spec: {0}")]
    Chip(#[source] Box<SpecError>),
    /// The value has the wrong type, or is none of the names that the key accepts.
    #[error("{origin}: `{key}` = {value}: expected {expected}")]
    BadValue {
        /// Who set it.
        origin: Origin,
        /// The dotted key.
        key: String,
        /// The value, as TOML.
        value: String,
        /// What the key accepts.
        expected: String,
    },
    /// A document that has to be complete lacks a key.
    #[error("{}: key `{key}` is missing", path.display())]
    Incomplete {
        /// The file.
        path: PathBuf,
        /// The first dotted key that is missing.
        key: String,
    },
    /// The values do not make a run that can work.
    #[error("{origin}: {problem}")]
    Invalid {
        /// Who set the value at fault.
        origin: Origin,
        /// What is wrong with it.
        problem: InvalidConfig,
    },
}

impl From<SpecError> for ConfigError {
    fn from(error: SpecError) -> Self {
        Self::Chip(Box::new(error))
    }
}

impl Blame for ConfigError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { source, .. } => source.fault(),
            Self::Data(cause) => cause.fault(),
            Self::Chip(cause) => cause.fault(),
            Self::UnknownPreset { .. }
            | Self::Syntax { .. }
            | Self::NotAnAssignment { .. }
            | Self::UnknownKey { .. }
            | Self::BadValue { .. }
            | Self::OfAChip { .. }
            | Self::UnknownOnChip { .. }
            | Self::Incomplete { .. }
            | Self::Invalid { .. } => Fault::Input,
        }
    }
}

/// `; did you mean …?`, or nothing.
fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |key| format!("; did you mean `{key}`?"))
}
