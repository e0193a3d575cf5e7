//! The command line of gradep: what was typed ([`cli`]) and what is done about it ([`commands`]).
//!
//! Everything of substance is in the libraries below; a command parses, calls and prints. Data go
//! to stdout; logs, progress and errors to stderr.

pub mod cli;
pub mod commands;
mod exit;
mod logging;
pub mod progress;
pub mod signals;

pub use exit::Exit;

use analog_substrate::kernels::SimdLevel;
use clap::{CommandFactory as _, FromArgMatches as _};
use std::process::ExitCode;

/// Parses the command line and runs it.
pub fn main() -> ExitCode {
    let matches = cli::Cli::command().get_matches();
    let cli = cli::Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    logging::start(&cli.global);
    for unused in cli::unused_options(&matches, &cli.command) {
        tracing::warn!("{unused}");
    }
    let outcome = start(&cli.global).and_then(|()| commands::run(cli));
    exit::report(outcome).into()
}

/// Refuses an instruction set that cannot be had, and sets the number of worker threads; all cores
/// unless told otherwise.
fn start(arguments: &cli::GlobalArgs) -> anyhow::Result<()> {
    SimdLevel::requested()?;
    if let Some(threads) = arguments.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global()?;
    }
    Ok(())
}
