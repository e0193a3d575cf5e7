//! Quality along the flow, against any of its clocks.

use super::{
    FigureError, Reference,
    axis::Scale,
    canvas,
    panel::{self, AxisKind, Band as Spread, Curve, Panel, PanelFigure},
    prefix::Prefix,
    theme,
};
use bench_hw::{
    metrics,
    quality::{Band, BandPoint, Document},
};
use plotters::style::RGBColor;
use std::path::Path;

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
    pub document: &'a Document,
    /// Against what.
    pub abscissa: Abscissa,
}

impl Abscissa {
    pub(super) fn of(self, point: &BandPoint) -> Option<f64> {
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
        let places = || drawn.iter().flat_map(|band| &band.points);
        let abscissae: Vec<f64> = places().filter_map(|p| self.abscissa.of(p)).collect();
        panel::check_finite(FIGURE, "times", &abscissae)?;
        let smallest = abscissae.iter().copied().fold(f64::INFINITY, f64::min);
        let unit = self.abscissa.unit(smallest);
        let has = |metric: &str| {
            let mut points = drawn[0].points.iter();
            points.all(|point| point.metrics.contains_key(metric))
        };
        let panels: Vec<Panel> = metrics::drawn(has("fd_features"))
            .into_iter()
            .filter(|metric| has(metric))
            .map(|metric| self.panel(metric, &drawn, &unit))
            .collect();
        let figure = PanelFigure {
            heading: self.abscissa.heading().to_owned(),
            caption: self.caption(drawn.len()),
            panels,
            columns: 3,
            panel_size: (760, 520),
            shared_legend: true,
        };
        canvas::save(path, &figure)
    }

    fn ideal(&self) -> Option<&Band> {
        self.document.bands.iter().find(|band| band.chip.is_none())
    }

    /// The settings with a curve: on chips, or exact equilibria if there are no others. Of too many
    /// those with the smallest `fd_features`.
    fn drawn(&self) -> Vec<&Band> {
        let mut drawn: Vec<&Band> = self.document.bands.iter().collect();
        drawn.retain(|band| {
            let of_chip = band.chip.is_some() || self.document.bands.len() == 1;
            of_chip && band.points.iter().all(|p| self.abscissa.of(p).is_some())
        });
        if drawn.len() > MOST_BANDS {
            let fd = |band: &Band| {
                let best = band.best.get("fd_features");
                best.or(band.best.get("fd_pixels"))
                    .map_or(f64::MAX, |b| b.value)
            };
            let mut ranked: Vec<f64> = drawn.iter().map(|band| fd(band)).collect();
            ranked.sort_by(f64::total_cmp);
            let limit = ranked[MOST_BANDS - 1];
            drawn.retain(|band| fd(band) <= limit);
            drawn.truncate(MOST_BANDS);
        }
        drawn
    }

    fn panel(&self, metric: &str, drawn: &[&Band], (unit, factor): &(String, f64)) -> Panel {
        let x = |point: &BandPoint| self.abscissa.of(point).unwrap_or_default() * factor;
        let mut curves = Vec::new();
        let mut spreads = Vec::new();
        for (index, band) in drawn.iter().enumerate() {
            let colour = theme::category(index);
            let points = band.points.iter();
            let mean = points
                .clone()
                .map(|p| (x(p), p.metrics[metric].mean))
                .collect();
            curves.push(Curve {
                label: Some(band.label.clone()),
                points: mean,
                colour,
                width: theme::BOLD,
                dashed: false,
            });
            if band.curves > 1 {
                spreads.push(Spread {
                    low: points
                        .clone()
                        .map(|p| (x(p), p.metrics[metric].low))
                        .collect(),
                    high: points.map(|p| (x(p), p.metrics[metric].high)).collect(),
                    colour,
                });
            }
        }
        curves.extend(self.ideals(metric, drawn, *factor));
        let x = AxisKind {
            label: unit.clone().into(),
            scale: if self.abscissa == Abscissa::FlowTime {
                Scale::Linear
            } else {
                Scale::Log
            },
        };
        let (label, scale) = axis_of(metric);
        let y = AxisKind {
            label: label.into(),
            scale,
        };
        Panel::new(&title_of(metric), (x, y), curves, &[])
            .with_bands(spreads)
            .with_lines(&self.lines(metric, scale))
    }

    /// Exact equilibria, on each drawn chip's clock.
    fn ideals(&self, metric: &str, drawn: &[&Band], factor: f64) -> Vec<Curve> {
        let Some(ideal) = self.ideal().filter(|ideal| !drawn.contains(ideal)) else {
            return Vec::new();
        };
        let dashed = |label: Option<&str>, points, colour| Curve {
            label: label.map(str::to_owned),
            points,
            colour,
            width: 3,
            dashed: true,
        };
        if self.abscissa == Abscissa::FlowTime {
            let points = ideal.points.iter();
            let points = points
                .map(|p| (p.flow_time, p.metrics[metric].mean))
                .collect();
            return vec![dashed(Some(&ideal.label), points, theme::INK)];
        }
        let on_clock = |band: &Band| {
            let clock: Vec<(f64, f64)> = (band.points.iter())
                .filter_map(|p| Some((p.flow_time, self.abscissa.of(p)? * factor)))
                .collect();
            (ideal.points.iter())
                .filter_map(|p| Some((interpolated(&clock, p.flow_time)?, p.metrics[metric].mean)))
                .collect()
        };
        let label = format!("{} at the same flow time (dashed)", ideal.label);
        let mut clocks: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut curves = Vec::new();
        for (index, band) in drawn.iter().enumerate() {
            let points: Vec<(f64, f64)> = on_clock(band);
            // Chips that share a clock share the curve.
            if clocks.iter().any(|known| alike(known, &points)) {
                continue;
            }
            let label = clocks.is_empty().then_some(label.as_str());
            curves.push(dashed(label, points.clone(), theme::category(index)));
            clocks.push(points);
        }
        curves
    }

    fn lines(&self, metric: &str, scale: Scale) -> Vec<(Reference<'_>, RGBColor)> {
        let baselines = self.document.baselines.iter().enumerate();
        baselines
            .filter_map(|(index, baseline)| {
                let value = baseline.scores.get(metric)?.value;
                let reference = Reference {
                    label: &baseline.label,
                    value,
                };
                (scale != Scale::Log || value > 0.0).then_some((reference, theme::baseline(index)))
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
            format!(" The {drawn} of {settings} settings with the smallest fd_features are drawn.")
        } else {
            String::new()
        };
        let size = if document.track == "H" { 898 } else { 1797 };
        format!(
            "{} samples per point against {size} digits (track {}); {}, {}{}.{spread}{left_out} \
             Distances: smaller is better; all other panels but class_tv and memorisation: larger. \
             Simulated chips: time and energy are of the chip, not of the computer.",
            document.n,
            document.track,
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
fn title_of(metric: &str) -> String {
    let label = metrics::label(metric);
    let mut letters = label.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// What values of a metric are, and their scale.
fn axis_of(metric: &str) -> (&'static str, Scale) {
    use metrics::Kind;
    match metrics::metric(metric).map(|metric| metric.kind) {
        Some(Kind::Distance) => ("distance", Scale::Log),
        Some(Kind::Share) if metric == "class_tv" || metric == "memorisation" => {
            ("share", Scale::Linear)
        }
        Some(Kind::Share) => ("share", Scale::Fraction),
        Some(Kind::Number) | None => ("value", Scale::Linear),
    }
}
