//! `gradep chip`.

use super::{device, print_json};
use crate::{
    Exit,
    cli::{ChipCheckArgs, ChipExplainArgs, ChipListArgs, ChipShowArgs, SpecArgs},
    console,
    failure::Result,
};
use analog_substrate::hw_spec::{Spec, SpecError, SpecValue};
use serde_json::{Map, Value, json};
use std::io::{self, Write as _};
use units::{Quantity, Unit};

/// Digits that tables show.
const DIGITS: usize = 4;

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

/// Holds a spec against the rules and its own golden values.
pub(super) fn check(arguments: &ChipCheckArgs) -> Result<Exit> {
    if device::is_device(&arguments.file) {
        return device::check(&arguments.file);
    }
    let spec = Spec::load(&arguments.file)?;
    let checks = spec.check()?;
    let mut out = console::text();
    for check in &checks {
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
    if let Some(device) = spec.device() {
        for check in device.check()? {
            writeln!(
                out,
                "{}: {} is {}, expected {} within {:.4} %",
                device.name(),
                check.what,
                check.actual.rounded(DIGITS),
                check.expected.rounded(DIGITS),
                100.0 * check.tolerance
            )?;
        }
        let unexplained = device.unexplained();
        if !unexplained.is_empty() {
            writeln!(
                out,
                "{}: without source or evidence: {}",
                device.name(),
                unexplained.join(", ")
            )?;
        }
    }
    let bare = |value: &SpecValue<'_>| value.source.is_none() || value.evidence.is_none();
    writeln!(
        out,
        "{}: {} values, {} without source or evidence; {} golden checks hold",
        spec.name(),
        spec.values().count(),
        spec.values().filter(bare).count(),
        checks.len()
    )?;
    Ok(Exit::Success)
}

/// Prints what every key does.
pub(super) fn explain(arguments: &ChipExplainArgs) -> Result<Exit> {
    let spec = load(&arguments.spec)?;
    let mut out = console::text();
    write_heading(&mut out, &spec)?;
    for value in spec.values() {
        let key = value.key;
        let (name, text) = (key.name, value.text(DIGITS));
        writeln!(out, "{name} = {text}  [{}]", value.status.name())?;
        writeln!(out, "  {}", key.meaning)?;
        writeln!(out, "  formula   {}", key.formula)?;
        writeln!(out, "  unit      {}", key.kind.unit().symbol())?;
        writeln!(out, "  acts      {}", key.acts)?;
        if !key.with.is_empty() {
            writeln!(out, "  needs     {}", key.with.join(" or "))?;
        }
        if let Some(zero) = key.zero() {
            writeln!(out, "  off       {zero}")?;
        }
        if let Some((low, high)) = value.range {
            let unit = key.kind.unit();
            let show = |value| Quantity { value, unit }.rounded(DIGITS);
            writeln!(out, "  valid     {} to {}", show(low), show(high))?;
        }
        writeln!(out, "  theory    {}", key.source)?;
        let source = value.source.unwrap_or("no source given");
        let evidence = value
            .evidence
            .map_or(String::new(), |evidence| format!(" ({})", evidence.name()));
        writeln!(out, "  value     {source}{evidence}; {}\n", given(&value))?;
    }
    Ok(Exit::Success)
}

fn load(arguments: &SpecArgs) -> Result<Spec, SpecError> {
    let mut spec = Spec::load(&arguments.spec)?;
    spec.override_with(&arguments.overrides)?;
    Ok(spec)
}

fn write_heading(out: &mut impl io::Write, spec: &Spec) -> io::Result<()> {
    write!(out, "{}", spec.name())?;
    for parent in spec.parents() {
        write!(out, " <- {parent}")?;
    }
    writeln!(out, "\n{}", spec.summary().unwrap_or_default())?;
    if let Some(device) = spec.device() {
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
    }
    writeln!(out)
}

/// Where a value was given.
fn given(value: &SpecValue<'_>) -> String {
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

/// One JSON document: every value in SI units, the design that a simulation takes, and what
/// follows.
/// Every value of a spec with all that is known about it.
pub(super) fn to_json(spec: &Spec) -> Value {
    let values: Map<_, _> = spec
        .values()
        .map(|value| {
            let entry = json!({
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
            });
            (value.key.name.to_owned(), entry)
        })
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
