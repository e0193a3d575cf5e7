//! `gradep evaluate`.

use super::print_json;
use crate::{Exit, cli::EvaluateArgs};
use anyhow::Context as _;
use bench_hw::metrics::{Reference, Score, measure};
use gradep_core::files::read_array;
use std::io::{self, Write as _};

/// Measures samples and prints every metric.
pub(super) fn evaluate(arguments: &EvaluateArgs) -> anyhow::Result<Exit> {
    let samples = read_array::<f32>(&arguments.samples, Some("samples"))?;
    let reference = Reference::of(arguments.track.into());
    let scores = measure(samples.view(), &reference)
        .with_context(|| arguments.samples.display().to_string())?;
    if arguments.json {
        print_json(&scores)?;
        return Ok(Exit::Success);
    }
    let mut out = io::stdout();
    let (n, real) = (samples.nrows(), reference.size());
    writeln!(
        out,
        "{n} samples against {real} digits, track {:?}",
        arguments.track
    )?;
    if n != real {
        writeln!(
            out,
            "compare distances with others of {n} samples only: they shrink with the number"
        )?;
    }
    writeln!(
        out,
        "{:<17} {:>10} {:>10} {:>10}",
        "metric", "value", "s.e.", "floor"
    )?;
    for (
        name,
        Score {
            value,
            standard_error,
            floor,
            ..
        },
    ) in scores.named()
    {
        writeln!(
            out,
            "{name:<17} {:>10} {:>10} {:>10}",
            text(value),
            text(standard_error),
            text(floor)
        )?;
    }
    Ok(Exit::Success)
}

fn text(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.5}"))
}
