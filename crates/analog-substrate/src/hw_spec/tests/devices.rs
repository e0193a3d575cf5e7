use super::super::{Evidence, Setting, Spec, Status};
use crate::{chip::Design, device::Effects};

fn refused(spec: &str, overrides: &[&str]) -> String {
    let mut spec = Spec::load(spec).unwrap();
    let message = spec.override_with(overrides).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

/// Complete chips: node, device and wires, each value with its source, the device's golden values
/// checked.
#[test]
fn six_and_more_chips_have_devices() {
    let mut count = 0;
    for spec in Spec::shipped().unwrap() {
        let Some(device) = spec.device() else {
            continue;
        };
        count += 1;
        device
            .check()
            .unwrap_or_else(|error| panic!("{}: {error}", spec.name()));
        let arrays = spec.design().arrays.unwrap();
        let is_discrete = spec.parents()[0] == "D1";
        assert_eq!(arrays.wires.are_ideal(), is_discrete, "{}", spec.name());
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn a_node_of_technology_sets_both_lines() {
    let mut spec = Spec::load("D3-PCM").unwrap();
    let wires = |spec: &Spec| {
        let wires = spec.design().arrays.unwrap().wires;
        (wires.row_segment, wires.column_segment)
    };
    let before = spec.clone();
    spec.override_with(&["wires.node=\"14 nm\""]).unwrap();
    let (row, column) = wires(&spec);
    assert!((row - 2.524).abs() < 1e-3 && row.to_bits() == column.to_bits());
    let value = spec
        .values()
        .find(|value| value.key.name == "wires.segment")
        .unwrap();
    assert!(value.source.unwrap().contains("neurosim-1.4"));
    assert_eq!(value.evidence, Some(Evidence::Derived));
    // The last word counts, of either kind.
    spec.override_with(&["wires.node=9 nm, imac-sim"]).unwrap();
    let (row, column) = wires(&spec);
    assert!((row / column - 1.25).abs() < 1e-12);
    spec.override_with(&["wires.node=22nm,cross-point", "wires.segment=3 ohm"])
        .unwrap();
    assert_eq!(wires(&spec), (3.0, 3.0));
    // Exactly off, and alone.
    spec.override_with(&["wires.node=9 nm, imac-sim"]).unwrap();
    let mut off = spec.clone();
    off.only(&[]).unwrap();
    assert_eq!(wires(&off), (0.0, 0.0));
    spec.only(&["wires"]).unwrap();
    assert!(wires(&spec).1 > 9.0);
    let mut same = before;
    same.override_with(&["wires.segment=9 nm"]).unwrap_err();
    for (text, part) in [
        ("15 nm", "expected a node of neurosim-1.4"),
        ("14 kV", "technology node"),
    ] {
        let message = refused("D3-PCM", &[&format!("wires.node={text}")]);
        assert!(
            message.contains("wires.node") && message.contains(part),
            "{message}"
        );
    }
}

#[test]
fn a_file_names_a_node_or_resistances() {
    let text = |wires: &str| format!("inherits = \"D3-PCM\"\n[wires]\n{wires}\n");
    let spec = Spec::parse(&text("node = \"7 nm\""), "my.toml").unwrap();
    let row = spec.design().arrays.unwrap().wires.row_segment;
    assert!((row - 5.56).abs() < 0.005, "{row}");
    for wires in [
        "node = \"7 nm\"\nsegment = \"1 ohm\"",
        "node = \"7 nm\"\ncolumn_segment = \"1 ohm\"",
        "node = 7",
        "node = \"7\"",
        "node = \"7 nm, 2t2r\"",
    ] {
        let message = Spec::parse(&text(wires), "my.toml")
            .unwrap_err()
            .to_string();
        assert!(message.starts_with("my.toml:3"), "{message}");
        assert!(message.contains("wires.node"), "{message}");
    }
}

/// Out of a device's validity range is an error, never an extrapolation; what is off is not asked.
#[test]
fn devices_are_not_asked_beyond_their_ranges() {
    for (spec, overrides, part) in [
        ("D3-PCM", vec!["array.age=2 Gs"], "array.age"),
        ("D2-SONOS", vec!["array.age=6 Ms"], "from 0 s to 432000 s"),
        ("D2-ReRAM", vec!["array.age=2 s"], "1 s, 86400 s, 172800 s"),
        ("D3-ReRAM-CMO", vec!["array.age=0 s"], "from 1 s to 90000 s"),
        ("D3-PCM", vec!["array.age=19 s"], "from 20 s to 31536000 s"),
        (
            "D3-HERMES",
            vec!["array.age=0 s"],
            "from 300 s to 31536000 s",
        ),
        (
            "D3-HERMES",
            vec!["array.age=299 s", "array.drift=false"],
            "from 300 s on for its read noise",
        ),
        ("D3-PCM", vec!["array.read_voltage=0.31 V"], "at most 0.3 V"),
        (
            "D3-PCM",
            vec!["node.unit_voltage=0.4 V"],
            "node.unit_voltage",
        ),
        ("D1", vec!["device=pcm"], "node.unit_voltage"),
    ] {
        let message = refused(spec, &overrides);
        assert!(message.contains(part), "{message}");
    }
    for overrides in [
        ["array.age=2 Ms", "array.drift=false"],
        ["node.unit_voltage=0.4 V", "array.read_voltage=0.1 V"],
    ] {
        let mut spec = Spec::load("D3-ReRAM-CMO").unwrap();
        spec.override_with(&overrides).unwrap();
    }
}

/// Each imperfection of a device alone: that one acts, and what is not on is as in the ideal chip.
#[test]
fn imperfections_of_devices_are_switched_alone() {
    let keys = [
        ("levels", "array.levels"),
        ("programming_noise", "array.programming_noise"),
        ("device_variation", "array.device_variation"),
        ("stuck", "array.stuck"),
        ("drift", "array.drift"),
        ("read_noise", "array.read_noise"),
        ("nonlinearity", "array.nonlinearity"),
    ];
    assert_eq!(keys.map(|(name, _)| name), Effects::NAMES);
    for (name, key) in keys {
        let mut spec = Spec::load("D2-ECRAM").unwrap();
        spec.override_with(&[format!("chip.only={name}")]).unwrap();
        let on: Vec<_> = spec
            .values()
            .filter(|value| value.status == Status::On && !value.key.is_cost())
            .map(|value| value.key.name)
            .collect();
        assert_eq!(on, [key]);
        let arrays = spec.design().arrays.unwrap();
        assert_eq!(Some(arrays.effects), Effects::only(name), "{name}");
        assert!(arrays.verify.is_none() && arrays.wires.are_ideal());
    }
    let mut spec = Spec::load("D2-ECRAM").unwrap();
    spec.override_with(&["chip.only=programming_noise,tolerance"])
        .unwrap();
    let arrays = spec.design().arrays.unwrap();
    assert!(
        arrays
            .verify
            .is_some_and(|verify| verify.most_pulses == 3000)
    );
    spec.override_with(&["array.most_pulses=unlimited"])
        .unwrap();
    let most = |design: Design| design.arrays.unwrap().verify.unwrap().most_pulses;
    assert_eq!(most(spec.design()), 1_000_000);
    assert_eq!(spec.setting("array.pulse_time"), Setting::None);
}
