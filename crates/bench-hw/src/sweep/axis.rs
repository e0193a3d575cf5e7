//! A key of a hardware spec and the values that it takes in a sweep.

use super::{Axis, SweepError};
use analog_substrate::hw_spec::{KEYS, Key, Kind, Setting, Spec};
use units::{Quantity, Unit};

/// A key, or a field of it.
struct Place {
    key: &'static Key,
    /// `value`, `spread` …
    field: String,
}

impl Place {
    fn find(name: &str) -> Option<Self> {
        let key = |name: &str| KEYS.iter().find(|key| key.name == name);
        if let Some(key) = key(name) {
            return Some(Self {
                key,
                field: "value".to_owned(),
            });
        }
        let (name, field) = name.rsplit_once('.')?;
        Some(Self {
            key: key(name)?,
            field: field.to_owned(),
        })
    }

    /// The number that the place holds in a spec, in the key's unit.
    fn number(&self, spec: &Spec) -> Option<f64> {
        let value = spec
            .values()
            .find(|value| value.key.name == self.key.name)?;
        match (self.field.as_str(), value.setting) {
            ("value", Setting::Number(number)) => Some(number),
            ("value", Setting::Count(count)) => Some(f64::from(count)),
            ("spread", _) => Some(value.sigma),
            _ => None,
        }
    }
}

impl Axis {
    /// Reads `KEY=v1,v2,…` and tries every value on the spec.
    ///
    /// # Errors
    /// [`SweepError::Axis`] for text of another form, [`SweepError::Spec`] for a key or a value that the
    /// spec refuses, [`SweepError::Idle`] for a key that does nothing at any of the values.
    pub fn parse(text: &str, base: &Spec) -> Result<Self, SweepError> {
        let (key, values) = key_and_values(text)?;
        let place = Place::find(&key);
        let mut numbers = Vec::new();
        let mut idle = Vec::new();
        for value in &values {
            let mut spec = base.clone();
            spec.set(&key, value)?;
            let found = place.as_ref().and_then(|place| place.number(&spec));
            let share = percentage(value);
            numbers.push(share.or(found));
            idle.extend(spec.idle(&key));
        }
        if idle.len() == values.len() {
            let reason = idle.swap_remove(0).reason;
            let chip = base.name().to_owned();
            return Err(SweepError::Idle { key, chip, reason });
        }
        let are_shares = values.iter().all(|value| percentage(value).is_some());
        let unit = if are_shares {
            "%".to_owned()
        } else {
            // Percentages beside plain numbers are shares of one; beside others they have no common unit.
            let unit = place.map_or(Unit::One, |place| place.key.kind.unit());
            for (number, value) in numbers.iter_mut().zip(&values) {
                if let Some(percent) = percentage(value) {
                    *number = (unit == Unit::One).then_some(percent / 100.0);
                }
            }
            unit.symbol().to_owned()
        };
        Ok(Self {
            key,
            values,
            numbers,
            unit,
        })
    }

    /// The spec with one of the values.
    ///
    /// # Errors
    /// As [`Self::parse`]: values of two axes need not go together.
    pub fn apply(&self, spec: &mut Spec, index: usize) -> Result<(), SweepError> {
        Ok(spec.set(&self.key, &self.values[index])?)
    }

    /// The values, if all of them are numbers.
    pub fn all_numbers(&self) -> Option<Vec<f64>> {
        self.numbers.iter().copied().collect()
    }
}

/// The parts of `KEY=v1,v2,…`: at least one value, all different.
pub(crate) fn key_and_values(text: &str) -> Result<(String, Vec<String>), SweepError> {
    let refuse = |expected| SweepError::Axis {
        text: text.to_owned(),
        expected,
    };
    let form = "expected KEY=v1,v2,… with at least one value";
    let (key, values) = text.split_once('=').ok_or_else(|| refuse(form))?;
    let key = key.trim().to_owned();
    let values: Vec<String> = values.split(',').map(|v| v.trim().to_owned()).collect();
    if key.is_empty() || values.iter().any(String::is_empty) {
        return Err(refuse(form));
    }
    if (1..values.len()).any(|i| values[..i].contains(&values[i])) {
        return Err(refuse("expected different values"));
    }
    Ok((key, values))
}

/// The number before a percent sign.
fn percentage(text: &str) -> Option<f64> {
    let number = text.trim_matches('"').trim().strip_suffix('%')?;
    number.trim().parse().ok()
}

/// Numbered levels of a key between a good and a bad value.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    key: String,
    /// Values of level 0 and of the last one, in `unit`.
    ends: (f64, f64),
    last: u32,
    unit: LevelUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LevelUnit {
    Percent,
    Of(Unit),
    Whole,
}

impl Levels {
    /// Levels of `key` from `good` to `bad`: `parts` equal steps, or one for each whole number where the
    /// key takes whole numbers.
    ///
    /// # Errors
    /// As [`Axis::parse`]; [`SweepError::Between`] for values that are no numbers, or the same.
    pub fn between(
        key: &str,
        [good, bad]: [&str; 2],
        parts: u32,
        base: &Spec,
    ) -> Result<Self, SweepError> {
        let refuse = |expected: &str| SweepError::Between {
            text: format!("{good:?} {bad:?}"),
            expected: expected.to_owned(),
        };
        if good == bad {
            return Err(refuse("expected two different levels, the good one first"));
        }
        let axis = Axis::parse(&format!("{key}={good},{bad}"), base)?;
        let (Some(from), Some(to)) = (axis.numbers[0], axis.numbers[1]) else {
            return Err(refuse("expected two numbers of one unit"));
        };
        if from.total_cmp(&to).is_eq() {
            return Err(refuse("expected two different levels, the good one first"));
        }
        let place = Place::find(key).ok_or_else(|| refuse("expected a key with numbers"))?;
        let (unit, last) = if axis.unit == "%" {
            (LevelUnit::Percent, parts)
        } else if let (Kind::Count { .. }, "value") = (place.key.kind, place.field.as_str()) {
            let steps = (to - from).abs();
            #[expect(clippy::cast_sign_loss, reason = "a distance of counts")]
            (LevelUnit::Whole, steps as u32)
        } else {
            (LevelUnit::Of(place.key.kind.unit()), parts)
        };
        Ok(Self {
            key: axis.key,
            ends: (from, to),
            last,
            unit,
        })
    }

    /// The key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Number of the bad end.
    pub fn last(&self) -> u32 {
        self.last
    }

    /// Symbol of the unit, as [`Axis::unit`].
    pub fn unit(&self) -> &'static str {
        match self.unit {
            LevelUnit::Percent => "%",
            LevelUnit::Of(unit) => unit.symbol(),
            LevelUnit::Whole => Unit::One.symbol(),
        }
    }

    /// Value of a level in [`Self::unit`].
    pub fn number(&self, level: u32) -> f64 {
        let (good, bad) = self.ends;
        if level == self.last {
            return bad;
        }
        good + (bad - good) * f64::from(level) / f64::from(self.last)
    }

    /// Distance of two neighbouring levels in [`Self::unit`].
    pub fn resolution(&self) -> f64 {
        (self.ends.1 - self.ends.0).abs() / f64::from(self.last)
    }

    /// Value of a level as a spec writes it.
    pub fn text(&self, level: u32) -> String {
        let number = self.number(level);
        match self.unit {
            LevelUnit::Percent => format!("{number} %"),
            LevelUnit::Of(unit) => Quantity {
                value: number,
                unit,
            }
            .to_string(),
            LevelUnit::Whole => format!("{number:.0}"),
        }
    }

    /// The spec at a level.
    ///
    /// # Errors
    /// [`SweepError::Spec`] for a value outside the key's validity range.
    pub fn apply(&self, spec: &mut Spec, level: u32) -> Result<(), SweepError> {
        Ok(spec.set(&self.key, &self.text(level))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d3() -> Spec {
        let mut spec = Spec::load("D3").unwrap();
        spec.override_with(&["device=generic"]).unwrap();
        spec
    }

    #[test]
    fn values_become_numbers_of_one_unit() {
        let spec = d3();
        for (text, numbers, unit) in [
            (
                "array.programming_sigma=0 %,0.5 %",
                vec![Some(0.0), Some(0.5)],
                "%",
            ),
            (
                "array.programming_sigma=0, 0.01",
                vec![Some(0.0), Some(0.01)],
                "1",
            ),
            (
                "array.programming_sigma=0.02,1 %",
                vec![Some(0.02), Some(0.01)],
                "1",
            ),
            (
                "wires.segment=2.5 ohm,1 kohm",
                vec![Some(2.5), Some(1000.0)],
                "ohm",
            ),
            (
                "activation.offset.spread=1 mV,0 V",
                vec![Some(1e-3), Some(0.0)],
                "V",
            ),
            (
                "node.capacitance.spread=1 %,2 %",
                vec![Some(1.0), Some(2.0)],
                "%",
            ),
            ("array.level_count=64,device", vec![Some(64.0), None], "1"),
            ("array.directions=shared,separate", vec![None, None], "1"),
            ("device=pcm,generic", vec![None, None], "1"),
        ] {
            let axis = Axis::parse(text, &spec).expect(text);
            assert_eq!(
                (axis.numbers, axis.unit.as_str()),
                (numbers, unit),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_varied_is_refused_by_name() {
        let spec = d3();
        for (text, parts) in [
            (
                "array.programming_sigma",
                ["array.programming_sigma", "KEY=v1"],
            ),
            (
                "array.programming_sigma=1 %,",
                ["1 %,", "at least one value"],
            ),
            ("array.programming_sigma=1 %,1 %", ["1 %,1 %", "different"]),
            (
                "array.programming_sigm=1 %",
                ["array.programming_sigm", "array.programming_sigma"],
            ),
            (
                "array.programming_sigma=1 V",
                ["array.programming_sigma", "\"1 V\""],
            ),
            ("array.programming_sigma=120 %", ["120 %", "from 0 to 1"]),
            (
                "activation.flicker_low=2 kHz",
                ["activation.flicker_low", "activation.flicker is off"],
            ),
        ] {
            let message = Axis::parse(text, &spec).unwrap_err().to_string();
            for part in parts {
                assert!(message.contains(part), "{text}: {message} lacks {part}");
            }
        }
        let bare = Spec::load("D3").unwrap();
        let message = Axis::parse("wires.segment=1 ohm", &bare)
            .unwrap_err()
            .to_string();
        assert!(message.contains("no device"), "{message}");
    }

    #[test]
    fn levels_divide_the_way_from_good_to_bad() {
        let spec = d3();
        let levels = |key, ends| Levels::between(key, ends, 128, &spec);
        let sigma = levels("array.programming_sigma", ["0 %", "5 %"]).unwrap();
        assert_eq!((sigma.last(), sigma.unit()), (128, "%"));
        assert_eq!([0, 64, 128].map(|l| sigma.text(l)), ["0 %", "2.5 %", "5 %"]);
        let count = levels("array.level_count", ["256", "4"]).unwrap();
        assert_eq!(
            (count.last(), count.text(0), count.text(252)),
            (252, "256".into(), "4".into())
        );
        let wires = levels("wires.segment", ["0 ohm", "10 ohm"]).unwrap();
        assert_eq!(
            (wires.text(32), wires.resolution()),
            ("2.5 ohm".to_owned(), 0.078_125)
        );
        let mut changed = spec.clone();
        wires.apply(&mut changed, 32).unwrap();
        let wires = changed.design().arrays.unwrap().wires;
        assert_eq!(wires.row_segment.to_bits(), 2.5_f64.to_bits());
        for ends in [["1 %", "1 %"], ["device", "1 %"]] {
            let message = levels("array.programming_sigma", ends)
                .unwrap_err()
                .to_string();
            assert!(message.contains("expected two"), "{message}");
        }
    }
}
