//! Where the value of a setting was given.

use std::{fmt, path::PathBuf};

/// Where the value of a setting was given: of a chip's spec as of a run's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A preset of this name.
    Preset(&'static str),
    /// A file.
    File {
        /// The path as it was given, or the name of a file that the program brings along.
        path: PathBuf,
        /// The line of the key, from 1.
        line: usize,
    },
    /// A `key=value` override, as it was typed.
    Override(String),
    /// A flag of its own, such as `--seed`.
    Flag(&'static str),
    /// What another key, set to this value, asks for.
    Implied(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Override(text) => write!(f, "override {text}"),
            Self::Flag(flag) => f.write_str(flag),
            Self::Implied(by) => write!(f, "implied by {by}"),
        }
    }
}
