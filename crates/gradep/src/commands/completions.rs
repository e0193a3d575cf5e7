//! `gradep completions`.

use crate::{
    Exit,
    cli::{COMPLETING, CompletionsArgs},
    failure::{Context as _, Result},
};
use clap_complete::env::Shells;
use std::io::{self, Write as _};

/// Prints the script with which a shell asks this program what can follow.
pub(super) fn print(arguments: &CompletionsArgs) -> Result<Exit> {
    const PROGRAM: &str = "gradep";
    let shell = arguments.shell.to_string();
    let shells = Shells::builtins();
    let completer = shells
        .completer(&shell)
        .with_context(|| format!("{shell}: is not completed for"))?;
    let mut script = Vec::new();
    completer.write_registration(COMPLETING, PROGRAM, PROGRAM, PROGRAM, &mut script)?;
    io::stdout().write_all(&script)?;
    Ok(Exit::Success)
}
