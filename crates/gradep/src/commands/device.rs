//! Files that describe a device.

use std::path::Path;
use units::toml_text::read_text;

/// Whether this is a file that describes a device and no chip: it has a range of conductances.
pub(super) fn is_device(file: &str) -> bool {
    let text = read_text(Path::new(file)).unwrap_or_default();
    let table: Option<toml::Table> = text.parse().ok();
    table.is_some_and(|table| table.contains_key("conductance") && !table.contains_key("inherits"))
}
