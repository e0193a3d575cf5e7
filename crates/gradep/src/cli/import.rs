//! Arguments of `gradep import`.

use super::{complete, values::input};
use crate::output::folder;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `gradep import …`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Read a map of conductances, measured or exported, and write it as it would be exported.
    Conductances(ImportConductancesArgs),
}

/// `gradep import conductances`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep import conductances measured --chip D3 -s device=pcm --out map\n  gradep sample runs/first --chip D3 -s device=pcm --conductances map --mode free --out samples.npz\n\n\
        The tables and their sidecars are read (NAME.csv, NAME.json, chip.json; not conductances.npz);\n\
        the whole set is written anew, errors included. What was exported and not changed\n\
        comes out byte for byte as it was."
)]
pub struct ImportConductancesArgs {
    /// Folder of an export (all its chips), or of one chip.
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = input())]
    pub map: PathBuf,
    /// Hardware spec that the map has to be of: a built-in name or a file.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: String,
    /// Set one value of the spec, as when the map was exported; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Take tables that were changed since they were exported, by hand or by an instrument. Without it a
    /// table has to be what its checksum says, if it has one.
    #[arg(long)]
    pub edited: bool,
    /// Print the summary as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
    /// Folder to write to; made if it is not there.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: PathBuf,
}
