//! `gradep bench evaluator`.

use crate::{Exit, cli::EvaluatorArgs};
use bench_hw::metrics::Evaluator;
use gradep_core::data::Dataset;
use std::io::{self, Write as _};

/// Trains a classifier, writes it and says how good it is.
pub(in crate::commands) fn evaluator(arguments: &EvaluatorArgs) -> anyhow::Result<Exit> {
    let evaluator = Evaluator::trained(arguments.seed);
    evaluator.write(&arguments.out)?;
    let mut out = io::stdout();
    for (digits, what) in [
        (Dataset::digits_held_out(), "digits that it was trained on"),
        (Dataset::digits(), "digits by other writers"),
    ] {
        if let Some(accuracy) = evaluator.accuracy(&digits) {
            let count = digits.images().nrows();
            writeln!(out, "{:.2} % of {count} {what}", 100.0 * accuracy)?;
        }
    }
    Ok(Exit::Success)
}
