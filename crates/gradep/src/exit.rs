//! How the process ends.

use crate::console;
use analog_substrate::{IdealError, chip::ChipError};
use gradep_core::{
    files::LockError, generate::GenerateError, gradep::Refusal, oracle::OracleError,
    run::Divergence,
};
use hw_report::figure::FigureError;
use std::{
    io::{self, ErrorKind},
    process::ExitCode,
};

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

/// What was asked for makes no sense, in words.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

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
            console::say(&format!("error: {}", message(&error)));
            of(&error)
        }
    }
}

/// The error and its causes in a line. Some say their cause themselves: it is not said twice.
pub(crate) fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if message.is_empty() {
            message = cause;
        } else if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    message
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

/// The exit that an error ends in, by the first of its causes that is the numbers' or the machine's
/// fault. Every error of the libraries has what it wraps as its source, and all else that can go wrong
/// is in what was given.
pub(crate) fn of(error: &anyhow::Error) -> Exit {
    error.chain().find_map(of_cause).unwrap_or(Exit::Usage)
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<Exit> {
    if let Some(error) = cause.downcast_ref() {
        return Some(of_system(error));
    }
    if is_numerical(cause) {
        return Some(Exit::Numerics);
    }
    let machine =
        matches!(cause.downcast_ref(), Some(FigureError::Draw { .. })) || cause.is::<LockError>();
    machine.then_some(Exit::Failure)
}

/// States or couplings that are no longer finite, a network without an equilibrium, an estimate that is
/// no gradient.
fn is_numerical(cause: &(dyn std::error::Error + 'static)) -> bool {
    cause.is::<Divergence>()
        || cause.is::<Refusal>()
        || matches!(
            cause.downcast_ref(),
            Some(IdealError::NotFinite { .. } | IdealError::Unstable { .. })
        )
        || cause.downcast_ref().is_some_and(ChipError::is_numerical)
        || matches!(
            cause.downcast_ref::<GenerateError<IdealError>>(),
            Some(GenerateError::RanAway { .. })
        )
        || matches!(
            cause.downcast_ref::<GenerateError<ChipError>>(),
            Some(GenerateError::RanAway { .. })
        )
        || matches!(
            cause.downcast_ref(),
            Some(OracleError::NoEquilibrium { .. } | OracleError::Lost { .. })
        )
}

/// A name that leads nowhere or to something else than it should, and a file that is not whole, were
/// given; all else that the system refuses is the machine's.
fn of_system(error: &io::Error) -> Exit {
    match error.kind() {
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::InvalidFilename
        | ErrorKind::InvalidInput
        | ErrorKind::InvalidData
        | ErrorKind::UnexpectedEof => Exit::Usage,
        _ => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;
    use gradep_core::{
        files::{read_array, write_npz},
        run::RunError,
        trainer::TrainError,
    };
    use std::path::Path;

    /// A full disk ends with 1 whatever wraps it, a name that leads nowhere with 2.
    #[test]
    fn the_system_is_found_under_whatever_wraps_it() {
        let full = || io::Error::from(ErrorKind::StorageFull);
        let npz = write_npz(&std::env::temp_dir().join("full.npz"), |_| Err(full()));
        let error = anyhow::Error::from(npz.unwrap_err());
        assert_eq!(of(&error), Exit::Failure);
        assert_eq!(
            of(&anyhow::Error::from(full()).context("a.npz")),
            Exit::Failure
        );
        let missing = read_array::<f32>(Path::new("no/such.npy"), None);
        let error = anyhow::Error::from(missing.unwrap_err());
        assert_eq!(of(&error), Exit::Usage);
        assert_eq!(message(&error).matches("No such file").count(), 1);
    }

    #[test]
    fn numbers_are_found_under_whatever_wraps_them() {
        let unstable = IdealError::Unstable { stiffness: -1.0 };
        let error = RunError::from(TrainError::Substrate(Box::new(unstable)));
        let error: anyhow::Result<()> = Err(error).context("runs/a");
        assert_eq!(of(&error.unwrap_err()), Exit::Numerics);
        assert_eq!(of(&anyhow::anyhow!("--ratio: is idle")), Exit::Usage);
    }
}
