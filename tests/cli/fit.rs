//! `gradep chip measure` and `gradep chip fit`: from a table of measurements to a device.

use super::{gradep, refusal, run, stdout};
use serde_json::Value;
use std::fs;
use tempfile::TempDir;

struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A command line, file names (those with a dot) standing for files in the folder.
    fn line(&self, line: &str) -> String {
        let place = |word: &str| match word.rsplit_once('.') {
            Some((_, "csv" | "toml" | "png" | "svg")) => self.path(word),
            _ => word.to_owned(),
        };
        line.split(' ').map(place).collect::<Vec<_>>().join(" ")
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

#[test]
fn measurements_become_a_device_that_chips_take() {
    let desk = Desk::new();
    for (device, kind, key) in [
        ("pcm", "programming-noise", "programming.sigma[0]"),
        ("pcm", "drift", "drift.mean.polynomial[0]"),
        ("capacitor-3t1c", "pulse-response", "pulses.count"),
        ("reram-milo", "iv", "current.cubic[0]"),
    ] {
        let measure = format!("chip measure {device} --kind {kind} --devices 12 --out m.csv");
        stdout(&desk.line(&measure));
        let table = fs::read_to_string(desk.path("m.csv")).unwrap();
        assert!(table.starts_with("# synthetic: "), "{table}");
        let line = format!(
            "chip fit m.csv --kind {kind} --from {device} -o mine.toml --figure residuals.svg --json"
        );
        let report: Value = serde_json::from_str(&stdout(&desk.line(&line))).unwrap();
        let parameters = report["fit"]["parameters"].as_array().unwrap();
        assert!(parameters.iter().any(|p| p["key"] == key), "{report}");
        let hash = report["blake3"].as_str().unwrap();
        let file = fs::read_to_string(desk.path("mine.toml")).unwrap();
        assert!(
            file.contains(hash) && file.contains("m.csv") && file.contains("±"),
            "{file}"
        );
        let checked = stdout(&desk.line("chip check mine.toml"));
        assert!(
            checked.contains("device mine: ") && checked.contains("fitted"),
            "{checked}"
        );
        let figure = fs::read_to_string(desk.path("residuals.svg")).unwrap();
        assert!(
            figure.contains("standard deviation") && figure.contains("<svg"),
            "{kind}"
        );
    }
    // The table for people, and a chip of that device.
    let text = stdout(&desk.line("chip fit m.csv --kind iv --from reram-milo -o mine.toml"));
    assert!(text.contains("± s.e.") && text.contains("AICc"), "{text}");
    let shown = stdout(&format!(
        "chip show D3 -s device={}",
        desk.path("mine.toml")
    ));
    assert!(shown.contains("device mine: "), "{shown}");
}

#[test]
fn tables_that_do_not_fit_are_refused_and_nothing_is_written() {
    let desk = Desk::new();
    fs::write(desk.path("m.csv"), "target_uS,achieved_V\n1,1\n").unwrap();
    for (line, part) in [
        (
            "chip fit m.csv --kind programming-noise -o mine.toml",
            "achieved_S",
        ),
        ("chip fit m.csv --kind drift -o mine.toml", "time_s"),
        (
            "chip fit m.csv --kind noise -o mine.toml",
            "programming-noise",
        ),
        (
            "chip fit m.csv --kind iv --from pcn -o mine.toml",
            "did you mean `pcm`",
        ),
        ("chip fit m.csv --kind iv --max 5 -o mine.toml", "\"25 uS\""),
        (
            "chip measure pcm --kind iv --out made.csv",
            "PCM has no law of iv",
        ),
    ] {
        let message = refusal(&desk.line(line));
        assert!(message.contains(part), "{line}: {message}");
    }
    let output = run(&desk.line("chip fit none.csv --kind iv -o mine.toml"));
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(fs::read_dir(desk.0.path()).unwrap().count(), 1);
}

#[test]
fn a_message_names_the_line_that_an_editor_shows() {
    let desk = Desk::new();
    let rows: Vec<String> = (1..=20).map(|k| format!("{k},{k}.1\n")).collect();
    let rows = rows.concat();
    let plain = format!("target_uS,achieved_uS\n{rows}").replace("15,15.1", "15,oops");
    let spaced = format!(
        "# by hand\n\n{}",
        plain.replace("8,8.1\n", "8,8.1\n\n# a pause\n")
    );
    let marked = format!("\u{feff}{plain}");
    for (text, line) in [(&plain, 16), (&spaced, 20), (&marked, 16)] {
        for end in ["\n", "\r\n"] {
            let text = text.replace('\n', end);
            fs::write(desk.path("m.csv"), &text).unwrap();
            let message = refusal(&desk.line("chip fit m.csv --kind programming-noise -o o.toml"));
            assert!(message.contains(&format!("line {line}: ")), "{message}");
            // A line with a field too many is counted alike.
            fs::write(desk.path("m.csv"), text.replace("oops", "15,1")).unwrap();
            let message = refusal(&desk.line("chip fit m.csv --kind programming-noise -o o.toml"));
            assert!(message.contains(&format!("line {line}: ")), "{message}");
        }
    }
}

#[test]
fn a_device_of_any_range_can_be_fitted() {
    let desk = Desk::new();
    let rows: Vec<String> = (0..40)
        .map(|k| {
            let target = 2.0 + f64::from(k) / 40.0;
            let off = if k % 2 == 0 { 0.05 } else { -0.05 };
            format!("{target},{}\n", target + off)
        })
        .collect();
    let rows = rows.concat();
    fs::write(desk.path("m.csv"), format!("target_uS,achieved_uS\n{rows}")).unwrap();
    for (min, max) in [
        ("2 uS", "3 uS"),
        ("1 uS", "6 uS"),
        ("0.7 uS", "9 uS"),
        ("1 uS", "3 uS"),
    ] {
        let line = desk.line("chip fit m.csv --kind programming-noise --from generic -o mine.toml");
        let mut words: Vec<&str> = line.split(' ').collect();
        words.extend(["--min", min, "--max", max]);
        let output = gradep().args(&words).output().unwrap();
        assert!(output.status.success(), "{min} to {max}: {output:?}");
        stdout(&desk.line("chip check mine.toml"));
    }
}

#[test]
fn help_says_how_far_orders_go() {
    let help = stdout("chip fit --help");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for (kind, largest) in [
        ("programming-noise", 3),
        ("drift", 2),
        ("pulse-response", 1),
        ("iv", 3),
    ] {
        assert!(
            help.contains(&format!("({kind}, 0 to {largest})")),
            "{help}"
        );
    }
}
