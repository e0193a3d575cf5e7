//! What is varied in a map of gradients: a key of the spec, or one of the estimate's own.

use super::Ways;
use crate::sweep::{Axis, SweepError, key_and_values};
use analog_substrate::{
    chip::Duration,
    hw_spec::{Spec, SpecError},
};
use gradep_core::gradep::PhaseScheme;
use units::Unit;

/// A key, its values, and what they change.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientAxis {
    axis: Axis,
    changes: Changes,
}

#[derive(Clone, Debug, PartialEq)]
enum Changes {
    Spec,
    Ranges(Vec<f64>),
    Betas(Vec<f64>),
    Free(Vec<Duration>),
    Nudged(Vec<Duration>),
    Phases(Vec<PhaseScheme>),
}

impl GradientAxis {
    /// Reads `KEY=v1,v2,…` and tries every value on the spec. `range`, `beta`, `free`, `nudged` and `phases` are of the estimate.
    ///
    /// # Errors
    /// As [`Axis::parse`]; [`SweepError::Axis`] for a value that a key of the estimate does not take.
    pub fn parse(text: &str, base: &Spec) -> Result<Self, SweepError> {
        let (key, values) = key_and_values(text)?;
        let refuse = |expected| SweepError::Axis {
            text: text.to_owned(),
            expected,
        };
        let all_positive = || {
            let numbers = values.iter().map(|value| positive(value));
            numbers
                .collect::<Option<Vec<f64>>>()
                .ok_or_else(|| refuse("expected finite numbers above 0"))
        };
        let durations = || {
            let parsed = values.iter().map(|value| value.parse().ok());
            parsed
                .collect::<Option<Vec<Duration>>>()
                .ok_or_else(|| refuse("expected durations such as 10tau or 300ns"))
        };
        let (changes, numbers, unit) = match key.as_str() {
            "range" => {
                let ranges = all_positive()?;
                (Changes::Ranges(ranges.clone()), ranges, "V_unit")
            }
            "beta" => {
                let betas = all_positive()?;
                (Changes::Betas(betas.clone()), betas, Unit::One.symbol())
            }
            "free" => {
                let free = durations()?;
                (Changes::Free(free.clone()), in_tau(&free, base), "tau")
            }
            "nudged" => {
                let nudged = durations()?;
                (
                    Changes::Nudged(nudged.clone()),
                    in_tau(&nudged, base),
                    "tau",
                )
            }
            "phases" => {
                let schemes = values.iter().map(|value| scheme(value));
                let schemes = schemes
                    .collect::<Option<Vec<_>>>()
                    .ok_or_else(|| refuse("expected centred, one-sided or random-sign"))?;
                (Changes::Phases(schemes), Vec::new(), "")
            }
            _ => {
                let axis = Axis::parse(text, base).map_err(|error| match error {
                    SweepError::Spec(SpecError::UnknownKey { nearest: None, .. }) => {
                        refuse("expected a key of the spec, or range, beta, free, nudged or phases")
                    }
                    error => error,
                })?;
                return Ok(Self {
                    axis,
                    changes: Changes::Spec,
                });
            }
        };
        let mut numbers: Vec<Option<f64>> = numbers.into_iter().map(Some).collect();
        numbers.resize(values.len(), None);
        let unit = unit.to_owned();
        Ok(Self {
            axis: Axis {
                key,
                values,
                numbers,
                unit,
            },
            changes,
        })
    }

    /// Key and values.
    pub fn axis(&self) -> &Axis {
        &self.axis
    }

    /// Spec and ways with one of the values.
    pub(super) fn apply(
        &self,
        index: usize,
        spec: &mut Spec,
        ways: &mut Ways,
    ) -> Result<(), SweepError> {
        let idle = |is_idle: bool, expected| {
            if is_idle {
                Err(SweepError::Axis {
                    text: self.axis.key.clone(),
                    expected,
                })
            } else {
                Ok(())
            }
        };
        match &self.changes {
            Changes::Spec => self.axis.apply(spec, index)?,
            Changes::Ranges(ranges) => {
                idle(
                    ways.ranges.is_empty(),
                    "expected a tilt among the nudges (--nudges tilt)",
                )?;
                ways.ranges = vec![ranges[index]];
            }
            Changes::Betas(betas) => {
                idle(
                    ways.betas.is_empty(),
                    "expected a quadratic one among the nudges (--nudges quadratic)",
                )?;
                ways.betas = vec![betas[index]];
            }
            Changes::Free(free) => ways.free = vec![free[index]],
            Changes::Nudged(nudged) => ways.nudged = vec![nudged[index]],
            Changes::Phases(phases) => ways.phases = phases[index],
        }
        Ok(())
    }
}

fn positive(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (number > 0.0 && number.is_finite()).then_some(number)
}

fn in_tau(durations: &[Duration], base: &Spec) -> Vec<f64> {
    let design = base.design();
    durations
        .iter()
        .map(|duration| duration.time_constants(&design))
        .collect()
}

/// A scheme by its name in files.
fn scheme(name: &str) -> Option<PhaseScheme> {
    PhaseScheme::ALL
        .into_iter()
        .find(|scheme| scheme.name() == name)
}
