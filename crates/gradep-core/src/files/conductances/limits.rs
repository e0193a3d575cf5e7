//! What the devices of a chip can hold: a table in another unit than its heading's is found by it.

use analog_substrate::{arrays::ArrayDesign, device::Stuck, hw_spec::Spec};
use units::{Quantity, Unit};

/// Relative rounding of numbers that a program of any kind has written.
const ROUNDING: f64 = 1e-6;

/// Conductances of a chip's devices, S.
pub(super) struct Limits {
    device: String,
    /// Their range.
    range: (f64, f64),
    /// What they can be asked for.
    asked: (f64, f64),
    /// What they can be found at.
    found: (f64, f64),
    /// Siemens per unit of weight, where the chip says it.
    scale: Option<f64>,
}

impl Limits {
    /// Of the arrays of a chip; none where it has none.
    pub(super) fn of(chip: &Spec) -> Option<Self> {
        let ArrayDesign { device, scale, .. } = chip.design().arrays?;
        let (min, max) = device.conductance_range();
        // A scale of its own can ask for more than there is, which programming clips and counts.
        let most = if scale.is_some() { f64::INFINITY } else { max };
        Some(Self {
            device: device.name().to_owned(),
            range: (min, max),
            asked: (min, most),
            found: device.reach(),
            scale,
        })
    }

    /// What was expected of what a device is asked for, if this is not it.
    pub(super) fn asked_problem(&self, value: f64) -> Option<String> {
        let (least, most) = self.asked;
        outside(value, self.asked).then(|| {
            let most = if most.is_finite() {
                format!("{} to {}", siemens(least), siemens(most))
            } else {
                format!("{} or more", siemens(least))
            };
            format!(
                "a conductance in siemens that {} can be asked for, {most}",
                self.device
            )
        })
    }

    /// The same of what it holds; one that is stuck off may not conduct at all.
    pub(super) fn achieved_problem(&self, value: f64, stuck: Stuck) -> Option<String> {
        let (least, most) = match stuck {
            Stuck::Off => (0.0, self.found.1),
            Stuck::Free | Stuck::On => self.found,
        };
        outside(value, (least, most)).then(|| {
            format!(
                "a conductance in siemens that {} can hold, {} to {} (its range, {} to {}, and eight standard deviations of its noise)",
                self.device,
                siemens(least),
                siemens(most),
                siemens(self.range.0),
                siemens(self.range.1)
            )
        })
    }

    /// The same of achieved - asked.
    pub(super) fn error_problem(&self, value: f64) -> Option<String> {
        // What is asked beyond the range is clipped, and the error as large as that.
        let most = self.found.1.max(self.asked.1);
        outside(value, (-most, most)).then(|| {
            format!(
                "a difference in siemens of at most {}, or nothing",
                siemens(most)
            )
        })
    }

    /// What was expected of the siemens per unit of weight, if this is not it.
    pub(super) fn scale_problem(&self, value: f64) -> Option<String> {
        let scale = self.scale?;
        outside(value, (scale, scale))
            .then(|| format!("{}, the array.scale of the chip", siemens(scale)))
    }
}

/// Whether a value is neither within two limits nor at one of them.
fn outside(value: f64, (least, most): (f64, f64)) -> bool {
    let slack = |limit: f64| ROUNDING * limit.abs();
    !(least - slack(least)..=most + slack(most)).contains(&value)
}

fn siemens(value: f64) -> String {
    Quantity {
        value,
        unit: Unit::Siemens,
    }
    .rounded(4)
}
