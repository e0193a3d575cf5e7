//! Changing single values of a spec.

use super::{
    KEYS, Key, Off, Origin, Setting, Spec, SpecError,
    entry::{Entry, Spread, WIRES_NODE, bad, expected, wires_of_node},
};
use crate::hw_spec::keys::{find, is_section, nearest_key};
use toml::{Table, Value};
use units::printable::unprintable;

impl Spec {
    /// Sets one value, or one field of it, from text: `set("node.capacitance", "50 fF")`,
    /// `set("node.capacitance.spread", "2 %")`.
    ///
    /// # Errors
    /// [`SpecError`]; the spec is unchanged then.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SpecError> {
        self.override_with(&[format!("{key}={value}")])
    }

    /// Applies `key=value` overrides in order, and checks the outcome.
    ///
    /// # Errors
    /// [`SpecError`]; the spec is unchanged then.
    pub fn override_with(&mut self, assignments: &[impl AsRef<str>]) -> Result<(), SpecError> {
        let mut changed = self.clone();
        for text in assignments {
            changed.assign(text.as_ref())?;
        }
        changed.follow_bits(self, |energy| {
            let names = assignments.iter().map(|text| text.as_ref().trim_start());
            names.into_iter().any(|name| name.starts_with(energy))
        });
        changed.validate()?;
        *self = changed;
        Ok(())
    }

    /// Switches every imperfection off but those of these keys; exactly, so that nothing is left of what
    /// is off. A name is that of a key, of a section (`wires`), or what follows the section
    /// (`programming_noise`). What only takes time or energy (overheads, conversions, bias power) is no
    /// imperfection and stays: the clock and the ledger are those of the chip.
    ///
    /// # Errors
    /// [`SpecError::UnknownKey`] for a name that no key has.
    pub fn only(&mut self, names: &[&str]) -> Result<(), SpecError> {
        let mut kept = Vec::new();
        for name in names {
            let meant = |key: &&Key| {
                let (section, rest) = key.name.split_once('.').unwrap_or(("", key.name));
                [key.name, section, rest].contains(name)
            };
            let before = kept.len();
            kept.extend(KEYS.iter().filter(meant).map(|key| key.name));
            if kept.len() == before {
                let origin = Origin::Override(format!("only {name}"));
                return Err(unknown(name, origin));
            }
        }
        for key in KEYS {
            if kept.contains(&key.name) || key.is_cost() {
                continue;
            }
            let setting = match key.off {
                Off::Never => continue,
                Off::Spread => None,
                Off::Value(value) => Some(Setting::Number(value)),
                Off::None => Some(Setting::None),
                Off::False => Some(Setting::Switch(false)),
            };
            let origin = Origin::Override("all others off".to_owned());
            let source = setting.map(|_| "switched off".to_owned());
            let exact = Entry {
                spread: Some((Spread::Absolute(0.0), origin.clone())),
                setting: setting.map(|setting| (setting, origin)),
                source,
                ..Entry::default()
            };
            self.entries.entry(key.name).or_default().overlay(exact);
        }
        Ok(())
    }

    /// Applies one `key=value` without checking the whole.
    fn assign(&mut self, text: &str) -> Result<(), SpecError> {
        let Some((name, value)) = text.split_once('=') else {
            return Err(SpecError::NotAnAssignment {
                text: text.to_owned(),
            });
        };
        let (name, value) = (name.trim(), value.trim());
        let origin = Origin::Override(text.to_owned());
        // TOML where it is TOML, bare text elsewhere: `50 fF` needs no quotes on a command line.
        match name {
            "device" => return self.set_device(value.trim_matches('"'), &origin, None),
            WIRES_NODE => {
                let value = Value::String(value.trim_matches('"').to_owned());
                for (key, entry) in wires_of_node(&value, &origin)? {
                    self.entries.entry(key).or_default().overlay(entry);
                }
                return Ok(());
            }
            "chip.only" => {
                let names: Vec<_> = value.trim_matches('"').split(',').map(str::trim).collect();
                return self.only(&names);
            }
            _ => {}
        }
        let value = value
            .parse::<Value>()
            .unwrap_or_else(|_| Value::String(value.to_owned()));
        let (key, value) = if let Some(key) = find(name) {
            (key, value)
        } else if let Some((key, field)) = name
            .rsplit_once('.')
            .and_then(|(key, field)| Some((find(key)?, field)))
        {
            let fields = Table::from_iter([(field.to_owned(), value)]);
            (key, Value::Table(fields))
        } else if is_section(name) {
            let keys = format!("keys of the section [{name}]");
            return Err(bad(name, &value, &origin, expected(keys)));
        } else {
            return Err(unknown(name, origin));
        };
        let table = Table::from_iter([(key.name.to_owned(), value.clone())]);
        if let Some(found) = unprintable(&table) {
            let expected = expected("text that can be printed, in one line".to_owned());
            return Err(bad(&found.key, &value, &origin, expected));
        }
        let entry = Entry::parse(key, &value, &origin)?;
        self.entries.entry(key.name).or_default().overlay(entry);
        Ok(())
    }
}

fn unknown(name: &str, origin: Origin) -> SpecError {
    SpecError::UnknownKey {
        origin,
        key: name.to_owned(),
        nearest: nearest_key(name),
    }
}
