//! Generated malformed specs: each is one clear error.

use super::super::{KEYS, Key, Kind, SHIPPED, Spec, SpecError};
use proptest::prelude::*;
use units::Unit;

/// A file that changes one key of the ideal chip.
fn child(key: &Key, value: &str) -> String {
    format!("inherits = \"ideal\"\n{} = {value}\n", key.name)
}

/// What stands in no file is looked at as well: settings, and the name of a file as that of its spec.
#[test]
fn texts_that_act_are_refused_in_settings_and_shown_of_files() {
    let mut spec = Spec::load("ideal").unwrap();
    let source = "node.capacitance={ value = \"50 fF\", source = \"a\\nb\" }";
    let message = spec.override_with(&[source]).unwrap_err().to_string();
    assert!(message.contains("can be printed"), "{message}");
    let spec = Spec::parse("inherits = \"ideal\"\n", "a\n.control\n.toml").unwrap();
    assert_eq!(spec.name(), r"a\n.control\n");
}

/// Values that no key of this kind takes.
fn wrong_values(kind: &Kind) -> Vec<String> {
    let mut values: Vec<String> = [
        "[1, 2]",
        "{}",
        "2020-01-01",
        "\"\"",
        "\"nonsense\"",
        "nan",
        "inf",
        "-inf",
        "\"nan\"",
        "\"1e999\"",
        "{ value = [] }",
        "{ value = { value = 1 } }",
        "{ vale = 1 }",
        "{ evidence = \"hearsay\" }",
        "{ source = 3 }",
        "{ source = \"\" }",
        "{ law = \"cauchy\" }",
        "{ spread = \"-1 %\" }",
        "{ spread = nan }",
        "{ range = [1] }",
        "{ range = \"1 to 2\" }",
    ]
    .map(str::to_owned)
    .to_vec();
    match *kind {
        Kind::Quantity {
            unit,
            least,
            distributed,
            ..
        } => {
            let symbol = if unit == Unit::One { "" } else { unit.symbol() };
            let other = if unit == Unit::Siemens { "fF" } else { "uS" };
            values.extend([
                format!("\"10 {other}\""),
                format!("\"1e300 {symbol}\""),
                format!("\"1e999 {symbol}\""),
                format!("\"-1e9 {symbol}\""),
                format!("\"nan {symbol}\""),
                format!("\"1 x{symbol}\""),
                format!("\"one {symbol}\""),
                format!("{{ value = \"1 {other}\", spread = \"1 %\" }}"),
                format!("{{ range = [\"2 {symbol}\", \"1 {symbol}\"] }}"),
                format!("{{ range = [\"1 {other}\", \"2 {other}\"] }}"),
            ]);
            if unit != Unit::One {
                values.extend([
                    "1".to_owned(),
                    "1.5".to_owned(),
                    "\"1\"".to_owned(),
                    "\"1 %\"".to_owned(),
                ]);
            }
            if least > 0.0 {
                values.extend([format!("\"0 {symbol}\""), format!("\"-1 {symbol}\"")]);
            }
            if distributed {
                values.extend([
                    format!("{{ spread = \"1 {other}\" }}"),
                    format!("{{ spread = \"1e300 {symbol}\" }}"),
                ]);
            } else {
                values.push("{ spread = \"1 %\" }".to_owned());
            }
        }
        Kind::Count { most, .. } => {
            values.push((u64::from(most) + 1).to_string());
            values.extend(["0", "-3", "1.5", "\"8\"", "true"].map(str::to_owned));
        }
        Kind::Choice { .. } => values.extend(["1", "true", "\"Gradient\""].map(str::to_owned)),
        Kind::Switch => values.extend(["1", "\"true\"", "\"on\""].map(str::to_owned)),
    }
    values
}

/// One line, not too long, that names the file.
fn assert_clear(outcome: Result<Spec, SpecError>, text: &str) -> String {
    let text: String = text.chars().take(200).collect();
    let Err(error) = outcome else {
        panic!("accepted: {text}");
    };
    let message = error.to_string();
    assert!(message.contains("bad.toml"), "{text}: {message}");
    assert!(message.len() < 800, "{text}: {message}");
    assert!(!message.contains('\n'), "{text}: {message}");
    message
}

#[test]
fn a_wrong_value_of_any_key_names_key_and_line() {
    let mut count = 0;
    for key in KEYS {
        for value in wrong_values(&key.kind) {
            let text = child(key, &value);
            let message = assert_clear(Spec::parse(&text, "bad.toml"), &text);
            assert!(message.starts_with("bad.toml:2: "), "{text}: {message}");
            assert!(message.contains(key.name), "{text}: {message}");
            count += 1;
        }
    }
    assert!(count >= 900, "{count} specs");
}

#[test]
fn misspelt_keys_name_the_right_one() {
    for key in KEYS {
        let wrong = format!("{}x", key.name);
        let text = child(key, "1").replace(key.name, &wrong);
        let message = assert_clear(Spec::parse(&text, "bad.toml"), &text);
        assert!(
            message.contains(&format!(
                "unknown key `{wrong}`; did you mean `{}`",
                key.name
            )),
            "{message}"
        );
    }
}

/// Lines of a text with one of them changed by `edit`.
fn edited(text: &str, line: usize, edit: impl Fn(&str) -> String) -> String {
    let lines = text.lines().enumerate();
    lines
        .map(|(i, old)| {
            if i == line {
                edit(old)
            } else {
                format!("{old}\n")
            }
        })
        .collect()
}

#[test]
fn damaged_shipped_specs_are_refused() {
    let mut count = 0;
    for spec in SHIPPED {
        let keys = spec
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains(" = ") && !line.starts_with('#'));
        for (number, line) in keys {
            let equals = line.find('=').unwrap();
            let end: usize = spec
                .text
                .split_inclusive('\n')
                .take(number)
                .map(str::len)
                .sum();
            let cut = &spec.text[..end];
            let mut damaged = vec![
                // The file ends within a value, a line stands twice, a quote or the sign is lost.
                format!("{cut}{}", &line[..=equals]),
                edited(spec.text, number, |line| format!("{line}\n{line}\n")),
                edited(spec.text, number, |line| {
                    format!("{}\n", line.replacen('=', " ", 1))
                }),
            ];
            if line.contains('"') {
                damaged.push(edited(spec.text, number, |line| {
                    format!("{}\n", line.replacen('"', "", 1))
                }));
            }
            // Without a parent nothing may be missing.
            if spec.name == "ideal" && number > 5 && !line.contains("tolerance") {
                damaged.push(edited(spec.text, number, |_| String::new()));
            }
            for text in damaged {
                assert_clear(Spec::parse(&text, "bad.toml"), &text);
                count += 1;
            }
        }
    }
    assert!(count >= 500, "{count} specs");
}

#[test]
fn other_damage_is_refused() {
    for (text, part) in [
        ("", "key `cell` is missing"),
        ("# only a comment", "inherits = \"ideal\""),
        ("inherits = 3", "expected text"),
        ("inherits = ''", "expected text"),
        ("inherits = 'bad.toml'", "bad.toml"),
        ("name = 1\ninherits = 'ideal'", "expected text"),
        ("inherits = 'ideal'\nnode = 1", "keys of the section [node]"),
        (
            "inherits = 'ideal'\n[[node]]\nleak = 1",
            "keys of the section [node]",
        ),
        (
            "inherits = 'ideal'\n[node.node]\nleak = 1",
            "unknown key `node.node`",
        ),
        (
            "inherits = 'ideal'\n\"node.leak\" = 1",
            "unknown key `node.leak`",
        ),
        ("inherits = 'ideal'\nnode.\"\" = 1", "unknown key"),
        (
            "inherits = 'ideal'\n[nodes]\nleak = 1",
            "unknown key `nodes`",
        ),
        ("inherits = 'ideal'\ninherits = 'D1'", "duplicate key"),
        (
            "inherits = 'ideal'\nactivation.flicker_low = '100 MHz'\nactivation.flicker_high = '1 kHz'",
            "above activation.flicker_low",
        ),
        (
            "inherits = 'ideal'\nactivation.flicker_low = '100 MHz'",
            "below activation.flicker_high",
        ),
        (
            "inherits = 'ideal'\ngolden = 1",
            "table of derived quantities",
        ),
        (
            "inherits = 'ideal'\ngolden.tau = 1",
            "unknown key `golden.tau`",
        ),
        (
            "inherits = 'ideal'\ngolden.time_constant = '10 ns'",
            "tolerance",
        ),
        (
            "inherits = 'ideal'\ngolden.time_constant = { value = '10 uS', tolerance = '1 %' }",
            "is a conductance",
        ),
        (
            "inherits = 'ideal'\ngolden.time_constant = { value = '10 ns', tolerance = '-1 %' }",
            "tolerance",
        ),
        (
            "inherits = 'ideal'\ngolden.time_constant = { value = '10 ns', tolerance = '1 V' }",
            "is a voltage",
        ),
        ("\u{0}\u{1}\u{2}", "not valid TOML"),
        (
            "inherits = 'ideal'\nnode = { leak = { value = { value = 1 } } }",
            "`node.leak.value`",
        ),
    ] {
        let message = assert_clear(Spec::parse(text, "bad.toml"), text);
        assert!(message.contains(part), "{text}: {message}");
    }
    let deep = format!(
        "inherits = 'ideal'\nnode = {}{}",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert_clear(Spec::parse(&deep, "bad.toml"), "deep");
    let long = format!("inherits = 'ideal'\nnode.leak = '{}'", "x".repeat(100_000));
    assert_clear(Spec::parse(&long, "bad.toml"), "long");
}

#[test]
fn a_golden_check_that_fails_names_both_values() {
    let text = "inherits = 'ideal'\ngolden.time_constant = { value = '11 ns', tolerance = '1 %' }";
    let message = Spec::parse(text, "bad.toml")
        .unwrap()
        .check()
        .unwrap_err()
        .to_string();
    assert_eq!(
        message,
        "bad.toml: golden.time_constant is 10 ns, expected 11 ns ± 110 ps"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Any byte changed, lost or doubled: an error, or a chip whose numbers are all finite.
    #[test]
    fn random_damage_never_panics(
        which in 0..SHIPPED.len(), place in any::<prop::sample::Index>(), byte in 0x20..0x7f_u8, kind in 0..3
    ) {
        let mut bytes = SHIPPED[which].text.as_bytes().to_vec();
        let place = place.index(bytes.len());
        match kind {
            0 => bytes[place] = byte,
            1 => { bytes.remove(place); }
            _ => bytes.insert(place, byte),
        }
        let text = String::from_utf8(bytes).unwrap();
        match Spec::parse(&text, "bad.toml") {
            Err(error) => prop_assert!(error.to_string().contains("bad.toml") || text.contains("inherits")),
            Ok(spec) => for (derived, quantity) in spec.derived() {
                prop_assert!(quantity.value.is_finite(), "{}", derived.name);
            },
        }
    }
}
