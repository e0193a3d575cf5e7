//! Arguments of `gradep report`.

use super::{GenerationArgs, complete, values::input};
use crate::output::Output;
use clap::{
    Args, ValueHint,
    builder::{OsStringValueParser, TypedValueParser},
};
use std::path::PathBuf;

/// `gradep report`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep report runs/first --bench bench/quality --bench bench/sensitivity \\\n      \
        --chip D3 -s device=pcm -o report.html\n\n\
        The page is one file that loads nothing: it opens from a disk, or from a mail. Its tables and\n\
        first figures are there without JavaScript. Of a run it shows samples (generated now, from the\n\
        run's seed, none picked out) with their nearest training images, relaxations on the chip and,\n\
        for a chip with devices, its conductances; of results, curves, sweeps and rankings."
)]
pub struct ReportArgs {
    /// A run directory, or a directory with quality.json or sweep.json.
    #[arg(value_name = "RUN|SWEEP", value_hint = ValueHint::DirPath, value_parser = input())]
    pub source: PathBuf,
    /// More results (a directory with quality.json or sweep.json); may be repeated.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = input())]
    pub bench: Vec<PathBuf>,
    /// The chip that relaxes, and generates a second set of samples: a shipped hardware spec
    /// (`gradep chip list`) or a spec file [default: ideal, relaxations only].
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: Option<String>,
    /// Set one value of the spec, e.g. device=pcm; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", requires = "chip", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Show these maps (a folder of `gradep export conductances`, or of one of its chips) instead of
    /// programming the chip's devices.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = input())]
    pub conductances: Option<PathBuf>,
    /// How samples are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// Write the page to this file; - is standard output.
    #[arg(short, long, value_name = "FILE.html", value_hint = ValueHint::FilePath, value_parser = page())]
    pub out: Output,
    /// Print the answers at the top of the page as one JSON document on stdout.
    #[arg(long)]
    pub json: bool,
}

fn page() -> impl TypedValueParser<Value = Output> {
    OsStringValueParser::new().try_map(|name| {
        let page = Output::from(name);
        let extension = page.file().map(|path| path.extension().unwrap_or_default());
        match extension.map(|extension| extension.to_str()) {
            None | Some(Some("html" | "htm")) => Ok(page),
            _ => Err("the name of a page ends in .html"),
        }
    })
}
