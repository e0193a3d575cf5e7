//! What follows from a design, and the checks of it that a spec carries.

use super::{Origin, SpecError, entry};
use crate::chip::{BOLTZMANN, Design};
use std::f64::consts::TAU;
use toml::Value;
use units::{Quantity, Unit, nearest};

/// A quantity that follows from a design.
#[derive(Clone, Copy, Debug)]
pub struct Derived {
    /// Its name, under `[golden]` and in output.
    pub name: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// How it follows.
    pub formula: &'static str,
    /// Its value, in the unit.
    pub value: fn(&Design) -> f64,
}

impl Derived {
    /// Its value for a design.
    pub fn of(&self, design: &Design) -> Quantity {
        Quantity {
            value: (self.value)(design),
            unit: self.unit,
        }
    }
}

/// Everything that [`Design`]s are compared by.
pub static DERIVED: &[Derived] = &[
    Derived {
        name: "time_constant",
        unit: Unit::Second,
        formula: "τ = C/g_unit",
        value: Design::time_constant,
    },
    Derived {
        name: "settling_30tau",
        unit: Unit::Second,
        formula: "30 τ, the relaxation window of the published protocol",
        value: |design| 30.0 * design.time_constant(),
    },
    Derived {
        name: "unit_power",
        unit: Unit::Watt,
        formula: "g_unit V_unit², the power of one unit of E",
        value: Design::unit_power,
    },
    Derived {
        name: "unit_energy",
        unit: Unit::Joule,
        formula: "C V_unit²",
        value: Design::unit_energy,
    },
    Derived {
        name: "thermal_variance",
        unit: Unit::One,
        formula: "Θ = kT/(C V_unit²), 0 without thermal noise",
        value: Design::thermal_variance,
    },
    Derived {
        name: "thermal_voltage",
        unit: Unit::Volt,
        formula: "√(kT/C) of a passive node, thermal noise on or not",
        value: |design| {
            let energy = BOLTZMANN * design.environment.temperature;
            (energy / design.node.capacitance.mean).sqrt()
        },
    },
    Derived {
        name: "hold_noise",
        unit: Unit::Volt,
        formula: "√(kT/C_s) frozen by the sample-and-hold, 0 without",
        value: |design| {
            let energy = BOLTZMANN * design.environment.temperature;
            let capacitance = design.converters.hold_capacitance;
            capacitance.map_or(0.0, |held| (energy / held).sqrt())
        },
    },
    Derived {
        name: "amplifier_lag",
        unit: Unit::One,
        formula: "τ_a/τ, τ_a = 1/(2π·bandwidth), 0 without a bandwidth",
        value: |design| {
            let bandwidth = design.activation.bandwidth;
            bandwidth.map_or(0.0, |f| 1.0 / (TAU * f * design.time_constant()))
        },
    },
];

/// A derived quantity as a spec expects it.
#[derive(Clone, Debug)]
pub(super) struct Golden {
    derived: &'static Derived,
    expected: f64,
    /// Largest difference, in the unit.
    tolerance: f64,
}

/// A golden check and how it came out.
#[derive(Clone, Copy, Debug)]
pub struct GoldenCheck {
    /// What is checked.
    pub derived: &'static Derived,
    /// What the spec says.
    pub expected: f64,
    /// Largest difference that it allows, in the unit.
    pub tolerance: f64,
    /// What follows from the spec's values.
    pub actual: f64,
}

impl GoldenCheck {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        (self.actual - self.expected).abs() <= self.tolerance
    }
}

impl Golden {
    /// Reads `name = { value = "10 ns", tolerance = "1 %" }`.
    pub(super) fn parse(name: &str, value: &Value, origin: &Origin) -> Result<Self, SpecError> {
        let path = format!("golden.{name}");
        let Some(derived) = DERIVED.iter().find(|derived| derived.name == name) else {
            let near = nearest(name, DERIVED.iter().map(|derived| derived.name));
            return Err(SpecError::UnknownKey {
                origin: origin.clone(),
                key: path,
                nearest: near.map(|near| format!("golden.{near}")),
            });
        };
        let expects = || {
            let what = derived.unit.dimension();
            let example = derived.unit.example();
            format!("{{ value = {example}, tolerance = \"1 %\" }} with {what}")
        };
        let wrong = || entry::bad(&path, value, origin, entry::expected(expects()));
        let fields = value.as_table().ok_or_else(wrong)?;
        let (Some(nominal), Some(tolerance), 2) =
            (fields.get("value"), fields.get("tolerance"), fields.len())
        else {
            return Err(wrong());
        };
        let number = |value, unit| entry::number(value, unit, &path, origin, expects);
        let expected = number(nominal, derived.unit)?;
        let is_share = tolerance
            .as_str()
            .is_some_and(|text| text.trim_end().ends_with('%'));
        let tolerance = if is_share {
            number(tolerance, Unit::One)? * expected.abs()
        } else {
            number(tolerance, derived.unit)?
        };
        if tolerance < 0.0 {
            return Err(wrong());
        }
        Ok(Self {
            derived,
            expected,
            tolerance,
        })
    }

    /// Holds it against a design.
    pub(super) fn check(&self, design: &Design) -> GoldenCheck {
        GoldenCheck {
            derived: self.derived,
            expected: self.expected,
            tolerance: self.tolerance,
            actual: (self.derived.value)(design),
        }
    }
}
