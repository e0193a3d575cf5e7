//! Why a device was refused.

use units::fault::{Blame, Fault};

/// Why a device was refused, or a question about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Neither a shipped device nor a file.
    #[error("`{reference}` is neither a device nor a file{}",
        nearest.as_deref().map_or_else(String::new, |name| format!("; did you mean `{name}`?")))]
    Unknown {
        /// What was asked for.
        reference: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// The file cannot be read as text.
    #[error("{file}: cannot be read: {reason}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        #[source]
        reason: std::io::Error,
    },
    /// The file is not TOML, or has keys or types that devices do not have.
    #[error("{file}: {message}")]
    Syntax {
        /// The file.
        file: String,
        /// Line, column, cause and what was expected, from the parser.
        message: String,
    },
    /// A value makes no sense.
    #[error("{file}: `{key}`: {problem}")]
    Value {
        /// The file.
        file: String,
        /// The dotted key.
        key: String,
        /// What is wrong with it, and what was expected.
        problem: String,
    },
    /// The device is not known at this time since its last programming pulse.
    #[error(
        "{device} is not known {seconds} s after its last programming pulse; expected {expected}"
    )]
    Time {
        /// The device.
        device: String,
        /// Time since the last programming pulse, s.
        seconds: f64,
        /// The times at which it is known.
        expected: String,
    },
    /// A reading at a voltage beyond what is known of the device.
    #[error("{device} is not known at {volts} V; expected at most {largest} V")]
    Voltage {
        /// The device.
        device: String,
        /// The voltage, V.
        volts: f64,
        /// The largest at which it is known, V.
        largest: f64,
    },
    /// A published value that the device does not reproduce.
    #[error("{device}: golden value: {what} is {actual}; expected {expected} within {tolerance}")]
    Golden {
        /// The device.
        device: String,
        /// Which quantity, and where.
        what: String,
        /// What the device says.
        actual: String,
        /// The published value.
        expected: String,
        /// Largest difference.
        tolerance: String,
    },
}

impl Blame for DeviceError {
    fn fault(&self) -> Fault {
        match self {
            Self::Read { reason, .. } => reason.fault(),
            Self::Unknown { .. }
            | Self::Syntax { .. }
            | Self::Value { .. }
            | Self::Time { .. }
            | Self::Voltage { .. }
            | Self::Golden { .. } => Fault::Input,
        }
    }
}
