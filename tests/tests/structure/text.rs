//! Rust source without what is no code of the program: comments, literals, tests.

/// The text with comments and the inside of literals as spaces; every byte stays where it is.
pub(crate) fn code(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_or_comment(bytes, at);
        if end > at {
            for byte in &mut out[at..end] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            at = end;
        } else {
            at += 1;
        }
    }
    // What is left of a character of several bytes that stood in code stays whole: only whole literals and
    // comments are blanked.
    String::from_utf8(out).expect("blanked in whole characters")
}

/// Where a comment or a literal that begins here ends; here if none begins.
fn literal_or_comment(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let is_in_word = at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    if rest.starts_with(b"//") {
        at + rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
    } else if rest.starts_with(b"/*") {
        block_comment(bytes, at)
    } else if rest[0] == b'"' {
        at + quoted(rest, b'"')
    } else if matches!(rest[0], b'r' | b'b') && !is_in_word {
        let mark = rest.iter().take_while(|b| matches!(b, b'r' | b'b')).count();
        let hashes = rest[mark..].iter().take_while(|&&b| b == b'#').count();
        let is_text = mark <= 2 && rest.get(mark + hashes) == Some(&b'"');
        if !is_text {
            return at;
        }
        if !rest[..mark].contains(&b'r') {
            return at + mark + quoted(&rest[mark..], b'"');
        }
        let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
        let inside = mark + hashes + 1;
        let length = rest[inside..].windows(end.len()).position(|w| w == end);
        at + length.map_or(rest.len(), |length| inside + length + end.len())
    } else if rest[0] == b'\'' {
        // A lifetime has no second quote behind its first character.
        let is_character = rest.get(1) == Some(&b'\\')
            || (2..=5).any(|k| rest.get(k) == Some(&b'\'') && is_one_character(&rest[1..k]));
        if is_character {
            at + quoted(rest, b'\'')
        } else {
            at
        }
    } else {
        at
    }
}

fn is_one_character(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1)
}

/// Length of a literal that begins with `quote` and ends at the next one without a backslash before it.
fn quoted(bytes: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn block_comment(bytes: &[u8], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_usize);
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if bytes[at..].starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    at
}

/// Code without the items that stand behind `#[cfg(test)]`, and the names of the test modules in files of their own.
pub(crate) fn without_tests(code: &str) -> (String, Vec<String>) {
    let mut kept = String::new();
    let mut modules = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find("#[cfg(test)]") {
        kept.push_str(&rest[..start]);
        let item = &rest[start..];
        let end = end_of_item(item);
        let mut words = item[..end].split_whitespace().skip_while(|w| *w != "mod");
        if item[..end].ends_with(';')
            && let Some(name) = words.nth(1)
        {
            modules.push(name.trim_end_matches(';').to_owned());
        }
        rest = &item[end..];
    }
    kept.push_str(rest);
    (kept, modules)
}

/// The end of the first item of some code: a semicolon, or the brace that closes its first one.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at + 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// Words, `::` and single characters of code.
pub(crate) fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") || rest.starts_with("->") || rest.starts_with("=>") {
            2
        } else {
            first.len_utf8()
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(token);
        rest = behind.trim_start();
    }
    tokens
}

#[test]
fn what_is_no_code_is_blank() {
    let text = r##"a("// \" x", 'y', '\'', b"z", r#"q " q"#) /* b /* c */ d */ + 'é' + 'static // e
f"##;
    let found = code(text);
    assert_eq!(found.len(), text.len());
    let words: Vec<&str> = tokens(&found);
    let expected = [
        "a", "(", ",", ",", ",", ",", ")", "+", "+", "'", "static", "f",
    ];
    assert_eq!(words, expected);
}

#[test]
fn what_tests_say_is_left_out() {
    let (kept, modules) = without_tests(
        "use a;\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\nuse b;\nfn f() {}\n#[cfg(test)]\nmod x { fn g() { {} } }\nuse c;",
    );
    assert_eq!(tokens(&kept).concat(), "usea;fnf(){}usec;");
    assert_eq!(modules, ["tests"]);
}
