//! What was measured, for people.

use crate::console;
use bench_hw::quality::{Band, Quality};
use std::{
    io::{self, Write as _},
    path::Path,
};
use units::Unit;

/// Metrics of the table's columns: the first of the headline. The first of them decides, and has an interval.
const COLUMNS: usize = 6;

fn columns(document: &Quality) -> impl Iterator<Item = &str> {
    document.headline.iter().take(COLUMNS).map(String::as_str)
}

/// What is told of over-relaxed samples.
const CHANGING: [&str; 7] = [
    "fd_features",
    "fd_pixels",
    "precision",
    "recognisable",
    "confidence",
    "recall",
    "coverage",
];

/// Prints each setting at its best flow time, what becomes of its samples after that, and what to
/// compare with.
pub(super) fn print_table(document: &Quality, folder: &Path) -> io::Result<()> {
    let mut out = console::text();
    let width = document.bands.iter().map(|band| band.label.chars().count());
    let width = width.chain([16]).max().unwrap_or(16);
    writeln!(
        out,
        "at the flow time of the smallest {}; {} samples, track {}",
        columns(document).next().unwrap_or_default(),
        document.n,
        document.track
    )?;
    if let Some(domain) = &document.domain {
        writeln!(out, "compared with {domain}")?;
    }
    for run in &document.runs {
        writeln!(out, "model {} ({})", run.name, run.model_blake3)?;
    }
    write!(out, "{:<width$} {:>6}", "setting", "curves")?;
    for heading in ["t", "|v|/start", "time", "energy"] {
        write!(out, " {heading:>11}")?;
    }
    for (place, metric) in columns(document).enumerate() {
        write!(out, " {metric:>12}")?;
        if place == 0 {
            write!(out, " {:>18}", "95 % interval")?;
        }
    }
    writeln!(out)?;
    for band in &document.bands {
        print_band(&mut out, document, band, width)?;
    }
    for baseline in &document.baselines {
        write!(
            out,
            "{:<width$} {:>6} {:>11} {:>11} {:>11} {:>11}",
            baseline.label, "", "", "", "", ""
        )?;
        for (place, metric) in columns(document).enumerate() {
            write!(
                out,
                " {:>12}",
                short(baseline.scores.get(metric).map(|s| s.value))
            )?;
            if place == 0 {
                write!(out, " {:>18}", "")?;
            }
        }
        writeln!(out)?;
    }
    writeln!(
        out,
        "95 % interval: of the mean, by Student's t over independent runs, seeds or chips, the widest of them; \
         none of a single one, and wide of fewer than 10"
    )?;
    writeln!(out, "from there to the end of the flow:")?;
    for band in &document.bands {
        if let Some(after) = &band.after {
            // Those that there are: without classes nobody is confident.
            let changes = CHANGING.iter().filter_map(|&metric| {
                let change = after.change.get(metric)?;
                Some(format!("{metric} {change:+.3}"))
            });
            writeln!(
                out,
                "{:<width$} t {} to {}: {}",
                band.label,
                after.from,
                after.to,
                changes.collect::<Vec<_>>().join(", ")
            )?;
        }
    }
    if let Some(digital) = &document.digital {
        writeln!(
            out,
            "exact equilibria to t = {} on this processor ({}): {} of one core per sample, {:.2e} \
             operations; as many on a GPU: at least {}",
            digital.flow_time,
            digital.cpu,
            Unit::Second.show(digital.cpu_seconds_per_sample, 3),
            digital.flops_per_sample,
            Unit::Joule.show(digital.gpu_joules_per_sample, 2)
        )?;
    }
    writeln!(out, "written to {}", folder.display())
}

fn print_band(
    out: &mut impl io::Write,
    document: &Quality,
    band: &Band,
    width: usize,
) -> io::Result<()> {
    let best = columns(document).next().and_then(|key| band.best.get(key));
    let point = best.and_then(|best| {
        let points = band.points.iter();
        points
            .clone()
            .find(|point| point.flow_time >= best.flow_time)
    });
    let Some(point) = point else {
        return writeln!(out, "{:<width$} {:>6}", band.label, band.curves);
    };
    let physical =
        |value: Option<f64>, unit: Unit| value.map_or("-".to_owned(), |v| unit.show(v, 4));
    write!(
        out,
        "{:<width$} {:>6} {:>11} {:>11} {:>11} {:>11}",
        band.label,
        band.curves,
        short(Some(point.flow_time)),
        short(point.speed_share),
        physical(point.seconds, Unit::Second),
        physical(point.joules, Unit::Joule)
    )?;
    for (place, metric) in columns(document).enumerate() {
        write!(
            out,
            " {:>12}",
            short(point.metrics.get(metric).map(|s| s.mean))
        )?;
        if place == 0 {
            let interval = point.metrics.get(metric).and_then(|s| s.interval);
            let text = interval.map_or("-".to_owned(), |interval| {
                format!(
                    "[{:.3}, {:.3}] n={}",
                    interval.low,
                    interval.high,
                    interval.degrees_of_freedom + 1
                )
            });
            write!(out, " {text:>18}")?;
        }
    }
    writeln!(out)
}

fn short(value: Option<f64>) -> String {
    value.map_or("-".to_owned(), |value| format!("{value:.4}"))
}
