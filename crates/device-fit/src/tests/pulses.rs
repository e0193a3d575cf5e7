//! Responses to pulses of a device whose range nobody knows.

use super::{
    Base, Device, Fit, Kind, Options, Synthetic, covered, fit, keyed, measure, of_order, table,
};
use analog_substrate::random::{Purpose, stream};
use rand::RngExt as _;
use rand_distr::StandardNormal;

/// From 1 to 11 µS in 64 pulses that bend, each with 1 % of scatter.
fn bent() -> Device {
    let text = r#"
        name = "bent"
        summary = "made up"
        evidence = "assumed"
        sources = ["a test"]
        conductance = { min = "1 uS", max = "11 uS" }
        pulses = { count = 64, curvature = { up = 1.0, down = 2.2 }, cycle = "1 %" }
    "#;
    Device::parse(text, "bent.toml").unwrap()
}

fn measured(devices: usize, seed: u64) -> String {
    let experiment = Synthetic {
        kind: Kind::PulseResponse,
        devices,
        reading_error: 0.0,
        seed,
    };
    measure(&bent(), &experiment).unwrap()
}

fn fitted(text: &str, options: &Options) -> Fit {
    let bare = Base::load(None).unwrap();
    fit(Kind::PulseResponse, &table(text), &bare, options).unwrap()
}

fn only(text: &str, way: &str) -> String {
    let rows = text
        .lines()
        .filter(|line| !line.contains(",up,") && !line.contains(",down,") || line.contains(way));
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_range_is_fitted_within_its_uncertainty() {
    let truth = keyed([
        ("pulses.count", 64.0),
        ("pulses.curvature.up", 1.0),
        ("pulses.curvature.down", 2.2),
        ("pulses.cycle", 0.01),
        ("conductance.min", 1e-6),
        ("conductance.max", 11e-6),
    ]);
    covered("a bent device, range fitted", 60, &truth, |seed| {
        fitted(&measured(12, seed), &of_order(1))
    });
    // One end told, the other fitted.
    let told = Options {
        max: Some(11e-6),
        ..of_order(1)
    };
    covered("a bent device, max told", 30, &truth[..5], |seed| {
        fitted(&measured(12, seed), &told)
    });
}

#[test]
fn readings_before_the_first_pulse_tell_the_ends() {
    let truth = keyed([
        ("conductance.min", 1e-6),
        ("conductance.max", 11e-6),
        ("pulses.count", 64.0),
    ]);
    covered("a bent device, read before pulses", 30, &truth, |seed| {
        let mut text = measured(12, seed);
        let mut reset = stream(seed, Purpose::Check, 1, 0);
        let more = (0..12).map(|k| {
            // The reset scatters as a pulse does, by 0.1 µS.
            let [low, high]: [f64; 2] = std::array::from_fn(|_| reset.sample(StandardNormal));
            format!(
                "{k},up,0,{}\n{k},down,0,{}\n",
                1.0 + 0.1 * low,
                11.0 + 0.1 * high
            )
        });
        text.push_str(&more.collect::<Vec<_>>().concat());
        fitted(&text, &of_order(1))
    });
}

#[test]
fn one_way_alone_does_not_tell_where_the_range_ends() {
    let text = only(&measured(20, 1), ",up,");
    let found = fitted(&text, &of_order(1));
    let said = found.warnings.join("\n");
    assert!(said.contains("give --max"), "{said}");
    assert!(found.parameters.iter().all(|p| p.key != "pulses.count"));
    // 64 pulses are the whole way here, so that the end is the device's own.
    let end = found
        .parameters
        .iter()
        .find(|p| p.key == "conductance.max")
        .unwrap();
    assert!(
        (end.value - 11e-6).abs() < 4.0 * end.standard_error,
        "{end:?}"
    );
    let file = found
        .device_file("mine", "my.csv", &Base::load(None).unwrap())
        .unwrap();
    assert!(file.contains("count = 64"), "{file}");
    // With its end told, the count is fitted.
    let told = Options {
        max: Some(11e-6),
        ..of_order(1)
    };
    let found = fitted(&text, &told);
    let count = found
        .parameters
        .iter()
        .find(|p| p.key == "pulses.count")
        .unwrap();
    assert!(
        (count.value - 64.0).abs() < 4.0 * count.standard_error,
        "{count:?}"
    );
}

#[test]
fn a_range_that_was_told_wrong_is_doubted() {
    let text = measured(20, 2);
    let right = fitted(&text, &of_order(1)).warnings.join("\n");
    assert!(!right.contains("residuals"), "{right}");
    let wrong = Options {
        min: Some(0.2e-6),
        max: Some(13e-6),
        ..of_order(1)
    };
    let said = fitted(&text, &wrong).warnings.join("\n");
    assert!(said.contains("residuals"), "{said}");
}

#[test]
fn a_smallest_conductance_below_zero_is_held_at_zero() {
    // A straight line whose pulses all come up short of the first step: the line begins below 0.
    let rows = (1..=20).flat_map(|n| {
        (0..3).map(move |k| {
            let noise = 0.05 * f64::from((n * 7 + k * 3) % 5 - 2);
            let up = (f64::from(n) - 1.0).mul_add(0.5, noise).max(0.0);
            format!(
                "{k},up,{n},{up}\n{k},down,{n},{}\n",
                10.0 - 0.5 * f64::from(n) + 0.5
            )
        })
    });
    let text = format!(
        "# short\ndevice,way,pulse,conductance_uS\n{}",
        rows.collect::<Vec<_>>().concat()
    );
    let found = fitted(&text, &of_order(0));
    let said = found.warnings.join("\n");
    assert!(said.contains("conductance.min is 0"), "{said}");
    let base = Base::load(None).unwrap();
    let file = found.device_file("mine", "my.csv", &base).unwrap();
    let device = Device::parse(&file, "mine.toml").unwrap();
    assert!(device.conductance_range().0.abs() < f64::MIN_POSITIVE);
}
