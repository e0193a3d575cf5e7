//! What a newcomer asks first: best time, energy per sample, the worst non-ideality.

use super::{
    quality::{Band, Moment},
    source::Results,
    sweep::Sweep,
};
use crate::figure::prefix::significant;
use serde::Serialize;

/// The run of a page, for the commands that would measure more of it.
pub(super) struct Asked {
    /// As it was typed.
    pub(super) run: String,
    /// Whether it was trained on one half of the digits: track H.
    pub(super) of_half: bool,
}

/// The metric that a best time is the best time of.
pub(super) const HEADLINE: &str = "fd_features";
/// The metric of diversity that is always shown beside it.
pub(super) const DIVERSITY: &str = "coverage";

/// Answers, or the commands that would give them.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Where quality is best, of the band that is best among those with a physical clock; of all,
    /// where none has one.
    pub best: Option<BestTime>,
    /// What costs most quality.
    pub worst: Option<Worst>,
    /// Commands that fill what is missing.
    pub missing: Vec<Missing>,
}

/// The best moment of a band.
#[derive(Clone, Debug, Serialize)]
pub struct BestTime {
    /// The band's label.
    pub band: String,
    /// Metric that is smallest there.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// What real images get.
    pub floor: Option<f64>,
    /// Coverage at the same moment.
    pub coverage: Option<f64>,
    /// Dimensionless.
    pub flow_time: Option<f64>,
    /// Whether it is the last moment that was measured: later ones may be better.
    pub is_last: bool,
    /// Seconds on the chip, per sample.
    pub seconds: Option<f64>,
    /// Joules on the chip, per sample.
    pub joules: Option<f64>,
    /// Samples per evaluation.
    pub n: Option<u64>,
    /// Curves (runs, seeds, chips) in the band.
    pub count: Option<u64>,
}

/// The parameter that costs most.
#[derive(Clone, Debug, Serialize)]
pub struct Worst {
    /// Key of the spec.
    pub parameter: String,
    /// How much, in words.
    pub effect: String,
    /// From which kind of results: `ranking` or `cells`.
    pub from: &'static str,
}

/// Something that was not measured yet.
#[derive(Clone, Debug, Serialize)]
pub struct Missing {
    /// What.
    pub what: &'static str,
    /// The command line that measures it.
    pub command: String,
}

impl Overview {
    /// The answers of some results, and what to ask next of a run.
    pub(super) fn of(results: &Results, asked: Option<&Asked>) -> Self {
        let best = best_time(results);
        let sweeps = results.sweeps.iter().map(|sweep| &sweep.document);
        let worst = worst_of_rankings(sweeps.clone()).or_else(|| worst_of_cells(sweeps));
        let run = asked.map_or_else(|| "RUN".to_owned(), |asked| shell_word(&asked.run));
        let track = match asked {
            Some(Asked { of_half: false, .. }) => " --track P",
            _ => "",
        };
        let mut missing = Vec::new();
        if best.as_ref().is_none_or(|best| best.seconds.is_none()) {
            missing.push(Missing {
                what: "best time and energy per sample",
                command: format!(
                    "gradep bench quality --run {run} --chip D3{track} --out quality && gradep report {run} --bench quality -o report.html"
                ),
            });
        }
        if worst.is_none() {
            missing.push(Missing {
                what: "the worst non-ideality",
                command: format!(
                    "gradep bench sensitivity --run {run} --chip D3-PCM --out sensitivity && gradep report {run} --bench sensitivity -o report.html"
                ),
            });
        }
        Self {
            best,
            worst,
            missing,
        }
    }
}

/// One word of a command line, quoted where a shell would take it apart.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn best_time(results: &Results) -> Option<BestTime> {
    let all = results.qualities.iter().flat_map(|quality| {
        let quality = &quality.document;
        let bands = quality.bands().into_iter();
        bands.filter_map(move |band| best_of(&band, quality.floor(HEADLINE), quality.n))
    });
    // A chip that can be built comes before an ideal one, whatever its quality.
    all.min_by(|a, b| {
        let order = |best: &BestTime| (best.seconds.is_none(), best.value);
        let ((a_ideal, a), (b_ideal, b)) = (order(a), order(b));
        a_ideal.cmp(&b_ideal).then(a.total_cmp(&b))
    })
}

fn best_of(band: &Band, floor: Option<f64>, n: Option<u64>) -> Option<BestTime> {
    let (best, point) = band.least(HEADLINE)?;
    let metric = |key: &str| point?.metrics.get(key).copied();
    Some(BestTime {
        band: band.label.clone(),
        metric: HEADLINE.to_owned(),
        value: best.value?,
        floor,
        coverage: metric(DIVERSITY).and_then(|spread| spread.mean),
        flow_time: best.flow_time,
        is_last: band
            .points
            .last()
            .is_some_and(|last| last.at.flow_time == best.flow_time),
        seconds: best.seconds,
        joules: best.joules,
        n,
        count: metric(HEADLINE).and_then(|spread| spread.count),
    })
}

/// All best moments, for the table.
pub(super) fn best_times(results: &Results) -> Vec<(BestTime, Moment)> {
    let mut rows = Vec::new();
    for quality in &results.qualities {
        let quality = &quality.document;
        for band in quality.bands() {
            let Some(best) = best_of(&band, quality.floor(HEADLINE), quality.n) else {
                continue;
            };
            let moment = band.least(HEADLINE).and_then(|(_, point)| point);
            rows.push((best, moment.map_or_else(Moment::default, |point| point.at)));
        }
    }
    rows
}

/// The first entry of a ranking: rankings begin with what costs most.
fn worst_of_rankings<'a>(sweeps: impl Iterator<Item = &'a Sweep>) -> Option<Worst> {
    let mut entries = sweeps.filter_map(|sweep| Some((sweep, sweep.ranking.as_ref()?.first()?)));
    let (sweep, rank) = entries.next()?;
    let number = |value: f64| significant(value, 3);
    let mut parts = Vec::new();
    parts.extend(rank.level.clone().map(|level| format!("at {level}")));
    let saved = rank.left_out.fd_features.median;
    parts.extend(
        saved.map(|saved| format!("without it the Fréchet distance falls by {}", number(saved))),
    );
    let alone = rank.alone.fd_features.median;
    parts.extend(alone.map(|alone| format!("alone it adds {} to the ideal one", number(alone))));
    parts.extend(
        sweep
            .chip
            .as_ref()
            .map(|chip| format!("medians over chips {chip}")),
    );
    Some(Worst {
        parameter: rank.key.clone(),
        effect: parts.join(", "),
        from: "ranking",
    })
}

/// The cell whose median is furthest from the ideal, over all sweeps.
fn worst_of_cells<'a>(sweeps: impl Iterator<Item = &'a Sweep>) -> Option<Worst> {
    let cells = sweeps.flat_map(|sweep| {
        let ideal = sweep.ideal.get(HEADLINE).and_then(|score| score.value);
        sweep.cells.iter().filter_map(move |cell| {
            let median = cell.scores.get(HEADLINE)?.median?;
            Some((sweep, cell, median, median / ideal?))
        })
    });
    let (sweep, cell, median, ratio) = cells.max_by(|a, b| a.3.total_cmp(&b.3))?;
    let setting: Vec<String> = sweep
        .axes
        .iter()
        .zip(&cell.values)
        .map(|(axis, value)| format!("{} = {value}", axis.key))
        .collect();
    let share = cell.yielded.as_ref().and_then(|share| share.share);
    let yielded = share.map_or_else(String::new, |share| {
        format!(", yield {} %", significant(100.0 * share, 3))
    });
    Some(Worst {
        parameter: setting.join(", "),
        effect: format!(
            "Fréchet distance {} in the median, {} × the ideal one{yielded}: the largest loss among the values that were swept",
            significant(median, 3),
            significant(ratio, 3)
        ),
        from: "cells",
    })
}
