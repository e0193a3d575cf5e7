//! TOML files: read with a limit, and where in them things stand.

use crate::bounded;
use std::{collections::BTreeMap, io, path::Path};
use toml::de::DeTable;

/// Bytes that a specification, a device, a table of wires or a configuration may have. The largest that
/// comes with this program has 9 kB.
pub const LONGEST: u64 = 1 << 20;

/// The text of a file of at most [`LONGEST`] bytes. What has no end (a device, a pipe) is read no further.
///
/// # Errors
/// As [`bounded::read_text`].
pub fn read_text(path: &Path) -> io::Result<String> {
    bounded::read_text(path, LONGEST)
}

/// Line, column and cause of a syntax error, without the text around it.
pub fn one_line(text: &str, error: &toml::de::Error) -> String {
    let cause = error.message().replace('\n', "; ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return cause;
    };
    let line = 1 + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let column = 1 + before[start..].chars().count();
    format!("line {line}, column {column}: {cause}")
}

/// The line, from 1, on which each dotted key of a document stands.
pub fn key_lines(text: &str, root: &DeTable<'_>) -> BTreeMap<String, usize> {
    let ends: Vec<usize> = text.match_indices('\n').map(|(place, _)| place).collect();
    let mut lines = BTreeMap::new();
    let mut tables = vec![(String::new(), root)];
    while let Some((section, table)) = tables.pop() {
        for (name, value) in table {
            let key = join(&section, name.get_ref());
            let line = 1 + ends.partition_point(|&end| end < name.span().start);
            if let Some(inner) = value.get_ref().as_table() {
                tables.push((key.clone(), inner));
            }
            lines.insert(key, line);
        }
    }
    lines
}

/// The dotted name of a key in a section; at the top the section is empty.
pub fn join(section: &str, name: &str) -> String {
    if section.is_empty() {
        name.to_owned()
    } else {
        format!("{section}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_where_an_editor_shows_them() {
        let text = "a = 1\n\n[b]\nc = { d = 2 }\n  e = 3\n[b.f]\n# g\nh = 1";
        let root = DeTable::parse(text).unwrap();
        let lines = key_lines(text, root.get_ref());
        for (key, line) in [
            ("a", 1),
            ("b", 3),
            ("b.c", 4),
            ("b.c.d", 4),
            ("b.e", 5),
            ("b.f.h", 8),
        ] {
            assert_eq!(lines[key], line, "{key}");
        }
    }

    /// A count of lines for every key would look at 60 GB here.
    #[test]
    fn many_keys_are_one_pass() {
        let lines: Vec<String> = (0..100_000).map(|k| format!("k{k} = 1\n")).collect();
        let text = lines.concat();
        let root = DeTable::parse(&text).unwrap();
        assert_eq!(key_lines(&text, root.get_ref())["k99999"], 100_000);
    }
}
