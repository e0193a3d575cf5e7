//! A relaxation on a chip, as a circuit designer sees it.

use super::{FigureError, Reference, Series, canvas, check, panel::PanelFigure};
use crate::chart::axis::Scale;
use crate::chart::{AxisKind, Chart, Colour, Curve, Mark, Weight};
use analog_substrate::Cell;
use ndarray::{ArrayView1, ArrayView2};
use std::path::Path;
use units::prefix::{Prefix, quantity, significant};
use units::{statistics::median, words::counted};

const FIGURE: &str = "chip transient";
/// Most samples that are drawn one by one: more lines hide each other, and the median is over all.
const MOST_LINES: usize = 48;

/// What was simulated.
#[derive(Clone, Copy, Debug)]
pub struct ChipConditions<'a> {
    /// Name of the hardware spec.
    pub chip: &'a str,
    /// Circuit of its hidden nodes.
    pub cell: Cell,
    /// τ = C/g_unit in seconds.
    pub time_constant_s: f64,
    /// g_unit·V_unit in amperes.
    pub unit_current_a: f64,
    /// T in kelvin.
    pub temperature_k: f64,
    /// Whether anything fluctuates along the relaxation.
    pub is_noisy: bool,
    /// Seed of the chips' deviations and of the noise.
    pub seed: u64,
    /// Chips of the design over which the samples are spread.
    pub chips: usize,
}

/// Node voltages of one sample; co-content and residual of one sample or of an ensemble; when each
/// was settled.
#[derive(Clone, Copy, Debug)]
pub struct ChipTransient<'a> {
    /// What was simulated.
    pub conditions: ChipConditions<'a>,
    /// Recorded instants in seconds, `[T]`.
    pub time_s: &'a [f64],
    /// Some nodes' voltages in volts, each `[T]`.
    pub nodes_v: &'a [Series<'a>],
    /// The sample whose nodes these are, a row of `energy_w`.
    pub sample: usize,
    /// Co-content in watts, `[batch, T]`.
    pub energy_w: ArrayView2<'a, f64>,
    /// Largest imbalance of a node's currents in units of g_unit·V_unit, `[batch, T]`.
    pub residual: ArrayView2<'a, f64>,
    /// Residual at which a sample counts as settled.
    pub settled_below: f64,
    /// When each sample was settled for good, in seconds, `[batch]`; none: it was not.
    pub settling_s: &'a [Option<f64>],
}

/// The time axis, which all panels share.
struct TimeAxis {
    /// Instants in the prefixed unit.
    values: Vec<f64>,
    label: String,
    per_second: f64,
    /// When the median of the settled samples was settled, in the prefixed unit.
    settled: Option<(String, f64)>,
}

impl ChipTransient<'_> {
    /// Writes the figure; the extension of `path` chooses the format.
    pub fn write(&self, path: &Path) -> Result<(), FigureError> {
        canvas::check_path(path)?;
        self.check()?;
        let panels = self.charts();
        let conditions = &self.conditions;
        let figure = PanelFigure {
            heading: format!(
                "Relaxation on chip {}: {}, {} cells",
                conditions.chip,
                counted(self.samples(), "sample"),
                conditions.cell
            ),
            caption: self.caption(),
            panels,
            columns: 1,
            panel_size: (1440, 600),
            shared_legend: false,
        };
        canvas::save(path, &figure)
    }

    /// Node voltages, co-content and residual, each against time.
    pub(crate) fn charts(&self) -> Vec<Chart> {
        let time = self.time_axis();
        vec![
            self.voltages(&time),
            self.co_content(&time),
            self.imbalance(&time),
        ]
    }

    fn samples(&self) -> usize {
        self.energy_w.nrows()
    }

    fn check(&self) -> Result<(), FigureError> {
        let instants = self.time_s.len();
        let not_negative = (0.0, "zero or a positive number");
        check::check_finite(FIGURE, "instants", self.time_s)?;
        check::check_at_least(FIGURE, "instants", self.time_s, not_negative)?;
        if self.nodes_v.is_empty() {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: "the list of nodes".to_owned(),
            });
        }
        for node in self.nodes_v {
            let what = format!("voltage of '{}'", node.label);
            check::check_series(FIGURE, &what, node.values, instants)?;
        }
        let samples = self.samples();
        for (what, found) in [
            ("residual", self.residual.nrows()),
            ("settling times", self.settling_s.len()),
        ] {
            if found != samples {
                return Err(FigureError::Length {
                    figure: FIGURE,
                    what: what.to_owned(),
                    found,
                    expected: samples,
                });
            }
        }
        if self.sample >= samples {
            return Err(FigureError::Empty {
                figure: FIGURE,
                what: format!("sample {}", self.sample),
            });
        }
        for (sample, (energy, residual)) in (self.energy_w.rows().into_iter())
            .zip(self.residual.rows())
            .enumerate()
        {
            let what = |quantity: &str| format!("{quantity} of sample {sample}");
            check::check_series(FIGURE, &what("energy"), &energy.to_vec(), instants)?;
            let residual = residual.to_vec();
            check::check_series(FIGURE, &what("residual"), &residual, instants)?;
            check::check_at_least(FIGURE, &what("residual"), &residual, not_negative)?;
        }
        let settled: Vec<f64> = self.settling_s.iter().copied().flatten().collect();
        if !settled.is_empty() {
            check::check_finite(FIGURE, "settling times", &settled)?;
            check::check_at_least(FIGURE, "settling times", &settled, not_negative)?;
        }
        let conditions = &self.conditions;
        check::check_finite(FIGURE, "temperature", &[conditions.temperature_k])?;
        let positive = (f64::MIN_POSITIVE, "a positive number");
        for (what, value) in [
            ("limit", self.settled_below),
            ("time constant", conditions.time_constant_s),
            ("unit current", conditions.unit_current_a),
        ] {
            check::check_finite(FIGURE, what, &[value])?;
            check::check_at_least(FIGURE, what, &[value], positive)?;
        }
        Ok(())
    }

    /// When those samples that settled did so, in the median; none if no sample did.
    fn median_settling(&self) -> Option<f64> {
        median(self.settling_s.iter().copied().flatten())
    }

    fn time_axis(&self) -> TimeAxis {
        let prefix = Prefix::of(self.time_s.iter().copied().fold(0.0, f64::max));
        let what = if self.samples() == 1 {
            "settled"
        } else {
            "median settling time"
        };
        TimeAxis {
            values: self.time_s.iter().map(|t| t * prefix.per_unit).collect(),
            label: format!("time ({}s)", prefix.symbol),
            per_second: prefix.per_unit,
            settled: self.median_settling().map(|t| {
                let label = format!("{what} {}", quantity(t, "s", 3));
                (label, t * prefix.per_unit)
            }),
        }
    }

    fn voltages(&self, time: &TimeAxis) -> Chart {
        let values = self.nodes_v.iter().flat_map(|node| node.values);
        let prefix = Prefix::of(values.fold(0.0_f64, |most, v| most.max(v.abs())));
        let curves = self.nodes_v.iter().enumerate().map(|(index, node)| {
            let volts: Vec<f64> = node.values.iter().map(|v| v * prefix.per_unit).collect();
            let mut curve = Curve::new(node.label, &time.values, &volts, Colour::Category(index));
            curve.weight = Weight::Medium;
            curve
        });
        let settled = self.settling_s[self.sample].map(|t| {
            let label = format!("settled {}", quantity(t, "s", 3));
            (label, t * time.per_second)
        });
        let title = format!("Node voltages of sample {}", self.sample);
        let y = AxisKind::new(format!("voltage ({}V)", prefix.symbol), Scale::Linear);
        Chart {
            curves: curves.collect(),
            ..Chart::new(title, time.kind(), y)
        }
        .with_instant(settled.as_ref())
    }

    fn co_content(&self, time: &TimeAxis) -> Chart {
        let largest = self.energy_w.iter().fold(0.0_f64, |m, e| m.max(e.abs()));
        let prefix = Prefix::of(largest);
        let y = AxisKind::new(format!("co-content ({}W)", prefix.symbol), Scale::Linear);
        Chart {
            curves: self.ensemble(&self.energy_w, prefix.per_unit, &time.values),
            ..Chart::new("Energy (co-content)", time.kind(), y)
        }
        .with_instant(time.settled.as_ref())
    }

    fn imbalance(&self, time: &TimeAxis) -> Chart {
        let y = AxisKind::new("residual (g_unit·V_unit)", Scale::Log);
        let curves = self.ensemble(&self.residual, 1.0, &time.values);
        let limit = Reference {
            label: &format!("settled below {}", significant(self.settled_below, 3)),
            value: self.settled_below,
        };
        let first = self.time_s.first().copied();
        let marks = self.drawn().filter_map(|sample| {
            let settled = self.settling_s[sample]?;
            // The limit is met there, but for a sample that starts below it.
            let residual = if Some(settled) == first {
                self.residual.get((sample, 0))?.min(self.settled_below)
            } else {
                self.settled_below
            };
            Some(Mark {
                x: settled * time.per_second,
                y: residual,
                colour: Colour::Category(1),
                label: None,
            })
        });
        Chart {
            curves,
            marks: marks.collect(),
            ..Chart::new("Largest imbalance of currents", time.kind(), y)
        }
        .with_references(&[limit])
        .with_instant(time.settled.as_ref())
    }

    /// The samples that are drawn: one of each of equal groups, its place in the group by multiples
    /// of the golden ratio, so that no period of the samples (the same anchors on every chip) leaves
    /// any kind out.
    fn drawn(&self) -> impl Iterator<Item = usize> {
        let (all, drawn) = (self.samples(), self.samples().min(MOST_LINES));
        let golden = 0.5 * (5_f64.sqrt() - 1.0);
        (0..drawn).map(move |k| {
            let (first, next) = (k * all / drawn, (k + 1) * all / drawn);
            let share = (k as f64 * golden).fract();
            first + (share * (next - first) as f64) as usize
        })
    }

    /// One bold curve of one sample; thin curves and their bold median of several.
    fn ensemble(&self, values: &ArrayView2<'_, f64>, factor: f64, time: &[f64]) -> Vec<Curve> {
        let curve = |label: Option<&str>, row: ArrayView1<'_, f64>, colour, weight| Curve {
            label: label.map(str::to_owned),
            points: (time.iter().copied())
                .zip(row.iter().map(|v| v * factor))
                .collect(),
            colour,
            weight,
            dashed: false,
        };
        if self.samples() == 1 {
            let bold = curve(None, values.row(0), Colour::Category(0), Weight::Bold);
            return vec![bold];
        }
        let mut curves: Vec<Curve> = self
            .drawn()
            .enumerate()
            .map(|(index, sample)| {
                let label = (index == 0).then_some("each sample");
                curve(label, values.row(sample), Colour::Raw, Weight::Thin)
            })
            .collect();
        let columns = values.columns().into_iter();
        let medians: Vec<f64> = columns
            .filter_map(|column| median(column.iter().copied()))
            .collect();
        curves.push(curve(
            Some("median"),
            ArrayView1::from(&medians),
            Colour::Category(0),
            Weight::Bold,
        ));
        curves
    }

    fn caption(&self) -> String {
        let c = &self.conditions;
        let tau = c.time_constant_s;
        let window = self.time_s.iter().copied().fold(0.0, f64::max);
        let in_tau = |seconds: f64| {
            let time = quantity(seconds, "s", 3);
            format!("{time} = {} τ", significant(seconds / tau, 3))
        };
        let samples = self.samples();
        let settled = self.settling_s.iter().flatten().count();
        let outcome = match self.median_settling() {
            Some(median) if samples == 1 => format!("Settled for good after {}.", in_tau(median)),
            Some(median) => format!(
                "Settled for good: {settled} of {} (dots), after {} in their median.",
                counted(samples, "sample"),
                in_tau(median)
            ),
            None => format!("None settled within {}.", quantity(window, "s", 3)),
        };
        let shown = if samples > MOST_LINES {
            format!(" {MOST_LINES} samples are drawn, medians are of all.")
        } else {
            String::new()
        };
        format!(
            "Chip {}, {} cells, τ = {}, T = {} K, noise {}, seed {}; {} on {}; {}. \
             Co-content: g_unit·V_unit² times the network's energy. \
             Residual: largest imbalance of a node's currents, in units of {}; settled below {}. \
             {outcome}{shown}",
            c.chip,
            c.cell,
            quantity(tau, "s", 3),
            significant(c.temperature_k, 4),
            if c.is_noisy { "on" } else { "off" },
            c.seed,
            counted(samples, "sample"),
            counted(c.chips, "chip"),
            in_tau(window),
            quantity(c.unit_current_a, "A", 3),
            significant(self.settled_below, 3),
        )
    }
}

impl TimeAxis {
    /// The axis as a description.
    fn kind(&self) -> AxisKind {
        AxisKind::new(self.label.clone(), Scale::Linear)
    }
}
