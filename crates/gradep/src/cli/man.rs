//! Arguments of `gradep man` and `gradep completions`.

use crate::output::folder;
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `gradep man`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep man --out man1\n  man -l man1/gradep-bench-quality.1\n\n\
        A page for each command, with all that its --help says. Without --out the page of one command is\n\
        printed: gradep man bench quality | man -l -"
)]
pub struct ManArgs {
    /// The command whose page is printed, e.g. bench quality [default: gradep itself].
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder; made if it is not there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: Option<PathBuf>,
}

/// `gradep completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep completions bash > ~/.local/share/bash-completion/completions/gradep\n\n\
        zsh:  gradep completions zsh > ~/.zfunc/_gradep\n\
        fish: gradep completions fish > ~/.config/fish/completions/gradep.fish\n\n\
        The script asks gradep itself, so that it also knows chips, devices, presets and keys."
)]
pub struct CompletionsArgs {
    /// The shell to complete for.
    pub shell: clap_complete::Shell,
}
