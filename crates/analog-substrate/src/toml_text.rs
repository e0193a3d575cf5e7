//! TOML files: read with a limit, and where in them things stand.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::Path,
};
use toml::de::DeTable;

/// Bytes that a specification, a device, a table of wires or a configuration may have. The largest that
/// comes with this program has 9 kB.
pub const LONGEST: u64 = 1 << 20;

/// The text of a file of at most [`LONGEST`] bytes. What has no end (a device, a pipe) is read no further.
///
/// # Errors
/// Those of the file system; [`io::ErrorKind::InvalidData`] for a longer file, and for one that is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    read_limited(File::open(path)?, LONGEST)
}

fn read_limited(file: impl io::Read, longest: u64) -> io::Result<String> {
    let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(wrong(format!(
            "is longer than {longest} bytes, which is more than any file of this kind needs"
        )));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        wrong(format!("is not UTF-8 text: byte {place}"))
    })
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
        let text: String = (0..100_000).map(|k| format!("k{k} = 1\n")).collect();
        let root = DeTable::parse(&text).unwrap();
        assert_eq!(key_lines(&text, root.get_ref())["k99999"], 100_000);
    }

    #[test]
    fn what_has_no_end_is_not_read_to_it() {
        assert_eq!(read_limited(&b"abc"[..], 3).unwrap(), "abc");
        let long = read_limited(io::repeat(b'x'), 3).unwrap_err();
        assert!(long.to_string().contains("longer than 3 bytes"), "{long}");
        let binary = read_limited(&b"ab\xff"[..], 3).unwrap_err();
        assert!(binary.to_string().contains("byte 2"), "{binary}");
        assert!(read_text(Path::new("no such file")).is_err());
    }
}
