//! `gradep bench classes`.

use super::{conditional::Subject, subject};
use crate::{
    Exit,
    cli::{ClassesArgs, GlobalArgs},
    commands::{long::announce, print_json},
    console,
    failure::{Result, Usage, ensure},
    progress::Count,
};
use bench_hw::{
    conditional::{ClassSampling, ClassScores},
    metrics::Reference,
};
use serde::Serialize;
use std::io::Write as _;

/// Metrics of the table; the JSON document has all.
const COLUMNS: [&str; 5] = [
    "fd_features",
    "fd_pixels",
    "precision",
    "recall",
    "coverage",
];

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    model: String,
    on: String,
    against: String,
    seed: u64,
    /// Names of the columns of every `accuracy`.
    classifiers: Vec<&'static str>,
    amplitudes: Vec<ClassScores>,
}

/// Draws all classes at every amplitude and prints whether they are told.
pub(in crate::commands) fn classes(arguments: &ClassesArgs, global: &GlobalArgs) -> Result<Exit> {
    let subject = Subject::read(&arguments.common)?;
    let (model, samples) = (&subject.source.model, arguments.count.get());
    ensure!(
        model.label_nodes() > 0,
        Usage(format!(
            "{}: the model has no label nodes; train one with -s data.label_nodes=10, or as many as there are classes",
            subject.name
        ))
    );
    subject::check(
        &subject.name,
        &subject.source,
        subject.domain.as_ref(),
        samples,
    )?;
    let (classifiers, judges) = subject.judges();
    if let Some(judge) = judges.first() {
        let (nodes, told) = (model.label_nodes(), judge.classes());
        ensure!(
            nodes <= told,
            Usage(format!(
                "{}: the model has {nodes} label nodes, and the images {told} classes",
                subject.name
            ))
        );
    }
    let reference = Reference::of(subject.domain.as_ref());
    let chip = subject.chip();
    let design = chip.as_ref().map(|chip| chip.design);
    let steps = subject.condition.steps(design, model.output_scale);
    let relaxed = samples * arguments.amplitudes.len();
    announce(
        steps,
        "steps of each sample",
        relaxed,
        model.couplings.layers(),
    );
    let count = Count::start(arguments.amplitudes.len() as u64, global.quiet);
    let sampling = ClassSampling {
        model,
        chip: chip.as_ref(),
        condition: &subject.condition,
        samples,
        seed: arguments.common.seed,
    };
    let mut amplitudes = Vec::new();
    for &amplitude in &arguments.amplitudes {
        amplitudes.push(sampling.measure(amplitude, &reference, &judges)?);
        count.one();
    }
    count.finish();
    let document = Document {
        schema: "gradep-classes-1",
        model: subject.name.clone(),
        on: subject.place(),
        against: subject.domain.about(),
        seed: arguments.common.seed,
        classifiers,
        amplitudes,
    };
    if arguments.common.json {
        print_json(&document)?;
    } else {
        document.print(samples)?;
    }
    Ok(Exit::Success)
}

impl Document {
    fn print(&self, samples: usize) -> Result<()> {
        let mut out = console::text();
        let time = self.amplitudes.first().map_or(0.0, |one| one.flow_time);
        writeln!(
            out,
            "{samples} samples of {} ({}) at t = {time}, every class in turn, against {}\n",
            self.model, self.on, self.against
        )?;
        write!(out, "{:>9}", "amplitude")?;
        for column in self.classifiers.iter().chain(&COLUMNS) {
            write!(out, " {column:>11}")?;
        }
        writeln!(out)?;
        for row in &self.amplitudes {
            write!(out, "{:>9}", row.amplitude)?;
            let scores = COLUMNS.iter().map(|metric| row.scores.value(metric));
            let told = row.accuracy.iter().map(|share| Some(*share));
            for value in told.chain(scores) {
                match value {
                    Some(value) => write!(out, " {value:>11.3}")?,
                    None => write!(out, " {:>11}", "-")?,
                }
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
