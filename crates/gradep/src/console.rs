//! Text for people. It goes to stdout, to stderr where stdout holds a file, and nowhere with
//! `--quiet`; documents for programs are printed whatever is asked.
//!
//! Like the logger, this is one per process: the descriptors it decides about are.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);
/// A file goes to stdout.
static STDOUT_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Prints no text from now on.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Leaves stdout to a file from now on.
pub(crate) fn leave_stdout() {
    STDOUT_IS_TAKEN.store(true, Ordering::Relaxed);
}

/// Where tables and summaries go.
pub(crate) fn text() -> Box<dyn Write> {
    if QUIET.load(Ordering::Relaxed) {
        Box::new(io::sink())
    } else if STDOUT_IS_TAKEN.load(Ordering::Relaxed) {
        Box::new(io::stderr())
    } else {
        Box::new(io::stdout())
    }
}

/// Says on stderr how things stand and what to do next.
pub(crate) fn note(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        eprintln!("{text}");
    }
}
