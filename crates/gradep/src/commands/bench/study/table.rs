//! A study's document for people.

use bench_hw::sweep::{Cell, NOT_ADDITIVE, Spread, Study, about_intervals};
use std::io::{self, Write};
use units::statistics::Interval;

/// Prints the table that suits the document.
pub(super) fn print(document: &Study, out: &mut impl Write) -> io::Result<()> {
    let question = &document.question;
    let decisive = question.decisive.as_str();
    let ideal = document.ideal.get(decisive);
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let chips = document.ideal_cell.chips;
    writeln!(out, "model {} ({})", question.run, question.model_blake3)?;
    writeln!(
        out,
        "chip {}, {} mode, flow time {}, {} samples a chip, track {}; ideal chip: {decisive} {}{} \
         (floor {})",
        question.chip,
        question.mode,
        question.flow_time,
        question.n,
        question.track,
        number(ideal.and_then(|score| score.value)),
        half_width(ideal.and_then(|score| score.interval), 1.0, 3),
        number(ideal.and_then(|score| score.floor)),
    )?;
    if let Some(tolerance) = &document.tolerance {
        return writeln!(out, "{}: {}", tolerance.key, tolerance.sentence());
    }
    if document.ranking.is_some() {
        return print_ranking(document, out);
    }
    let widest = |cell: &Cell| cell.values.join(", ").chars().count();
    let width = document.cells.iter().map(widest).max().unwrap_or(0).max(8);
    let keys: Vec<&str> = document.axes.iter().map(|axis| axis.key.as_str()).collect();
    writeln!(out, "{}", keys.join(", "))?;
    writeln!(
        out,
        "{:<width$} {:>24} {:>22} {:>22} {:>14} {:>8}",
        "",
        format!("{decisive} [5, 95 %]"),
        "excess % [95 % int.]",
        "yield % [95 % int.]",
        "velocity err %",
        "failed"
    )?;
    for cell in &document.cells {
        print_cell(cell, decisive, width, out)?;
    }
    if let Some(cell) = document.cells.first() {
        writeln!(out, "excess: mean, {}", about_intervals(chips))?;
        writeln!(out, "yield: {}", cell.yielded.rule)?;
    }
    Ok(())
}

fn print_cell(cell: &Cell, decisive: &str, width: usize, out: &mut impl Write) -> io::Result<()> {
    let name = cell.values.join(", ");
    let share = &cell.yielded.share;
    let percent =
        |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{:.1}", 100.0 * v));
    let fd = cell.scores.get(decisive).map_or("-".to_owned(), |fd| {
        let text = |value: Option<f64>| value.map_or("-".to_owned(), |v| format!("{v:.2}"));
        format!("{} [{}, {}]", text(fd.median), text(fd.p5), text(fd.p95))
    });
    writeln!(
        out,
        "{name:<width$} {fd:>24} {:>22} {:>22} {:>14} {:>8}",
        format!(
            "{}{}",
            percent(cell.excess.mean),
            cell.excess.interval.map_or(String::new(), |interval| {
                format!(
                    " [{}, {}]",
                    percent(Some(interval.low)),
                    percent(Some(interval.high))
                )
            })
        ),
        format!(
            "{:.1} [{:.1}, {:.1}]",
            100.0 * share.share,
            100.0 * share.low,
            100.0 * share.high
        ),
        percent(cell.velocity_error.as_ref().and_then(|error| error.median)),
        cell.failed,
    )
}

/// ` ± half the interval`, or nothing where there is none.
fn half_width(interval: Option<Interval>, factor: f64, digits: usize) -> String {
    interval.map_or(String::new(), |interval| {
        format!(" ± {:.digits$}", factor * interval.half_width())
    })
}

/// Changes with their intervals over chips.
fn print_ranking(document: &Study, out: &mut impl Write) -> io::Result<()> {
    let decisive = document.question.decisive.as_str();
    if let Some(whole) = &document.whole {
        let fd = whole.scores.get(decisive).and_then(|fd| fd.mean);
        writeln!(
            out,
            "the whole chip: {decisive} {}, {} chips",
            fd.map_or("-".to_owned(), |fd| format!("{fd:.3}")),
            whole.chips
        )?;
    }
    let ranking = document.ranking.as_deref().unwrap_or_default();
    let width = ranking
        .iter()
        .map(|rank| rank.key.chars().count())
        .max()
        .unwrap_or(0);
    writeln!(
        out,
        "{:<width$} {:>29} {:>47}",
        "", "gained by removing it", "lost with it alone"
    )?;
    writeln!(
        out,
        "{:<width$} {:>15} {:>13} {:>15} {:>15} {:>15}  level",
        "", decisive, "vel. err %", decisive, "fd_pixels", "vel. err %"
    )?;
    let text = |spread: &Spread, factor: f64| {
        let Some(mean) = spread.mean else {
            return "-".to_owned();
        };
        let error = half_width(spread.interval, factor, 2);
        format!("{:.2}{error}", factor * mean)
    };
    for rank in ranking {
        let (left_out, alone) = (&rank.left_out, &rank.alone);
        writeln!(
            out,
            "{:<width$} {:>15} {:>13} {:>15} {:>15} {:>15}  {}",
            rank.key,
            text(left_out.of(decisive), 1.0),
            text(&left_out.velocity_error, 100.0),
            text(alone.of(decisive), 1.0),
            text(&alone.fd_pixels, 1.0),
            text(&alone.velocity_error, 100.0),
            rank.level
        )?;
    }
    let chips = document.whole.as_ref().map_or(0, |whole| whole.chips);
    writeln!(out, "mean ±: {}", about_intervals(chips))?;
    writeln!(out, "{NOT_ADDITIVE}")
}
