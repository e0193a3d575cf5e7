//! Whose fault an error is, told by the error itself.
//!
//! A program ends with a status that says what is to be done about it: make room on the disk, correct
//! what was given, or change the numbers. Only the error knows, so every error of these libraries
//! implements [`Blame`], beside its definition. Where errors are turned into a status the trait is asked
//! for; an error that forgets it does not compile there, instead of ending with the wrong status:
//!
//! ```compile_fail
//! use units::fault::{Blame, Fault};
//!
//! #[derive(Debug)]
//! struct Forgetful;
//! impl std::fmt::Display for Forgetful {
//!     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
//!         f.write_str("nobody knows")
//!     }
//! }
//! impl std::error::Error for Forgetful {}
//!
//! fn status(error: impl Blame) -> Fault {
//!     error.fault()
//! }
//! status(Forgetful);
//! ```

use std::io::{self, ErrorKind};

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The machine: a full disk, a folder that must not be written to or that another process writes to.
    Machine,
    /// What was given: an option, a configuration, a file.
    Input,
    /// The numbers: they diverged, or did not converge where that was required.
    Numbers,
    /// Nobody: it was asked to stop.
    Interrupted,
}

impl Fault {
    /// The status with which the command line ends, and which run directories keep.
    ///
    /// ```
    /// use units::fault::Fault;
    ///
    /// assert_eq!(Fault::Input.status(), 2);
    /// ```
    pub const fn status(self) -> u8 {
        match self {
            Self::Machine => 1,
            Self::Input => 2,
            Self::Numbers => 4,
            // `EX_TEMPFAIL`, which batch systems can requeue on.
            Self::Interrupted => 75,
        }
    }
}

/// An error that says whose fault it is. One that wraps another says what that one says.
pub trait Blame: std::error::Error {
    /// Whose fault it is.
    fn fault(&self) -> Fault;
}

/// A name that leads nowhere or to something else than it should, and a file that is not whole, were
/// given; all else that the system refuses is the machine's.
impl Blame for io::Error {
    fn fault(&self) -> Fault {
        match self.kind() {
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
            | ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof => Fault::Input,
            _ => Fault::Machine,
        }
    }
}
