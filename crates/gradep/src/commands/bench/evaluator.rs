//! `gradep bench evaluator`.

use crate::{Exit, cli::EvaluatorArgs, commands::print_json, console, failure::Result, output};
use bench_hw::judge::Evaluator;
use gradep_core::data::Dataset;
use serde_json::json;
use std::io::Write as _;

/// Trains a classifier, writes it and says how good it is.
pub(in crate::commands) fn evaluator(arguments: &EvaluatorArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], arguments.json)?;
    let evaluator = Evaluator::trained(arguments.seed);
    arguments.out.write_npz(|arrays| evaluator.write(arrays))?;
    let judged = [
        (Dataset::digits_held_out(), "digits that it was trained on"),
        (Dataset::digits(), "digits by other writers"),
    ];
    let found = judged.iter().filter_map(|(digits, what)| {
        let accuracy = evaluator.accuracy(digits)?;
        Some((*what, digits.images().nrows(), accuracy))
    });
    if arguments.json {
        let judged = found.map(|(digits, count, accuracy)| {
            json!({"digits": digits, "count": count, "accuracy": accuracy})
        });
        print_json(&json!({
            "schema": 1,
            "evaluator": arguments.out.to_string(),
            "seed": arguments.seed,
            "accuracy": judged.collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    for (what, count, accuracy) in found {
        writeln!(out, "{:.2} % of {count} {what}", 100.0 * accuracy)?;
    }
    Ok(Exit::Success)
}
