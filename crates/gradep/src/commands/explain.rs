//! `gradep chip explain`.

use super::{
    chip::{DIGITS, given, value_json, write_device, write_heading},
    device::is_device,
    print_json,
};
use crate::{
    Exit,
    cli::ChipExplainArgs,
    console,
    failure::{Result, Usage, bail, ensure},
};
use analog_substrate::{
    device::Device,
    hw_spec::{KEYS, Key, SHIPPED, Spec, SpecValue},
};
use serde_json::{Value, json};
use std::{io, path::Path};
use units::{Quantity, nearest};

/// What is to be explained.
#[derive(Default)]
struct Topics {
    /// The spec whose values are told.
    spec: Option<Spec>,
    /// Sections and keys.
    keys: Vec<&'static Key>,
    devices: Vec<Device>,
}

/// Prints what keys do, and what is known of devices.
pub(super) fn explain(arguments: &ChipExplainArgs) -> Result<Exit> {
    let topics = Topics::of(arguments)?;
    if arguments.json {
        print_json(&topics.to_json())?;
    } else {
        topics.print(&mut console::text())?;
    }
    Ok(Exit::Success)
}

impl Topics {
    fn of(arguments: &ChipExplainArgs) -> Result<Self> {
        let mut topics = Self::default();
        let mut keys: Vec<&Key> = Vec::new();
        for word in &arguments.topics {
            let named = keys_of(word);
            if !named.is_empty() {
                keys.extend(named);
            } else if is_device_name(word) || is_device(word) {
                topics.devices.push(Device::load(word)?);
            } else if is_spec_name(word) || Path::new(word).exists() {
                ensure!(
                    topics.spec.is_none(),
                    "{word}: is a second spec; expected one, and sections, keys or devices"
                );
                topics.spec = Some(Spec::load(word)?);
            } else {
                bail!(unknown(word));
            }
        }
        match &mut topics.spec {
            Some(spec) => spec.override_with(&arguments.overrides)?,
            None => ensure!(
                arguments.overrides.is_empty(),
                "--set: changes the values of a spec, and none is named"
            ),
        }
        // A device alone is asked about alone.
        let all = keys.is_empty() && (topics.spec.is_some() || topics.devices.is_empty());
        let is_asked = |key: &&Key| all || keys.iter().any(|asked| asked.name == key.name);
        topics.keys = KEYS.iter().filter(is_asked).collect();
        Ok(topics)
    }

    fn value(&self, key: &Key) -> Option<SpecValue<'_>> {
        let mut values = self.spec.as_ref()?.values();
        values.find(|value| value.key.name == key.name)
    }

    fn print(&self, out: &mut impl io::Write) -> io::Result<()> {
        if let Some(spec) = &self.spec {
            write_heading(out, spec)?;
        }
        for key in &self.keys {
            let value = self.value(key);
            match &value {
                Some(value) => {
                    let (text, status) = (value.text(DIGITS), value.status.name());
                    writeln!(out, "{} = {text}  [{status}]", key.name)?;
                }
                None => writeln!(out, "{}", key.name)?,
            }
            print_key(key, out)?;
            match &value {
                Some(value) => print_value(value, out)?,
                None => writeln!(out, "  expected  {}", key.kind.expected())?,
            }
            writeln!(out)?;
        }
        for device in &self.devices {
            write_device(out, device)?;
            for name in device.values() {
                let known = device.provenance(name).map_or_else(
                    || "no source given".to_owned(),
                    |(evidence, source)| format!("{source} ({evidence})"),
                );
                writeln!(out, "  {name:<27} {known}")?;
            }
            writeln!(out)?;
        }
        Ok(())
    }

    fn to_json(&self) -> Value {
        let keys = self.keys.iter().map(|key| {
            let mut entry = json!({
                "key": key.name,
                "meaning": key.meaning,
                "formula": key.formula,
                "unit": key.kind.unit().symbol(),
                "expected": key.kind.expected(),
                "acts": key.acts,
                "needs": key.with,
                "off": key.zero(),
                "theory": key.source,
            });
            if let Some(value) = self.value(key) {
                entry["given"] = value_json(&value);
            }
            entry
        });
        let devices = self.devices.iter().map(|device| {
            let values = device.values().map(|name| {
                let known = device.provenance(name);
                json!({
                    "value": name,
                    "evidence": known.map(|(evidence, _)| evidence),
                    "source": known.map(|(_, source)| source),
                })
            });
            json!({
                "name": device.name(),
                "summary": device.summary(),
                "evidence": device.evidence().to_string(),
                "sources": device.sources(),
                "leaves_out": device.leaves_out(),
                "values": values.collect::<Vec<_>>(),
            })
        });
        json!({
            "schema": 1,
            "spec": self.spec.as_ref().map(Spec::name),
            "keys": keys.collect::<Vec<_>>(),
            "devices": devices.collect::<Vec<_>>(),
        })
    }
}

/// The key of a name, or of a field of one; the keys of a section.
fn keys_of(word: &str) -> Vec<&'static Key> {
    let section = |key: &&Key| {
        key.name
            .split_once('.')
            .is_some_and(|(name, _)| name == word)
    };
    let named = |name: &str| KEYS.iter().find(|key| key.name == name);
    let field = word.rsplit_once('.').and_then(|(key, _)| named(key));
    match named(word).or(field) {
        Some(key) => vec![key],
        None => KEYS.iter().filter(section).collect(),
    }
}

fn is_spec_name(word: &str) -> bool {
    let is = |name: &str| word.eq_ignore_ascii_case(name);
    SHIPPED.iter().any(|spec| is(spec.name) || is(spec.stem))
}

fn is_device_name(word: &str) -> bool {
    Device::names().any(|name| word.eq_ignore_ascii_case(name))
}

fn unknown(word: &str) -> Usage {
    let sections = KEYS
        .iter()
        .filter_map(|key| Some(key.name.split_once('.')?.0));
    let names = sections
        .chain(KEYS.iter().map(|key| key.name))
        .chain(SHIPPED.iter().map(|spec| spec.name))
        .chain(Device::names());
    let meant =
        nearest(word, names).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Usage(format!(
        "`{word}` is neither a spec, a section, a key or a device, nor a file of one{meant}"
    ))
}

/// What a key does, whatever its value.
fn print_key(key: &Key, out: &mut impl io::Write) -> io::Result<()> {
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
    writeln!(out, "  theory    {}", key.source)
}

/// Where its value holds and is from.
fn print_value(value: &SpecValue<'_>, out: &mut impl io::Write) -> io::Result<()> {
    if let Some((low, high)) = value.range {
        let unit = value.key.kind.unit();
        let show = |value| Quantity { value, unit }.rounded(DIGITS);
        writeln!(out, "  valid     {} to {}", show(low), show(high))?;
    }
    let source = value.source.unwrap_or("no source given");
    let evidence = value
        .evidence
        .map_or(String::new(), |evidence| format!(" ({})", evidence.name()));
    writeln!(out, "  value     {source}{evidence}; {}", given(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word means one thing.
    #[test]
    fn no_name_is_of_two_kinds() {
        let specs = SHIPPED.iter().flat_map(|spec| [spec.name, spec.stem]);
        for name in specs.chain(Device::names()) {
            assert!(keys_of(name).is_empty(), "{name}");
        }
        for device in Device::names() {
            assert!(!is_spec_name(device), "{device}");
        }
    }

    #[test]
    fn a_section_has_its_keys_and_a_field_its_key() {
        let node = keys_of("node");
        assert!(node.len() > 2 && node.iter().all(|key| key.name.starts_with("node.")));
        let field = keys_of("node.capacitance.sigma");
        assert_eq!(field.len(), 1);
        assert_eq!(field[0].name, "node.capacitance");
        assert!(unknown("nod").0.contains("`node`"));
    }
}
