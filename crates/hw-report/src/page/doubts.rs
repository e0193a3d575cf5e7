//! What does not belong together on one page.

use super::{run::RunData, source::Results};
use bench_hw::domain::{Digits, Domain as _, Track};

/// Digits of an identity that are shown.
const SHORT: usize = 12;

/// A model that results are of.
struct Measured<'a> {
    name: &'a str,
    id: &'a str,
    trained_on: Option<&'a str>,
}

/// Results of one file.
struct File<'a> {
    path: String,
    track: &'a str,
    is_of_own_data: bool,
    models: Vec<Measured<'a>>,
}

/// What a reader has to know before the numbers: results of another model than the run, of several models
/// on one page, or measured against images that the model does not generate.
pub(super) fn doubts(results: &Results, run: Option<&RunData>) -> Vec<String> {
    let files = files(results);
    let mut doubts: Vec<String> = match run {
        Some(run) => (files.iter())
            .filter_map(|file| other_model(file, &run.name, &run.id))
            .collect(),
        None => different_models(&files).into_iter().collect(),
    };
    for file in &files {
        for model in &file.models {
            let of_run = run.filter(|run| model.id == run.id);
            let trained_on = model
                .trained_on
                .or_else(|| of_run.map(|run| run.config.data.source.as_str()));
            let doubt = Track::named(file.track)
                .filter(|_| !file.is_of_own_data)
                .and_then(|track| Digits { track }.doubt(trained_on));
            doubts.extend(doubt.map(|doubt| format!("{}: {}: {doubt}", file.path, model.name)));
        }
    }
    doubts
}

fn files(results: &Results) -> Vec<File<'_>> {
    let qualities = results.qualities.iter().map(|read| File {
        path: read.path.display().to_string(),
        track: &read.document.track,
        is_of_own_data: read.document.domain.is_some(),
        models: (read.document.runs.iter())
            .map(|run| Measured {
                name: &run.name,
                id: &run.model_blake3,
                trained_on: run.trained_on.as_deref(),
            })
            .collect(),
    });
    let sweeps = results.sweeps.iter().map(|read| File {
        path: read.path.display().to_string(),
        track: &read.document.question.track,
        is_of_own_data: read.document.question.domain.is_some(),
        models: vec![Measured {
            name: &read.document.question.run,
            id: &read.document.question.model_blake3,
            trained_on: read.document.question.trained_on.as_deref(),
        }],
    });
    qualities.chain(sweeps).collect()
}

fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

/// `name (identity)`.
fn named(model: &Measured<'_>) -> String {
    format!("{} ({})", model.name, short(model.id))
}

fn other_model(file: &File<'_>, run: &str, id: &str) -> Option<String> {
    let path = &file.path;
    let others: Vec<&Measured<'_>> = (file.models.iter())
        .filter(|model| model.id != id)
        .collect();
    let names: Vec<String> = others.iter().map(|model| named(model)).collect();
    if others.is_empty() {
        None
    } else if others.len() < file.models.len() {
        Some(format!(
            "{path} has means over {} models; {run} ({}) is one of them, the others are {}",
            file.models.len(),
            short(id),
            names.join(", ")
        ))
    } else {
        Some(format!(
            "{path} is not of {run} ({}), but of {}: its times, energies and qualities are those of another \
             model",
            short(id),
            names.join(", ")
        ))
    }
}

fn different_models(files: &[File<'_>]) -> Option<String> {
    let of_file = |file: &File<'_>| {
        let mut ids: Vec<String> = (file.models.iter())
            .map(|model| model.id.to_owned())
            .collect();
        ids.sort();
        ids
    };
    let first = of_file(files.first()?);
    let differs = files.iter().any(|file| of_file(file) != first);
    differs.then(|| {
        let names: Vec<String> = (files.iter())
            .map(|file| {
                let names: Vec<String> = file.models.iter().map(named).collect();
                format!("{} of {}", file.path, names.join(", "))
            })
            .collect();
        format!("results of different models: {}", names.join("; "))
    })
}
