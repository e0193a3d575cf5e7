//! `gradep bench baselines`.

use crate::{
    Exit,
    cli::{BaselinesArgs, GlobalArgs},
    commands::print_json,
    console,
    failure::Result,
    progress::Count,
};
use bench_hw::{
    baselines::{Baseline, BaselineRow, BaselineScore, Measurement, measure_baseline},
    domain::{Digits, Track, TrainingImages},
    metrics::{Reference, check_size},
};
use serde::Serialize;
use std::{fmt::Write as _, io::Write as _};
use units::{budget::check_trials, words::counted};

/// Metrics of the table; the JSON document has all.
const COLUMNS: [&str; 10] = [
    "fd_features",
    "fd_pixels",
    "mmd",
    "precision",
    "recall",
    "coverage",
    "recognisable",
    "confidence",
    "class_tv",
    "memorisation",
];

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    track: String,
    n: usize,
    baselines: Vec<BaselineRow>,
}

/// Makes baselines, measures them and prints the table.
pub(in crate::commands) fn baselines(
    arguments: &BaselinesArgs,
    global: &GlobalArgs,
) -> Result<Exit> {
    let track = Track::from(arguments.track);
    let (train, reference) = (TrainingImages::of(track), Reference::of(&Digits { track }));
    let n = arguments.count.unwrap_or(train.len());
    check_size(n)?;
    let chosen = chosen(&arguments.only, track);
    // What is published is of as many samples of track H.
    let compare = track == Track::HeldOut && n == train.len();
    let seeds = arguments.seeds.get();
    check_trials("--seeds", seeds as f64, "seeds")?;
    let count = Count::start(seeds * chosen.len() as u64, global.quiet);
    let rows = chosen.iter().map(|&baseline| {
        let measurement = Measurement {
            samples: n,
            seeds: 0..seeds,
            compare,
        };
        measure_baseline(baseline, measurement, &train, &reference, || count.one())
    });
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    count.finish();
    if arguments.json {
        print_json(&Document {
            schema: "gradep-baselines-1",
            track: arguments.track.name().to_owned(),
            n,
            baselines: rows,
        })?;
        return Ok(Exit::Success);
    }
    let real = reference.size();
    writeln!(
        console::text(),
        "{n} samples against {real} digits, track {}, mean over {}\n\n{}",
        arguments.track.name(),
        counted(seeds, "seed"),
        table(&rows)
    )?;
    Ok(Exit::Success)
}

/// All, or those asked for; real images of track P are its reference, which says nothing.
fn chosen(only: &[Baseline], track: Track) -> Vec<Baseline> {
    if !only.is_empty() {
        return only.to_vec();
    }
    let all = Baseline::ALL.into_iter();
    all.filter(|&baseline| track == Track::HeldOut || baseline != Baseline::Real)
        .collect()
}

fn table(rows: &[BaselineRow]) -> String {
    let mut text = String::new();
    let mut line = |head: &str, cells: &dyn Fn(&str) -> String| {
        write!(text, "{head:<20}").expect("a string takes all");
        for metric in COLUMNS {
            write!(text, " {:>12}", cells(metric)).expect("a string takes all");
        }
        text.push('\n');
    };
    line("", &str::to_owned);
    let Some(first) = rows.first() else {
        return text;
    };
    let cell = |row: &BaselineRow, metric: &str, read: fn(&BaselineScore) -> Option<f64>| {
        number(row.score(metric).and_then(read))
    };
    line("floor (real)", &|metric| {
        cell(first, metric, |score| score.floor)
    });
    for row in rows {
        line(&row.name, &|metric| cell(row, metric, |score| score.value));
        line("  ± s.e.", &|metric| {
            cell(row, metric, |score| score.standard_error)
        });
        if row
            .scores
            .iter()
            .any(|(_, score)| score.published.is_some())
        {
            line("  published", &|metric| {
                cell(row, metric, |score| score.published)
            });
            line("  difference / s.d.", &|metric| {
                let score = row.score(metric).and_then(|score| score.deviation);
                score.map_or_else(|| "-".to_owned(), |deviation| format!("{deviation:+.1}"))
            });
        }
    }
    text
}

/// About three digits; small distances keep five decimals.
fn number(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        0.1.. => format!("{value:.3}"),
        _ => format!("{value:.5}"),
    }
}
