//! What a newcomer asks first: best time, energy per sample, the worst non-ideality.

use super::{
    hints::Hints,
    quality::{Band, BandPoint, Moment, Quality},
    source::Results,
    sweep::{OverChips, Sweep},
};
use crate::figure::prefix::significant;
use serde::Serialize;

/// The metric that a best time is the best time of.
pub(super) const HEADLINE: &str = "fd_features";
/// The metric of diversity that is always shown beside it.
pub(super) const DIVERSITY: &str = "coverage";

/// Answers, or the commands that would give them.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// The fastest moment, among bands with a physical clock, whose quality is within one standard error of
    /// the best; where none has a clock, the best moment of all.
    pub best: Option<BestTime>,
    /// What costs most quality.
    pub worst: Option<Worst>,
    /// Commands that fill what is missing.
    #[serde(flatten)]
    pub hints: Hints,
    /// What does not belong together on this page.
    pub warnings: Vec<String>,
}

/// The best moment of a band.
#[derive(Clone, Debug, Serialize)]
pub struct BestTime {
    /// The band's label.
    pub band: String,
    /// Metric by which it was chosen.
    pub metric: String,
    /// Its value.
    pub value: f64,
    /// The smallest value of all that it was chosen from.
    pub smallest: f64,
    /// Standard error of the smallest; none where it is not known.
    pub standard_error: Option<f64>,
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

impl Overview {
    /// The answers of some results, without hints.
    pub(super) fn of(results: &Results) -> Self {
        let sweeps = results.sweeps.iter().map(|sweep| &sweep.document);
        Self {
            best: best_time(results),
            worst: worst_of_rankings(sweeps.clone()).or_else(|| worst_of_cells(sweeps)),
            hints: Hints::default(),
            warnings: Vec::new(),
        }
    }

    /// Whether time and energy, and whether the worst non-ideality are missing.
    pub(super) fn lacks(&self) -> (bool, bool) {
        let timed = self
            .best
            .as_ref()
            .is_some_and(|best| best.seconds.is_some());
        (!timed, self.worst.is_none())
    }
}

/// The fastest moment whose quality is within one standard error of the best one: a smaller distance that
/// is noise is worth no time. Where nothing has a clock, the best moment.
fn best_time(results: &Results) -> Option<BestTime> {
    let (mut timed, mut others) = (Vec::new(), Vec::new());
    for read in &results.qualities {
        let quality = &read.document;
        for band in quality.bands() {
            let Some(best) = best_of(&band, quality.floor(HEADLINE), quality.n) else {
                continue;
            };
            let from = timed.len();
            timed.extend(band.points.iter().filter_map(|point| {
                point.at.seconds?;
                let value = point
                    .metrics
                    .get(HEADLINE)?
                    .mean
                    .filter(|v| v.is_finite())?;
                let error = quality.error(&band, point, HEADLINE);
                Some((at_moment(&band, point, &best, value), error, quality))
            }));
            // A file may know a best time without its points.
            if timed.len() == from {
                others.push((best, None, quality));
            }
        }
    }
    let (has_clock, without): (Vec<_>, Vec<_>) =
        (others.into_iter()).partition(|(best, ..)| best.seconds.is_some());
    timed.extend(has_clock);
    let all = if timed.is_empty() { without } else { timed };
    let (best, error, of) = (all.iter()).min_by(|a, b| a.0.value.total_cmp(&b.0.value))?;
    let (smallest, error) = (best.value, *error);
    let limit = smallest + error.unwrap_or(0.0);
    // Values of other tracks and other numbers of samples cannot be compared.
    let alike = |quality: &Quality| (&quality.track, quality.n) == (&of.track, of.n);
    let good = all
        .iter()
        .filter(|(one, _, quality)| one.value <= limit && alike(quality));
    let seconds = |one: &BestTime| one.seconds.unwrap_or(f64::INFINITY);
    let (fastest, ..) = good.min_by(|a, b| {
        let by_time = seconds(&a.0).total_cmp(&seconds(&b.0));
        by_time.then(a.0.value.total_cmp(&b.0.value))
    })?;
    Some(BestTime {
        smallest,
        standard_error: error,
        ..fastest.clone()
    })
}

/// A moment of a band, with what does not depend on the moment from its best one.
fn at_moment(band: &Band, point: &BandPoint, best: &BestTime, value: f64) -> BestTime {
    BestTime {
        value,
        smallest: value,
        coverage: point.metrics.get(DIVERSITY).and_then(|spread| spread.mean),
        flow_time: point.at.flow_time,
        is_last: (band.points.last()).is_some_and(|last| last.at.flow_time == point.at.flow_time),
        seconds: point.at.seconds,
        joules: point.at.joules,
        count: point.metrics.get(HEADLINE).and_then(|spread| spread.count),
        ..best.clone()
    }
}

fn best_of(band: &Band, floor: Option<f64>, n: Option<u64>) -> Option<BestTime> {
    let (best, point) = band.least(HEADLINE)?;
    let metric = |key: &str| point?.metrics.get(key).copied();
    Some(BestTime {
        band: band.label.clone(),
        metric: HEADLINE.to_owned(),
        value: best.value?,
        smallest: best.value?,
        standard_error: None,
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
    let mut parts = Vec::new();
    parts.extend(rank.level.clone().map(|level| format!("at {level}")));
    let saved = change(&rank.left_out.fd_features);
    parts.extend(saved.map(|saved| format!("without it the Fréchet distance falls by {saved}")));
    let alone = change(&rank.alone.fd_features);
    parts.extend(alone.map(|alone| format!("alone it adds {alone} to the ideal one")));
    parts.extend(
        (sweep.chip.as_ref()).map(|chip| format!("means over chips {chip}, which do not add up")),
    );
    Some(Worst {
        parameter: rank.key.clone(),
        effect: parts.join(", "),
        from: "ranking",
    })
}

/// `mean ± half of its interval (95 %, n = chips)`.
fn change(over: &OverChips) -> Option<String> {
    let mean = significant(over.mean.or(over.median)?, 3);
    Some(over.interval.map_or_else(
        || mean.clone(),
        |interval| {
            format!(
                "{mean} ± {} (95 %, n = {})",
                significant(interval.half_width(), 2),
                interval.degrees_of_freedom + 1
            )
        },
    ))
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
