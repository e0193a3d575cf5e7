mod currents;
mod order;
mod pulses;
mod structure;

use super::{Base, Fit, FitError, Kind, Measurements, Options, Synthetic, fit, measure};
use analog_substrate::device::{Device, Way};
use rand::RngExt as _;
use std::fmt::Write as _;

fn table(text: &str) -> Measurements {
    Measurements::read(text.as_bytes(), "my.csv").unwrap()
}

fn base(name: &str) -> Base {
    Base::load(Some(name)).unwrap()
}

fn synthetic(name: &str, kind: Kind, devices: usize, reading_error: f64, seed: u64) -> String {
    let experiment = Synthetic {
        kind,
        devices,
        reading_error,
        seed,
    };
    measure(&Device::load(name).unwrap(), &experiment).unwrap()
}

fn of_order(order: usize) -> Options {
    Options {
        order: Some(order),
        ..Options::default()
    }
}

/// Share of `truth` within one and within two standard errors over many made-up experiments: 68 % and
/// 95 % of normal estimates.
fn coverage(
    name: &str,
    kind: Kind,
    (devices, reading_error, order): (usize, f64, usize),
    seeds: u64,
    truth: &[(String, f64)],
) {
    let base = base(name);
    let fitted = |seed| {
        let text = synthetic(name, kind, devices, reading_error, seed);
        fit(kind, &table(&text), &base, &of_order(order)).unwrap()
    };
    covered(&format!("{name} {kind:?}"), seeds, truth, fitted);
}

/// The shares over experiments of which `fitted` makes one of each seed.
fn covered(what: &str, seeds: u64, truth: &[(String, f64)], fitted: impl Fn(u64) -> Fit) {
    let mut within = [0, 0];
    let mut bias = vec![0.0; truth.len()];
    for seed in 0..seeds {
        let found = fitted(seed);
        for ((key, expected), bias) in truth.iter().zip(&mut bias) {
            let parameter = found.parameters.iter().find(|p| p.key == *key).expect(key);
            let z = (parameter.value - expected) / parameter.standard_error;
            within[0] += usize::from(z.abs() < 1.0);
            within[1] += usize::from(z.abs() < 2.0);
            *bias += z / seeds as f64;
        }
    }
    let count = seeds as f64 * truth.len() as f64;
    let [one, two] = within.map(|n| n as f64 / count);
    eprintln!("{what}: {one:.3} within 1 s.e., {two:.3} within 2, mean z {bias:.2?}");
    assert!((0.55..=0.80).contains(&one), "{what}: {one}");
    assert!(two > 0.88, "{what}: {two}");
}

fn keyed<const N: usize>(pairs: [(&str, f64); N]) -> Vec<(String, f64)> {
    pairs.map(|(key, value)| (key.to_owned(), value)).to_vec()
}

#[test]
fn programming_noise_of_pcm_is_recovered_within_its_uncertainty() {
    let truth = keyed([
        ("programming.sigma[0]", 0.26348e-6),
        ("programming.sigma[1]", 1.9650e-6),
        ("programming.sigma[2]", -1.1731e-6),
    ]);
    let experiment = (400, 0.0, 2);
    coverage("pcm", Kind::ProgrammingNoise, experiment, 120, &truth);
}

#[test]
fn drift_of_pcm_is_recovered_within_its_uncertainty() {
    let truth = keyed([
        ("drift.mean.polynomial[0]", 0.0244),
        ("drift.mean.log", -0.0155),
        ("drift.mean.clip[0]", 0.049),
        ("drift.sd.polynomial[0]", -0.0059),
        ("drift.sd.log", -0.0125),
        ("drift.sd.clip[0]", 0.008),
    ]);
    coverage("pcm", Kind::Drift, (300, 0.002, 2), 20, &truth);
}

#[test]
fn pulses_of_a_capacitor_are_recovered_within_their_uncertainty() {
    let device = Device::load("capacitor-3t1c").unwrap();
    let law = device.pulses().unwrap();
    let truth = keyed([
        ("pulses.count", f64::from(law.count())),
        ("pulses.curvature.up", law.curvature(Way::Up)),
        ("pulses.curvature.down", law.curvature(Way::Down)),
        ("pulses.cycle", law.cycle()),
    ]);
    let experiment = (40, 0.0, 1);
    coverage(
        "capacitor-3t1c",
        Kind::PulseResponse,
        experiment,
        40,
        &truth,
    );
}

#[test]
fn currents_of_resistive_memory_are_recovered_within_their_uncertainty() {
    let mut truth = Vec::new();
    for (name, values) in [
        ("quadratic", [7.063e-3, 5.711e-3, 1.541e-3, 0.1388e-3]),
        ("cubic", [1.2968e-3, 0.67919e-3, 0.08871e-3, 0.0]),
    ] {
        let keys = values.into_iter().enumerate();
        truth.extend(keys.map(|(k, value)| (format!("current.{name}[{k}]"), value)));
    }
    truth.push(("scatter of readings".to_owned(), 0.002));
    coverage("reram-milo", Kind::Iv, (10, 0.002, 3), 30, &truth);
}

#[test]
fn data_choose_the_order_of_a_law() {
    // PCM's noise is of order 2; 2,000 devices tell it from 1 and do not ask for 3.
    let base = base("pcm");
    let mut right = 0;
    for seed in 0..10 {
        let text = synthetic("pcm", Kind::ProgrammingNoise, 2000, 0.0, seed);
        let found = fit(
            Kind::ProgrammingNoise,
            &table(&text),
            &base,
            &Options::default(),
        )
        .unwrap();
        right += usize::from(found.parameters.len() == 3);
    }
    // AIC takes a parameter too many in one of six cases.
    assert!(right >= 6, "{right} of 10");
}

fn programming(text: &str, options: &Options) -> Result<Fit, FitError> {
    fit(Kind::ProgrammingNoise, &table(text), &base("pcm"), options)
}

/// `target, achieved` with deviations that alternate, ±0.5 µS.
fn alternating(targets: &[f64]) -> String {
    let rows = targets.iter().enumerate().map(|(k, target)| {
        let sign = if k % 2 == 0 { 0.5 } else { -0.5 };
        format!("{target},{}\n", target + sign)
    });
    format!("target_uS,achieved_uS\n{}", rows.collect::<String>())
}

#[test]
fn what_the_data_cannot_tell_is_said() {
    // One target: a constant, and nothing else.
    let found = programming(&alternating(&[10.0; 40]), &Options::default()).unwrap();
    assert_eq!(found.parameters.len(), 1);
    assert!((found.parameters[0].value / 0.5e-6 - 1.0).abs() < 1e-6);
    // σ/√(2n): the textbook's standard error of a standard deviation.
    let expected = 0.5e-6 / 80.0_f64.sqrt();
    assert!((found.parameters[0].standard_error / expected - 1.0).abs() < 1e-4);
    let said = found.warnings.join("\n");
    assert!(
        said.contains("not considered") && said.contains("extrapolated"),
        "{said}"
    );
    // And it is refused where it is asked for.
    let error = programming(&alternating(&[10.0; 40]), &of_order(2)).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("do not determine programming.sigma["),
        "{error}"
    );
    // Few points for a law that is asked for.
    let spread: Vec<f64> = (0..12).map(|k| 2.0 * f64::from(k) + 1.0).collect();
    let said = programming(&alternating(&spread), &of_order(2))
        .unwrap()
        .warnings
        .join("\n");
    assert!(said.contains("too few to trust"), "{said}");
    assert!(said.contains("a simpler law fits as well"), "{said}");
}

#[test]
fn units_are_those_of_the_column_names() {
    let text = alternating(&[5.0, 5.0, 10.0, 10.0, 20.0, 20.0, 25.0, 25.0]);
    let micro = programming(&text, &of_order(0)).unwrap();
    let nano = text
        .lines()
        .map(|line| match line.split_once(',') {
            Some((a, b)) if a.parse::<f64>().is_ok() => {
                let scaled = [a, b].map(|n| (1000.0 * n.parse::<f64>().unwrap()).to_string());
                format!("# a comment\n{}\n", scaled.join(","))
            }
            _ => "target_nS,achieved_nS\n".to_owned(),
        })
        .collect::<String>();
    let nano = programming(&nano, &of_order(0)).unwrap();
    let ratio = nano.parameters[0].value / micro.parameters[0].value;
    assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn malformed_tables_are_refused_in_one_line() {
    for (text, expected) in [
        ("target_uS,achieved_uS\n", "holds no measurement"),
        ("target_uS\n1\n", "no column achieved_S"),
        ("target_uS,achieved_V\n1,1\n", "no column achieved_S"),
        (
            "target_uS,achieved_uS\n1,x\n",
            "line 2: `achieved_uS` is \"x\"",
        ),
        ("target_uS,achieved_uS\n1,NaN\n", "expected a finite number"),
        ("target_uS,achieved_uS\n1,1\n2\n", "is no table"),
        (
            "target_uS,achieved_uS\n1,1\n",
            "1 measurements; expected at least 8",
        ),
    ] {
        let error = Measurements::read(text.as_bytes(), "my.csv")
            .and_then(|table| {
                fit(
                    Kind::ProgrammingNoise,
                    &table,
                    &base("pcm"),
                    &Options::default(),
                )
            })
            .expect_err(text)
            .to_string();
        assert!(
            error.starts_with("my.csv: ") && error.contains(expected),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }
    for (line, expected) in [("26,25", "the range of the device"), ("5,-1", "0 or more")] {
        let text = format!("{}{line}\n", alternating(&[5.0; 20]));
        let error = programming(&text, &Options::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("line 22") && error.contains(expected),
            "{error}"
        );
    }
    let error = programming(&alternating(&[5.0; 20]), &of_order(4)).unwrap_err();
    assert!(error.to_string().contains("expected 0 to 3"), "{error}");
}

#[test]
fn a_fit_is_a_device_file_with_its_source() {
    for (name, kind, devices) in [
        ("pcm", Kind::ProgrammingNoise, 400),
        ("pcm", Kind::Drift, 60),
        ("capacitor-3t1c", Kind::PulseResponse, 10),
        ("reram-milo", Kind::Iv, 6),
    ] {
        let base = base(name);
        let text = synthetic(name, kind, devices, 0.001, 1);
        let found = fit(kind, &table(&text), &base, &Options::default()).unwrap();
        let file = found
            .device_file("my-device", "my.csv (BLAKE3 0123)", &base)
            .unwrap();
        assert!(file.starts_with("# ") && file.contains("±"), "{file}");
        let device = Device::parse(&file, "my-device.toml").unwrap();
        assert_eq!((device.name(), device.evidence()), ("my-device", "fitted"));
        let origin = Device::load(name).unwrap();
        assert_eq!(device.conductance_range(), origin.conductance_range());
        let (evidence, source) = device.provenance(found.kind.section()).expect(name);
        assert!(
            evidence == "fitted" && source.contains("BLAKE3 0123"),
            "{source}"
        );
        let (_, max) = origin.conductance_range();
        let close = |a: f64, b: f64, tolerance: f64| {
            assert!((a / b - 1.0).abs() < tolerance, "{name} {kind:?}: {a} {b}");
        };
        match kind {
            Kind::ProgrammingNoise => {
                let (a, b) = (
                    device.programming_sigma(0.5 * max),
                    origin.programming_sigma(0.5 * max),
                );
                close(a, b, 0.15);
                // What was not measured is the base's.
                assert_eq!(device.drift_exponent(max), origin.drift_exponent(max));
            }
            Kind::Drift => {
                close(
                    device.drift_exponent(0.5 * max).0,
                    origin.drift_exponent(0.5 * max).0,
                    0.1,
                );
                assert_eq!(
                    device.programming_sigma(max).to_bits(),
                    origin.programming_sigma(max).to_bits()
                );
            }
            Kind::PulseResponse => close(device.after_pulses(0.5), origin.after_pulses(0.5), 0.05),
            Kind::Iv => {
                let g = 80e-6;
                close(device.current(g, 0.5), origin.current(g, 0.5), 0.01);
            }
        }
    }
}

#[test]
fn without_a_base_the_range_is_what_was_measured() {
    let base = Base::load(None).unwrap();
    let text = alternating(&[5.0, 5.0, 10.0, 10.0, 20.0, 20.0, 30.0, 30.0]);
    let found = fit(Kind::ProgrammingNoise, &table(&text), &base, &of_order(0)).unwrap();
    let file = found.device_file("mine", "my.csv", &base).unwrap();
    let device = Device::parse(&file, "mine.toml").unwrap();
    assert_eq!(device.conductance_range(), (0.0, 30e-6));
    let wider = Options {
        max: Some(50e-6),
        min: Some(1e-6),
        ..of_order(0)
    };
    let found = fit(Kind::ProgrammingNoise, &table(&text), &base, &wider).unwrap();
    let file = found.device_file("mine", "my.csv", &base).unwrap();
    let device = Device::parse(&file, "mine.toml").unwrap();
    assert_eq!(device.conductance_range(), (1e-6, 50e-6));
    let wrong = Options {
        min: Some(60e-6),
        ..wider
    };
    assert!(matches!(
        fit(Kind::ProgrammingNoise, &table(&text), &base, &wrong),
        Err(FitError::Range { .. })
    ));
}

/// A power law has no time of its own: drift begins where the base's does, else at the first measurement,
/// and the exponents are the same. Device by device: G = 10 uS (t/20 s)^-nu with nu = 0.04 to 0.1.
#[test]
fn drift_begins_with_the_base_or_with_the_first_measurement() {
    let mut text = String::from("device,time_s,conductance_uS\n");
    for device in 0..7_u32 {
        let nu = 0.04 + 0.01 * f64::from(device);
        for time in [60.0_f64, 600.0, 6000.0, 60_000.0] {
            let conductance = 10.0 * (time / 20.0).powf(-nu);
            writeln!(text, "{device},{time},{conductance:.12}").unwrap();
        }
    }
    let options = Options {
        max: Some(25e-6),
        order: Some(0),
        ..Options::default()
    };
    let fitted = |base: &Base, text: &str| {
        let found = fit(Kind::Drift, &table(text), base, &options).unwrap();
        let file = found.device_file("my-device", "my.csv", base).unwrap();
        Device::parse(&file, "my-device.toml").unwrap()
    };
    for (base, start) in [(Base::load(None).unwrap(), 60.0_f64), (base("pcm"), 20.0)] {
        let device = fitted(&base, &text);
        let known = device.known_times();
        assert_eq!(known[0].to_bits(), start.to_bits());
        // A bare device has no range of validity.
        assert_eq!(known[1].is_finite(), base.device().is_some());
        let (mean, sd) = device.drift_exponent(10e-6);
        assert!(
            (mean - 0.07).abs() < 1e-6 && (sd - 0.02).abs() < 1e-6,
            "{mean} {sd}"
        );
        // The middle device at the first and at the last time.
        let programmed = 10e-6 * (start / 20.0).powf(-0.07);
        for time in [60.0_f64, 60_000.0] {
            let aged = device.aged_moments(programmed, time).unwrap().0;
            assert!((aged / (10e-6 * (time / 20.0).powf(-0.07)) - 1.0).abs() < 1e-6);
        }
    }
    let zero = text.replacen("0,60,", "0,0,", 1);
    let error = fit(Kind::Drift, &table(&zero), &base("pcm"), &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("since the last programming pulse"),
        "{error}"
    );
}

#[test]
fn numbers_in_a_device_file_read_back_as_what_was_fitted() {
    let base = base("generic");
    let mut generator =
        analog_substrate::random::stream(5, analog_substrate::random::Purpose::Check, 0, 0);
    let text = alternating(&[5.0, 5.0, 10.0, 10.0, 20.0, 20.0, 25.0, 25.0]);
    for _ in 0..200 {
        let [a, b]: [f64; 2] = std::array::from_fn(|_| generator.random());
        // Any range: most have a share min/max that no short decimal holds.
        let max = 25e-6 * (1.0 + b);
        let options = Options {
            min: Some(4e-6 * a),
            max: Some(max),
            ..of_order(0)
        };
        let found = fit(Kind::ProgrammingNoise, &table(&text), &base, &options).unwrap();
        let file = found.device_file("mine", "my.csv", &base).unwrap();
        let device = Device::parse(&file, "mine.toml").expect(&file);
        assert_eq!(device.conductance_range(), (4e-6 * a, max));
        let sigma = device.programming_sigma(max);
        assert_eq!(sigma.to_bits(), found.parameters[0].value.to_bits());
    }
    // Every number of every kind: each value of the law, and how far it was measured.
    for (name, kind) in [
        ("pcm", Kind::Drift),
        ("capacitor-3t1c", Kind::PulseResponse),
        ("reram-milo", Kind::Iv),
    ] {
        let base = Base::load(Some(name)).unwrap();
        let found = fit(
            kind,
            &table(&synthetic(name, kind, 12, 0.001, 2)),
            &base,
            &of_order(1),
        );
        let found = found.unwrap();
        let file = found.device_file("mine", "my.csv", &base).unwrap();
        let device = Device::parse(&file, "mine.toml").unwrap();
        let laws = toml::Table::try_from(&device).unwrap();
        let value = |key: &str| {
            let parameter = found.parameters.iter().find(|p| p.key == key);
            parameter.expect(key).value.to_bits()
        };
        match kind {
            Kind::PulseResponse => {
                let law = device.pulses().unwrap();
                assert_eq!(
                    law.curvature(Way::Up).to_bits(),
                    value("pulses.curvature.up")
                );
                assert_eq!(law.cycle().to_bits(), value("pulses.cycle"));
            }
            Kind::Iv => {
                let law = &laws["current"];
                let read = |of: &toml::Value| of.as_float().unwrap().to_bits();
                assert_eq!(read(&law["quadratic"][1]), value("current.quadratic[1]"));
                assert_eq!(read(&law["cubic"][0]), value("current.cubic[0]"));
            }
            _ => {
                let law = &laws["drift"]["mean"][0];
                let read = |key: &str| law[key].as_float().unwrap().to_bits();
                assert_eq!(read("log"), value("drift.mean.log"));
            }
        }
    }
}

/// Names of files stand in comments and strings of the device file: they stay there. What no device can
/// have is told of the measurements, not of a line of a file that was never written.
#[test]
fn what_a_device_file_says_is_of_the_measurements() {
    let base = base("pcm");
    let text = synthetic("pcm", Kind::ProgrammingNoise, 50, 0.001, 1);
    let options = Options::default();
    let mut found = fit(Kind::ProgrammingNoise, &table(&text), &base, &options).unwrap();
    let file = found
        .device_file("a\nb", "my\nlevels = 3\n\u{1b}[2J.csv", &base)
        .unwrap();
    let device = Device::parse(&file, "a.toml").unwrap();
    assert_eq!((device.name(), device.levels()), (r"a\nb", None));
    assert!(file.lines().all(|line| line != "levels = 3"), "{file}");
    found.section.insert("sigma".to_owned(), "huge".into());
    let error = found.device_file("mine", "my.csv", &base).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("my.csv: the fit says `sigma = \"huge\"`")
            && !message.contains("line "),
        "{message}"
    );
}
