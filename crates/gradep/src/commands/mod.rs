//! What each subcommand does: thin over the libraries.

mod account;
mod adapt;
mod arrays;
mod bench;
mod check;
mod chip;
mod chip_check;
mod completions;
mod conductances;
mod config;
mod device;
mod domain;
mod evaluate;
mod explain;
mod export;
mod fit;
mod given;
mod gradient;
mod long;
mod man;
mod map_figures;
mod programming;
mod relax;
mod relax_chip;
mod replay;
mod report;
mod resolved;
mod sample;
mod sample_chip;
mod settling;
mod source;
mod train;
mod train_on_chip;
mod verify;

use crate::{
    Exit,
    cli::{
        BenchCommand, CheckCommand, ChipCommand, Cli, Command, ConfigCommand, ExportCommand,
        ImportCommand,
    },
    failure::{Failure, Result},
};
use serde::Serialize;
use std::io::{self, Write as _};
use units::printable::json_printable;

/// Runs the command.
///
/// # Errors
/// Anything that stops it; [`crate::main`] turns errors into messages and exit codes.
pub fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        Command::Train(arguments) => train::train(&arguments, &cli.global),
        Command::Adapt(arguments) => adapt::adapt(&arguments, &cli.global),
        Command::Sample(arguments) => sample::sample(&arguments),
        Command::Evaluate(arguments) => evaluate::evaluate(&arguments),
        Command::Bench(BenchCommand::Baselines(arguments)) => {
            bench::baselines(&arguments, &cli.global)
        }
        Command::Bench(BenchCommand::Evaluator(arguments)) => bench::evaluator(&arguments),
        Command::Bench(BenchCommand::Quality(arguments)) => bench::quality(&arguments, &cli.global),
        Command::Bench(BenchCommand::Inpaint(arguments)) => bench::inpaint(&arguments, &cli.global),
        Command::Bench(BenchCommand::Classes(arguments)) => bench::classes(&arguments, &cli.global),
        Command::Bench(BenchCommand::Outliers(arguments)) => bench::outliers(&arguments),
        Command::Bench(BenchCommand::Sweep(arguments)) => bench::sweep(&arguments, &cli.global),
        Command::Bench(BenchCommand::Sensitivity(arguments)) => {
            bench::sensitivity(&arguments, &cli.global)
        }
        Command::Bench(BenchCommand::Tolerance(arguments)) => {
            bench::tolerance(&arguments, &cli.global)
        }
        Command::Report(arguments) => report::report(&arguments, &cli.global),
        Command::Relax(arguments) => relax::relax(&arguments),
        Command::Gradient(arguments) => gradient::gradient(&arguments),
        Command::Check(CheckCommand::Gradient(arguments)) => {
            check::gradient(&arguments, &cli.global)
        }
        Command::Chip(ChipCommand::List(arguments)) => chip::list(&arguments),
        Command::Chip(ChipCommand::Show(arguments)) => chip::show(&arguments),
        Command::Chip(ChipCommand::Check(arguments)) => chip_check::check(&arguments),
        Command::Chip(ChipCommand::Explain(arguments)) => explain::explain(&arguments),
        Command::Chip(ChipCommand::Fit(arguments)) => fit::fit(&arguments),
        Command::Chip(ChipCommand::Measure(arguments)) => fit::measure(&arguments),
        Command::Export(ExportCommand::Netlist(arguments)) => export::netlist(&arguments),
        Command::Export(ExportCommand::Conductances(arguments)) => conductances::export(&arguments),
        Command::Import(ImportCommand::Conductances(arguments)) => conductances::import(&arguments),
        Command::Config(ConfigCommand::Show(arguments)) => config::show(&arguments),
        Command::Config(ConfigCommand::Explain(arguments)) => config::explain(&arguments),
        Command::Verify(arguments) => verify::verify(&arguments),
        Command::Man(arguments) => man::man(&arguments),
        Command::Completions(arguments) => completions::print(&arguments),
    }
}

/// Prints one JSON document on stdout; numbers that are not finite become `null`.
fn print_json(document: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(document).map_err(Failure::of_the_machine)?;
    // JSON has its own way to write what must not act on a terminal; serde escapes ASCII alone.
    let text = json_printable(&text);
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}
