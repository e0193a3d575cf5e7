//! Where everything came from, and the files themselves.

use crate::page::{Page, encode, run::RunData};
use maud::{Markup, html};

/// Larger files are not put into the page.
const LARGEST_FILE: usize = 2_000_000;

pub(super) fn section(page: &Page) -> Markup {
    html! {
        dl {
            dt { "this page" }
            dd { "gradep " (env!("CARGO_PKG_VERSION")) " " code { (page.command.join(" ")) } }
            @if let Some(run) = &page.run { (of_run(run)) }
            @if let Some(maps) = &page.conductances {
                @for chip in &maps.chips {
                    dt { (chip.label) } dd { "design " code { (chip.spec_hash) } }
                }
            }
            @for read in &page.results.qualities {
                (of_results(&read.path.display().to_string(), &read.document.version, &read.document.command))
                @for run in &read.document.runs {
                    dt { "model of " (run.name) }
                    dd {
                        @if let Some(seed) = run.seed { "seed " (seed) ", " }
                        code { (run.model_blake3) }
                    }
                }
                @if let Some(seeds) = seeds(read.document.curves.iter().map(|curve| Some(curve.sampling_seed))) {
                    dt { "sampling seeds" } dd { (seeds) }
                }
                @if let Some(seeds) = seeds(read.document.curves.iter().map(|curve| curve.chip_seed)) {
                    dt { "chip seeds" } dd { (seeds) }
                }
            }
            @for read in &page.results.sweeps {
                @let question = &read.document.question;
                (of_results(&read.path.display().to_string(), &question.version, &question.command))
                dt { "model of " (question.run) }
                dd { code { (question.model_blake3) } }
            }
        }
        @if let Some(run) = &page.run {
            details {
                summary { "Resolved configuration of the run" }
                pre tabindex="0" { code { (run.resolved) } }
            }
        }
        h3 { "Downloads" }
        ul.downloads {
            @for file in files(page) { li { (download(&file)) } }
        }
        p.note { "Files lie inside this page; nothing is fetched. Those above 2 MB are left out." }
    }
}

fn of_run(run: &RunData) -> Markup {
    let manifest = &run.manifest;
    html! {
        dt { "run" } dd { (run.name) ", seed " (manifest.seed) }
        dt { "configuration" } dd { code { (manifest.config_hash) } }
        dt { "objective" } dd { (objective(run)) }
        dt { "training data" }
        dd { (run.config.data.source) " " code { (manifest.data_hash) } }
        dt { "model" }
        dd {
            code { (run.id) } " "
            @if run.is_of_checkpoint {
                "of the newest checkpoint: the run is not finished"
            } @else {
                "(as " code { "b3sum model.safetensors" } " prints it)"
            }
        }
        @for session in &manifest.sessions {
            dt { "trained " (session.started) }
            dd {
                "gradep " (session.version)
                @if let Some(git) = &session.git { " (" (git) ")" }
                ", " (session.threads) " threads, " (session.cpu.join(" ")) " "
                code { (session.argv.join(" ")) }
            }
        }
    }
}

/// What the run learned: by the name that a program gave its own, else as the configuration has it.
fn objective(run: &RunData) -> String {
    let own = run.manifest.objective.clone();
    own.unwrap_or_else(|| run.config.flow.objective.to_string())
}

fn of_results(path: &str, version: &str, command: &[String]) -> Markup {
    html! {
        dt { (path) }
        dd {
            "gradep " (version) " " code { (command.join(" ")) }
        }
    }
}

fn seeds(seeds: impl Iterator<Item = Option<u64>>) -> Option<String> {
    let mut seeds: Vec<u64> = seeds.flatten().collect();
    seeds.sort_unstable();
    seeds.dedup();
    let texts: Vec<String> = seeds.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// A file to download.
struct Download<'a> {
    name: String,
    kind: &'static str,
    content: &'a str,
}

fn files(page: &Page) -> Vec<Download<'_>> {
    let mut files = Vec::new();
    let mut add = |name: String, kind, content| {
        files.push(Download {
            name,
            kind,
            content,
        });
    };
    if let Some(run) = &page.run {
        add(
            "config.resolved.toml".to_owned(),
            "text/plain",
            &run.resolved,
        );
        add("metrics.csv".to_owned(), "text/csv", &run.metrics_text);
        if let Some(summary) = &run.summary {
            add("summary.json".to_owned(), "application/json", summary);
        }
    }
    let results = &page.results;
    for (index, read) in results.qualities.iter().enumerate() {
        add(
            numbered("quality", index, "json"),
            "application/json",
            &read.text,
        );
        if let Some(table) = &read.table {
            add(numbered("quality", index, "csv"), "text/csv", table);
        }
    }
    for (index, read) in results.sweeps.iter().enumerate() {
        add(
            numbered("sweep", index, "json"),
            "application/json",
            &read.text,
        );
        if let Some(table) = &read.table {
            let kind = read.document.question.kind.name();
            add(numbered(kind, index, "csv"), "text/csv", table);
        }
    }
    files
}

fn numbered(name: &str, index: usize, extension: &str) -> String {
    if index == 0 {
        format!("{name}.{extension}")
    } else {
        format!("{name}-{}.{extension}", index + 1)
    }
}

fn download(file: &Download<'_>) -> Markup {
    let bytes = file.content.len();
    html! {
        @if bytes <= LARGEST_FILE {
            a download=(file.name) href=(encode::link(file.kind, file.content.as_bytes())) { (file.name) }
            " (" (bytes.div_ceil(1000)) " kB)"
        } @else {
            (file.name) " (" (bytes / 1_000_000) " MB, left out)"
        }
    }
}
