//! What learning on a chip took, line by line.

use analog_substrate::arrays::Updating;
use gradep_core::trainer::{ADAM_STEP_J, MULTIPLY_ADD_J};
use std::fmt;
use units::{Unit, words::counted};

/// What all updates took, on the chip and beside it.
pub(super) struct Account<'a> {
    /// Seconds on the chip's clock.
    pub(super) seconds: f64,
    /// Joules of the chip, without writing.
    pub(super) joules: f64,
    /// Of them, those of converters.
    pub(super) converters_j: f64,
    /// Devices that were asked for another conductance; none on a chip without devices.
    pub(super) moves: Option<u64>,
    /// What moving them took; none where they take what is asked without a pulse.
    pub(super) updating: Option<&'a Updating>,
    /// Multiplications with an addition that form gradients.
    pub(super) macs: f64,
    /// Steps of one parameter by the optimiser.
    pub(super) steps: f64,
}

impl fmt::Display for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joules = |value: f64| Unit::Joule.show(value, 3);
        writeln!(
            f,
            "  chip       {}, {} (converters {}, nodes and amplifiers {})",
            Unit::Second.show(self.seconds, 3),
            joules(self.joules),
            joules(self.converters_j),
            joules(self.joules - self.converters_j)
        )?;
        if let Some(moves) = self.moves {
            writeln!(f, "  writing    {}", writing(moves, self.updating))?;
        }
        writeln!(
            f,
            "  gradients  {} if digital: {:.3e} multiplications and additions at {} each (16-bit floating point at 45 nm, Horowitz 2014)",
            joules(self.macs * MULTIPLY_ADD_J),
            self.macs,
            Unit::Joule.show(MULTIPLY_ADD_J, 2)
        )?;
        writeln!(
            f,
            "  optimiser  {} if digital: {:.3e} steps of a parameter at {} each (Adam in 32 bits beside 1 MB of memory, the same)",
            joules(self.steps * ADAM_STEP_J),
            self.steps,
            Unit::Joule.show(ADAM_STEP_J, 3)
        )
    }
}

/// What moves of devices took.
fn writing(moves: u64, took: Option<&Updating>) -> String {
    let moves = format!("{} of devices", counted(moves, "move"));
    let Some(took) = took else {
        return format!("not counted: {moves}, each by exactly what is asked");
    };
    let cost = |value: Option<f64>, unit: Unit, what: &str| match value {
        Some(value) => unit.show(value, 3),
        None => format!("unknown {what}"),
    };
    format!(
        "{}, {}: {moves} by {}, at most {} of one device",
        cost(took.seconds, Unit::Second, "time"),
        cost(took.joules, Unit::Joule, "energy"),
        counted(took.pulses, "pulse"),
        took.most,
    )
}
