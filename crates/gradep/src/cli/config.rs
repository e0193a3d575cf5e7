//! Arguments that make a configuration.

use super::{
    complete,
    values::{input, named, share},
};
use clap::{Args, Subcommand, ValueHint, builder::PossibleValuesParser};
use gradep_core::{
    config::{DATA_FLAG, DEFAULT_PRESET, Flag, PRESETS, Request},
    data::LabelColumn,
};
use std::path::PathBuf;
use toml::Value;

/// Where a configuration comes from, in rising order of precedence.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct ConfigArgs {
    /// The preset to start from.
    #[arg(
        long,
        value_name = "NAME",
        default_value = DEFAULT_PRESET,
        value_parser = PossibleValuesParser::new(PRESETS)
    )]
    pub preset: String,
    /// A TOML file with any subset of the keys, laid over the preset.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, value_parser = input())]
    pub config: Option<PathBuf>,
    /// Set one key, e.g. nudge.beta=1e-3; may be repeated, the last one wins. With a chip also one of its spec,
    /// e.g. device=pcm.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::config_assignments())]
    pub overrides: Vec<String>,
    /// The images to learn: a table (.csv), an array (.npy, .npz, FILE.npz:NAME), IDX, each plain or gzip, or
    /// a folder of PNG images. Range of values and number of visible nodes are taken from it, unless they
    /// are set.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub data: Option<String>,
    /// Which column of a table is the label; short for -s data.label_column=NAME.
    #[arg(long, value_name = "COLUMN", value_parser = named::<LabelColumn>())]
    pub label_column: Option<LabelColumn>,
    /// A file of labels, one for each image; short for -s data.labels=FILE.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub labels: Option<String>,
    /// Share of the images that training does not see and that samples are compared with; short for
    /// -s data.held_out=SHARE.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub held_out: Option<f64>,
    /// Train on this chip: a shipped hardware spec (`gradep chip list`) or a spec file; short for -s chip.spec=SPEC.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: Option<String>,
    /// Which chip of the spec; short for -s chip.number=N.
    #[arg(long, value_name = "N", value_parser = whole_number())]
    pub chip_number: Option<i64>,
    /// Seed of the deviations of its chips; short for -s chip.seed=N.
    #[arg(long, value_name = "N", value_parser = whole_number())]
    pub chip_seed: Option<i64>,
    /// Nodes of each layer, visible layer first; short for -s network.layers=….
    #[arg(long, value_name = "N,N,…", value_delimiter = ',', value_parser = whole_number())]
    pub layers: Vec<i64>,
    /// Seed of every random draw; short for -s seed=N.
    #[arg(long, value_name = "N", value_parser = whole_number())]
    pub seed: Option<i64>,
    /// Passes over the data; short for -s training.epochs=N.
    #[arg(long, value_name = "N", value_parser = whole_number())]
    pub epochs: Option<i64>,
}

/// TOML's whole numbers, 0 or more.
fn whole_number() -> clap::builder::RangedI64ValueParser<i64> {
    clap::value_parser!(i64).range(0..)
}

impl ConfigArgs {
    /// The configuration that these arguments ask for.
    pub fn request(&self) -> Request {
        let flag = |name, key, value: Option<Value>| value.map(|value| Flag { name, key, value });
        let text = |text: &Option<String>| text.clone().map(Value::String);
        let layers = self.layers.iter().copied().map(Value::Integer).collect();
        let column = self.label_column.map(|column| column.name().to_owned());
        Request {
            preset: self.preset.clone(),
            file: self.config.clone(),
            overrides: self.overrides.clone(),
            flags: [
                flag(DATA_FLAG, "data.source", text(&self.data)),
                flag("--label-column", "data.label_column", text(&column)),
                flag("--labels", "data.labels", text(&self.labels)),
                flag(
                    "--held-out",
                    "data.held_out",
                    self.held_out.map(Value::Float),
                ),
                flag(
                    "--layers",
                    "network.layers",
                    Some(Value::Array(layers)).filter(|_| !self.layers.is_empty()),
                ),
                flag("--chip", "chip.spec", text(&self.chip)),
                flag(
                    "--chip-number",
                    "chip.number",
                    self.chip_number.map(Value::Integer),
                ),
                flag(
                    "--chip-seed",
                    "chip.seed",
                    self.chip_seed.map(Value::Integer),
                ),
                flag("--seed", "seed", self.seed.map(Value::Integer)),
                flag(
                    "--epochs",
                    "training.epochs",
                    self.epochs.map(Value::Integer),
                ),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

/// `gradep config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the complete configuration that a run would use.
    Show(Box<ConfigShowArgs>),
    /// Say of every key what it means, which values it takes, and what the presets have.
    Explain(ConfigExplainArgs),
}

/// `gradep config explain`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gradep config explain nudge optimiser.learning_rate")]
pub struct ConfigExplainArgs {
    /// Sections (nudge) and keys (nudge.beta) [default: every key].
    #[arg(value_name = "SECTION|KEY", add = complete::topics_of_configurations())]
    pub topics: Vec<String>,
    /// Print one JSON document instead of text.
    #[arg(long)]
    pub json: bool,
}

/// `gradep config show`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep config show --preset best -s nudge.beta=5e-3 --resolved"
)]
pub struct ConfigShowArgs {
    /// Say behind each value where it came from.
    #[arg(long)]
    pub resolved: bool,
    /// Print one JSON document instead of TOML.
    #[arg(long)]
    pub json: bool,
    /// Where the configuration comes from.
    #[command(flatten)]
    pub config: ConfigArgs,
}
