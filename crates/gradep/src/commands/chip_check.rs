//! `gradep chip check`: a spec or a device file against the rules and its own golden values.

use super::{chip::DIGITS, device::is_device, print_json};
use crate::{Exit, cli::ChipCheckArgs, console, failure::Result};
use analog_substrate::{
    device::{Device, DeviceCheck},
    hw_spec::{GoldenCheck, Spec, SpecValue},
};
use serde_json::{Value, json};
use std::io;
use units::{Quantity, Unit};

/// Holds a file against the rules.
pub(super) fn check(arguments: &ChipCheckArgs) -> Result<Exit> {
    let file = &arguments.file;
    if is_device(file) {
        let device = Device::load(file)?;
        let device = CheckedDevice::of(&device)?;
        return print(&device.to_json(), arguments.json, |out| {
            device.print_alone(out)
        });
    }
    let spec = Spec::load(file)?;
    let checks = spec.check()?;
    let device = spec.device().map(CheckedDevice::of).transpose()?;
    let document = json!({
        "schema": 1,
        "spec": spec.name(),
        "values": spec.values().count(),
        "unexplained": unexplained(&spec),
        "checks": checks.iter().map(spec_check).collect::<Vec<_>>(),
        "device": device.as_ref().map(CheckedDevice::to_json),
    });
    print(&document, arguments.json, |out| {
        print_spec(&spec, &checks, device.as_ref(), out)
    })
}

fn print(
    document: &Value,
    json: bool,
    text: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<Exit> {
    if json {
        print_json(document)?;
    } else {
        text(&mut console::text())?;
    }
    Ok(Exit::Success)
}

/// Keys whose values say neither where they are from nor how well they are known.
fn unexplained(spec: &Spec) -> Vec<&'static str> {
    let bare = |value: &SpecValue<'_>| value.source.is_none() || value.evidence.is_none();
    let values = spec.values().filter(bare);
    values.map(|value| value.key.name).collect()
}

fn spec_check(check: &GoldenCheck) -> Value {
    json!({
        "what": check.derived.name,
        "unit": check.derived.unit,
        "actual": check.actual,
        "expected": check.expected,
        "tolerance": check.tolerance,
    })
}

fn print_spec(
    spec: &Spec,
    checks: &[GoldenCheck],
    device: Option<&CheckedDevice<'_>>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for check in checks {
        let unit = check.derived.unit;
        let show = |value| Quantity { value, unit }.rounded(DIGITS);
        writeln!(
            out,
            "{:<17} {:>10}  expected {} ± {}",
            check.derived.name,
            show(check.actual),
            show(check.expected),
            show(check.tolerance)
        )?;
    }
    if let Some(device) = device {
        device.print_within(out)?;
    }
    writeln!(
        out,
        "{}: {} values, {} without source or evidence; {} golden checks hold",
        spec.name(),
        spec.values().count(),
        unexplained(spec).len(),
        checks.len()
    )
}

/// A device whose published values hold.
struct CheckedDevice<'a> {
    device: &'a Device,
    checks: Vec<DeviceCheck>,
}

impl<'a> CheckedDevice<'a> {
    fn of(device: &'a Device) -> Result<Self> {
        let checks = device.check()?;
        Ok(Self { device, checks })
    }

    fn to_json(&self) -> Value {
        let checks = self.checks.iter().map(|check| {
            json!({
                "what": check.what,
                "unit": check.expected.unit,
                "actual": check.actual.value,
                "expected": check.expected.value,
                "relative_tolerance": check.tolerance,
            })
        });
        json!({
            "schema": 1,
            "device": self.device.name(),
            "unexplained": self.device.unexplained(),
            "checks": checks.collect::<Vec<_>>(),
        })
    }

    /// As part of a spec.
    fn print_within(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let name = self.device.name();
        for check in &self.checks {
            writeln!(
                out,
                "{name}: {} is {}, expected {} within {:.4} %",
                check.what,
                check.actual.rounded(DIGITS),
                check.expected.rounded(DIGITS),
                100.0 * check.tolerance
            )?;
        }
        let unexplained = self.device.unexplained();
        if !unexplained.is_empty() {
            let names = unexplained.join(", ");
            writeln!(out, "{name}: without source or evidence: {names}")?;
        }
        Ok(())
    }

    /// As a file of its own.
    fn print_alone(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let device = self.device;
        for check in &self.checks {
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
        let unit = Unit::Siemens;
        let [least, most] = [least, most].map(|value| Quantity { value, unit }.rounded(DIGITS));
        writeln!(
            out,
            "device {}: {}, {least} to {most} ({}; {}); {} golden checks hold",
            device.name(),
            device.summary(),
            device.evidence(),
            device.sources().join("; "),
            self.checks.len()
        )?;
        let unexplained = device.unexplained();
        if !unexplained.is_empty() {
            let names = unexplained.join(", ");
            writeln!(out, "without source or evidence: {names}")?;
        }
        Ok(())
    }
}
