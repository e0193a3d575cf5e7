//! Text for people. It goes to stdout, to stderr where stdout holds a file, and nowhere with
//! `--quiet`; documents for programs are printed whatever is asked.
//!
//! Names of files and what files say are in most of it, and a terminal takes orders from text: this is
//! the one place where text is written, and control characters are escaped here.
//!
//! Like the logger, this is one per process: the descriptors it decides about are.

use analog_substrate::text::printable_lines;
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
        Box::new(Printable(io::stderr()))
    } else {
        Box::new(Printable(io::stdout()))
    }
}

/// Where documents for programs go: stdout, whatever is asked. Escapes are those of JSON.
pub(crate) fn document() -> impl Write {
    Printable(io::stdout())
}

/// Says on stderr how things stand and what to do next.
pub(crate) fn note(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        say(text);
    }
}

/// Says on stderr what has to be said, whatever is asked.
pub(crate) fn say(text: &str) {
    // Who closed stderr does not want to know.
    let _ = writeln!(Printable(io::stderr()), "{text}");
}

/// Ends the process with what the parser of the command line says: help, the version, or what it
/// refuses, with its colours where nothing that was typed could be taken for one.
pub(crate) fn end_with(error: &clap::Error) -> ! {
    let is_printable = |text: &str| printable_lines(text) == text;
    if std::env::args_os().all(|word| word.to_str().is_some_and(is_printable)) {
        error.exit();
    }
    let mut stream: Box<dyn Write> = if error.use_stderr() {
        Box::new(Printable(io::stderr()))
    } else {
        Box::new(Printable(io::stdout()))
    };
    let _ = write!(stream, "{}", error.render());
    let _ = stream.flush();
    std::process::exit(error.exit_code());
}

/// A stream to which control characters go as escapes, but for ends of lines. Text comes in pieces of
/// whole characters; other bytes are shown as U+FFFD.
struct Printable<W>(W);

impl<W: Write> Write for Printable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(printable_lines(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_order_reaches_a_terminal() {
        let mut seen = Vec::new();
        let name = "D3\u{1b}]0;title\u{7}\r\u{9b}2J\u{202e} – µ";
        writeln!(Printable(&mut seen), "{name}: {}", 1.5).unwrap();
        let seen = String::from_utf8(seen).unwrap();
        assert_eq!(
            seen,
            "D3\\u001b]0;title\\u0007\\u000d\\u009b2J\\u202e – µ: 1.5\n"
        );
    }
}
