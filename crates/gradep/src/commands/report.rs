//! `gradep report`.

use super::{print_json, replay::chip_folders};
use crate::{
    Exit,
    cli::{GlobalArgs, OnChipArgs, ReportArgs},
    console,
    failure::Result,
    output,
    progress::ShareProgress,
};
use analog_substrate::hw_spec::Spec;
use gradep_core::{
    files::{ChipMap, Expected, read_conductances},
    run::read_identified_model,
    run_dir::{is_run, warn_of_changed_config},
};
use hw_report::page::{Overview, Page, Request};
use serde::Serialize;
use std::{
    io::{self, Write as _},
    path::Path,
};
use units::Unit;

/// The chip that relaxes unless another one is named.
const DEFAULT_CHIP: &str = "ideal";

/// Makes a page of a run or of results.
pub(super) fn report(arguments: &ReportArgs, global: &GlobalArgs) -> Result<Exit> {
    output::claim(Some(&arguments.out), [], arguments.json)?;
    warn_of_changed_config(&arguments.source);
    let reference = arguments.chip.as_deref().unwrap_or(DEFAULT_CHIP);
    let chip = OnChipArgs::spec(reference, &arguments.overrides)?;
    let maps = match &arguments.conductances {
        Some(folder) => {
            let chip = arguments.chip.as_ref().map(|_| &chip);
            read_maps(folder, chip, model_of(&arguments.source).as_deref())?
        }
        None => Vec::new(),
    };
    let command = gradep_core::run_dir::command_line();
    let chip_words = chip_words(arguments);
    let way = if arguments.chip.is_some() {
        Some(arguments.generation.on_chip()?)
    } else {
        arguments.generation.without_chip()?;
        None
    };
    let request = Request {
        source: &arguments.source,
        benches: &arguments.bench,
        chip: &chip,
        chip_words: &chip_words,
        flow: arguments.generation.asked()?,
        on_chip: way.as_ref(),
        maps: &maps,
        command: &command,
    };
    let mut progress = ShareProgress::start(global.quiet);
    let page = Page::gather(&request, |stage| {
        progress.update(stage.share(), stage.text());
    })?;
    let html = page.html()?;
    arguments.out.write(html.as_bytes())?;
    progress.finish();
    for warning in &page.overview().warnings {
        tracing::warn!("{warning}");
    }
    let summary = Summary {
        schema: 1,
        page: arguments.out.to_string(),
        bytes: html.len(),
        overview: page.overview(),
    };
    if arguments.json {
        print_json(&summary)?;
    } else {
        summary.print()?;
    }
    Ok(Exit::Success)
}

/// The words that named and changed the chip.
fn chip_words(arguments: &ReportArgs) -> Vec<String> {
    let Some(chip) = &arguments.chip else {
        return Vec::new();
    };
    let mut words = vec!["--chip".to_owned(), chip.clone()];
    for assignment in &arguments.overrides {
        words.extend(["-s".to_owned(), assignment.clone()]);
    }
    words
}

/// Identity of the model of a run; none of results, which may be of several.
fn model_of(source: &Path) -> Option<String> {
    let run = is_run(source).then(|| read_identified_model(source));
    run?.ok().map(|(.., id)| id)
}

/// The maps of a folder; where a chip was named they have to be of it, and of the run's model.
fn read_maps(folder: &Path, chip: Option<&Spec>, model: Option<&str>) -> Result<Vec<ChipMap>> {
    let mut maps = Vec::new();
    let expected = Expected {
        chip,
        model,
        ..Expected::default()
    };
    for (_, folder) in chip_folders(folder)? {
        maps.push(read_conductances(&folder, expected)?);
    }
    Ok(maps)
}

#[derive(Serialize)]
struct Summary<'a> {
    schema: u32,
    page: String,
    bytes: usize,
    #[serde(flatten)]
    overview: &'a Overview,
}

impl Summary<'_> {
    fn print(&self) -> io::Result<()> {
        let mut out = console::text();
        if let Some(best) = &self.overview.best {
            let number = |value: Option<f64>, unit: Unit| {
                value.map_or_else(|| "-".to_owned(), |value| unit.show(value, 4))
            };
            writeln!(
                out,
                "best time       {} per sample, {} (flow time {}) on {}: {} {:.3}",
                number(best.seconds, Unit::Second),
                number(best.joules, Unit::Joule),
                best.flow_time
                    .map_or_else(|| "-".to_owned(), |time| time.to_string()),
                best.band,
                best.metric,
                best.value
            )?;
        }
        if let Some(worst) = &self.overview.worst {
            writeln!(out, "worst           {}: {}", worst.parameter, worst.effect)?;
        }
        let hints = &self.overview.hints;
        for missing in &hints.missing {
            match (&missing.command, &missing.reason) {
                (Some(command), _) => {
                    writeln!(out, "not measured    {}; run\n    {command}", missing.what)?;
                }
                (None, reason) => writeln!(
                    out,
                    "not measured    {}: {}",
                    missing.what,
                    reason.as_deref().unwrap_or("no command measures it")
                )?,
            }
        }
        if let Some(then) = &hints.then {
            writeln!(out, "and then\n    {then}")?;
        }
        writeln!(
            out,
            "written         {} ({:.2} MB)",
            self.page,
            self.bytes as f64 / 1e6
        )
    }
}
