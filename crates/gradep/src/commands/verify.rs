//! `gradep verify`.

use super::print_json;
use crate::{Exit, cli::VerifyArgs, console, failure::Result};
use gradep_core::{
    files::Found,
    verify::{Verified, verify as look},
};
use serde::Serialize;
use std::{io::Write as _, path::PathBuf};
use units::words::counted;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    whole: bool,
    paths: Vec<Checked<'a>>,
}

#[derive(Serialize)]
struct Checked<'a> {
    path: &'a PathBuf,
    #[serde(flatten)]
    verified: Verified,
}

/// Holds files against what was written.
pub(super) fn verify(arguments: &VerifyArgs) -> Result<Exit> {
    let mut paths = Vec::new();
    for path in &arguments.paths {
        let verified = look(path)?;
        paths.push(Checked { path, verified });
    }
    let whole = paths.iter().all(|checked| checked.verified.is_whole());
    if arguments.json {
        print_json(&Document {
            schema: 1,
            whole,
            paths,
        })?;
    } else {
        for checked in &paths {
            print(checked)?;
        }
    }
    Ok(if whole { Exit::Success } else { Exit::Usage })
}

fn print(checked: &Checked<'_>) -> Result<()> {
    let mut out = console::text();
    let path = checked.path.display();
    let verified = &checked.verified;
    for file in &verified.files {
        let word = match file.found {
            Found::Whole | Found::Unknown => continue,
            Found::Changed => "changed",
            Found::Missing => "missing",
        };
        writeln!(out, "{word:<8} {}", file.name)?;
    }
    let count = |found| verified.count(found);
    let (whole, unknown) = (count(Found::Whole), count(Found::Unknown));
    let verdict = if verified.is_whole() {
        format!("as it was written: {}", counted(whole, "file"))
    } else if whole + count(Found::Changed) + count(Found::Missing) == 0 {
        "nothing here says what was written".to_owned()
    } else {
        format!(
            "NOT as it was written: {} changed, {} missing, {whole} whole",
            count(Found::Changed),
            count(Found::Missing)
        )
    };
    let others = if unknown > 0 {
        format!(
            "; {} of which nothing says what was written",
            counted(unknown, "file")
        )
    } else {
        String::new()
    };
    writeln!(out, "{path}: {verdict}{others}")?;
    Ok(())
}
