//! Where the values of a device are from.

use super::Device;

impl Device {
    /// Evidence and source of a value, `section.key`, or of its section.
    pub fn provenance(&self, name: &str) -> Option<(&'static str, &str)> {
        let section = name.split('.').next().unwrap_or_default();
        let entry = [name, section]
            .iter()
            .find_map(|name| self.provenance.get(*name))?;
        Some((entry.evidence.name(), &entry.source))
    }

    /// Dotted names of all values of its file.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Values of its file that say neither where they are from nor how well they are known.
    pub fn unexplained(&self) -> Vec<&str> {
        let names = self.values.iter().map(String::as_str);
        names
            .filter(|name| self.provenance(name).is_none())
            .collect()
    }

    /// The first entry of `[provenance]` that is about nothing in the file.
    pub(super) fn stray_provenance(&self) -> Option<&str> {
        let is_known = |name: &str| {
            self.values
                .iter()
                .any(|value| value == name || value.split('.').next() == Some(name))
        };
        self.provenance
            .keys()
            .map(String::as_str)
            .find(|name| !is_known(name))
    }
}
