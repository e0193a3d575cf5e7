//! What each subcommand does: thin over the libraries.

mod completions;
mod config;

use crate::{
    Exit,
    cli::{Cli, Command, ConfigCommand},
};

/// Runs the command.
///
/// # Errors
/// Anything that stops it; [`crate::main`] turns errors into messages and exit codes.
pub fn run(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        Command::Config(ConfigCommand::Show(arguments)) => config::show(&arguments),
        Command::Completions(arguments) => completions::print(&arguments),
    }
}
