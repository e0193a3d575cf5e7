//! What time does to programmed devices: one law a file, each a section of device files.

pub(super) mod creep;
pub(super) mod drift;
pub(super) mod leak;
pub(super) mod relaxation;
pub(super) mod stretched;

use super::{
    basis::Basis,
    programmed::{Programmed, Stuck},
};

/// Every law, by its section, in the order in which descriptions of devices have them; passed on to the macro that
/// is named, before whatever else that takes. A law that is younger than a published identity of a chip is left out of
/// it where a device has none: `#[serde(skip_serializing_if = "Option::is_none")]`.
macro_rules! laws {
    ($then:ident! $($rest:tt)*) => {
        $then! {
            [
                drift: Drift,
                relaxation: Relaxation,
                creep: Creep,
                leak: Leak,
                #[serde(skip_serializing_if = "Option::is_none")] stretched: Stretched,
            ]
            $($rest)*
        }
    };
}
pub(super) use laws;

/// A law of what time does to devices, with the numbers of one device file. Times are seconds since the last
/// programming pulse, conductances siemens.
pub(super) trait AgingLaw {
    /// What is wrong with its numbers.
    fn check(&self, basis: &Basis<'_>) -> Option<Flaw>;

    /// When it says anything.
    fn times(&self) -> Times;

    /// What a device that is programmed to a level ages with from now on, given a normal deviate of its own:
    /// [`Programmed::aging`].
    fn draws(&self, basis: &Basis<'_>, level: f64, deviate: f64) -> f64;

    /// Conductances of programmed devices at a time at which the law holds. What was programmed is what a first read
    /// finds.
    fn after(&self, basis: &Basis<'_>, programmed: &Programmed, seconds: f64) -> Vec<f64>;

    /// Mean and standard deviation of devices that were asked for a conductance: of the law of time alone, with what
    /// differs between devices at its middle value.
    fn moments(&self, basis: &Basis<'_>, conductance: f64, seconds: f64) -> Moments;
}

/// A value of a law that makes no sense.
pub(super) struct Flaw {
    /// Its key in the law's section; none: the section.
    pub(super) key: Option<&'static str>,
    /// What was expected.
    pub(super) problem: String,
}

impl Flaw {
    /// Of a key.
    pub(super) fn of(key: &'static str, problem: impl Into<String>) -> Self {
        Self {
            key: Some(key),
            problem: problem.into(),
        }
    }

    /// Of several values together.
    pub(super) fn of_section(problem: impl Into<String>) -> Self {
        Self {
            key: None,
            problem: problem.into(),
        }
    }
}

/// When a law says anything, s.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Times {
    /// From this time on, as far as the file's validity goes.
    From(f64),
    /// Between the first and the last of these.
    Between(f64, f64),
    /// At these alone.
    At(Vec<f64>),
}

/// Mean and standard deviation, S.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

/// The conductance of each device: that of `law`, given its index and what it was programmed to, or where it is stuck.
pub(super) fn aged(programmed: &Programmed, law: impl Fn(usize, f64) -> f64) -> Vec<f64> {
    let devices = programmed.achieved.iter().zip(&programmed.stuck);
    devices
        .enumerate()
        .map(|(i, (&g, stuck))| match stuck {
            Stuck::Free => law(i, g),
            Stuck::On | Stuck::Off => g,
        })
        .collect()
}
