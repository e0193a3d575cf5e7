//! `gradep man`.

use crate::{
    Exit,
    cli::{Cli, ManArgs},
    failure::{Context as _, Result, Usage, ensure},
    output,
};
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use gradep_core::files::{make_folder, write_atomically};
use std::{
    io::{self, Write as _},
    path::Path,
};

/// Prints a page, or writes all of them.
pub(super) fn man(arguments: &ManArgs) -> Result<Exit> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    if let Some(folder) = &arguments.out {
        output::claim_folder(folder)?;
        make_folder(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
        write_all(&root, folder)?;
        return Ok(Exit::Success);
    }
    let mut command = &root;
    for word in &arguments.command {
        let inner = command.find_subcommand(word);
        let known = command.get_subcommands().map(Command::get_name);
        command = inner.ok_or_else(|| {
            Usage(format!(
                "gradep man {}: no command `{word}`; expected one of: {}",
                arguments.command.join(" "),
                known.collect::<Vec<_>>().join(", ")
            ))
        })?;
    }
    io::stdout().write_all(&page(command)?)?;
    Ok(Exit::Success)
}

/// The page of a command that knows its whole name.
fn page(command: &Command) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    ensure!(!text.is_empty(), "{}: has no page", command.get_name());
    Ok(text)
}

fn write_all(command: &Command, folder: &Path) -> Result<()> {
    let path = folder.join(Man::new(command.clone()).get_filename());
    let text = page(command)?;
    write_atomically(&path, |file| file.write_all(&text))
        .with_context(|| format!("{}: cannot be written", path.display()))?;
    command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set())
        .try_for_each(|inner| write_all(inner, folder))
}
