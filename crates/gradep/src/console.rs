//! Text for people, in which nothing acts on the terminal that shows it: names of files and in files may
//! hold escape sequences. It goes to stdout, to stderr where stdout holds a file, and nowhere with
//! `--quiet`; documents for programs are printed whatever is asked.
//!
//! Like the logger, this is one per process: the descriptors it decides about are.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};
use units::printable::printable_lines;

/// `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);
/// A file goes to stdout.
static STDOUT_IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Prints no text from now on.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether no text is printed.
pub(crate) fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
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
        Box::new(Shown::on(io::stderr()))
    } else {
        Box::new(Shown::on(io::stdout()))
    }
}

/// Prints what has to be said with `--quiet`, too.
pub(crate) fn say(text: &str) {
    // A terminal that is gone has no one who reads, and is no reason to end otherwise.
    let _ = writeln!(io::stderr(), "{}", printable_lines(text));
}

/// Where text for programs goes that is no JSON: stdout, whatever is asked.
pub(crate) fn document() -> impl Write {
    Shown::on(io::stdout())
}

/// A terminal that shows characters and obeys none but line breaks and tabs.
struct Shown<W> {
    terminal: W,
    /// The beginning of a character whose end is not here yet.
    begun: Vec<u8>,
}

impl<W: Write> Shown<W> {
    fn on(terminal: W) -> Self {
        Self {
            terminal,
            begun: Vec::new(),
        }
    }
}

impl<W: Write> Write for Shown<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.begun.extend_from_slice(bytes);
        let whole = match std::str::from_utf8(&self.begun) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.begun.len(),
        };
        let rest = self.begun.split_off(whole);
        let text = String::from_utf8_lossy(&self.begun);
        self.terminal.write_all(printable_lines(&text).as_bytes())?;
        self.begun = rest;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.terminal.flush()
    }
}

/// Says on stderr how things stand and what to do next.
pub(crate) fn note(text: &str) {
    if !QUIET.load(Ordering::Relaxed) {
        say(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_characters_and_no_commands() {
        let mut shown = Shown::on(Vec::new());
        let text = "name: \u{1b}[2J\u{1b}]0;x\u{7}, 100 µS\n\tend\u{9b}1m";
        // However the bytes come.
        for byte in text.as_bytes() {
            shown.write_all(&[*byte]).unwrap();
        }
        shown.write_all(b"\xff!").unwrap();
        assert_eq!(
            String::from_utf8(shown.terminal).unwrap(),
            "name: \\u{1b}[2J\\u{1b}]0;x\\u{7}, 100 µS\n\tend\\u{9b}1m\u{fffd}!"
        );
    }
}
