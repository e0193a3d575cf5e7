//! Axes: ranges, ticks and their labels.

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::{borrow::Cow, ops::Range};

/// How values map to lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Linear from 0 to 1 at least, with ticks at whole numbers.
    Count,
    /// Linear from 0 to 1 at least.
    Fraction,
    /// Linear over what is drawn, whatever its size.
    Linear,
    /// By log₁₀; zeros lie on the lower edge.
    Log,
}

impl Scale {
    /// Values that an axis reaches, whatever is drawn on it.
    fn reaches(self) -> &'static [f64] {
        match self {
            Self::Count | Self::Fraction => &[0.0, 1.0],
            Self::Linear | Self::Log => &[],
        }
    }
}

/// An axis that is drawn over *places*: the value itself, or its log₁₀.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) label: Cow<'static, str>,
    pub(crate) range: Range<f64>,
    /// Places with a tick, a label and a grid line.
    pub(crate) ticks: Vec<f64>,
    /// Places with a fine grid line.
    pub(crate) fine: Vec<f64>,
    scale: Scale,
    notation: Notation,
}

#[derive(Clone, Debug, PartialEq)]
enum Notation {
    /// Digits after the decimal point.
    Decimals(usize),
    /// As many decimals as each value needs.
    Plain,
    /// m × 10ⁿ.
    Powers,
    /// A name for 0, 1, 2 …
    Names(Vec<String>),
}

/// Decades beyond which a logarithmic axis has ticks at powers of ten only.
const WIDE: f64 = 2.5;
/// Decades below which a logarithmic axis has evenly spaced values as ticks.
const NARROW: f64 = 0.8;
/// Decades above which fine grid lines mark whole decades only.
const CROWDED: f64 = 4.0;
/// Share of an axis that is left free beside a value that it grew to hold.
const MARGIN: f64 = 0.04;
/// Rounding of a logarithm at the end of a range.
const SLACK: f64 = 1e-9;

impl Axis {
    /// An axis that holds all `values` with `padding` as a share of its length at either end.
    ///
    /// Values are finite; on a logarithmic axis also not negative.
    pub(crate) fn fit(
        label: Cow<'static, str>,
        scale: Scale,
        padding: f64,
        values: impl Iterator<Item = f64>,
    ) -> Self {
        let values = values.chain(scale.reaches().iter().copied());
        let places = values.filter_map(|value| match scale {
            Scale::Count | Scale::Fraction | Scale::Linear => Some(value),
            Scale::Log => (value > 0.0).then(|| value.log10()),
        });
        let (mut low, mut high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| {
            (l.min(p), h.max(p))
        });
        let range = match scale {
            Scale::Count | Scale::Fraction => {
                // Padding does not suggest that a count could be negative.
                let room = padding * (high - low);
                (if low < 0.0 { low - room } else { low })..high + room
            }
            Scale::Linear => {
                if low > high {
                    (low, high) = (0.0, 0.0);
                }
                let length = high - low;
                // One value, or nearly: half of itself to either side, or of 1.
                let largest = low.abs().max(high.abs());
                let room = if length > 1e-9 * largest {
                    padding * length
                } else if largest > 0.0 {
                    0.5 * largest
                } else {
                    0.5
                };
                low - room..high + room
            }
            Scale::Log => {
                if low > high {
                    // Nothing but zeros: there is no scale to take from them.
                    (low, high) = (-1.0, 0.0);
                }
                // One value, or nearly: a factor of two to either side.
                let room = (padding * (high - low)).max(if high - low < 1e-3 { 0.3 } else { 0.0 });
                low - room..high + room
            }
        };
        let (ticks, fine, notation) = match scale {
            Scale::Count => linear_ticks(&range, 1.0),
            Scale::Fraction | Scale::Linear => linear_ticks(&range, 0.0),
            Scale::Log => log_ticks(&range),
        };
        Self {
            label,
            range,
            ticks,
            fine,
            scale,
            notation,
        }
    }

    /// The axis of things without an order: they lie at 0, 1, 2 … with half a place at either end.
    pub(crate) fn of_names(label: Cow<'static, str>, names: Vec<String>) -> Self {
        Self {
            label,
            range: -0.5..names.len() as f64 - 0.5,
            ticks: (0..names.len()).map(|place| place as f64).collect(),
            fine: Vec::new(),
            scale: Scale::Linear,
            notation: Notation::Names(names),
        }
    }

    /// Grows to hold more values (of a logarithmic axis those above 0), with a margin if it has to.
    pub(crate) fn hold(&mut self, values: impl Iterator<Item = f64>) {
        let values: Vec<f64> = values.collect();
        let ends = [self.range.start, self.range.end].map(|place| self.value(place));
        let nowhere = |value: f64| self.scale == Scale::Log && value <= 0.0;
        let inside = |&value: &f64| nowhere(value) || (ends[0]..=ends[1]).contains(&value);
        if !values.iter().all(inside) {
            let all = values.into_iter().chain(ends);
            *self = Self::fit(self.label.clone(), self.scale, MARGIN, all);
        }
    }

    fn value(&self, place: f64) -> f64 {
        match self.scale {
            Scale::Count | Scale::Fraction | Scale::Linear => place,
            Scale::Log => 10_f64.powf(place),
        }
    }

    /// Where a value lies.
    pub(crate) fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Count | Scale::Fraction | Scale::Linear => value,
            Scale::Log => value.log10().max(self.range.start),
        }
    }

    /// What is written at a tick.
    pub(crate) fn tick_label(&self, place: f64) -> String {
        let value = self.value(place);
        match &self.notation {
            Notation::Decimals(digits) => decimals(value, *digits),
            Notation::Plain => {
                let exponent = decade(value);
                decimals(value, digits_after_point(exponent))
            }
            Notation::Powers => powers(value),
            #[expect(clippy::cast_sign_loss, reason = "ticks are at 0, 1, 2 …")]
            Notation::Names(names) => names
                .get(value.round() as usize)
                .cloned()
                .unwrap_or_default(),
        }
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }

    fn map(&self, place: &f64, (first, last): (i32, i32)) -> i32 {
        let share = (place - self.range.start) / (self.range.end - self.range.start);
        first + (share * f64::from(last - first)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            self.fine.clone()
        } else {
            self.ticks.clone()
        }
    }
}

impl ValueFormatter<f64> for Axis {
    fn format(place: &f64) -> String {
        place.to_string()
    }

    fn format_ext(&self, place: &f64) -> String {
        self.tick_label(*place)
    }
}

/// ⌊log₁₀⌋ of a positive number, 1 for what rounding has made a little less than 10.
fn decade(value: f64) -> i32 {
    (value.log10() + SLACK).floor() as i32
}

fn digits_after_point(decade: i32) -> usize {
    decade.min(0).unsigned_abs() as usize
}

fn decimals(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "−")
}

fn powers(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = decade(value.abs());
    let mantissa = value / 10_f64.powi(exponent);
    let power: String = format!("{exponent}").chars().map(superscript).collect();
    if (mantissa - 1.0).abs() < 1e-6 {
        return format!("10{power}");
    }
    let digits = format!("{mantissa:.2}");
    let digits = digits
        .trim_end_matches('0')
        .trim_end_matches('.')
        .replace('-', "−");
    format!("{digits}×10{power}")
}

fn superscript(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '0' => '⁰',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        _ => '⁹',
    }
}

/// The smallest of 1, 2, 5 × 10ⁿ with at most six ticks in a length.
fn nice_step(length: f64) -> f64 {
    let unit = 10_f64.powf((length / 6.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|multiple| multiple * unit)
        .find(|step| length / step <= 6.0)
        .unwrap_or(10.0 * unit)
}

fn multiples(step: f64, range: &Range<f64>) -> Vec<f64> {
    // Half a permille of slack: the ends of a range are ticks in spite of rounding.
    let first = (range.start / step - 5e-4).ceil() as i64;
    let last = (range.end / step + 5e-4).floor() as i64;
    (first..=last).map(|n| n as f64 * step).collect()
}

/// Ticks that are at least `least_step` apart.
fn linear_ticks(range: &Range<f64>, least_step: f64) -> (Vec<f64>, Vec<f64>, Notation) {
    let step = nice_step(range.end - range.start).max(least_step);
    let largest = range.start.abs().max(range.end.abs());
    let notation = if (1e-3..1e6).contains(&largest) {
        Notation::Decimals(digits_after_point(decade(step)))
    } else {
        Notation::Powers
    };
    (multiples(step, range), Vec::new(), notation)
}

fn log_ticks(range: &Range<f64>) -> (Vec<f64>, Vec<f64>, Notation) {
    let length = range.end - range.start;
    if length < NARROW {
        let values = 10_f64.powf(range.start)..10_f64.powf(range.end);
        let (ticks, _, notation) = linear_ticks(&values, 0.0);
        return (
            ticks.into_iter().map(f64::log10).collect(),
            Vec::new(),
            notation,
        );
    }
    let within = |multiples: &[f64]| -> Vec<f64> {
        let decades = range.start.floor() as i32..=range.end.ceil() as i32;
        decades
            .flat_map(|n| multiples.iter().map(move |m| f64::from(n) + m.log10()))
            .filter(|place| (range.start - SLACK..=range.end + SLACK).contains(place))
            .collect()
    };
    let ticks = if length > WIDE {
        multiples((length / 7.0).ceil(), range)
    } else if length > 1.6 {
        within(&[1.0, 2.0, 5.0])
    } else {
        within(&[1.0, 2.0, 3.0, 5.0])
    };
    let fine = if length > CROWDED {
        multiples(1.0, range)
    } else {
        within(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])
    };
    let notation = if range.start < -3.0 || range.end > 4.3 {
        Notation::Powers
    } else {
        Notation::Plain
    };
    (ticks, fine, notation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, values: [f64; 2]) -> Vec<String> {
        let axis = Axis::fit("".into(), scale, 0.0, values.into_iter());
        axis.ticks
            .iter()
            .map(|&tick| axis.tick_label(tick))
            .collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        for (scale, values, expected) in [
            (Scale::Fraction, [0.05, 0.95], "0.0 0.2 0.4 0.6 0.8 1.0"),
            (Scale::Linear, [-31.0, -12.0], "−30 −25 −20 −15"),
            (Scale::Count, [1.0, 2000.0], "0 500 1000 1500 2000"),
            (Scale::Count, [1.0, 3.0], "0 1 2 3"),
            (Scale::Count, [1.0, 4e6], "0 10⁶ 2×10⁶ 3×10⁶ 4×10⁶"),
            (Scale::Log, [0.3, 3.0], "0.3 0.5 1 2 3"),
            (Scale::Log, [0.31, 0.36], "0.31 0.32 0.33 0.34 0.35 0.36"),
            (
                Scale::Log,
                [2e-5, 4e-5],
                "2×10⁻⁵ 2.5×10⁻⁵ 3×10⁻⁵ 3.5×10⁻⁵ 4×10⁻⁵",
            ),
            (Scale::Log, [1.0, 3000.0], "1 10 100 1000"),
            (
                Scale::Log,
                [1e-12, 1.0],
                "10⁻¹² 10⁻¹⁰ 10⁻⁸ 10⁻⁶ 10⁻⁴ 10⁻² 10⁰",
            ),
        ] {
            assert_eq!(labels(scale, values).join(" "), expected);
        }
    }

    #[test]
    fn an_axis_grows_to_hold_values_on_either_side() {
        for scale in [Scale::Fraction, Scale::Linear, Scale::Log] {
            let mut axis = Axis::fit("".into(), scale, 0.05, [5.0, 50.0].into_iter());
            axis.hold([1.5, 80.0].into_iter());
            let (low, high) = (axis.value(axis.range.start), axis.value(axis.range.end));
            assert!(low < 1.5 && high > 80.0, "{scale:?}: {low} to {high}");
            let before = axis.range.clone();
            axis.hold([2.0].into_iter());
            assert_eq!(axis.range, before);
        }
    }

    #[test]
    fn zeros_and_single_values_leave_a_usable_axis() {
        for scale in [Scale::Count, Scale::Fraction, Scale::Linear, Scale::Log] {
            for values in [[0.0, 0.0], [0.32, 0.32], [5e-9, 5e-9]] {
                let axis = Axis::fit("".into(), scale, 0.05, values.into_iter());
                assert!(axis.range.start < axis.range.end, "{scale:?} {values:?}");
                assert!(axis.range.contains(&axis.place(values[0])));
                assert!(axis.ticks.len() >= 2, "{scale:?} {values:?} {axis:?}");
            }
        }
    }
}
