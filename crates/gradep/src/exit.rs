//! How the process ends.

use gradep_core::{config::ConfigError, run_dir::RunDirError};
use std::{
    io::{self, ErrorKind},
    process::ExitCode,
};

/// How the process ends, apart from the second signal (130 or 143, see [`crate::signals`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Success = 0,
    /// Something outside went wrong: a file, the machine.
    Failure = 1,
    /// The command line or the configuration is at fault (also clap's own code).
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

/// Prints the error, if any, and names the exit.
pub(crate) fn report(outcome: anyhow::Result<Exit>) -> Exit {
    match outcome {
        Ok(exit) => exit,
        // `gradep … | head`: the reader has what it wanted.
        Err(error) if is_broken_pipe(&error) => Exit::Success,
        Err(error) => {
            eprintln!("error: {error:#}");
            exit_of(&error)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn exit_of(error: &anyhow::Error) -> Exit {
    let usage = error.chain().any(|cause| {
        cause.is::<ConfigError>()
            || matches!(
                cause.downcast_ref(),
                Some(
                    RunDirError::Config(_)
                        | RunDirError::NotEmpty { .. }
                        | RunDirError::NotARun { .. }
                )
            )
    });
    if usage { Exit::Usage } else { Exit::Failure }
}
