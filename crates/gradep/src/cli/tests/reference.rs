//! `docs/reference/command-line.md` is what `--help` prints.

use super::*;
use std::{env, fmt::Write as _, fs, path::Path};

/// Width of the pages.
const WIDTH: usize = 100;

const HEAD: &str = "\
# Command line: every command

Generated from what `gradep COMMAND --help` prints; a test keeps it up to date. To write it anew:
`GRADEP_BLESS=1 cargo test -p gradep --lib the_reference`.
";

/// A help page without what every command has, and without spaces at the end of its lines.
fn text(command: &clap::Command) -> String {
    let page = command.clone().term_width(WIDTH).render_long_help();
    let mut is_global = false;
    let mut text = String::new();
    for line in page.to_string().lines() {
        if !line.is_empty() && !line.starts_with(' ') {
            is_global = line == "Global options:";
        }
        let is_of_all = ["-h, --help", "-V, --version", "Print help", "Print version"]
            .iter()
            .any(|start| line.trim_start().starts_with(start));
        if !is_global && !is_of_all {
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text.trim_end().to_owned()
}

/// The options that every command has.
fn global_options(root: &clap::Command) -> String {
    let page = root
        .clone()
        .term_width(WIDTH)
        .render_long_help()
        .to_string();
    let (_, options) = page.split_once("Global options:\n").unwrap();
    let lines: Vec<_> = options.lines().map(str::trim_end).collect();
    lines.join("\n").trim_end().to_owned()
}

fn write_commands(page: &mut String, command: &clap::Command) {
    let inner = command
        .get_subcommands()
        .filter(|command| command.get_name() != "help");
    for command in inner {
        if command.has_subcommands() {
            write_commands(page, command);
        } else {
            let name = command.get_bin_name().unwrap();
            let _ = write!(page, "\n## {name}\n\n```text\n{}\n```\n", text(command));
        }
    }
}

fn reference() -> String {
    let mut root = Cli::command();
    root.build();
    let mut page = HEAD.to_owned();
    let _ = write!(
        page,
        "\n## Options of every command\n\n```text\n{}\n```\n",
        global_options(&root)
    );
    write_commands(&mut page, &root);
    page
}

/// With `GRADEP_BLESS` set the page is written anew.
#[test]
fn the_reference_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/command-line.md");
    let wanted = reference();
    if env::var_os("GRADEP_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == wanted,
        "docs/reference/command-line.md is out of date: GRADEP_BLESS=1 cargo test -p gradep --lib the_reference"
    );
}
