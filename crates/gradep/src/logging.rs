//! Log lines on stderr.

use crate::{cli::GlobalArgs, progress};
use std::io::{self, IsTerminal as _, Write};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format;
use units::printable::printable_lines;

/// Starts logging at the level that `-q` and `-v` ask for. Colour only on a terminal, and not
/// where `NO_COLOR` is set; times only in a file, where no one watches them arrive.
pub(crate) fn start(global: &GlobalArgs) {
    let level = match (global.quiet, global.verbose) {
        (true, _) => LevelFilter::ERROR,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let terminal = io::stderr().is_terminal();
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(terminal && !no_color)
        .fmt_fields(format::debug_fn(|line, field, value| {
            let value = format!("{value:?}");
            let value = printable_lines(&value);
            match field.name() {
                "message" => write!(line, "{value}"),
                name => write!(line, " {name}={value}"),
            }
        }))
        // It would say so on stderr, which is what could not be written to, and panic there.
        .log_internal_errors(false)
        .with_writer(|| AboveProgress);
    if terminal {
        log.without_time().init();
    } else {
        log.init();
    }
}

/// stderr, with the progress bar out of the way.
struct AboveProgress;

impl Write for AboveProgress {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        progress::suspended(|| io::stderr().write(text))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
