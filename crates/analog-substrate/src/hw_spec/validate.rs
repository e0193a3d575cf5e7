//! Whether values are complete, within their ranges and go with each other.

use super::{
    KEYS, Key, Kind, Off, Origin, Problem, Setting, Spec, SpecError, SpreadProblem,
    entry::{Entry, Spread, bad, expected},
};
use crate::{
    chip::{Distributed, Shape},
    device::Device,
};
use toml::Value;
use units::{Quantity, Unit};

impl Spec {
    /// Refuses gaps, values outside their validity ranges, and values that contradict each other.
    pub(super) fn validate(&self) -> Result<(), SpecError> {
        for key in KEYS {
            let entry = self.entries.get(key.name);
            let Some((entry, (setting, origin))) =
                entry.and_then(|entry| Some((entry, entry.setting.as_ref()?)))
            else {
                return Err(SpecError::Incomplete {
                    file: self.file.clone(),
                    key: key.name,
                });
            };
            if let Setting::Number(value) = setting {
                check_range(key, entry, *value, origin)?;
                check_spread(key, entry, *value)?;
            }
        }
        self.check_device()?;
        self.check_flicker()
    }

    /// A device is not asked beyond its validity range, neither in time nor in voltage.
    fn check_device(&self) -> Result<(), SpecError> {
        let Some(device) = self.device() else {
            return Ok(());
        };
        let refuse = |key: &str, problem: crate::device::DeviceError| {
            let (setting, origin) = self.given(key);
            let value = match setting {
                Setting::Number(value) => {
                    let unit =
                        crate::hw_spec::keys::find(key).map_or(Unit::One, |key| key.kind.unit());
                    Quantity {
                        value: *value,
                        unit,
                    }
                    .to_string()
                }
                _ => "unit".to_owned(),
            };
            let text = format!("a value within the device's validity range: {problem}");
            Err(bad(key, &Value::String(value), origin, expected(text)))
        };
        if self.setting("array.drift") == Setting::Switch(true)
            && let Err(problem) = device.check_time(self.number("array.age"))
        {
            return refuse("array.age", problem);
        }
        if self.setting("array.read_noise") == Setting::Switch(true)
            && let Err(problem) = device.check_read_time(self.number("array.age"))
        {
            return refuse("array.age", problem);
        }
        self.check_updates(device)?;
        let (key, volts) = match self.setting("array.read_voltage") {
            Setting::Number(volts) => ("array.read_voltage", volts),
            _ => ("node.unit_voltage", self.number("node.unit_voltage")),
        };
        match device.check_voltage(volts) {
            Ok(()) => Ok(()),
            Err(problem) => refuse(key, problem),
        }
    }

    /// Pulses have to have a size, and a step may not go the wrong way.
    fn check_updates(&self, device: &Device) -> Result<(), SpecError> {
        let word = |key: &str| match self.setting(key) {
            Setting::Word(word) => Some(word),
            _ => None,
        };
        let is_pulsed = matches!(word("array.update"), Some("pulses" | "mixed-precision"));
        if is_pulsed && self.update_pulses(device).is_none() {
            let (_, origin) = self.given("array.update_pulses");
            let text = format!(
                "a whole number such as 1000, since array.update has devices pulsed and device {} has no response to pulses of its own",
                device.name()
            );
            let value = Value::String("device".to_owned());
            return Err(bad("array.update_pulses", &value, origin, expected(text)));
        }
        let slope = self.number("array.update_shape");
        if word("array.update_law") == Some("linear") && slope > 1.0 {
            let (_, origin) = self.given("array.update_shape");
            let text = "at most 1 of a linear law, whose steps would go the wrong way".to_owned();
            let value = Value::Float(slope);
            return Err(bad("array.update_shape", &value, origin, expected(text)));
        }
        Ok(())
    }

    /// The band of the 1/f noise has to have a width.
    fn check_flicker(&self) -> Result<(), SpecError> {
        let (low, high) = ("activation.flicker_low", "activation.flicker_high");
        if self.number(low) < self.number(high) {
            return Ok(());
        }
        // The one that was given last is at fault, as far as that can be told: an override, or
        // the one that is not inherited.
        let is_override = |name| matches!(self.given(name).1, Origin::Override(_));
        let is_inherited = self.entries[high].inherited_from.is_some();
        let (at_fault, side, other) = if is_inherited || (is_override(low) && !is_override(high)) {
            (low, "below", high)
        } else {
            (high, "above", low)
        };
        let unit = Unit::Hertz;
        let show = |name| {
            let value = self.number(name);
            Quantity { value, unit }.to_string()
        };
        let wanted = format!("a frequency {side} {other}, {}", show(other));
        let value = Value::String(show(at_fault));
        let origin = &self.given(at_fault).1;
        Err(bad(at_fault, &value, origin, expected(wanted)))
    }

    /// The number of a quantity that is always there.
    pub(super) fn number(&self, name: &str) -> f64 {
        match self.setting(name) {
            Setting::Number(value) => value,
            other => unreachable!("{name} is a number in every valid spec, not {other:?}"),
        }
    }

    /// The nominal value of a key.
    pub(super) fn setting(&self, name: &str) -> Setting {
        self.given(name).0
    }

    /// The nominal value of a key, and where it was given.
    pub(super) fn given(&self, name: &str) -> &(Setting, Origin) {
        let entry = self.entries.get(name);
        let setting = entry.and_then(|entry| entry.setting.as_ref());
        setting.expect("a valid spec has a value for every key")
    }

    /// A quantity with its spread.
    pub(super) fn distributed(&self, name: &str) -> Distributed {
        let mean = self.number(name);
        let entry = &self.entries[name];
        match entry.sigma(mean) {
            0.0 => Distributed::exact(mean),
            sigma => Distributed {
                mean,
                sigma,
                shape: entry.shape(),
            },
        }
    }

    /// Whether a key stands at its exact zero; false for keys that have none.
    pub(super) fn is_off(&self, key: &Key) -> bool {
        let setting = self.setting(key.name);
        let is_exact = || match setting {
            Setting::Number(mean) => self.entries[key.name].sigma(mean) == 0.0,
            _ => true,
        };
        match key.off {
            Off::Never => false,
            Off::Spread => is_exact(),
            Off::Value(value) => setting == Setting::Number(value) && is_exact(),
            Off::None => setting == Setting::None,
            Off::False => setting == Setting::Switch(false),
        }
    }
}

impl Entry {
    /// Standard deviation around a nominal value, in the same unit.
    pub(super) fn sigma(&self, mean: f64) -> f64 {
        match self.spread {
            None => 0.0,
            Some((Spread::Share(share), _)) => share * mean.abs(),
            Some((Spread::Absolute(sigma), _)) => sigma,
        }
    }

    /// The law of the deviations.
    pub(super) fn shape(&self) -> Shape {
        self.law.as_ref().map_or_else(Shape::default, |law| law.0)
    }
}

/// A value has to be in its validity range; the exact zero of an imperfection always is.
fn check_range(key: &Key, entry: &Entry, value: f64, origin: &Origin) -> Result<(), SpecError> {
    let Some(((low, high), given)) = &entry.range else {
        return Ok(());
    };
    if (*low..=*high).contains(&value) || key.off == Off::Value(value) {
        return Ok(());
    }
    let unit = key.kind.unit();
    let show = |value| Quantity { value, unit }.to_string();
    let problem = Problem::OutOfRange {
        least: show(*low),
        most: show(*high),
        given: given.clone(),
    };
    Err(bad(key.name, &Value::String(show(value)), origin, problem))
}

/// A spread must not draw elements without meaning.
fn check_spread(key: &Key, entry: &Entry, mean: f64) -> Result<(), SpecError> {
    let Some((spread, origin)) = &entry.spread else {
        return Ok(());
    };
    let sigma = entry.sigma(mean);
    let is_positive = matches!(key.kind, Kind::Quantity { least, .. } if least > 0.0);
    let problem = match (spread, entry.shape()) {
        (Spread::Share(share), _) if mean == 0.0 && *share > 0.0 => SpreadProblem::ShareOfZero,
        _ if sigma == 0.0 => return Ok(()),
        (_, Shape::LogNormal) if mean <= 0.0 => SpreadProblem::LogNormalNeedsPositive,
        (_, Shape::LogNormal) if sigma > mean => SpreadProblem::TooWide,
        (_, Shape::Normal | Shape::Uniform) if is_positive && sigma > 0.25 * mean => {
            SpreadProblem::ChangesSign
        }
        _ => return Ok(()),
    };
    let (field, text, origin) = match (problem, &entry.law) {
        (SpreadProblem::LogNormalNeedsPositive, Some((_, origin))) => {
            ("law", "log-normal".to_owned(), origin)
        }
        _ => ("spread", spread.text(key), origin),
    };
    let name = format!("{}.{field}", key.name);
    let value = Value::String(text);
    Err(bad(&name, &value, origin, Problem::Spread(problem)))
}

impl Spread {
    /// The spread as a spec writes it.
    fn text(self, key: &Key) -> String {
        let unit = key.kind.unit();
        match self {
            Self::Share(share) => format!("{} %", 100.0 * share),
            Self::Absolute(value) => Quantity { value, unit }.to_string(),
        }
    }
}
