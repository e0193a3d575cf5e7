//! gradep as a library, and its command line.
//!
//! A program that uses gradep imports the [`prelude`]; the crates below it ([`gradep_core`], [`analog_substrate`],
//! [`bench_hw`], [`hw_report`], [`device_fit`], [`units`]) have the rest.
//!
//! The command line is what was typed ([`cli`]) and what is done about it ([`commands`]). Everything of substance is in
//! the libraries; a command parses, calls and prints. Data go to stdout; logs, progress and errors to stderr.

// Text is written in one place, which escapes it.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod cli;
pub mod commands;
mod console;
mod exit;
pub mod failure;
mod logging;
pub mod output;
pub mod prelude;
pub mod progress;
pub mod signals;

pub use exit::Exit;
pub use {analog_substrate, bench_hw, device_fit, gradep_core, hw_report, units};

use crate::failure::{Failure, Result};
use analog_substrate::kernels::SimdLevel;
use clap::{CommandFactory as _, FromArgMatches as _};
use clap_complete::CompleteEnv;
use std::{num::NonZeroUsize, process::ExitCode, thread};
use units::printable::printable_lines;

/// Answers a shell that asks what can follow; else parses the command line and runs it.
pub fn main() -> ExitCode {
    CompleteEnv::with_factory(cli::Cli::command)
        .var(cli::COMPLETING)
        .complete();
    let parsed = cli::Cli::command().try_get_matches().and_then(|matches| {
        let cli = cli::Cli::from_arg_matches(&matches)?;
        Ok((matches, cli))
    });
    let (matches, cli) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return refuse(&error),
    };
    logging::start(&cli.global);
    for unused in cli::unused_options(&matches, &cli.command) {
        tracing::warn!("{unused}");
    }
    let outcome = start(&cli.global).and_then(|()| commands::run(cli));
    exit::report(outcome).into()
}

/// Prints what the parser says: help, or what is wrong with a word that is quoted in it.
fn refuse(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    let exit = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
    if printable_lines(&text) == text {
        // With its colours.
        let _ = error.print();
    } else {
        console::say(text.trim_end());
    }
    exit
}

/// Threads on each core: more only take turns, and thousands of them for minutes.
const THREADS_PER_CORE: usize = 4;

/// Refuses an instruction set that cannot be had, and sets the number of worker threads; all cores
/// unless told otherwise.
fn start(arguments: &cli::GlobalArgs) -> Result<()> {
    if arguments.quiet {
        console::be_quiet();
    }
    SimdLevel::requested()?;
    if let Some(threads) = arguments.threads {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let most = THREADS_PER_CORE * cores;
        if threads.get() > most {
            tracing::warn!("--threads {threads}: {most} are used, {THREADS_PER_CORE} on each core");
        }
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get().min(most))
            .build_global()
            .map_err(Failure::of_the_machine)?;
    }
    Ok(())
}
