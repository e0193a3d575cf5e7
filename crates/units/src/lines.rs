//! Lines of a table of comma-separated values, as an editor numbers them.

use csv::{Error, ErrorKind, Position};

/// The byte order mark that some spreadsheets put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Numbers of the lines that records of a table begin on.
///
/// The parser's own count of lines stands before the empty lines and comments that it skips and before
/// the `\n` of a `\r\n`; its count of bytes tells where that is.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    /// What comments begin with.
    comment: Option<u8>,
    /// The byte up to which lines are counted, and the line that it stands on.
    reached: (usize, u64),
}

impl<'a> Lines<'a> {
    /// Lines of a text in which comments begin with `comment`, as the reader of the records was told.
    pub fn new(bytes: &'a [u8], comment: Option<u8>) -> Self {
        Self {
            bytes,
            comment,
            reached: (0, 1),
        }
    }

    /// The line, from 1, that the record at a position begins on. Positions that rise are one pass over
    /// the text.
    pub fn of(&mut self, position: Option<&Position>) -> u64 {
        let before = position.map_or(0, |position| {
            usize::try_from(position.byte()).unwrap_or(usize::MAX)
        });
        let start = self.first_of_record(before.min(self.bytes.len()));
        let (mut from, mut line) = self.reached;
        if start < from {
            (from, line) = (0, 1);
        }
        line += ends(&self.bytes[from..start]);
        self.reached = (start, line);
        line
    }

    /// What the parser refuses, with the line that it stands on.
    pub fn explain(&mut self, error: &Error) -> String {
        let line = error.position().map(|position| self.of(Some(position)));
        let place = line.map_or_else(String::new, |line| format!("line {line}: "));
        match error.kind() {
            ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => format!("{place}{}; expected {expected_len}", fields(*len)),
            ErrorKind::Utf8 { err, .. } => format!(
                "{place}field {} is no UTF-8 text; save the table as UTF-8",
                err.field() + 1
            ),
            _ => format!("{place}{error}"),
        }
    }

    /// Where the record begins that is read next at a byte: behind a byte order mark, line ends, empty
    /// lines and comments.
    fn first_of_record(&self, mut at: usize) -> usize {
        if at == 0 && self.bytes.starts_with(BYTE_ORDER_MARK) {
            at = BYTE_ORDER_MARK.len();
        }
        while let Some(&byte) = self.bytes.get(at) {
            if matches!(byte, b'\r' | b'\n') {
                at += 1;
            } else if Some(byte) == self.comment {
                let rest = self.bytes[at..].iter();
                at += rest.take_while(|&&byte| byte != b'\n').count();
            } else {
                break;
            }
        }
        at
    }
}

fn fields(count: u64) -> String {
    match count {
        1 => "1 field".to_owned(),
        count => format!("{count} fields"),
    }
}

/// Number of line ends: `\n`, `\r\n`, and `\r` alone. The slice does not begin within a `\r\n`.
fn ends(bytes: &[u8]) -> u64 {
    let pairs = bytes
        .iter()
        .zip(bytes.iter().skip(1).map(Some).chain([None]));
    pairs
        .filter(|&(byte, next)| *byte == b'\n' || (*byte == b'\r' && next != Some(&b'\n')))
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use csv::{ReaderBuilder, Trim};

    /// `[line, first field]` of every record, as a reader with a heading and comments finds them.
    fn found(text: &str) -> Vec<(u64, String)> {
        let mut lines = Lines::new(text.as_bytes(), Some(b'#'));
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let records = reader.records().map(|record| {
            let record = record.unwrap();
            (lines.of(record.position()), record[0].to_owned())
        });
        records.collect()
    }

    /// Every way of ending a line, with and without a byte order mark.
    fn variants(text: &str) -> Vec<String> {
        let ends = ["\n", "\r\n", "\r"].map(|end| text.replace('\n', end));
        let marked = ends.iter().map(|text| format!("\u{feff}{text}"));
        ends.iter().cloned().chain(marked).collect()
    }

    #[test]
    fn a_record_stands_on_the_line_that_an_editor_shows() {
        // The first field of every record is its line.
        for text in [
            "a,b\n2,x\n3,x\n4,x",
            "a,b\n2,x\n\n4,x\n\n\n7,x\n",
            "\n\na,b\n\n5,x\n6,x\n",
            "a,b\n2,\"x\ny\"\n4,\"\n\n\"\n7,x\n",
            "a,b\n 2 ,x\n\n\n  5,x\n",
        ] {
            for text in variants(text) {
                let rows = found(&text);
                assert!(!rows.is_empty(), "{text:?}");
                for (line, field) in rows {
                    assert_eq!(line.to_string(), field, "{text:?}");
                }
            }
        }
        // Comments end with `\n` alone.
        for end in ["\n", "\r\n"] {
            let text = "# one\na,b\n# two\n\n# three\n6,x\n7,x\n#\n9,\"#\n\"\n11,x\n";
            for (line, field) in found(&text.replace('\n', end)) {
                assert_eq!(line.to_string(), field, "{end:?}");
            }
        }
    }

    #[test]
    fn lines_are_found_in_any_order() {
        let text = "a\r\n2\r\n\r\n4\r\n5\r\n";
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        let mut lines = Lines::new(text.as_bytes(), None);
        for k in [2, 0, 1, 1, 2, 0] {
            assert_eq!(lines.of(records[k].position()).to_string(), records[k][0]);
        }
    }

    #[test]
    fn what_the_parser_refuses_has_its_line() {
        for (text, expected) in [
            ("a,b\r\n\r\n1,2\r\n3\r\n", "line 4: 1 field; expected 2"),
            ("a,b\n# c\n1,2\n\n3,4,5\n", "line 5: 3 fields; expected 2"),
        ] {
            let mut reader = ReaderBuilder::new()
                .comment(Some(b'#'))
                .from_reader(text.as_bytes());
            let error = reader.records().find_map(Result::err).unwrap();
            let said = Lines::new(text.as_bytes(), Some(b'#')).explain(&error);
            assert_eq!(said, expected);
        }
        let text = b"a,b\r\n1,2\r\n3,\xff\r\n";
        let error = csv::Reader::from_reader(text.as_slice())
            .records()
            .find_map(Result::err)
            .unwrap();
        let said = Lines::new(text, None).explain(&error);
        assert!(said.starts_with("line 3: field 2 is no UTF-8"), "{said}");
    }
}
