//! What live tests need of a machine: programs that are not ours.
//!
//! A test without its program has tested nothing. It says so where everybody sees it, past the capture of a
//! test's output; with `GRADEP_REQUIRE_LIVE=1`, as in the gate, it fails instead.

use std::{
    env,
    io::{self, Write as _},
    process::Command,
};

/// The variable that makes a missing program a failure.
pub const REQUIRED: &str = "GRADEP_REQUIRE_LIVE";

/// Whether a test that needs `what`, which was found or not, can go on.
///
/// # Panics
/// If it was not found, and live tests are required.
pub fn is_here(what: &str, found: bool) -> bool {
    if !found {
        let required = env::var_os(REQUIRED).is_some_and(|value| !value.is_empty() && value != "0");
        assert!(!required, "{what} is not here, and {REQUIRED} is set");
        let _ = writeln!(io::stderr(), "SKIPPED: {what} is not here");
    }
    found
}

/// Whether a command ends well.
fn works(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

/// Whether ngspice can be run.
///
/// # Panics
/// As [`is_here`].
pub fn has_ngspice() -> bool {
    is_here("ngspice", works("ngspice", &["--version"]))
}

/// Whether strace can follow a process here.
///
/// # Panics
/// As [`is_here`].
pub fn has_strace() -> bool {
    is_here(
        "strace",
        works("strace", &["-f", "-o", "/dev/null", "true"]),
    )
}

/// A Python with NumPy: the first one, or that of the system.
///
/// # Panics
/// As [`is_here`].
pub fn python_with_numpy() -> Option<&'static str> {
    let candidates = ["python3", "/usr/bin/python3"];
    let found = candidates
        .into_iter()
        .find(|python| works(python, &["-c", "import numpy"]));
    is_here("Python with NumPy", found.is_some());
    found
}
