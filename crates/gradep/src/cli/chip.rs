//! Arguments of `gradep chip`.

use super::{ChipFitArgs, ChipMeasureArgs, complete};
use clap::{Args, Subcommand, ValueHint};

/// `gradep chip …`.
#[derive(Debug, Subcommand)]
pub enum ChipCommand {
    /// List the hardware specs that come with the program.
    List(ChipListArgs),
    /// Print the values of a spec, and the clock and energy that follow from them.
    Show(ChipShowArgs),
    /// Check a spec or device file: keys, units, validity ranges and its golden values.
    Check(ChipCheckArgs),
    /// Say of every value what it does, when, by which formula, and where it is from.
    Explain(ChipExplainArgs),
    /// Fit the law of a device to measurements, and write it as a device file.
    Fit(ChipFitArgs),
    /// Make up measurements of a device, as an experimenter would write them down.
    Measure(ChipMeasureArgs),
}

/// `gradep chip list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradep chip list")]
pub struct ChipListArgs {
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// A hardware spec with changes.
#[derive(Debug, Args)]
pub struct SpecArgs {
    /// Name of a shipped spec (`gradep chip list`), or a spec file.
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath, add = complete::chips())]
    pub spec: String,
    /// Set one value, e.g. node.capacitance="50 fF"; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
}

/// `gradep chip show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradep chip show D3 -s node.capacitance=\"50 fF\" --json")]
pub struct ChipShowArgs {
    /// What to show.
    #[command(flatten)]
    pub spec: SpecArgs,
    /// Print one JSON document, with numbers in SI units, instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// `gradep chip check`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradep chip check my-chip.toml")]
pub struct ChipCheckArgs {
    /// Spec file, device file, or name of a shipped spec.
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, add = complete::chips())]
    pub file: String,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// `gradep chip explain`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep chip explain D2 node array.age\n  gradep chip explain array\n  gradep chip explain pcm\n\n\
        With a spec (or a file of one) its values are told with its keys; sections and keys choose among\n\
        them. A device, or a file of one, is told with where each of its values is from."
)]
pub struct ChipExplainArgs {
    /// What to explain: one spec (`gradep chip list`), sections (node), keys (array.age), devices (pcm)
    /// [default: every key].
    #[arg(value_name = "SPEC|SECTION|KEY|DEVICE", value_hint = ValueHint::FilePath, add = complete::topics_of_chips())]
    pub topics: Vec<String>,
    /// Set one value of the spec, e.g. node.capacitance="50 fF"; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}
