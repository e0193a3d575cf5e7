//! `gradep chip`.

use super::print_json;
use crate::{
    Exit,
    cli::{ChipListArgs, ChipShowArgs, SpecArgs},
    console,
    failure::Result,
};
use analog_substrate::{
    device::Device,
    hw_spec::{Spec, SpecError, SpecValue},
};
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};
use units::{Quantity, Unit};

/// Digits that tables show.
pub(super) const DIGITS: usize = 4;

/// Prints the shipped specs.
pub(super) fn list(arguments: &ChipListArgs) -> Result<Exit> {
    let specs = Spec::shipped()?;
    if arguments.json {
        let list: Vec<_> = specs
            .iter()
            .map(|spec| json!({"name": spec.name(), "summary": spec.summary(), "derived": derived(spec)}))
            .collect();
        print_json(&json!({"schema": 1, "specs": list}))?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    writeln!(
        out,
        "{:<14} {:>10} {:>10} {:>10} {:>10} {:>10}  summary",
        "name", "tau", "30 tau", "C V^2", "g V^2", "sqrt(kT/C)"
    )?;
    for spec in &specs {
        write!(out, "{:<14}", spec.name())?;
        for wanted in [
            "time_constant",
            "settling_30tau",
            "unit_energy",
            "unit_power",
            "thermal_voltage",
        ] {
            let found = spec.derived().find(|(derived, _)| derived.name == wanted);
            let text = found.map_or_else(String::new, |(_, quantity)| quantity.rounded(DIGITS));
            write!(out, " {text:>10}")?;
        }
        writeln!(out, "  {}", spec.summary().unwrap_or_default())?;
    }
    Ok(Exit::Success)
}

/// Prints values and what follows from them.
pub(super) fn show(arguments: &ChipShowArgs) -> Result<Exit> {
    let spec = load(&arguments.spec)?;
    if arguments.json {
        print_json(&to_json(&spec))?;
        return Ok(Exit::Success);
    }
    let mut out = console::text();
    write_heading(&mut out, &spec)?;
    for value in spec.values() {
        writeln!(
            out,
            "{:<29} {:<28} {:<4}  {:<8} {}",
            value.key.name,
            value.text(DIGITS),
            value.status.name(),
            value.evidence.map_or("-", |evidence| evidence.name()),
            given(&value)
        )?;
    }
    writeln!(out)?;
    for (derived, quantity) in spec.derived() {
        let value = quantity.rounded(DIGITS);
        writeln!(out, "{:<29} {value:<28} {}", derived.name, derived.formula)?;
    }
    Ok(Exit::Success)
}

fn load(arguments: &SpecArgs) -> Result<Spec, SpecError> {
    let mut spec = Spec::load(&arguments.spec)?;
    spec.override_with(&arguments.overrides)?;
    Ok(spec)
}

pub(super) fn write_heading(out: &mut impl io::Write, spec: &Spec) -> io::Result<()> {
    write!(out, "{}", spec.name())?;
    for parent in spec.parents() {
        write!(out, " <- {parent}")?;
    }
    writeln!(out, "\n{}", spec.summary().unwrap_or_default())?;
    if let Some(device) = spec.device() {
        write_device(out, device)?;
    }
    writeln!(out)
}

/// What a device is, in a few lines.
pub(super) fn write_device(out: &mut impl io::Write, device: &Device) -> io::Result<()> {
    let (least, most) = device.conductance_range();
    let show = |value| {
        Quantity {
            value,
            unit: Unit::Siemens,
        }
        .rounded(DIGITS)
    };
    writeln!(
        out,
        "device {}: {}, {} to {} ({}; {})",
        device.name(),
        device.summary(),
        show(least),
        show(most),
        device.evidence(),
        device.sources().join("; ")
    )?;
    if let Some(other) = device.alternative() {
        writeln!(out, "another fit of it: {other}")?;
    }
    for left_out in device.leaves_out() {
        writeln!(out, "not described: {left_out}")?;
    }
    Ok(())
}

/// Where a value was given.
pub(super) fn given(value: &SpecValue<'_>) -> String {
    match value.inherited_from {
        Some(parent) => format!("from {parent} ({})", value.origin),
        None => value.origin.to_string(),
    }
}

/// What follows from the values, in SI units.
fn derived(spec: &Spec) -> Map<String, Value> {
    spec.derived()
        .map(|(derived, quantity)| {
            let value = json!({"value": quantity.value, "unit": quantity.unit});
            (derived.name.to_owned(), value)
        })
        .collect()
}

/// A value in SI units with all that is known about it.
pub(super) fn value_json(value: &SpecValue<'_>) -> Value {
    json!({
        "value": value.setting,
        "unit": value.key.kind.unit(),
        "sigma": value.sigma,
        "law": value.law,
        "range": value.range,
        "status": value.status.name(),
        "source": value.source,
        "evidence": value.evidence,
        "given": value.origin.to_string(),
        "inherited_from": value.inherited_from,
    })
}

/// One JSON document: every value in SI units, the design that a simulation takes, and what follows.
pub(super) fn to_json(spec: &Spec) -> Value {
    let values: Map<_, _> = spec
        .values()
        .map(|value| (value.key.name.to_owned(), value_json(&value)))
        .collect();
    json!({
        "schema": 1,
        "name": spec.name(),
        "summary": spec.summary(),
        "inherits": spec.parents(),
        "values": values,
        "derived": derived(spec),
        "design": spec.design(),
    })
}
