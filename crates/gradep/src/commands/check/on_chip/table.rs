//! A map of gradients for people: a table for every cell, and what follows from it.

use bench_hw::gradients::{GradientCell, Gradients, Measured, WayWorth};
use gradep_core::oracle::{ChipNudge, ChipRow};
use std::io::{self, Write};
use units::{Unit, words::counted};

/// Prints every cell.
pub(super) fn print(document: &Gradients, out: &mut impl Write) -> io::Result<()> {
    let is_varied = document.axes.iter().any(|axis| axis.key == "phases");
    let first = document.cells.iter().flat_map(|cell| &cell.ways).next();
    let phases = first.filter(|_| !is_varied).map_or(String::new(), |worth| {
        format!(", {} phases", worth.way.phases.name())
    });
    writeln!(
        out,
        "{}: {} estimates in each way of each batch of {}, batches: {}{phases}; held against this chip without noise",
        document.chip,
        document.repeats,
        counted(document.samples as u64, "sample"),
        document.batches
    )?;
    if document.batches > 1 {
        writeln!(
            out,
            "mean +- 95 % interval over batches by Student's t, {} of freedom",
            counted(document.batches as u64 - 1, "degree")
        )?;
    }
    for cell in &document.cells {
        if !document.axes.is_empty() {
            let keys = document.axes.iter().zip(&cell.values);
            let names: Vec<String> = keys
                .map(|(axis, value)| format!("{} = {value}", axis.key))
                .collect();
            writeln!(out, "\n{}", names.join(", "))?;
        }
        print_cell(document, cell, out)?;
    }
    Ok(())
}

fn print_cell(document: &Gradients, cell: &GradientCell, out: &mut impl Write) -> io::Result<()> {
    let norms: Vec<String> = cell
        .batches
        .iter()
        .map(|table| format!("{:.4}", table.gradient_norm))
        .collect();
    writeln!(
        out,
        "exact gradient: norm {}, residual {:.1e}",
        norms.join(", "),
        cell.residual()
    )?;
    writeln!(
        out,
        "{:>12} {:>12} {:>20} {:>8} {:>10} {:>18} {:>18} {:>8} {:>10} {:>10} {:>8}",
        "nudge",
        "free:nudged",
        "cosine",
        "norm",
        "of mean",
        "noise",
        "bias",
        "signs",
        "time",
        "energy",
        "refused"
    )?;
    for (index, way) in cell.ways.iter().enumerate() {
        let alone: Vec<&ChipRow> = cell
            .batches
            .iter()
            .filter_map(|table| table.rows.get(index))
            .collect();
        // Of one batch there is the spread of its own estimates.
        let cosine = match (alone.as_slice(), way.cosine.mean) {
            ([row], Some(cosine)) => format!("{cosine:.5} +- {:.5}", row.cosine_error),
            _ => with_interval(&way.cosine, 5),
        };
        writeln!(
            out,
            "{:>12} {:>12} {cosine:>20} {:>8} {:>10} {:>18} {:>18} {:>8} {:>10} {:>10} {:>8}",
            nudge(way),
            format!("{}:{}", way.way.free, way.way.nudged),
            plain(&way.norm_ratio, 4),
            plain(&way.cosine_of_mean, 5),
            with_interval(&way.noise, 4),
            with_interval(&way.bias, 4),
            plain(&way.right_signs, 4),
            Unit::Second.show(way.seconds, 3),
            Unit::Joule.show(way.joules, 3),
            way.refused
        )?;
    }
    for (index, way) in cell.ways.iter().enumerate() {
        let mut rows = cell
            .batches
            .iter()
            .filter_map(|table| table.rows.get(index));
        if let Some(why) = rows.find_map(|row| row.refusal.as_deref()) {
            writeln!(
                out,
                "{}: {} of {} would be refused: {why}",
                nudge(way),
                way.refused,
                document.repeats * document.batches
            )?;
        }
    }
    for line in conclusions(cell, document.wanted_cosine) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// What follows: the best single estimate, and what the wanted cosine takes.
fn conclusions(cell: &GradientCell, wanted: f64) -> Vec<String> {
    let Some(best) = cell.best() else {
        return vec!["no estimate has a cosine: the nodes ran away".to_owned()];
    };
    let several = cell.ways.len() > 1;
    let mut lines = Vec::new();
    if several {
        lines.push(format!(
            "highest cosine of one estimate: {} at {}",
            with_interval(&best.cosine, 4),
            full(best)
        ));
    }
    lines.push(match (cell.fastest(), best.cost()) {
        (Some(fastest), Some(_)) if same(best, fastest) => reached(fastest, wanted),
        (Some(fastest), Some((seconds, _))) => format!(
            "{}; at {} it takes {}, {}",
            reached(fastest, wanted),
            full(best),
            estimates(best),
            Unit::Second.show(seconds, 3)
        ),
        (Some(fastest), None) => {
            format!("{}; {}", reached(fastest, wanted), hindrance(best, wanted))
        }
        (None, _) => hindrance(best, wanted),
    });
    lines
}

fn reached(way: &WayWorth, wanted: f64) -> String {
    let (seconds, joules) = way.cost().unwrap_or_default();
    format!(
        "least time for a cosine of {wanted}: {} at {}, {} and {} of the chip",
        estimates(way),
        full(way),
        Unit::Second.show(seconds, 3),
        Unit::Joule.show(joules, 3)
    )
}

fn estimates(way: &WayWorth) -> String {
    match way.estimates {
        Some(1) | None => "one estimate".to_owned(),
        Some(count) => format!("the mean of {count} estimates"),
    }
}

/// Why a cosine is not reached.
fn hindrance(way: &WayWorth, wanted: f64) -> String {
    let at = full(way);
    match way.limit.and_then(|limit| limit.mean) {
        Some(limit) => format!(
            "no number of estimates has a cosine of {wanted} at {at}: bias alone leaves {limit:.4}"
        ),
        None => format!(
            "how many estimates have a cosine of {wanted} at {at} is not known: noise hides what they have in common; \
             more --repeats show it"
        ),
    }
}

fn same(a: &WayWorth, b: &WayWorth) -> bool {
    a.way == b.way
}

fn nudge(way: &WayWorth) -> String {
    match way.way.nudge {
        ChipNudge::Tilt { range } => format!("range {range}"),
        ChipNudge::Quadratic { beta } => format!("beta {beta}"),
    }
}

fn full(way: &WayWorth) -> String {
    format!("{}, {}:{} tau", nudge(way), way.way.free, way.way.nudged)
}

fn plain(measured: &Measured, digits: usize) -> String {
    measured
        .mean
        .map_or("-".to_owned(), |mean| format!("{mean:.digits$}"))
}

fn with_interval(measured: &Measured, digits: usize) -> String {
    let half = measured.interval.map_or(String::new(), |interval| {
        format!(" +- {:.digits$}", interval.half_width())
    });
    format!("{}{half}", plain(measured, digits))
}
