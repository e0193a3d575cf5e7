//! Arguments of `gradep bench baselines`.

use crate::cli::evaluate::TrackName;
use bench_hw::baselines::Baseline;
use clap::Args;
use std::num::NonZeroU64;

/// `gradep bench baselines`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep bench baselines --only real,gaussian,gmm-20,noise-0.3 --seeds 3\n\n\
        Each baseline is made of the track's training images and measured as `gradep evaluate` does it.\n\
        Below each value: its standard error from the choice of samples; on track H also the published\n\
        value (a mean over three splits of the digits, data/evaluator/baselines.csv) and how many\n\
        standard deviations of such a difference lie between them. The first line is the floor: what\n\
        real images get."
)]
pub struct BaselinesArgs {
    /// Training images and what to compare with.
    #[arg(long, value_enum, value_name = "TRACK", default_value_t = TrackName::H, ignore_case = true)]
    pub track: TrackName,
    /// Seeds 0 … K − 1 over which values are averaged.
    #[arg(long, value_name = "K", default_value = "1")]
    pub seeds: NonZeroU64,
    /// Samples of each set [default: as many as there are training images].
    #[arg(long, value_name = "N")]
    pub count: Option<usize>,
    /// These alone, by name, separated by commas [default: all].
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = baseline)]
    pub only: Vec<Baseline>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

fn baseline(name: &str) -> Result<Baseline, String> {
    Baseline::by_name(name).map_err(|error| error.to_string())
}
