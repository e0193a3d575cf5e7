//! The values of a spec for people and for other programs.

use super::{DERIVED, Derived, Evidence, GoldenCheck, KEYS, Key, Origin, Setting, Spec, SpecError};
use crate::chip::Shape;
use units::Quantity;

/// One value of a spec with all that is known about it.
#[derive(Clone, Copy, Debug)]
pub struct SpecValue<'a> {
    /// The key.
    pub key: &'static Key,
    /// The nominal value.
    pub setting: Setting,
    /// Standard deviation from element to element, in the key's unit; 0 for none.
    pub sigma: f64,
    /// Law of the deviations.
    pub law: Shape,
    /// Smallest and largest valid value, in the key's unit.
    pub range: Option<(f64, f64)>,
    /// Where the value is from.
    pub source: Option<&'a str>,
    /// How well it is known.
    pub evidence: Option<Evidence>,
    /// Where it was given.
    pub origin: &'a Origin,
    /// The spec that it was inherited from.
    pub inherited_from: Option<&'a str>,
    /// Whether it acts.
    pub status: Status,
}

/// Whether a key acts in a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A scale or a choice, which always acts.
    Set,
    /// An imperfection or a cost that is on.
    On,
    /// An imperfection or a cost at its exact zero.
    Off,
    /// A detail of an imperfection that is off.
    Idle,
}

impl Status {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::On => "on",
            Self::Off => "off",
            Self::Idle => "idle",
        }
    }
}

impl SpecValue<'_> {
    /// The value as a spec would write it, with this many significant digits: `100 fF ± 1 fF
    /// (normal)`.
    pub fn text(&self, digits: usize) -> String {
        let unit = self.key.kind.unit();
        let show = |value| Quantity { value, unit }.rounded(digits);
        match self.setting {
            Setting::Number(value) if self.sigma > 0.0 => {
                let law = match self.law {
                    Shape::Normal => "normal",
                    Shape::LogNormal => "log-normal",
                    Shape::Uniform => "uniform",
                };
                format!("{} ± {} ({law})", show(value), show(self.sigma))
            }
            Setting::Number(value) => show(value),
            Setting::Count(count) => count.to_string(),
            Setting::Word(word) => word.to_owned(),
            Setting::Switch(is_on) => is_on.to_string(),
            Setting::None => self.key.kind.none().unwrap_or("none").to_owned(),
        }
    }
}

impl Spec {
    /// Every value, in the order of [`KEYS`].
    pub fn values(&self) -> impl Iterator<Item = SpecValue<'_>> {
        KEYS.iter().map(|key| {
            let entry = &self.entries[key.name];
            let (setting, origin) = self.given(key.name);
            let sigma = match setting {
                Setting::Number(mean) => entry.sigma(*mean),
                _ => 0.0,
            };
            SpecValue {
                key,
                setting: *setting,
                sigma,
                law: entry.shape(),
                range: entry.range.as_ref().map(|(range, _)| *range),
                source: entry.source.as_deref(),
                evidence: entry.evidence,
                origin,
                inherited_from: entry.inherited_from.as_deref(),
                status: self.status(key),
            }
        })
    }

    fn status(&self, key: &Key) -> Status {
        match key.off {
            _ if self.why_detail(key).is_some() => Status::Idle,
            super::Off::Never => Status::Set,
            _ if self.is_off(key) => Status::Off,
            _ => Status::On,
        }
    }

    /// What follows from the values: clock, energy and noise scales.
    pub fn derived(&self) -> impl Iterator<Item = (&'static Derived, Quantity)> {
        let design = self.design();
        DERIVED
            .iter()
            .map(move |derived| (derived, derived.of(&design)))
    }

    /// Holds the golden checks of the file, which speak of its values without overrides.
    ///
    /// # Errors
    /// [`SpecError::Golden`] for the first that does not hold.
    pub fn check(&self) -> Result<Vec<GoldenCheck>, SpecError> {
        let design = self.design();
        let checks: Vec<_> = self
            .golden
            .iter()
            .map(|check| check.check(&design))
            .collect();
        let Some(failed) = checks.iter().find(|check| !check.holds()) else {
            return Ok(checks);
        };
        let unit = failed.derived.unit;
        let show = |value| Quantity { value, unit }.rounded(5);
        Err(SpecError::Golden {
            file: self.file.clone(),
            name: failed.derived.name,
            actual: show(failed.actual),
            expected: show(failed.expected),
            tolerance: show(failed.tolerance),
        })
    }
}
