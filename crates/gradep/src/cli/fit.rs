//! Arguments of `gradep chip fit` and `gradep chip measure`.

use super::complete;
use super::values::{figure, input, named, not_negative, siemens};
use crate::output::Output;
use clap::{Args, ValueHint};
use device_fit::Kind;
use std::{num::NonZeroUsize, path::PathBuf};

/// `gradep chip fit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep chip fit programming.csv --kind programming-noise --from pcm \\\n      \
        -o my-device.toml --figure residuals.png\n\n\
        Columns of MEASUREMENTS.csv, by kind; the end of a name is its unit, with any SI prefix:\n\
        \x20 programming-noise   target_uS, achieved_uS\n\
        \x20 drift               time_s (above 0, since the last programming pulse), conductance_uS, device\n\
        \x20 pulse-response      pulse (from the end of the range), conductance_uS\n\
        \x20                     [, device] [, way: up or down] [, cycle: number of a repeated sweep]\n\
        \x20 iv                  voltage_V, current_uA [, device]\n\
        Further columns are not read; lines that begin with # are comments.\n\n\
        The device file holds the fitted law with its evidence, source and the hash of the measurements,\n\
        and what --from has of everything else. What the data cannot tell is said as a warning, here and\n\
        in the file. The order of rows says nothing.\n\
        Then: gradep chip check my-device.toml; gradep sample RUN --chip D3 -s device=my-device.toml …"
)]
pub struct ChipFitArgs {
    /// Table of measurements.
    #[arg(value_name = "MEASUREMENTS.csv", value_hint = ValueHint::FilePath, value_parser = input())]
    pub measurements: PathBuf,
    /// What was measured.
    #[arg(long, value_name = "KIND", value_parser = named::<Kind>())]
    pub kind: Kind,
    /// Device whose values hold for everything that was not measured: a name or a file.
    #[arg(long, value_name = "DEVICE", add = complete::devices())]
    pub from: Option<String>,
    /// Smallest conductance of the device [default: that of --from, else fitted (pulses) or 0].
    #[arg(long, value_name = "SIEMENS", value_parser = siemens)]
    pub min: Option<f64>,
    /// Largest conductance of the device [default: that of --from, else fitted; of programming noise the largest target].
    #[arg(long, value_name = "SIEMENS", value_parser = siemens)]
    pub max: Option<f64>,
    /// Order of the law [default: what the data ask for].
    #[arg(long, value_name = "N", help = orders())]
    pub order: Option<usize>,
    /// Write the device file here; its name becomes that of the device; - is standard output.
    #[arg(short, long, value_name = "FILE.toml", value_hint = ValueHint::FilePath)]
    pub out: Output,
    /// Draw measurements, law and residuals (.png or .svg).
    #[arg(long, value_name = "FILE.png", value_parser = figure(), value_hint = ValueHint::FilePath)]
    pub figure: Option<PathBuf>,
    /// Print one JSON document instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// The help of `--order`: what an order is and how far it goes, by kind.
fn orders() -> String {
    let kinds = Kind::ALL.map(|kind| {
        let (largest, meaning) = kind.orders();
        format!("{meaning} ({}, 0 to {largest})", kind.name())
    });
    format!(
        "Order of the law [default: what the data ask for]: {}",
        kinds.join("; ")
    )
}

/// `gradep chip measure`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gradep chip measure pcm --kind programming-noise --devices 2000 -o synthetic.csv\n\n\
        What an experimenter would write down of devices that follow a device file: to try\n\
        `gradep chip fit`, and to see how many devices it takes to know a law. The first line says that\n\
        it is synthetic."
)]
pub struct ChipMeasureArgs {
    /// Device: a name or a file.
    #[arg(value_name = "DEVICE", add = complete::devices())]
    pub device: String,
    /// What is measured.
    #[arg(long, value_name = "KIND", value_parser = named::<Kind>())]
    pub kind: Kind,
    /// How many devices (of pulse-response: sweeps).
    #[arg(long, value_name = "N", default_value = "200")]
    pub devices: NonZeroUsize,
    /// Relative standard deviation of a reading of the instrument.
    #[arg(long, value_name = "SHARE", default_value_t = 0.002, value_parser = not_negative)]
    pub reading_error: f64,
    /// Seed of devices and instrument.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Write the table here; - is standard output.
    #[arg(short, long, value_name = "FILE.csv", value_hint = ValueHint::FilePath)]
    pub out: Output,
}
