//! What ends a command before its end: an error, what was being done, and whose fault it is.
//!
//! Every error that comes here says whose fault it is ([`Blame`]); one that does not say so does not
//! compile with `?`, so that none ends with a status that nobody thought about.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
};
use units::fault::{Blame, Fault};

/// What commands return.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a command ends before its end.
pub struct Failure {
    fault: Fault,
    error: Box<dyn Error + Send + Sync>,
    /// What was being done, the outermost last.
    context: Vec<String>,
}

impl Failure {
    /// What no user can do anything about: an error of a library that writes into memory, or begins threads.
    pub(crate) fn of_the_machine(error: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Fault::Machine, error)
    }

    fn new(fault: Fault, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            fault,
            error: error.into(),
            context: Vec::new(),
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// What was being done, the error and its causes in a line. Some say their cause themselves: it is not
    /// said twice.
    pub fn message(&self) -> String {
        let mut message = String::new();
        let mut add = |text: &str| {
            if message.is_empty() {
                text.clone_into(&mut message);
            } else if !message.contains(text) {
                message = format!("{message}: {text}");
            }
        };
        for context in self.context.iter().rev() {
            add(context);
        }
        let mut cause: Option<&dyn Error> = Some(&*self.error);
        while let Some(error) = cause {
            add(&error.to_string());
            cause = error.source();
        }
        message
    }

    /// Whether nobody reads any more what is written (`gradep … | head`).
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let system = self.error.downcast_ref::<io::Error>();
        system.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
    }
}

// Were a failure an error itself, `From` below would say how it is made of itself as well.
impl<E: Blame + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error.fault(), error)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.message(), self.fault)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

/// What was asked for makes no sense, in words.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

impl Blame for Usage {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Says what was being done.
pub(crate) trait Context<T> {
    /// In words that cost nothing.
    fn context(self, what: &str) -> Result<T>;
    /// In words that are made where they are needed.
    fn with_context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<Failure>> Context<T> for Result<T, E> {
    fn context(self, what: &str) -> Result<T> {
        self.with_context(|| what.to_owned())
    }

    fn with_context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| {
            let mut failure: Failure = error.into();
            failure.context.push(what());
            failure
        })
    }
}

/// What is missing was not given.
impl<T> Context<T> for Option<T> {
    fn context(self, what: &str) -> Result<T> {
        self.with_context(|| what.to_owned())
    }

    fn with_context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.ok_or_else(|| Usage(what()).into())
    }
}

/// Ends a command with words on what was given, or with an error.
macro_rules! bail {
    ($text:literal $(, $value:expr)* $(,)?) => {
        return Err($crate::failure::Usage(format!($text $(, $value)*)).into())
    };
    ($error:expr) => {
        return Err($crate::failure::Failure::from($error))
    };
}

/// Ends a command unless something holds.
macro_rules! ensure {
    ($holds:expr, $($otherwise:tt)+) => {
        if !$holds {
            $crate::failure::bail!($($otherwise)+);
        }
    };
}

pub(crate) use {bail, ensure};

#[cfg(test)]
mod tests {
    use super::*;
    use analog_substrate::IdealError;
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
        assert_eq!(Failure::from(npz.unwrap_err()).fault(), Fault::Machine);
        let named: Result<()> = Err(full()).context("a.npz");
        let named = named.unwrap_err();
        assert_eq!(named.fault(), Fault::Machine);
        assert!(named.message().starts_with("a.npz: "), "{named}");
        let missing = read_array::<f32>(Path::new("no/such.npy"), None);
        let missing = Failure::from(missing.unwrap_err());
        assert_eq!(missing.fault(), Fault::Input);
        assert_eq!(missing.message().matches("No such file").count(), 1);
    }

    #[test]
    fn numbers_are_found_under_whatever_wraps_them() {
        let unstable = IdealError::Unstable { stiffness: -1.0 };
        let said = unstable.to_string();
        let error = RunError::from(TrainError::of_substrate(unstable));
        let error: Result<()> = Err(error).context("runs/a");
        let error = error.unwrap_err();
        assert_eq!(error.fault(), Fault::Numbers);
        assert_eq!(error.message(), format!("runs/a: {said}"));
    }

    #[test]
    fn words_are_about_what_was_given() {
        let check = |ratio: f64| -> Result<f64> {
            ensure!(ratio.is_sign_positive(), "--ratio {ratio}: is {}", "idle");
            Ok(ratio)
        };
        assert_eq!(check(1.0).unwrap().to_bits(), 1.0_f64.to_bits());
        let refused = check(-1.0).unwrap_err();
        assert_eq!(refused.message(), "--ratio -1: is idle");
        assert_eq!(refused.fault(), Fault::Input);
        let missing: Result<u8> = None.context("no chip was asked for");
        assert_eq!(missing.unwrap_err().fault(), Fault::Input);
    }

    #[test]
    fn a_reader_that_went_is_known() {
        let gone = io::Error::from(ErrorKind::BrokenPipe);
        assert!(Failure::from(gone).is_broken_pipe());
        assert!(!Failure::from(Usage("a".into())).is_broken_pipe());
    }
}
