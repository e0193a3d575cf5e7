//! A spec as the text of a file of its own, which inherits nothing.

use super::{Setting, Spec, SpecValue, load::DeviceSource};
use crate::chip::Shape;
use toml::{Table, Value};
use units::Quantity;

/// A spec as files that depend on no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenSpec {
    /// The spec: every value with its spread, its source and its evidence.
    pub spec: String,
    /// The device of its arrays, where that does not come with the crate.
    pub device: Option<String>,
}

impl Spec {
    /// The spec with all that it inherits and all that was set, as the text of a file: [`Spec::parse`] makes the same design of it,
    /// number by number. A device that does not come with the crate is a file beside it, of the name `device_file`.
    ///
    /// ```
    /// use analog_substrate::hw_spec::Spec;
    ///
    /// let mut spec = Spec::load("D3")?;
    /// spec.set("node.capacitance", "50 fF")?;
    /// let written = spec.written("device.toml");
    /// assert_eq!(Spec::parse(&written.spec, "chip.toml")?.design(), spec.design());
    /// # Ok::<(), analog_substrate::hw_spec::SpecError>(())
    /// ```
    #[expect(
        clippy::missing_panics_doc,
        reason = "text, numbers and tables of them are always TOML"
    )]
    pub fn written(&self, device_file: &str) -> WrittenSpec {
        let mut top = Table::new();
        top.insert("name".to_owned(), self.name().into());
        if let Some(summary) = self.summary() {
            top.insert("summary".to_owned(), summary.into());
        }
        let device = match &self.device_source {
            None => "none",
            Some(DeviceSource::Shipped(name)) => name,
            Some(DeviceSource::Text(_)) => device_file,
        };
        top.insert("device".to_owned(), device.into());
        for value in self.values() {
            let (section, name) = value
                .key
                .name
                .rsplit_once('.')
                .unwrap_or(("", value.key.name));
            let mut table = &mut top;
            for part in section.split('.').filter(|part| !part.is_empty()) {
                let inner = table.entry(part).or_insert_with(|| Table::new().into());
                table = inner.as_table_mut().expect("a section is no key");
            }
            table.insert(name.to_owned(), written(&value).into());
        }
        WrittenSpec {
            spec: toml::to_string(&top).expect("a table"),
            device: match &self.device_source {
                Some(DeviceSource::Text(text)) => Some(text.clone()),
                _ => None,
            },
        }
    }
}

/// One value with all that is known of it.
fn written(value: &SpecValue<'_>) -> Table {
    let unit = value.key.kind.unit();
    let exact = |value| Value::from(Quantity { value, unit }.to_string());
    let mut fields = Table::new();
    let setting = match value.setting {
        Setting::Number(number) => exact(number),
        Setting::Count(count) => i64::from(count).into(),
        Setting::Word(word) => word.into(),
        Setting::Switch(on) => on.into(),
        Setting::None => value.key.kind.none().unwrap_or("none").into(),
    };
    fields.insert("value".to_owned(), setting);
    if value.sigma > 0.0 {
        fields.insert("spread".to_owned(), exact(value.sigma));
        let law = match value.law {
            Shape::Normal => "normal",
            Shape::LogNormal => "log-normal",
            Shape::Uniform => "uniform",
        };
        fields.insert("law".to_owned(), law.into());
    }
    if let Some((least, most)) = value.range {
        fields.insert("range".to_owned(), vec![exact(least), exact(most)].into());
    }
    if let Some(source) = value.source {
        fields.insert("source".to_owned(), source.into());
    }
    if let Some(evidence) = value.evidence {
        fields.insert("evidence".to_owned(), evidence.name().into());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::super::SHIPPED;
    use super::*;
    use crate::device::Device;

    #[test]
    fn every_spec_is_the_same_after_it_was_written() {
        for shipped in SHIPPED {
            let spec = Spec::load(shipped.name).unwrap();
            let written = spec.written("device.toml");
            assert_eq!(written.device, None, "{}", shipped.name);
            let again = Spec::parse(&written.spec, "chip.toml").unwrap();
            assert_eq!(again.design(), spec.design(), "{}", shipped.name);
            assert_eq!(again.name(), spec.name());
            assert_eq!(again.written("device.toml"), written, "{}", shipped.name);
        }
    }

    #[test]
    fn what_was_set_and_a_device_of_ones_own_are_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own.toml");
        let (text, _) = Device::text("generic").unwrap();
        std::fs::write(&own, &text).unwrap();
        let mut spec = Spec::load("D3").unwrap();
        let device = format!("device={}", own.display());
        spec.override_with(&[
            device.as_str(),
            "node.capacitance.spread=3 %",
            "array.age=77 s",
        ])
        .unwrap();
        let written = spec.written("device.toml");
        assert_eq!(written.device.as_deref(), Some(text.as_str()));
        std::fs::write(folder.path().join("chip.toml"), &written.spec).unwrap();
        std::fs::write(folder.path().join("device.toml"), &text).unwrap();
        std::fs::remove_file(&own).unwrap();
        let path = folder.path().join("chip.toml");
        let again = Spec::load(path.to_str().unwrap()).unwrap();
        assert_eq!(again.design(), spec.design());
    }
}
