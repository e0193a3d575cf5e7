//! Residuals that have a structure are told of, whatever was measured.

use super::{Base, Kind, Options, base, fit, of_order, synthetic, table};

#[test]
fn the_law_that_made_the_measurements_leaves_no_structure() {
    for (name, kind, devices, order) in [
        ("pcm", Kind::ProgrammingNoise, 400, 2),
        ("pcm", Kind::Drift, 60, 2),
        ("capacitor-3t1c", Kind::PulseResponse, 20, 1),
        ("reram-milo", Kind::Iv, 8, 3),
    ] {
        for seed in 0..4 {
            let text = synthetic(name, kind, devices, 0.001, seed);
            let found = fit(kind, &table(&text), &base(name), &of_order(order)).unwrap();
            let said = found.warnings.join("\n");
            assert!(
                !said.contains("residuals depend"),
                "{kind:?} {seed}: {said}"
            );
        }
    }
}

#[test]
fn devices_that_miss_their_targets_in_a_pattern_are_told_of() {
    // Too high in the middle of the range and too low at its ends, 0 on average.
    let rows = (0..200).map(|k| {
        let target = 5.0 + 0.1 * f64::from(k);
        let miss = (0.5 * target).sin() * 0.4 + if k % 2 == 0 { 0.3 } else { -0.3 };
        format!("{target},{}", target + miss)
    });
    let text = format!(
        "target_uS,achieved_uS\n{}",
        rows.collect::<Vec<_>>().join("\n")
    );
    let found = fit(
        Kind::ProgrammingNoise,
        &table(&text),
        &base("pcm"),
        &of_order(0),
    )
    .unwrap();
    let said = found.warnings.join("\n");
    assert!(
        said.contains("residuals depend on the conductance asked for"),
        "{said}"
    );
}

#[test]
fn a_decay_that_is_no_power_of_time_is_told_of() {
    // Exponential decay with a day, readings ± 0.1 %.
    let rows = (0..12).flat_map(|device| {
        (0..16).map(move |k| {
            let time = 86_400.0_f64.powf(f64::from(k) / 15.0);
            let noise = 1.0 + 1e-3 * f64::from((k * 7 + device * 5) % 9 - 4);
            let conductance = (5.0 + f64::from(device)) * (-time / 86_400.0).exp() * noise;
            format!("{device},{time},{conductance}")
        })
    });
    let text = format!(
        "device,time_s,conductance_uS\n{}",
        rows.collect::<Vec<_>>().join("\n")
    );
    let found = fit(
        Kind::Drift,
        &table(&text),
        &base("pcm"),
        &Options::default(),
    )
    .unwrap();
    let said = found.warnings.join("\n");
    assert!(
        said.contains("residuals depend on the time since programming"),
        "{said}"
    );
}

#[test]
fn the_largest_conductance_of_drift_is_fitted_not_read() {
    // Readings ± 5 %: the largest of a thousand is 15 % too high.
    let bare = Base::load(None).unwrap();
    for seed in 0..5 {
        let text = synthetic("pcm", Kind::Drift, 60, 0.05, seed);
        let found = fit(Kind::Drift, &table(&text), &bare, &Options::default()).unwrap();
        let max = found
            .parameters
            .iter()
            .find(|p| p.key == "conductance.max")
            .unwrap();
        assert!((max.value / 25e-6 - 1.0).abs() < 0.09, "{max:?}");
    }
}
