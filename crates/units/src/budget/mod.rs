//! What a piece of work takes, estimated before it is begun and compared with what there is.
//!
//! A request that no machine can answer is refused with its number, the limit and the key to change; without
//! this it ends in an abort of the allocator, or never. Estimates count the arrays that are held at the same
//! time, from the shapes that the code allocates, and leave out what is small. They are meant to be right
//! within a factor of two: what they refuse would not have fitted, what they let pass may still be slow. What a
//! network takes is `analog_substrate::estimates`.

mod available;
mod tally;

use crate::fault::{Blame, Fault};
pub use available::{Available, available};
pub use tally::Tally;

/// Steps that one flow, run or training may take. At a microsecond each this is eleven days.
pub const MOST_STEPS: f64 = 1e12;

/// Steps of equal size that one transient may take: they are counted in 32 bits.
pub const MOST_TRANSIENT_STEPS: f64 = u32::MAX as f64;

/// Chips, curves or seeds that one command may try: each is a file, or a line of a document that is read as a
/// whole.
pub const MOST_TRIALS: f64 = 1e6;

/// Work that is refused before it is begun.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct BudgetError(Box<Excess>);

impl Blame for BudgetError {
    fn fault(&self) -> Fault {
        self.0.fault()
    }
}

impl BudgetError {
    /// What is exceeded.
    pub fn excess(&self) -> &Excess {
        &self.0
    }
}

/// What is exceeded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Excess {
    /// It does not fit into the memory.
    #[error(
        "{what}: about {} of memory are needed, {} are free ({source_of_limit}); {change}",
        bytes(*needed), bytes(*free as f64)
    )]
    Memory {
        /// What was asked for, with its numbers.
        what: String,
        /// Bytes that it takes.
        needed: f64,
        /// Bytes that there are.
        free: u64,
        /// Where that is from.
        source_of_limit: &'static str,
        /// What to change.
        change: &'static str,
    },
    /// It does not end.
    #[error("{what}: that is {steps:.3e} {unit}; expected at most {most:.3e}: {change}")]
    Count {
        /// What was asked for, with its numbers.
        what: String,
        /// How many steps (or other pieces) that is.
        steps: f64,
        /// What they are.
        unit: &'static str,
        /// The limit.
        most: f64,
        /// What to change.
        change: &'static str,
    },
}

impl Blame for Excess {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// Refuses work that takes more memory than there is; `what` says the work with its numbers, `change` the
/// way out.
///
/// # Errors
/// [`Excess::Memory`].
pub fn check_memory(
    what: impl FnOnce() -> String,
    needed: f64,
    change: &'static str,
) -> Result<(), BudgetError> {
    let Available { bytes, source } = available();
    // NaN is more than anything.
    if needed <= bytes as f64 {
        return Ok(());
    }
    Err(BudgetError(Box::new(Excess::Memory {
        what: what(),
        needed,
        free: bytes,
        source_of_limit: source,
        change,
    })))
}

/// Refuses more than `most` pieces of work.
///
/// # Errors
/// [`Excess::Count`].
pub fn check_count(
    what: impl FnOnce() -> String,
    steps: f64,
    unit: &'static str,
    most: f64,
    change: &'static str,
) -> Result<(), BudgetError> {
    if steps <= most {
        return Ok(());
    }
    Err(BudgetError(Box::new(Excess::Count {
        what: what(),
        steps,
        unit,
        most,
        change,
    })))
}

/// Refuses more than [`MOST_TRIALS`] of what an option (`--chips`) or several together ask for.
///
/// # Errors
/// [`Excess::Count`].
pub fn check_trials(
    options: &'static str,
    count: f64,
    unit: &'static str,
) -> Result<(), BudgetError> {
    check_count(
        || options.to_owned(),
        count,
        unit,
        MOST_TRIALS,
        "ask for fewer, in several commands",
    )
}

/// A number of bytes as people read it: `37.3 GiB`.
pub fn bytes(count: f64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut value = count;
    for unit in units {
        if value < 1024.0 {
            return format!("{value:.3} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1e} ZiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_number_and_limit() {
        assert_eq!(check_memory(String::new, 1e3, ""), Ok(()));
        let what = || "1e12 samples".to_owned();
        let refused = check_memory(what, 5e15, "lower -n").unwrap_err();
        let text = refused.to_string();
        assert!(text.starts_with("1e12 samples: about 4.441 PiB"), "{text}");
        assert!(
            text.contains("are free (") && text.ends_with("lower -n"),
            "{text}"
        );
        for absurd in [f64::INFINITY, f64::NAN] {
            assert!(check_memory(String::new, absurd, "").is_err());
            assert!(check_count(String::new, absurd, "", 1.0, "").is_err());
        }
    }

    #[test]
    fn bytes_have_the_unit_that_keeps_them_short() {
        assert_eq!(bytes(1023.0), "1023.000 bytes");
        assert_eq!(bytes(1.5 * 1024.0 * 1024.0), "1.500 MiB");
        assert_eq!(bytes(1e30), "8.5e8 ZiB");
    }
}
