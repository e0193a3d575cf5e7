//! Arguments that make a configuration.

use super::{complete, values::input};
use clap::{Args, Subcommand, ValueHint, builder::PossibleValuesParser};
use gradep_core::config::{DEFAULT_PRESET, Flag, PRESETS, Request};
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
    /// Set one key, e.g. nudge.beta=1e-3; may be repeated, the last one wins.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::config_assignments())]
    pub overrides: Vec<String>,
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
        let flag = |name, key, value: Option<i64>| {
            value.map(|value| Flag {
                name,
                key,
                value: Value::Integer(value),
            })
        };
        Request {
            preset: self.preset.clone(),
            file: self.config.clone(),
            overrides: self.overrides.clone(),
            flags: [
                flag("--seed", "seed", self.seed),
                flag("--epochs", "training.epochs", self.epochs),
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
    Show(ConfigShowArgs),
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
