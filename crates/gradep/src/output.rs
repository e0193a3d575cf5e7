//! Where a command writes: checked before the work, `-` for standard output.

use crate::{
    console,
    failure::{Context as _, Result, Usage, ensure},
};
use clap::builder::{OsStringValueParser, TypedValueParser};
use gradep_core::files::{NpzArrays, check_writable, npz_bytes, write_atomically, write_npz};
use serde::Serialize;
use std::{
    ffi::OsString,
    fmt,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// The file that a command was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// `-`.
    Stdout,
    /// A name.
    File(PathBuf),
}

impl From<OsString> for Output {
    fn from(typed: OsString) -> Self {
        if typed == "-" {
            Self::Stdout
        } else {
            Self::File(typed.into())
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Output {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File(path) => Some(path),
        }
    }

    /// The file of another extension that goes with it: none beside standard output.
    pub(crate) fn beside(&self, extension: &str) -> Option<PathBuf> {
        Some(self.file()?.with_extension(extension))
    }

    /// Writes the whole file.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout => print(bytes),
            Self::File(path) => write_atomically(path, |file| file.write_all(bytes))
                .with_context(|| format!("{self}: cannot be written")),
        }
    }

    /// Writes arrays as `.npz`.
    pub(crate) fn write_npz(
        &self,
        fill: impl FnOnce(&mut NpzArrays<'_>) -> io::Result<()>,
    ) -> Result<()> {
        match self {
            Self::Stdout => print(&npz_bytes(fill)?),
            Self::File(path) => Ok(write_npz(path, fill)?),
        }
    }
}

fn print(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    Ok(stdout.flush()?)
}

/// Writes a JSON document into a file.
pub(crate) fn write_json(path: &Path, document: &impl Serialize) -> Result<()> {
    write_atomically(path, |file| {
        serde_json::to_writer_pretty(file, document).map_err(io::Error::from)
    })
    .with_context(|| format!("{}: cannot be written", path.display()))
}

/// Refuses before the work what could not be written after it: a folder that is not there, or two
/// outputs in one place. Where `output` is standard output, text for people goes to stderr from now on.
pub(crate) fn claim<'a>(
    output: Option<&'a Output>,
    more: impl IntoIterator<Item = &'a Path>,
    json: bool,
) -> Result<()> {
    if output == Some(&Output::Stdout) {
        ensure!(
            !json,
            Usage("--json: standard output is taken by --out -; expected a file name there".into())
        );
        console::leave_stdout();
    }
    let mut claimed: Vec<&Path> = Vec::new();
    for path in output.and_then(Output::file).into_iter().chain(more) {
        ensure!(
            !claimed.contains(&path),
            Usage(format!(
                "{}: would be written twice; expected another name for each output",
                path.display()
            ))
        );
        check_writable(path).with_context(|| format!("{}: cannot be written", path.display()))?;
        claimed.push(path);
    }
    Ok(())
}

/// Refuses a folder that could not be made, before the work that fills it.
pub(crate) fn claim_folder(folder: &Path) -> Result<()> {
    let mut ancestors = folder
        .ancestors()
        .filter(|path| !path.as_os_str().is_empty());
    let existing = ancestors
        .find(|path| path.exists())
        .unwrap_or(Path::new("."));
    check_writable(&existing.join("chip.json"))
        .with_context(|| format!("{}: cannot be made or written to", folder.display()))
}

/// Parses the name of a folder to write to.
pub fn folder() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().try_map(|name| {
        if name == "-" {
            return Err("standard output holds no folder; expected a name (./- for this one)");
        }
        Ok(PathBuf::from(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dash_is_standard_output_and_no_folder() {
        let output = |name: &str| Output::from(OsString::from(name));
        assert_eq!(output("-"), Output::Stdout);
        assert_eq!(output("./-"), Output::File("./-".into()));
        let parse = |name: &str| {
            let command = clap::Command::new("a").arg(clap::Arg::new("d").value_parser(folder()));
            command.try_get_matches_from(["a", name])
        };
        let refused = parse("-").unwrap_err().to_string();
        assert!(refused.contains("standard output"), "{refused}");
        assert!(parse("a").is_ok());
    }

    #[test]
    fn a_folder_that_can_be_made_is_not_made_yet() {
        let folder = tempfile::tempdir().unwrap();
        let new = folder.path().join("a/b");
        claim_folder(&new).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        std::fs::write(folder.path().join("a"), "").unwrap();
        assert!(claim_folder(&new).is_err());
    }

    #[test]
    fn outputs_are_checked_together() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.npz"), folder.path().join("b.png"));
        let output = Output::File(a.clone());
        claim(Some(&output), [b.as_path()], true).unwrap();
        let twice = claim(Some(&output), [a.as_path()], false).unwrap_err();
        assert!(twice.to_string().contains("a.npz: would be written twice"));
        let nowhere = folder.path().join("none/b.png");
        let refused = claim(Some(&output), [nowhere.as_path()], false).unwrap_err();
        assert!(refused.to_string().contains("b.png: cannot be written"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
