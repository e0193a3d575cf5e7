//! `gradep bench`: studies of chips.

mod course;
mod table;

use crate::{
    Exit,
    cli::{GlobalArgs, SensitivityArgs, SweepArgs, ToleranceArgs},
    commands::print_json,
    console,
    failure::{Failure, Result, Usage, ensure},
};
use bench_hw::{
    results,
    sweep::{Axis, Bisection, Grid, Levels, Sensitivity, Study as Document, SweepKind},
};
use course::{Finished, Study};
use hw_report::study::StudyFigures;
use std::io::Write as _;

/// Varies one or two keys.
pub(in crate::commands) fn sweep(arguments: &SweepArgs, global: &GlobalArgs) -> Result<Exit> {
    ensure!(
        arguments.vary.len() <= 2,
        Usage("--vary: given more than twice; a sweep has one or two keys".into())
    );
    let study = Study::read(&arguments.study, SweepKind::Sweep)?;
    let axes = (arguments.vary.iter())
        .map(|text| Axis::parse(text, &study.spec))
        .collect::<Result<Vec<_>, _>>()?;
    let grid = Grid::new(&study.spec, axes)?;
    let asked = serde_json::to_value(&grid.axes).map_err(Failure::of_the_machine)?;
    let what = format!("{} cells", grid.variants());
    let ending = study.run(&asked, &what, &grid.all(), global, |lab, chips, rule| {
        let swept = grid.run(lab, chips, rule)?;
        Ok(((grid.axes.clone(), swept.cells), swept.ideal))
    })?;
    finish(&study, ending, |document, found| {
        (document.axes, document.cells) = found;
    })
}

/// Ranks imperfections.
pub(in crate::commands) fn sensitivity(
    arguments: &SensitivityArgs,
    global: &GlobalArgs,
) -> Result<Exit> {
    let study = Study::read(&arguments.study, SweepKind::Sensitivity)?;
    let sensitivity = Sensitivity::of(&study.spec)?;
    let asked = serde_json::Value::Null;
    let what = format!(
        "{} imperfections, each alone and left out",
        sensitivity.imperfections.len()
    );
    let ending = study.run(
        &asked,
        &what,
        &sensitivity.all(),
        global,
        |lab, chips, rule| {
            let ranked = sensitivity.run(lab, chips, rule)?;
            let ideal = ranked.ideal.clone();
            Ok((ranked, ideal))
        },
    )?;
    finish(&study, ending, |document, found| {
        document.axes = found.axes;
        document.cells = found.cells;
        document.whole = Some(found.whole);
        document.ranking = Some(found.ranking);
    })
}

/// Finds how much chips bear.
pub(in crate::commands) fn tolerance(
    arguments: &ToleranceArgs,
    global: &GlobalArgs,
) -> Result<Exit> {
    let study = Study::read(&arguments.study, SweepKind::Tolerance)?;
    let ends = [0, 1].map(|end| arguments.between[end].as_str());
    let parts = arguments.steps_between.get();
    let levels = Levels::between(&arguments.key, ends, parts, &study.spec)?;
    let search = Bisection::new(&study.spec, levels)?;
    let asked = serde_json::json!([arguments.key, arguments.between, parts]);
    let what = format!("at most {} levels of each chip", search.trials() - 1);
    let ending = study.run_at_most(
        &asked,
        &what,
        search.trials(),
        global,
        |lab, chips, rule| search.run(lab, chips, rule),
    )?;
    finish(&study, ending, |document, found| {
        document.tolerance = Some(found);
    })
}

/// Writes the document and its figures, and prints it.
fn finish<T>(
    study: &Study<'_>,
    ending: Option<Finished<T>>,
    fill: impl FnOnce(&mut Document, T),
) -> Result<Exit> {
    let Some(Finished {
        store,
        found,
        ideal,
    }) = ending
    else {
        return Ok(Exit::Interrupted);
    };
    let mut document = study.document(ideal);
    fill(&mut document, found);
    results::write(&document, store.root())?;
    let figures = StudyFigures {
        document: &document,
    }
    .write(store.root())?;
    store.close()?;
    if study.arguments.json {
        print_json(&document)?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    table::print(&document, &mut out)?;
    writeln!(
        out,
        "written  {}",
        store.root().join("sweep.json").display()
    )?;
    for figure in figures {
        writeln!(out, "written  {}", figure.display())?;
    }
    Ok(Exit::Success)
}
