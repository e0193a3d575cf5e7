//! How the process ends.

use crate::{console, failure};
use std::process::ExitCode;
use units::fault::Fault;

/// How the process ends, apart from the second signal (130 or 143, see [`crate::signals`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Success = 0,
    /// The machine is at fault: a full disk, a folder that must not be written to.
    Failure = 1,
    /// What was given is at fault: the command line, the configuration, a file (also clap's own code).
    Usage = 2,
    /// The numbers are at fault: diverged, or not converged where that was required.
    Numerics = 4,
    /// A signal; a checkpoint was written and the run can be resumed (`EX_TEMPFAIL`, which batch
    /// systems can requeue on).
    Interrupted = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Fault> for Exit {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Machine => Self::Failure,
            Fault::Input => Self::Usage,
            Fault::Numbers => Self::Numerics,
            Fault::Interrupted => Self::Interrupted,
        }
    }
}

/// Prints the error, if any, and names the exit.
pub(crate) fn report(outcome: failure::Result<Exit>) -> Exit {
    match outcome {
        Ok(exit) => exit,
        // The reader has what it wanted.
        Err(failure) if failure.is_broken_pipe() => Exit::Success,
        Err(failure) => {
            console::say(&format!("error: {}", failure.message()));
            failure.fault().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_knows_the_same_statuses() {
        for fault in [
            Fault::Machine,
            Fault::Input,
            Fault::Numbers,
            Fault::Interrupted,
        ] {
            assert_eq!(Exit::from(fault) as u8, fault.status(), "{fault:?}");
        }
    }
}
