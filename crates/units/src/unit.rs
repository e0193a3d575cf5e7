//! Units of the quantities in a hardware spec, and the SI prefixes before them.

use crate::prefix::PREFIXES;
use serde::{Serialize, Serializer};

/// The unit of a quantity; values are held in it, without prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Dimensionless: a plain number or a percentage.
    One,
    /// V.
    Volt,
    /// V²: the coefficient K of a 1/f density K/f.
    VoltSquared,
    /// V/√Hz: a noise density.
    VoltPerRootHertz,
    /// S.
    Siemens,
    /// Ω.
    Ohm,
    /// F.
    Farad,
    /// s.
    Second,
    /// 1/s: a rate of decay.
    PerSecond,
    /// Hz.
    Hertz,
    /// K.
    Kelvin,
    /// W.
    Watt,
    /// J.
    Joule,
    /// A.
    Ampere,
    /// m.
    Metre,
    /// Ω·m: a resistivity.
    OhmMetre,
    /// S/V: the coefficient of a quadratic current.
    SiemensPerVolt,
    /// S/V²: the coefficient of a cubic current.
    SiemensPerVoltSquared,
}

impl Unit {
    /// Every unit.
    pub const ALL: &[Self] = &[
        Self::One,
        Self::Volt,
        Self::VoltSquared,
        Self::VoltPerRootHertz,
        Self::Siemens,
        Self::Ohm,
        Self::Farad,
        Self::Second,
        Self::PerSecond,
        Self::Hertz,
        Self::Kelvin,
        Self::Watt,
        Self::Joule,
        Self::Ampere,
        Self::Metre,
        Self::OhmMetre,
        Self::SiemensPerVolt,
        Self::SiemensPerVoltSquared,
    ];

    /// The symbol, as specs write it; `1` for dimensionless.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Volt => "V",
            Self::VoltSquared => "V^2",
            Self::VoltPerRootHertz => "V/sqrt(Hz)",
            Self::Siemens => "S",
            Self::Ohm => "ohm",
            Self::Farad => "F",
            Self::Second => "s",
            Self::PerSecond => "1/s",
            Self::Hertz => "Hz",
            Self::Kelvin => "K",
            Self::Watt => "W",
            Self::Joule => "J",
            Self::Ampere => "A",
            Self::Metre => "m",
            Self::OhmMetre => "ohm m",
            Self::SiemensPerVolt => "S/V",
            Self::SiemensPerVoltSquared => "S/V^2",
        }
    }

    /// What has this unit, with an article.
    pub const fn dimension(self) -> &'static str {
        match self {
            Self::One => "a dimensionless number",
            Self::Volt => "a voltage",
            Self::VoltSquared => "a 1/f noise coefficient",
            Self::VoltPerRootHertz => "a noise density",
            Self::Siemens => "a conductance",
            Self::Ohm => "a resistance",
            Self::Farad => "a capacitance",
            Self::Second => "a time",
            Self::PerSecond => "a rate",
            Self::Hertz => "a frequency",
            Self::Kelvin => "a temperature",
            Self::Watt => "a power",
            Self::Joule => "an energy",
            Self::Ampere => "a current",
            Self::Metre => "a length",
            Self::OhmMetre => "a resistivity",
            Self::SiemensPerVolt => "a quadratic conductance",
            Self::SiemensPerVoltSquared => "a cubic conductance",
        }
    }

    /// A quantity of this unit, as specs write it.
    pub const fn example(self) -> &'static str {
        match self {
            Self::One => "1.02 or \"2 %\"",
            Self::Volt => "\"0.1 V\"",
            Self::VoltSquared => "\"2 uV^2\"",
            Self::VoltPerRootHertz => "\"5 nV/sqrt(Hz)\"",
            Self::Siemens => "\"10 uS\"",
            Self::Ohm => "\"2.5 ohm\"",
            Self::Farad => "\"100 fF\"",
            Self::Second => "\"10 ns\"",
            Self::PerSecond => "\"10 1/s\"",
            Self::Hertz => "\"1 MHz\"",
            Self::Kelvin => "\"300 K\"",
            Self::Watt => "\"15 uW\"",
            Self::Joule => "\"2 pJ\"",
            Self::Ampere => "\"10 uA\"",
            Self::Metre => "\"14 nm\"",
            Self::OhmMetre => "\"32.5 nohm m\"",
            Self::SiemensPerVolt => "\"5 uS/V\"",
            Self::SiemensPerVoltSquared => "\"5 uS/V^2\"",
        }
    }

    /// The power of ten that `text`, a symbol with or without prefix, stands for; none if it is no
    /// spelling of this unit. A prefix is raised with its unit: `uV^2` is 10⁻¹² V².
    pub(super) fn exponent(self, text: &str) -> Option<i32> {
        let text = text
            .replace(['µ', 'μ'], "u")
            .replace('²', "^2")
            .replace("√Hz", "sqrt(Hz)")
            .replace(['Ω', 'Ω'], "ohm");
        match self {
            Self::One => match text.as_str() {
                "" => Some(0),
                "%" => Some(-2),
                _ => None,
            },
            Self::PerSecond => prefix_exponent(text.strip_prefix("1/")?.strip_suffix('s')?, -1),
            Self::VoltSquared => prefix_exponent(text.strip_suffix("V^2")?, 2),
            _ => prefix_exponent(text.strip_suffix(self.symbol())?, 1),
        }
    }

    /// The prefix that leaves one to three (V²: six) digits before the decimal point of a number
    /// of magnitude 10^`exponent`, with its power of ten; none if no prefix does.
    pub(super) fn prefix(self, exponent: i32) -> Option<(&'static str, i32)> {
        let power = match self {
            Self::One | Self::PerSecond => return None,
            Self::VoltSquared => 2,
            _ => 1,
        };
        let step = exponent.div_euclid(3 * power) * 3;
        PREFIXES
            .iter()
            .find(|(_, ten)| *ten == step)
            .map(|&(prefix, ten)| (prefix, ten * power))
    }
}

/// The power of ten of a prefix that is raised to `power`.
fn prefix_exponent(prefix: &str, power: i32) -> Option<i32> {
    PREFIXES
        .iter()
        .find(|(name, _)| *name == prefix)
        .map(|(_, ten)| ten * power)
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.symbol())
    }
}
