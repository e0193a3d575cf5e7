//! `gradep bench evaluator`.

use crate::{Exit, cli::EvaluatorArgs, console, failure::Result, output};
use bench_hw::metrics::Evaluator;
use gradep_core::data::Dataset;
use std::io::Write as _;

/// Trains a classifier, writes it and says how good it is.
pub(in crate::commands) fn evaluator(arguments: &EvaluatorArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], false)?;
    let evaluator = Evaluator::trained(arguments.seed);
    arguments.out.write_npz(|arrays| evaluator.write(arrays))?;
    let mut out = console::text();
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
