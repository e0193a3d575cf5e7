//! Arguments of `gradep adapt`.

use super::{
    RunOrModel, complete,
    values::{named, positive},
};
use crate::output::folder;
use analog_substrate::chip::Duration;
use bench_hw::adaptation::{Course, Population};
use clap::{Args, ValueHint};
use gradep_core::config::Learn;
use std::{num::NonZeroUsize, path::PathBuf};
use units::{Quantity, Unit};

/// `gradep adapt`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep adapt runs/first --chip D3-HERMES -s array.age=300s -s array.compensation=global \\\n      \
        --chips 5 --ratio 200 --out healed\n\n\
        Each chip is programmed with the model once, errors and all, and learns on by GradEP: its own transients, its\n\
        own readings; an update moves each device by exactly what is asked, from where it is. won back: share of the\n\
        distance that errors cost which is gone afterwards, against the same spec as it is shipped and without devices, whose model\n\
        has had as many further updates at exact equilibria (control), or none (exact).\n\n\
        With --population, weights for every chip of the design are learned beside it: before every update\n\
        another chip is drawn and programmed with them. Then they are put on each of the chips, with no\n\
        update there.\n\n\
        The folder gets adapt.json, a table (CSV), chip_K/ with what the devices of each chip have become, as a map of\n\
        conductances, and chip_K.safetensors, the model to use it with (that for all chips:\n\
        population.safetensors):\n  \
        gradep sample healed/chip_0.safetensors --chip D3-HERMES -s array.age=300s -s array.compensation=global \\\n      \
        --conductances healed/chip_0 --ratio 200 --until 1.2 --out a.npz\n\n\
        What is there is not computed again, so that the same command goes on after an interruption (exit code 75),\n\
        and with more --chips only the new ones are adapted."
)]
pub struct AdaptArgs {
    /// The run that trained the model: it says what from, and how.
    #[arg(value_name = "RUN", value_hint = ValueHint::DirPath, value_parser = RunOrModel::parser())]
    pub run: RunOrModel,
    /// Hardware spec: a shipped one (`gradep chip list`) or a file.
    #[arg(long, value_name = "SPEC", add = complete::chips())]
    pub chip: String,
    /// Set one value of the spec, e.g. device=pcm; may be repeated.
    #[arg(short = 's', long = "set", value_name = "KEY=VALUE", add = complete::spec_assignments())]
    pub overrides: Vec<String>,
    /// How many chips, each adapted by itself.
    #[arg(long, value_name = "K", default_value = "1")]
    pub chips: NonZeroUsize,
    /// Number of the first chip.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub first: u64,
    /// Seed of the chips.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub chip_seed: u64,
    /// Seed of the starting noise of samples, and of noise along transients.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Samples of each measurement.
    #[arg(short = 'n', long = "count", value_name = "N", default_value = "898")]
    pub count: NonZeroUsize,
    /// Flow times at which samples are measured, of which the best counts [default: 1.1,1.2,1.3,1.4; of a field that comes
    /// to rest 3,4,5].
    #[arg(long, value_name = "FLOW_TIME,…", value_delimiter = ',', value_parser = positive)]
    pub times: Vec<f64>,
    /// `C_x / C` of the floating visible nodes while samples are drawn [default: the spec's `node.visible_ratio`].
    #[arg(long, value_name = "R", value_parser = positive)]
    pub ratio: Option<f64>,
    /// Longest step of all transients, in units of tau.
    #[arg(long, value_name = "TAU", default_value_t = Course::default().step, value_parser = positive)]
    pub time_step: f64,
    /// Ages of the devices at which the adapted chip is measured again, with no further update, e.g. 3600s,86400s.
    #[arg(long, value_name = "TIME,…", value_delimiter = ',', value_parser = age)]
    pub later: Vec<f64>,
    /// Updates that the chip makes at each age of --later once it was measured, to be measured again; rounded up to whole passes over
    /// the data. Each refresh goes on from the last.
    #[arg(long, value_name = "N", requires = "later", value_parser = clap::value_parser!(u64).range(1..))]
    pub refresh: Option<u64>,
    /// Also learn weights for all chips of the design: each update on the next of M chips, numbers from 134217728 on; then
    /// measure them on each of the K.
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u64).range(1..=Population::FIRST))]
    pub population: Option<u64>,
    /// Folder to write to.
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath, value_parser = folder())]
    pub out: PathBuf,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
    /// How the chips learn.
    #[command(flatten)]
    pub course: CourseArgs,
}

/// How a chip learns on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Learning")]
pub struct CourseArgs {
    /// Updates, rounded up to whole passes over the data.
    #[arg(long, value_name = "N", default_value_t = Course::default().updates, value_parser = clap::value_parser!(u64).range(1..))]
    pub updates: u64,
    /// Samples of an update.
    #[arg(long, value_name = "N", default_value = "128")]
    pub batch: NonZeroUsize,
    /// What is learned: all parameters, or biases alone, so that no device of a weight is moved.
    #[arg(long, value_name = "WHAT", default_value = "all", value_parser = named::<Learn>())]
    pub learn: Learn,
    /// Learning rate at its peak [default: 1e-3, of biases alone 0.02].
    #[arg(long, value_name = "RATE", value_parser = positive)]
    pub learning_rate: Option<f64>,
    /// Duration of the free phase.
    #[arg(long, value_name = "TIME", default_value = "30tau")]
    pub free: Duration,
    /// Duration of each of the two nudged phases.
    #[arg(long, value_name = "TIME", default_value = "10tau")]
    pub nudged: Duration,
    /// How much larger than the largest one a weight can become before its device is at the end of its range.
    #[arg(long, value_name = "FACTOR", default_value_t = Course::default().headroom, value_parser = at_least_one)]
    pub headroom: f64,
    /// Furthest that a nudge may pull a visible node against its own stiffness, in `V_unit` [default: 70 times what a reading
    /// resolves, noise and converter, 0.3 at most].
    #[arg(long, value_name = "RANGE", value_parser = positive)]
    pub range: Option<f64>,
}

/// A time with its unit, in seconds.
fn age(text: &str) -> Result<f64, String> {
    match Quantity::parse(text, Unit::Second) {
        Ok(age) if age.value > 0.0 => Ok(age.value),
        _ => Err("expected a time above 0, such as \"3600s\"".to_owned()),
    }
}

/// A finite number, 1 or more.
fn at_least_one(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number >= 1.0 && number.is_finite() => Ok(number),
        _ => Err("expected a finite number, 1 or more".to_owned()),
    }
}
