//! The text of one spec file, key by key.

use super::{
    Origin, SpecError,
    entry::{Entry, WIRES_NODE, bad, expected, wires_of_node},
    golden::Golden,
};
use crate::hw_spec::keys::{find, is_section, nearest_key};
use std::collections::BTreeMap;
use toml::{Table, Value, de::DeTable};
use units::{
    printable::unprintable,
    toml_text::{join, key_lines, one_line},
};

/// What one file says, without what it inherits.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) name: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) inherits: Option<(String, Origin)>,
    /// Name or path of the device of the arrays, or [`NO_DEVICE`].
    pub(super) device: Option<(String, Origin)>,
    pub(super) entries: BTreeMap<&'static str, Entry>,
    pub(super) golden: Vec<Golden>,
}

/// What `device` says where there is none: couplings are what they are asked to be.
pub(super) const NO_DEVICE: &str = "none";

/// Reads tables; knows the line of every key.
struct Reader<'a> {
    file: &'a str,
    lines: BTreeMap<String, usize>,
    document: Document,
}

impl Document {
    /// Reads the text of a spec file; `file` is for messages.
    pub(super) fn parse(file: &str, text: &str) -> Result<Self, SpecError> {
        let syntax = |error: toml::de::Error| SpecError::Syntax {
            file: file.to_owned(),
            message: one_line(text, &error),
        };
        let table: Table = text.parse().map_err(syntax)?;
        if let Some(found) = unprintable(&table) {
            return Err(SpecError::Syntax {
                file: file.to_owned(),
                message: found.to_string(),
            });
        }
        let spans = DeTable::parse(text).map_err(syntax)?;
        let mut reader = Reader {
            file,
            lines: key_lines(text, spans.get_ref()),
            document: Self::default(),
        };
        reader.read_section("", &table)?;
        Ok(reader.document)
    }
}

impl Reader<'_> {
    fn origin(&self, path: &str) -> Origin {
        Origin::File {
            path: self.file.into(),
            line: self.lines.get(path).copied().unwrap_or(1),
        }
    }

    fn read_section(&mut self, section: &str, table: &Table) -> Result<(), SpecError> {
        for (name, value) in table {
            let path = join(section, name);
            let origin = self.origin(&path);
            // A quoted name with a dot in it would be a second spelling of a key.
            let known = find(&path).filter(|_| !name.contains('.'));
            if path == WIRES_NODE && !name.contains('.') {
                if table.contains_key("segment") || table.contains_key("column_segment") {
                    let text = "wires.node, or the resistances themselves, not both".to_owned();
                    return Err(bad(&path, value, &origin, expected(text)));
                }
                self.document.entries.extend(wires_of_node(value, &origin)?);
                continue;
            }
            if let Some(key) = known {
                let entry = Entry::parse(key, value, &origin)?;
                self.document.entries.insert(key.name, entry);
            } else if section.is_empty() && self.read_heading(name, value, &origin)? {
            } else if is_section(&path) && !name.contains('.') {
                let Some(inner) = value.as_table() else {
                    let text = format!("keys of the section [{path}]");
                    return Err(bad(&path, value, &origin, expected(text)));
                };
                self.read_section(&path, inner)?;
            } else {
                return Err(SpecError::UnknownKey {
                    origin,
                    nearest: nearest_key(&path),
                    key: path,
                });
            }
        }
        Ok(())
    }

    /// Reads what is about the spec itself; false for another name.
    fn read_heading(
        &mut self,
        name: &str,
        value: &Value,
        origin: &Origin,
    ) -> Result<bool, SpecError> {
        let text = || match value.as_str() {
            Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
            _ => Err(bad(name, value, origin, expected("text".to_owned()))),
        };
        match name {
            "name" => self.document.name = Some(text()?),
            "summary" => self.document.summary = Some(text()?),
            "inherits" => self.document.inherits = Some((text()?, origin.clone())),
            "device" => self.document.device = Some((text()?, origin.clone())),
            "golden" => {
                let Some(checks) = value.as_table() else {
                    let what = "a table of derived quantities".to_owned();
                    return Err(bad(name, value, origin, expected(what)));
                };
                for (name, value) in checks {
                    let origin = self.origin(&join("golden", name));
                    self.document
                        .golden
                        .push(Golden::parse(name, value, &origin)?);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}
