//! The order of rows says nothing.

use super::{Base, Kind, Options, base, fit, of_order, synthetic, table};
use analog_substrate::random::{Purpose, stream};
use rand::RngExt as _;

/// The rows below comment and heading in a random order.
fn shuffled(text: &str, seed: u64) -> String {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    let (head, mut rows): (Vec<&str>, Vec<&str>) = {
        let mut lines = text.lines();
        (lines.by_ref().take(2).collect(), lines.collect())
    };
    for last in (1..rows.len()).rev() {
        rows.swap(last, generator.random_range(0..=last));
    }
    [head, rows].concat().join("\n")
}

#[test]
fn a_fit_is_the_same_to_the_last_bit_in_any_order_of_rows() {
    for (name, kind, devices) in [
        ("pcm", Kind::ProgrammingNoise, 60),
        ("pcm", Kind::Drift, 12),
        ("capacitor-3t1c", Kind::PulseResponse, 4),
        ("reram-milo", Kind::Iv, 4),
    ] {
        let text = synthetic(name, kind, devices, 0.002, 7);
        for base in [base(name), Base::load(None).unwrap()] {
            let found = |text: &str| {
                let found = fit(kind, &table(text), &base, &Options::default()).unwrap();
                let file = found.device_file("mine", "my.csv", &base);
                (serde_json::to_string(&found).unwrap(), file.ok())
            };
            let expected = found(&text);
            for seed in 0..3 {
                assert_eq!(found(&shuffled(&text, seed)), expected, "{kind:?}");
            }
        }
    }
}

#[test]
fn pulses_sorted_by_their_number_are_increments_of_each_device() {
    // A straight line whose pulses scatter has a fit in closed form: of increments d over n pulses,
    // P = Σn/Σd and σ² = mean((d − n/P)²/n).
    let mut generator = stream(3, Purpose::Check, 0, 0);
    let mut rows = Vec::new();
    let (mut pulses, mut passed, mut increments) = (0.0, 0.0, Vec::new());
    for device in 0..6 {
        let (mut share, mut before) = (0.0, 0);
        for pulse in [1, 2, 4, 5, 8, 13, 20] {
            let more: f64 = f64::from(pulse - before) * (0.02 + 0.01 * generator.random::<f64>());
            share += more;
            increments.push((more, f64::from(pulse - before)));
            rows.push((pulse, device, 1.0 + 10.0 * share));
            before = pulse;
        }
        pulses += 20.0;
        passed += share;
    }
    rows.sort_by_key(|&(pulse, device, _)| (pulse, device));
    let lines = rows
        .iter()
        .map(|(pulse, device, g)| format!("{device},{pulse},{g}"));
    let text = format!(
        "# by pulse\ndevice,pulse,conductance_uS\n{}",
        lines.collect::<Vec<_>>().join("\n")
    );
    let options = Options {
        min: Some(1e-6),
        max: Some(11e-6),
        ..of_order(0)
    };
    let bare = Base::load(None).unwrap();
    let found = fit(Kind::PulseResponse, &table(&text), &bare, &options).unwrap();
    let value = |key: &str| {
        found
            .parameters
            .iter()
            .find(|p| p.key == key)
            .unwrap()
            .value
    };
    let count = pulses / passed;
    let squares = increments.iter().map(|(d, n)| (d - n / count).powi(2) / n);
    let sigma = (squares.sum::<f64>() / increments.len() as f64).sqrt();
    assert!((value("pulses.count") / count - 1.0).abs() < 1e-6);
    assert!((value("pulses.cycle") / sigma - 1.0).abs() < 1e-6);
}

#[test]
fn sweeps_that_are_repeated_are_told_apart_or_refused() {
    let text = synthetic("capacitor-3t1c", Kind::PulseResponse, 6, 0.0, 1);
    let fitted = |text: &str| {
        let base = base("capacitor-3t1c");
        fit(Kind::PulseResponse, &table(text), &base, &of_order(1))
    };
    let apart = fitted(&text).unwrap();
    // One device six times: without a column for it nothing says which reading follows which.
    let once = |name: &str| {
        let rows = text.lines().skip(2).map(|line| {
            let (sweep, rest) = line.split_once(',').unwrap();
            match name {
                "" => format!("a,{rest}"),
                _ => format!("a,{rest},{sweep}"),
            }
        });
        let head = format!("# one device\ndevice,way,pulse,conductance_uS{name}\n");
        head + &rows.collect::<Vec<_>>().join("\n")
    };
    let error = fitted(&once("")).unwrap_err().to_string();
    for part in ["line 67", "on line 3", "`cycle`"] {
        assert!(error.contains(part), "{error} lacks {part}");
    }
    let cycles = fitted(&once(",cycle")).unwrap();
    assert_eq!(cycles.parameters, apart.parameters);
}
