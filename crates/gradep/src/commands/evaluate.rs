//! `gradep evaluate`.

use super::print_json;
use crate::{
    Exit,
    cli::{EvaluateArgs, EvaluatorName},
};
use anyhow::Context as _;
use bench_hw::metrics::{CrossCheck, Evaluator, Reference, Score, Scores, cross_check, measure};
use gradep_core::files::read_array;
use serde::Serialize;
use std::io::{self, Write as _};

/// The scores, and what another classifier makes of the same samples.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    scores: &'a Scores,
    #[serde(skip_serializing_if = "Option::is_none")]
    cross_check: Option<Opinion<'a>>,
}

#[derive(Serialize)]
struct Opinion<'a> {
    evaluator: &'a str,
    #[serde(flatten)]
    check: &'a CrossCheck,
}

/// Measures samples and prints every metric.
pub(super) fn evaluate(arguments: &EvaluateArgs) -> anyhow::Result<Exit> {
    let (name, other) = match &arguments.evaluator {
        EvaluatorName::BuiltIn => (String::new(), None),
        EvaluatorName::Second => ("second".to_owned(), Some(Evaluator::second())),
        EvaluatorName::File(path) => (path.display().to_string(), Some(Evaluator::read(path)?)),
    };
    let samples = read_array::<f32>(&arguments.samples, Some("samples"))?;
    let reference = Reference::of(arguments.track.into());
    let context = || arguments.samples.display().to_string();
    let scores = measure(samples.view(), &reference).with_context(context)?;
    let check = other.map(|other| cross_check(samples.view(), &reference, other));
    let check = check.transpose().with_context(context)?;
    if arguments.json {
        print_json(&Document {
            scores: &scores,
            cross_check: check.as_ref().map(|check| Opinion {
                evaluator: &name,
                check,
            }),
        })?;
        return Ok(Exit::Success);
    }
    let mut out = io::stdout();
    let (n, real) = (samples.nrows(), reference.size());
    writeln!(
        out,
        "{n} samples against {real} digits, track {}",
        arguments.track.name()
    )?;
    if n != real {
        writeln!(
            out,
            "compare distances with others of {n} samples only: they shrink with the number"
        )?;
    }
    table(&scores.named())?;
    if let Some(CrossCheck { accuracy, scores }) = check {
        writeln!(
            out,
            "\nby the classifier {name}, which tells {:.1} % of the 1,797 digits rightly",
            100.0 * accuracy
        )?;
        table(&scores)?;
    }
    Ok(Exit::Success)
}

fn table(scores: &[(&str, Score)]) -> io::Result<()> {
    let mut out = io::stdout();
    writeln!(
        out,
        "{:<17} {:>10} {:>10} {:>10}",
        "metric", "value", "s.e.", "floor"
    )?;
    for (name, score) in scores {
        writeln!(
            out,
            "{name:<17} {:>10} {:>10} {:>10}",
            text(score.value),
            text(score.standard_error),
            text(score.floor)
        )?;
    }
    Ok(())
}

fn text(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.5}"))
}
