//! `gradep completions`.

use crate::{
    Exit,
    cli::{Cli, CompletionsArgs},
    failure::Result,
};
use clap::CommandFactory as _;
use std::io::{self, Write as _};

/// Prints the completion script of a shell.
pub(super) fn print(arguments: &CompletionsArgs) -> Result<Exit> {
    // Into memory first: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "gradep", &mut script);
    io::stdout().write_all(&script)?;
    Ok(Exit::Success)
}
