//! Text that others wrote: whether it can be shown, and how it is shown all the same.
//!
//! Names in files and on the command line end up on terminals, in decks, tables and pages. A line break in
//! a name is a new line of a deck; an escape sequence clears a screen.

use std::borrow::Cow;
use toml::{Table, Value};

/// Whether a character is shown as itself and does nothing else: no control, no line or paragraph separator, no mark
/// that reorders or hides text (Unicode's categories Cc, Zl, Zp and the Cf of Unicode Technical Report 36, 2.5:
/// directional and zero-width marks, tags).
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text in one line; what cannot be printed is written as Rust writes it in a string (`\n`, `\u{1b}`).
pub fn printable(text: &str) -> Cow<'_, str> {
    escaped(text, is_printable)
}

/// Text of several lines for a terminal; line breaks and tabs stay.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_printable(c) || matches!(c, '\n' | '\t'))
}

/// Whether text is a line that can be shown as it is.
pub fn is_line(text: &str) -> bool {
    text.chars().all(is_printable)
}

/// Text of a JSON document, or of a page that holds some: what cannot be printed is written as JSON writes it in a
/// string (`\u001b`), so that it still is that character to a program. Line breaks, between values, stay.
pub fn json_printable(text: &str) -> Cow<'_, str> {
    let stays = |c| is_printable(c) || c == '\n';
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if stays(c) {
            shown.push(c);
        } else {
            let units = c.encode_utf16(&mut [0; 2]).to_vec();
            shown.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    Cow::Owned(shown)
}

/// Text as a cell of a table: in one line, and never a formula where a spreadsheet opens the table (a cell that
/// begins with `=`, `+`, `-` or `@` is one; an apostrophe before it makes it text).
pub fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("{mark}{}", printable(text))
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&stays) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if stays(c) {
            shown.push(c);
        } else {
            shown.extend(c.escape_default());
        }
    }
    Cow::Owned(shown)
}

/// A text of a TOML file that cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unprintable {
    /// Its key with those above it, as far as they can be shown.
    pub key: String,
    /// The first character that cannot be.
    pub found: char,
}

impl std::fmt::Display for Unprintable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} holds the character {}; expected text that can be printed, in one line",
            self.key,
            self.found.escape_default()
        )
    }
}

/// The first text of a table, or key, that cannot be shown.
pub fn unprintable(table: &Table) -> Option<Unprintable> {
    let entries = table.iter();
    entries
        .into_iter()
        .find_map(|(key, value)| of_key(key).or_else(|| of_value(key, value)))
}

fn of_key(key: &str) -> Option<Unprintable> {
    first(key).map(|found| Unprintable {
        key: printable(key).into_owned(),
        found,
    })
}

fn of_value(key: &str, value: &Value) -> Option<Unprintable> {
    match value {
        Value::String(text) => first(text).map(|found| Unprintable {
            key: key.to_owned(),
            found,
        }),
        Value::Array(items) => items.iter().find_map(|item| of_value(key, item)),
        Value::Table(inner) => unprintable(inner).map(|below| Unprintable {
            key: format!("{key}.{}", below.key),
            ..below
        }),
        _ => None,
    }
}

fn first(text: &str) -> Option<char> {
    text.chars().find(|&c| !is_printable(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_all_languages_are_shown_and_what_acts_is_not() {
        for text in ["D3, 100 fF ± 2 %", "Θ µ × – naïve 回路", "a'b\"<c>&$`"] {
            assert_eq!(printable(text), text);
        }
        for (text, shown) in [
            ("a\n.control", "a\\n.control"),
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("a\u{9b}b\u{7f}", "a\\u{9b}b\\u{7f}"),
            ("x\u{202e}y\u{2028}z", "x\\u{202e}y\\u{2028}z"),
        ] {
            assert_eq!(printable(text), shown);
        }
        assert_eq!(printable_lines("a\tb\nc\rd"), "a\tb\nc\\rd");
    }

    /// Within a document an escape is the character that it stands for.
    #[test]
    fn escapes_of_json_are_those_of_json() {
        let text = "a\u{1b}[2J\u{202e}\u{e0041}b";
        let shown = json_printable(text);
        assert_eq!(shown, r"a\u001b[2J\u202e\udb40\udc41b");
        let read: String = serde_json::from_str(&format!("\"{shown}\"")).unwrap();
        assert_eq!(read, text);
        assert!(is_line("回路 ± 2 %") && !is_line(text) && !is_line("a\nb"));
    }

    #[test]
    fn a_cell_is_no_formula() {
        for (text, shown) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("D3, free", "D3, free"),
            ("\t=1", "\\t=1"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }

    #[test]
    fn tables_are_searched_to_their_depth() {
        let table = |text: &str| text.parse::<Table>().unwrap();
        assert_eq!(unprintable(&table("a = 1\nb = ['x', {c = 'µ'}]")), None);
        for (text, key) in [
            ("name = 'a'\nsummary = \"b\\u001b\"", "summary"),
            ("[a.b]\nc = ['x', \"y\\ny\"]", "a.b.c"),
            ("[[a]]\n\"b\\nc\" = 1", "a.b\\nc"),
        ] {
            assert_eq!(unprintable(&table(text)).unwrap().key, key);
        }
    }
}
