//! What a newcomer asks first: best time, energy per sample, the worst non-ideality.

use super::{hints::Hints, source::Results};
use crate::metric;
use bench_hw::results::{
    quality::{Band, BandPoint, Quality},
    study::{Spread, Study},
};
use serde::Serialize;
use units::prefix::significant;

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
    let mut all: Vec<Candidate<'_>> = Vec::new();
    for read in &results.qualities {
        let quality = &read.document;
        for band in &quality.bands {
            let points = band.points.iter();
            let timed = points.filter(|point| point.seconds.is_some());
            all.extend(timed.filter_map(|point| Candidate::at(quality, band, point)));
        }
    }
    if all.is_empty() {
        let qualities = results.qualities.iter().map(|read| &read.document);
        all = qualities.flat_map(Candidate::bests).collect();
    }
    let best = (all.iter()).min_by(|a, b| a.time.value.total_cmp(&b.time.value))?;
    let (smallest, error, of) = (best.time.value, best.error, best.quality);
    let limit = smallest + error.unwrap_or(0.0);
    // Values of other tracks and other numbers of samples cannot be compared.
    let good = all.iter().filter(|one| {
        let what = |quality: &Quality| {
            let metric = quality.decisive().to_owned();
            (
                metric,
                quality.track.clone(),
                quality.domain.clone(),
                quality.n,
            )
        };
        let alike = what(one.quality) == what(of);
        one.time.value <= limit && alike
    });
    let seconds = |one: &BestTime| one.seconds.unwrap_or(f64::INFINITY);
    let fastest = good.min_by(|a, b| {
        let by_time = seconds(&a.time).total_cmp(&seconds(&b.time));
        by_time.then(a.time.value.total_cmp(&b.time.value))
    })?;
    Some(BestTime {
        smallest,
        standard_error: error,
        ..fastest.time.clone()
    })
}

/// A moment that may be the best one.
struct Candidate<'a> {
    time: BestTime,
    /// Standard error of its value.
    error: Option<f64>,
    quality: &'a Quality,
}

impl<'a> Candidate<'a> {
    /// A moment of a band; none without a value.
    fn at(quality: &'a Quality, band: &Band, point: &BandPoint) -> Option<Self> {
        let metric = quality.decisive();
        let value = point.metrics.get(metric)?.mean;
        value.is_finite().then(|| Self {
            time: BestTime {
                band: band.label.clone(),
                metric: metric.to_owned(),
                value,
                smallest: value,
                standard_error: None,
                floor: quality.floor(metric),
                coverage: point.metrics.get(DIVERSITY).map(|spread| spread.mean),
                flow_time: Some(point.flow_time),
                is_last: band.is_last(point.flow_time),
                seconds: point.seconds,
                joules: point.joules,
                n: Some(quality.n as u64),
                count: point.metrics.get(metric).map(|spread| spread.count as u64),
            },
            error: quality.error(band, point, metric),
            quality,
        })
    }

    /// The best moment of every band of a file.
    fn bests(quality: &'a Quality) -> impl Iterator<Item = Self> {
        let bands = quality.bands.iter();
        bands.filter_map(move |band| Self::at(quality, band, band.best_point(quality.decisive())?))
    }
}

/// All best moments, and the relaxation that each takes in units of τ, for the table.
pub(super) fn best_times(results: &Results) -> Vec<(BestTime, Option<f64>)> {
    let qualities = results.qualities.iter().map(|read| &read.document);
    let bands = qualities.flat_map(|quality| quality.bands.iter().map(move |band| (quality, band)));
    bands
        .filter_map(|(quality, band)| {
            let point = band.best_point(quality.decisive())?;
            let best = Candidate::at(quality, band, point)?;
            Some((best.time, point.relaxation_tau))
        })
        .collect()
}

/// The first entry of a ranking: rankings begin with what costs most.
fn worst_of_rankings<'a>(sweeps: impl Iterator<Item = &'a Study>) -> Option<Worst> {
    let mut entries = sweeps.filter_map(|sweep| Some((sweep, sweep.ranking.as_ref()?.first()?)));
    let (sweep, rank) = entries.next()?;
    let decisive = &sweep.question.decisive;
    let name = metric::label(decisive);
    let mut parts = Vec::new();
    parts.push(format!("at {}", rank.level));
    let saved = change(rank.left_out.of(decisive));
    parts.extend(saved.map(|saved| format!("without it the {name} falls by {saved}")));
    let alone = change(rank.alone.of(decisive));
    parts.extend(alone.map(|alone| format!("alone it adds {alone} to the ideal one")));
    parts.push(format!(
        "means over chips {}, which do not add up",
        sweep.question.chip
    ));
    Some(Worst {
        parameter: rank.key.clone(),
        effect: parts.join(", "),
        from: "ranking",
    })
}

/// `mean ± half of its interval (95 %, n = chips)`.
fn change(over: &Spread) -> Option<String> {
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
fn worst_of_cells<'a>(sweeps: impl Iterator<Item = &'a Study>) -> Option<Worst> {
    let cells = sweeps.flat_map(|sweep| {
        let ideal = sweep
            .ideal
            .get(&sweep.question.decisive)
            .and_then(|score| score.value);
        sweep.cells.iter().filter_map(move |cell| {
            let median = cell.scores.get(&sweep.question.decisive)?.median?;
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
    let yielded = significant(100.0 * cell.yielded.share.share, 3);
    Some(Worst {
        parameter: setting.join(", "),
        effect: format!(
            "{} {} in the median, {} × the ideal one, yield {yielded} %: the largest loss among the values that \
             were swept",
            metric::label(&sweep.question.decisive),
            significant(median, 3),
            significant(ratio, 3)
        ),
        from: "cells",
    })
}
