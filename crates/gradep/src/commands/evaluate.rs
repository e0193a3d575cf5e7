//! `gradep evaluate`.

use super::print_json;
use crate::{
    Exit,
    cli::{EvaluateArgs, EvaluatorName},
    commands::domain::{Asked, of_data, of_digits},
    console,
    failure::{Context as _, Result, Usage, ensure},
};
use bench_hw::{
    domain::Track,
    judge::{Evaluator, OtherRange, ValueRange},
    metrics::{CrossCheck, FEWEST, Reference, Scores, Space, cross_check, measure},
};
use gradep_core::files::read_images;
use ndarray::Array2;
use serde::Serialize;
use std::io::{self, Write as _};

/// The scores, and what another classifier makes of the same samples.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    scores: &'a Scores,
    /// What they were compared with, where that is not the built-in digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    /// Where distances between images are measured, where that is not in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<String>,
    /// Before they are clamped.
    values: Option<ValueRange>,
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
pub(super) fn evaluate(arguments: &EvaluateArgs) -> Result<Exit> {
    let (name, other) = match &arguments.evaluator {
        EvaluatorName::BuiltIn => (String::new(), None),
        EvaluatorName::Second => ("second".to_owned(), Some(Evaluator::second())),
        EvaluatorName::File(path) => (path.display().to_string(), Some(Evaluator::read(path)?)),
    };
    let samples = read_images::<f32>(&arguments.samples, Some("samples"))?;
    let samples = scaled(samples, arguments)?;
    let asked = Asked {
        data: arguments.data.as_deref(),
        track: arguments.track,
        digits: Some(Track::HeldOut),
    };
    let domain = match &arguments.data {
        Some(data) => of_data(data, &asked)?,
        None => of_digits(&asked),
    };
    ensure!(
        other.is_none() || domain.id().is_none(),
        Usage(
            "--evaluator: other classifiers are of the built-in digits; leave it out with --data"
                .to_owned()
        )
    );
    // Too few samples, or samples of another size, are told before another range.
    let range = ValueRange::of(samples.view()).filter(|_| {
        samples.nrows() >= FEWEST
            && samples.ncols() == domain.shape().pixels()
            && samples.iter().all(|value| value.is_finite())
    });
    if arguments.low.is_none()
        && let Some(range) = range
    {
        domain
            .check_range(&range)
            .map_err(|other| refused(&other, arguments))?;
    }
    let reference = Reference::of(domain.as_ref());
    let context = || arguments.samples.display().to_string();
    let scores = measure(samples.view(), &reference).with_context(context)?;
    let check = other.map(|other| cross_check(samples.view(), &reference, other));
    let check = check.transpose().with_context(context)?;
    if arguments.json {
        print_json(&Document {
            scores: &scores,
            domain: domain.id().map(|_| domain.about()),
            space: match reference.space() {
                Space::Pixels => None,
                space @ Space::Components(_) => Some(space.text()),
            },
            values: range,
            cross_check: check.as_ref().map(|check| Opinion {
                evaluator: &name,
                check,
            }),
        })?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    let (n, real) = (samples.nrows(), reference.size());
    writeln!(out, "{n} samples against {}", domain.about())?;
    if !matches!(reference.space(), Space::Pixels) {
        writeln!(out, "distances in {}", reference.space().text())?;
    }
    if let Some(range) = range {
        writeln!(
            out,
            "values from {} to {}; {:.1} % of them are beyond [-1, 1] and clamped",
            range.smallest,
            range.largest,
            100.0 * range.beyond
        )?;
    }
    if n != real {
        writeln!(
            out,
            "compare distances with others of {n} samples only: they shrink with the number"
        )?;
    }
    table(&scores)?;
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

/// Samples in the range of the data: what the command line says is -1 and 1.
fn scaled(samples: Array2<f32>, arguments: &EvaluateArgs) -> Result<Array2<f32>> {
    let (Some(low), Some(high)) = (arguments.low, arguments.high) else {
        return Ok(samples);
    };
    let width = high - low;
    ensure!(
        width > 0.0 && width.is_finite(),
        Usage(format!(
            "--low {low} --high {high}: expected low below high"
        ))
    );
    // Exact where low and high are -1 and 1.
    let share = |value: f32| (f64::from(value) - low) / width;
    Ok(samples.mapv(|value| (2.0 * share(value) - 1.0) as f32))
}

/// That samples are in another range, and what to do about it.
fn refused(other: &OtherRange, arguments: &EvaluateArgs) -> Usage {
    let ValueRange { low, high, .. } = other.found;
    Usage(format!(
        "{}: {other}; if {low} is blank and {high} ink, give --low {low} --high {high}; --low -1 --high 1 \
         takes the samples as they are",
        arguments.samples.display()
    ))
}

fn table(scores: &Scores) -> io::Result<()> {
    let mut out = console::text();
    writeln!(
        out,
        "{:<17} {:>10} {:>10} {:>10}",
        "metric", "value", "s.e.", "floor"
    )?;
    for (name, score) in scores.named() {
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
