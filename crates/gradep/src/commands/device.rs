//! `gradep chip check` of a device file.

use crate::{Exit, console, failure::Result};
use analog_substrate::device::Device;
use std::{io::Write as _, path::Path};
use units::{Quantity, Unit, toml_text::read_text};

/// Digits that tables show.
const DIGITS: usize = 4;

/// Whether this is a file that describes a device and no chip: it has a range of conductances.
pub(super) fn is_device(file: &str) -> bool {
    let text = read_text(Path::new(file)).unwrap_or_default();
    let table: Option<toml::Table> = text.parse().ok();
    table.is_some_and(|table| table.contains_key("conductance") && !table.contains_key("inherits"))
}

/// Holds a device file against the rules and its own published values.
pub(super) fn check(file: &str) -> Result<Exit> {
    let device = Device::load(file)?;
    let checks = device.check()?;
    let mut out = console::text();
    for check in &checks {
        writeln!(
            out,
            "{} is {}, expected {} within {} %",
            check.what,
            check.actual.rounded(DIGITS),
            check.expected.rounded(DIGITS),
            100.0 * check.tolerance
        )?;
    }
    let (least, most) = device.conductance_range();
    let [least, most] = [least, most].map(|value| {
        Quantity {
            value,
            unit: Unit::Siemens,
        }
        .rounded(DIGITS)
    });
    writeln!(
        out,
        "device {}: {}, {least} to {most} ({}; {}); {} golden checks hold",
        device.name(),
        device.summary(),
        device.evidence(),
        device.sources().join("; "),
        checks.len()
    )?;
    let unexplained = device.unexplained();
    if !unexplained.is_empty() {
        let names = unexplained.join(", ");
        writeln!(out, "without source or evidence: {names}")?;
    }
    Ok(Exit::Success)
}
