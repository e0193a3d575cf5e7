//! Quality along the flow, against any of its clocks.

use super::{FigureError, canvas, check, panel::PanelFigure};
use crate::{
    chart::{AxisKind, Band as Spread, Chart, Colour, Curve, Line, Weight, axis::Scale},
    metric::{self, Better, Kind},
};
use bench_hw::{
    baselines::BaselineKind,
    quality::{Band, BandPoint, Quality, Summary},
};
use std::path::Path;
use units::prefix::Prefix;

const FIGURE: &str = "quality against time";
/// Most settings that are drawn: there are no more colours that can be told apart.
pub(super) const MOST_BANDS: usize = 6;

/// What the horizontal axis shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abscissa {
    /// Flow time, linear.
    FlowTime,
    /// Relaxation in units of τ, logarithmic.
    Relaxation,
    /// Seconds per sample, logarithmic.
    Seconds,
    /// Joules per sample, logarithmic.
    Joules,
}

/// A panel for each headline metric, a curve and a band for each setting. Exact equilibria are dashed:
/// against a chip's clock they are drawn where that chip is at the same flow time.
#[derive(Clone, Copy, Debug)]
pub struct QualityTime<'a> {
    /// What was measured.
    pub document: &'a Quality,
    /// Against what.
    pub abscissa: Abscissa,
}

impl Abscissa {
    pub(crate) fn of(self, point: &BandPoint) -> Option<f64> {
        match self {
            Self::FlowTime => Some(point.flow_time),
            Self::Relaxation => point.relaxation_tau,
            Self::Seconds => point.seconds,
            Self::Joules => point.joules,
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::FlowTime => "Sample quality against flow time",
            Self::Relaxation => "Sample quality against relaxation time",
            Self::Seconds => "Sample quality against time per sample",
            Self::Joules => "Sample quality against energy per sample",
        }
    }

    /// All of them, what is physical first.
    pub(crate) const ALL: [Self; 4] = [
        Self::Seconds,
        Self::Joules,
        Self::Relaxation,
        Self::FlowTime,
    ];

    /// As files name it.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::FlowTime => "flow_time",
            Self::Relaxation => "relaxation_tau",
            Self::Seconds => "seconds",
            Self::Joules => "joules",
        }
    }

    /// Quantity in words, without a unit.
    pub(crate) fn quantity(self) -> &'static str {
        match self {
            Self::FlowTime => "flow time",
            Self::Relaxation => "relaxation per sample",
            Self::Seconds => "time per sample",
            Self::Joules => "energy per sample",
        }
    }

    /// Label and factor of the axis for values of this size.
    pub(super) fn unit(self, smallest: f64) -> (String, f64) {
        match self {
            Self::FlowTime => ("flow time t".to_owned(), 1.0),
            Self::Relaxation => ("relaxation per sample (τ)".to_owned(), 1.0),
            Self::Seconds => {
                let prefix = Prefix::of(smallest);
                (
                    format!("time per sample ({}s)", prefix.symbol),
                    prefix.per_unit,
                )
            }
            Self::Joules => {
                let prefix = Prefix::of(smallest);
                (
                    format!("energy per sample ({}J)", prefix.symbol),
                    prefix.per_unit,
                )
            }
        }
    }
}

impl QualityTime<'_> {
    /// Whether there is anything to draw: without a chip there is no clock but the flow's own.
    pub fn is_drawable(&self) -> bool {
        !self.drawn().is_empty()
    }

    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        let drawn = self.drawn();
        check::check_finite(FIGURE, "times", &self.abscissae())?;
        let has = |metric: &str| {
            let mut points = drawn[0].points.iter();
            points.all(|point| point.metrics.contains_key(metric))
        };
        let metrics = metric::drawn(has("fd_features"))
            .into_iter()
            .filter(|metric| has(metric));
        let figure = PanelFigure {
            heading: self.abscissa.heading().to_owned(),
            caption: self.caption(drawn.len()),
            panels: metrics.map(|metric| self.panel(metric)).collect(),
            columns: 3,
            panel_size: (760, 520),
            shared_legend: true,
        };
        canvas::save(path, &figure)
    }

    /// Writes the panel of the metric that decides, by itself and with a legend of its own.
    pub fn write_decisive(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        check::check_finite(FIGURE, "times", &self.abscissae())?;
        let figure = PanelFigure {
            heading: self.abscissa.heading().to_owned(),
            caption: self.caption(self.drawn().len()),
            panels: vec![self.panel(self.document.decisive())],
            columns: 1,
            panel_size: (760, 520),
            shared_legend: true,
        };
        canvas::save(path, &figure)
    }

    /// The chart of a metric as one of many: the title says which, the axis what its values are.
    fn panel(&self, metric: &str) -> Chart {
        let chart = self.chart(metric);
        Chart {
            title: title_of(metric),
            y: AxisKind::new(values_of(metric), chart.y.scale),
            ..chart
        }
    }

    fn abscissae(&self) -> Vec<f64> {
        let points = self.drawn().into_iter().flat_map(|band| &band.points);
        points.filter_map(|point| self.abscissa.of(point)).collect()
    }

    /// Label of the axis, and how many of its unit a second, a joule or a τ has.
    pub(crate) fn unit(&self) -> (String, f64) {
        let times = self.abscissae().into_iter();
        self.abscissa.unit(times.fold(f64::INFINITY, f64::min))
    }

    /// Exact equilibria, of models of each objective.
    fn exact(&self) -> impl Iterator<Item = &Band> {
        let bands = self.document.bands.iter();
        bands.filter(|band| band.chip.is_none())
    }

    /// The settings with a curve: on chips, or exact equilibria if there are no others. Of too many
    /// those that are best.
    fn drawn(&self) -> Vec<&Band> {
        let mut drawn: Vec<&Band> = self.document.bands.iter().collect();
        let without_chip = self.exact().count() == drawn.len();
        drawn.retain(|band| {
            let of_chip = band.chip.is_some() || without_chip;
            of_chip && band.points.iter().all(|p| self.abscissa.of(p).is_some())
        });
        if drawn.len() > MOST_BANDS {
            let decisive = self.document.decisive();
            let value = |band: &Band| band.best.get(decisive).map_or(f64::MAX, |b| b.value);
            let mut ranked: Vec<f64> = drawn.iter().map(|band| value(band)).collect();
            ranked.sort_by(f64::total_cmp);
            let limit = ranked[MOST_BANDS - 1];
            drawn.retain(|band| value(band) <= limit);
            drawn.truncate(MOST_BANDS);
        }
        drawn
    }

    /// One metric: a curve and a band for each setting, exact equilibria, and what to compare with.
    pub(crate) fn chart(&self, metric: &str) -> Chart {
        let drawn = self.drawn();
        let (unit, factor) = self.unit();
        let along = |band: &Band, value: fn(&Summary) -> f64| -> Vec<(f64, f64)> {
            let points = band.points.iter();
            points
                .filter_map(|point| {
                    let x = self.abscissa.of(point)? * factor;
                    Some((x, value(point.metrics.get(metric)?)))
                })
                .collect()
        };
        let mut curves = Vec::new();
        let mut bands = Vec::new();
        for (index, band) in drawn.iter().enumerate() {
            let colour = Colour::Category(index);
            curves.push(Curve {
                label: Some(band.label.clone()),
                points: along(band, |summary| summary.mean),
                colour,
                weight: Weight::Bold,
                dashed: false,
            });
            if band.curves > 1 {
                bands.push(Spread {
                    low: along(band, |summary| summary.low),
                    high: along(band, |summary| summary.high),
                    colour,
                });
            }
        }
        curves.extend(self.ideals(metric, &drawn, factor));
        let x_scale = if self.abscissa == Abscissa::FlowTime {
            Scale::Linear
        } else {
            Scale::Log
        };
        let y = AxisKind::new(metric::label(metric).to_owned(), scale_of(metric));
        let title = format!(
            "{} against {}",
            metric::label(metric),
            self.abscissa.quantity()
        );
        let lines = self.lines(metric, y.scale);
        Chart {
            curves,
            bands,
            lines,
            ..Chart::new(title, AxisKind::new(unit, x_scale), y)
        }
    }

    /// Exact equilibria, on the clock of each drawn chip that models of the same objective ran on.
    fn ideals(&self, metric: &str, drawn: &[&Band], factor: f64) -> Vec<Curve> {
        let exact = self.exact().filter(|exact| !drawn.contains(exact));
        let exact = exact.flat_map(|exact| self.dashed(exact, metric, drawn, factor));
        exact.collect()
    }

    fn dashed(&self, exact: &Band, metric: &str, drawn: &[&Band], factor: f64) -> Vec<Curve> {
        let means = || {
            let points = exact.points.iter();
            points.filter_map(|p| Some((p.flow_time, p.metrics.get(metric)?.mean)))
        };
        let dashed = |label: Option<&str>, points, colour| Curve {
            label: label.map(str::to_owned),
            points,
            colour,
            weight: Weight::Medium,
            dashed: true,
        };
        let mut of_chips = drawn
            .iter()
            .enumerate()
            .filter(|(_, band)| band.objective == exact.objective);
        if self.abscissa == Abscissa::FlowTime {
            // Of one kind of models it is no chip's curve, of several that of their colour.
            let several = self.exact().count() > 1;
            let first = of_chips.next().filter(|_| several);
            let colour = first.map_or(Colour::Ink, |(index, _)| Colour::Category(index));
            return vec![dashed(Some(&exact.label), means().collect(), colour)];
        }
        let on_clock = |band: &Band| -> Vec<(f64, f64)> {
            let clock: Vec<(f64, f64)> = (band.points.iter())
                .filter_map(|p| Some((p.flow_time, self.abscissa.of(p)? * factor)))
                .collect();
            means()
                .filter_map(|(time, mean)| Some((interpolated(&clock, time)?, mean)))
                .collect()
        };
        let label = format!("{} at the same flow time (dashed)", exact.label);
        let mut clocks: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut curves = Vec::new();
        for (index, band) in of_chips {
            let points = on_clock(band);
            // Chips that share a clock share the curve.
            if clocks.iter().any(|known| alike(known, &points)) {
                continue;
            }
            let label = clocks.is_empty().then_some(label.as_str());
            curves.push(dashed(label, points.clone(), Colour::Category(index)));
            clocks.push(points);
        }
        curves
    }

    /// What to compare with; the floor, where no baseline of real images shows it.
    fn lines(&self, metric: &str, scale: Scale) -> Vec<Line> {
        let baselines = self.document.baselines.iter();
        let mut lines: Vec<(String, f64)> = baselines
            .filter_map(|baseline| {
                Some((baseline.label.clone(), baseline.scores.get(metric)?.value))
            })
            .collect();
        let mut real = self.document.baselines.iter();
        let is_shown =
            real.any(|one| one.kind == BaselineKind::Real && one.scores.contains_key(metric));
        let floor = self.document.floor(metric).filter(|_| !is_shown);
        lines.extend(floor.map(|floor| ("real images".to_owned(), floor)));
        let lines = lines.into_iter().enumerate();
        lines
            .filter(|(_, (_, value))| scale != Scale::Log || *value > 0.0)
            .map(|(index, (label, value))| Line {
                label,
                value,
                colour: Some(Colour::Baseline(index)),
            })
            .collect()
    }

    fn caption(&self, drawn: usize) -> String {
        let document = self.document;
        let on_chips = || document.curves.iter().filter(|curve| curve.chip.is_some());
        let seeds = distinct(document.curves.iter().map(|curve| curve.sampling_seed));
        let chips = distinct(on_chips().filter_map(|curve| curve.chip_seed));
        let spread = if document.bands.iter().any(|band| band.curves > 1) {
            " Bands: smallest to largest; lines: means."
        } else {
            ""
        };
        let settings = document
            .bands
            .iter()
            .filter(|band| band.chip.is_some())
            .count();
        let left_out = if settings > drawn && drawn == MOST_BANDS {
            format!(
                " The {drawn} of {settings} settings with the smallest Fréchet distance in features are drawn."
            )
        } else {
            String::new()
        };
        let real = document.domain.clone().unwrap_or_else(|| {
            let size = if document.track == "H" { 898 } else { 1797 };
            format!("{size} digits (track {})", document.track)
        });
        format!(
            "{} samples per point against {real}; {}, {}{}.{spread}{left_out} \
             Distances and class total variation: lower is better; memorisation share: best where real images are; \
             all others: higher. \
             Simulated chips: time and energy are of the chip, not of the computer.",
            document.n,
            counted(document.runs.len(), "trained model"),
            counted(seeds, "sampling seed"),
            if chips > 0 {
                format!(", {} of each design", counted(chips, "chip"))
            } else {
                String::new()
            },
        )
    }
}

/// The value at `x` on a line through ascending points; none outside.
fn interpolated(points: &[(f64, f64)], x: f64) -> Option<f64> {
    points.windows(2).find_map(|ends| {
        let [(a, fa), (b, fb)] = [ends[0], ends[1]];
        ((a..=b).contains(&x)).then(|| fa + (x - a) / (b - a) * (fb - fa))
    })
}

/// Whether two curves differ by less than a line's width on a logarithmic axis.
fn alike(a: &[(f64, f64)], b: &[(f64, f64)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a.0 / b.0 - 1.0).abs() < 0.01)
}

pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

fn distinct(values: impl Iterator<Item = u64>) -> usize {
    values.collect::<std::collections::BTreeSet<_>>().len()
}

/// In words, with a capital.
fn title_of(key: &str) -> String {
    let label = metric::label(key);
    let mut letters = label.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What the values of a metric are, and which are better.
fn values_of(key: &str) -> String {
    let kind = match metric::metric(key).map(|metric| metric.kind) {
        Some(Kind::Distance) => "distance",
        Some(Kind::Share) => "share",
        Some(Kind::Number) | None => "value",
    };
    let better = match metric::metric(key).map(|metric| metric.better) {
        Some(Better::Lower) => ", lower is better",
        Some(Better::Higher) => ", higher is better",
        Some(Better::Real) | None => "",
    };
    format!("{kind}{better}")
}

/// Distances over decades, what is best at one up to one.
fn scale_of(key: &str) -> Scale {
    match metric::metric(key).map(|metric| (metric.kind, metric.better)) {
        Some((Kind::Distance, _)) => Scale::Log,
        Some((Kind::Share, Better::Higher)) => Scale::Fraction,
        _ => Scale::Linear,
    }
}
