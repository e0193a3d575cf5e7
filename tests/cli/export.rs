//! `gradep export netlist`: decks of the golden model.

use super::{arrays::Inputs, refusal, run, stdout};
use std::{fs, process::Command};

const BASE: &str = "export netlist --model model.safetensors --anchor x.npy";

#[test]
fn a_deck_has_every_element_of_the_network() {
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir");
    let count = |options: &str, starts: &str| {
        let line = format!("{BASE} --sample 3 --duration 30tau {options} --out");
        stdout(&format!(
            "{} {} --quiet",
            inputs.line(&line),
            deck.display()
        ));
        let text = fs::read_to_string(&deck).unwrap();
        text.lines().filter(|line| line.starts_with(starts)).count()
    };
    let weights = 64 * 128 + 128 * 128;
    for (options, starts, expected) in [
        ("", "C", 320),
        ("", "Gf", weights),
        ("", "Gb", weights),
        ("", "Vs_x_", 64),
        ("", "Bm_h", 256),
        ("--free --ratio 20", "Vs_x_", 0),
        ("--couplings resistors", "Rf", weights),
        ("--couplings resistors", "Ep_", 320),
        ("--couplings resistors", "Gf", 0),
    ] {
        assert_eq!(count(options, starts), expected, "{options} {starts}");
    }
    let text = fs::read_to_string(&deck).unwrap();
    assert!(
        text.contains("wrdata $inputdir/deck.txt x_0 x_1 x_2"),
        "{}",
        &text[..400]
    );
}

/// The first tenth of a time constant of the paper's network, in ngspice.
#[test]
fn ngspice_takes_the_deck() {
    if Command::new("ngspice").arg("--version").output().is_err() {
        eprintln!("SKIPPED: ngspice is not installed");
        return;
    }
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir");
    let line = format!("{BASE} --duration 1ns --reltol 1e-3 --out");
    stdout(&format!(
        "{} {} --quiet",
        inputs.line(&line),
        deck.display()
    ));
    let output = Command::new("ngspice")
        .arg("-b")
        .arg(&deck)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = fs::read_to_string(inputs.path("deck.txt")).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(rows[0].len(), 321);
    assert_eq!(
        (rows[0][1], rows[0][65], rows[0][320]),
        ("x_0", "h1_0", "h2_127")
    );
    let last = &rows[rows.len() - 1];
    assert_eq!(last.len(), 321);
    assert!((last[0].parse::<f64>().unwrap() - 1e-9).abs() < 1e-15);
}

#[test]
fn wrong_requests_are_refused() {
    let inputs = Inputs::new();
    let deck = inputs.path("deck.cir").display().to_string();
    for (options, parts) in [
        (
            "--sample 16 --duration 30tau",
            ["--sample 16", "has 16 rows"],
        ),
        ("--chip D9 --duration 30tau", ["`D9`", "ideal"]),
    ] {
        let line = format!("{} {options} --out {deck}", inputs.line(BASE));
        let output = run(&line);
        assert!(!output.status.success());
        let message = String::from_utf8(output.stderr).unwrap();
        for part in parts {
            assert!(message.contains(part), "{message}");
        }
    }
    let message = refusal(&format!("{} --duration 30 --out {deck}", inputs.line(BASE)));
    assert!(message.contains("\"30\" is not a duration"), "{message}");
    assert!(!inputs.path("deck.cir").exists());
}
