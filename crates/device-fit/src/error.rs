//! Why a law was not fitted.

use analog_substrate::device::DeviceError;
use units::fault::{Blame, Fault};

/// Why a law was not fitted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The file is no table.
    #[error("{file}: is no table of comma-separated values: {reason}")]
    Table {
        /// The file.
        file: String,
        /// Line and cause.
        reason: String,
    },
    /// A table without lines.
    #[error("{file}: holds no measurement")]
    Empty {
        /// The file.
        file: String,
    },
    /// A column is missing.
    #[error("{file}: has no column {expected}; its columns are: {found}")]
    Column {
        /// The file.
        file: String,
        /// The column that is needed, with its unit.
        expected: String,
        /// The columns that are there.
        found: String,
    },
    /// A value that cannot be.
    #[error("{file}: line {line}: `{column}` is {found:?}; expected {expected}")]
    Cell {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What is there.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Two readings of one device after the same pulses, of which one cannot follow the other.
    #[error(
        "{file}: line {line}: this device was read after as many pulses on line {first}; sweeps that are repeated need a column `cycle`"
    )]
    Twice {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// The line that says the same.
        first: u64,
    },
    /// A device that was measured at one time only.
    #[error("{file}: line {line}: this device was measured at one time only; expected two or more")]
    OneTime {
        /// The file.
        file: String,
        /// Where the device appears.
        line: u64,
    },
    /// Too little to fit anything.
    #[error("{file}: {found} {what}; expected at least {least}")]
    TooFew {
        /// The file.
        file: String,
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
        /// How many it takes.
        least: usize,
    },
    /// The data say nothing of a parameter.
    #[error("the data do not determine {keys} of the law {law}")]
    Undetermined {
        /// The law.
        law: String,
        /// Its parameters.
        keys: String,
    },
    /// There is no law of that order.
    #[error("there is no law of order {order}; expected 0 to {largest}")]
    Order {
        /// What was asked for.
        order: usize,
        /// The largest.
        largest: usize,
    },
    /// No law fits.
    #[error("no law fits the measurements")]
    NoLaw,
    /// A range that is none.
    #[error("conductances from {min:e} S to {max:e} S are no range; expected 0 <= min < max")]
    Range {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// The device has no such law, so that it cannot be measured.
    #[error("{device} has no law of {kind}")]
    NoSuchLaw {
        /// The device.
        device: String,
        /// The kind of measurement.
        kind: &'static str,
    },
    /// What came out cannot be a value of a device.
    #[error("{file}: the fit says `{said}`, which no device can have: {reason}")]
    NoDevice {
        /// The measurements.
        file: String,
        /// Key and value, as a device file says them.
        said: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The base, or what came out, is no device.
    #[error("{0}")]
    Device(#[from] DeviceError),
}

impl Blame for FitError {
    fn fault(&self) -> Fault {
        match self {
            Self::Device(cause) => cause.fault(),
            Self::Table { .. }
            | Self::Empty { .. }
            | Self::Column { .. }
            | Self::Cell { .. }
            | Self::Twice { .. }
            | Self::OneTime { .. }
            | Self::TooFew { .. }
            | Self::Undetermined { .. }
            | Self::Order { .. }
            | Self::NoLaw
            | Self::Range { .. }
            | Self::NoSuchLaw { .. }
            | Self::NoDevice { .. } => Fault::Input,
        }
    }
}
