//! Text of strangers: what a line of it may hold, and how the rest is shown.
//!
//! Specs, devices and models are exchanged, and what they say goes on to decks, terminals, pages and
//! tables, where a line break starts a command and an escape sequence moves the cursor. Free text is
//! therefore checked where it is read ([`check_texts`]), and what cannot be refused (a path, a value in
//! a message) is escaped where it is written ([`printable`]).

use std::borrow::Cow;
use toml::{Table, Value};

/// Whether a character may stand in a line of text: all but control characters, line and paragraph
/// separators, and what has no width or turns the direction of the text around it. The joiners of
/// scripts that need them may.
pub fn is_printable(character: char) -> bool {
    !(character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        ))
}

/// The text as one line: what is not printable as JSON writes it, `\u001b`.
pub fn printable(text: &str) -> Cow<'_, str> {
    escape_unless(text, is_printable)
}

/// The text as lines: what is neither printable nor the end of a line as JSON writes it.
pub fn printable_lines(text: &str) -> Cow<'_, str> {
    escape_unless(text, |c| c == '\n' || is_printable(c))
}

/// The text as a cell of a table that spreadsheets open: what begins as a formula does gets their mark
/// of text before it.
pub fn cell(text: &str) -> String {
    let mark = if text.starts_with(['=', '+', '-', '@']) {
        "'"
    } else {
        ""
    };
    format!("{mark}{}", printable(text))
}

fn escape_unless(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&keep) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if keep(character) {
            shown.push(character);
        } else {
            shown.push_str(&escaped(character));
        }
    }
    Cow::Owned(shown)
}

/// As JSON writes it, so that an escape within a document's string still is that character.
fn escaped(character: char) -> String {
    let units = character.encode_utf16(&mut [0; 2]).to_vec();
    units.iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Text that is no line of printable text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has the character {} in `{}`; expected printable text in one line",
    escaped(*character),
    printable(text)
)]
pub struct Unprintable {
    /// The first character that is not printable.
    pub character: char,
    /// The text, cut if long.
    pub text: String,
}

/// Characters of a refused text that a message quotes.
const QUOTED: usize = 60;

/// Refuses text that is no line of printable text.
///
/// # Errors
/// [`Unprintable`], with its first such character.
pub fn check_line(text: &str) -> Result<(), Unprintable> {
    match text.chars().find(|&c| !is_printable(c)) {
        None => Ok(()),
        Some(character) => Err(Unprintable {
            character,
            text: text.chars().take(QUOTED).collect(),
        }),
    }
}

/// Refuses a TOML table with a name or a string, however deep, that is no line of printable text; the
/// error comes with the dotted key.
///
/// # Errors
/// [`Unprintable`]
pub fn check_texts(table: &Table) -> Result<(), (String, Unprintable)> {
    check_table("", table)
}

fn check_table(path: &str, table: &Table) -> Result<(), (String, Unprintable)> {
    for (name, value) in table {
        let dot = if path.is_empty() { "" } else { "." };
        let key = format!("{path}{dot}{name}");
        check_line(name).map_err(|found| (key.clone(), found))?;
        check_value(key, value)?;
    }
    Ok(())
}

fn check_value(key: String, value: &Value) -> Result<(), (String, Unprintable)> {
    match value {
        Value::String(text) => check_line(text).map_err(|found| (key, found)),
        Value::Table(inner) => check_table(&key, inner),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(i, item)| check_value(format!("{key}.{i}"), item)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_all_scripts_is_printable_and_what_moves_a_cursor_is_not() {
        for text in [
            "",
            "4.7 µS × 2 – ±3 °C",
            "忆阻器",
            "می‌خواهم",
            "👩‍🔬",
            "a\u{a0}b",
            "$x`y`;#%",
        ] {
            assert_eq!(check_line(text), Ok(()), "{text}");
            assert_eq!(printable(text), text);
        }
        let refused =
            "\0\t\n\r\u{1b}\u{7f}\u{85}\u{9b}\u{200b}\u{2028}\u{202e}\u{2066}\u{feff}\u{e0041}";
        for character in refused.chars() {
            let text = format!("name{character}");
            assert_eq!(check_line(&text).unwrap_err().character, character);
            assert!(printable(&text).chars().all(is_printable));
        }
    }

    /// Within a JSON document an escape is the character that it stands for.
    #[test]
    fn escapes_are_those_of_json() {
        let text = "a\u{1b}[2J\u{202e}\u{e0041}\nb";
        let shown = printable(text);
        assert_eq!(shown, r"a\u001b[2J\u202e\udb40\udc41\u000ab");
        let read: String = serde_json::from_str(&format!("\"{shown}\"")).unwrap();
        assert_eq!(read, text);
        assert!(printable_lines(text).ends_with("\\udc41\nb"));
    }

    #[test]
    fn a_cell_is_no_formula() {
        for text in ["=1+1", "+1", "-1", "@a", "=cmd|' /C calc'!A0"] {
            assert_eq!(cell(text), format!("'{text}"));
        }
        // A tab or a return before it would be taken off by a spreadsheet.
        assert_eq!(cell("\t=1"), "\\u0009=1");
        assert_eq!(cell("D3 free, r = 20"), "D3 free, r = 20");
    }

    #[test]
    fn strings_and_names_are_checked_however_deep_they_are() {
        let first = |text: &str| check_texts(&text.parse().unwrap()).unwrap_err();
        let (key, found) = first("a = 1\n[b]\nc = [\"x\", { d = \"y\\u001bz\" }]\n");
        assert_eq!(key, "b.c.1.d");
        assert_eq!(
            found.to_string(),
            r"has the character \u001b in `y\u001bz`; expected printable text in one line"
        );
        assert_eq!(first("\"a\\tb\" = 1").1.character, '\t');
    }
}
