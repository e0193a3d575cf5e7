//! Words on what programming took.

use analog_substrate::arrays::Writing;
use std::io;
use units::{Unit, words::counted};

/// What programming took, on a line.
pub(super) fn print_writing(writing: &Writing, out: &mut impl io::Write) -> io::Result<()> {
    let Writing {
        devices,
        pulses,
        exhausted,
        seconds,
        joules,
    } = writing;
    let known = |value: Option<f64>, unit: Unit, what: &str| {
        value.map_or_else(|| format!("{what} not known"), |value| unit.show(value, 4))
    };
    writeln!(
        out,
        "{} for {}, {exhausted} out of pulses, {}, {}",
        counted(*pulses, "pulse"),
        counted(*devices, "device"),
        known(*seconds, Unit::Second, "time"),
        known(*joules, Unit::Joule, "energy")
    )
}
