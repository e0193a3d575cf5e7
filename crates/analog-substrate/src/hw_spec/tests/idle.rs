//! Settings that do nothing.

use crate::hw_spec::{KEYS, Spec, Status, VisibleNodes};

/// What is said of the last override of a list.
fn reason(chip: &str, overrides: &[&str]) -> Option<String> {
    let mut spec = Spec::load(chip).unwrap();
    spec.override_with(overrides).unwrap();
    let (name, _) = overrides.last()?.split_once('=')?;
    spec.idle(name).map(|idle| {
        assert_eq!(idle.key, name);
        idle.reason
    })
}

#[test]
fn a_key_that_does_nothing_says_what_would_have_to_be_on() {
    for (chip, overrides, expected) in [
        (
            "ideal",
            &["device=pcm", "array.age=3600 s"][..],
            "array.drift and array.read_noise are off",
        ),
        (
            "ideal",
            &["device=pcm", "array.compensation=global"],
            "array.drift is off",
        ),
        (
            "ideal",
            &["device=pcm", "array.programming_sigma=5 %"],
            "array.programming_noise is off",
        ),
        (
            "ideal",
            &["device=pcm", "array.most_pulses=5"],
            "array.tolerance is off",
        ),
        ("ideal", &["array.drift=true"], "the chip has no device"),
        ("ideal", &["wires.segment=1 ohm"], "the chip has no device"),
        (
            "ideal",
            &["device=pcm", "wires.tile_rows=8"],
            "wires.segment and wires.column_segment and wires.terminal are off",
        ),
        (
            "ideal",
            &["environment.temperature=250 K"],
            "environment.thermal_noise and converters.hold_capacitance are off",
        ),
        (
            "ideal",
            &["activation.flicker_low=2 kHz"],
            "activation.flicker is off",
        ),
        (
            "ideal",
            &["converters.adc_range=2 V"],
            "converters.adc_bits is off",
        ),
        (
            "ideal",
            &["crossbar.noise_factor=2"],
            "environment.thermal_noise is off",
        ),
        // Effects that the device does not have, and their details.
        (
            "ideal",
            &["device=generic", "array.drift=true"],
            "device generic has no law of what time does",
        ),
        (
            "ideal",
            &["device=generic", "array.drift=true", "array.age=1 s"],
            "device generic has no law of what time does",
        ),
        (
            "ideal",
            &["device=pcm", "array.nonlinearity=true"],
            "has no law of bent currents",
        ),
        (
            "ideal",
            &["device=pcm", "array.stuck=true"],
            "has no stuck devices (give array.stuck_on",
        ),
    ] {
        let said = reason(chip, overrides).unwrap_or_else(|| panic!("{overrides:?} acts"));
        assert!(said.contains(expected), "{overrides:?}: {said}");
    }
}

#[test]
fn a_key_that_acts_is_not_idle() {
    for (chip, overrides) in [
        (
            "ideal",
            &["device=pcm", "array.drift=true", "array.age=3600 s"][..],
        ),
        (
            "ideal",
            &[
                "device=pcm",
                "array.programming_noise=true",
                "array.programming_sigma=5 %",
            ],
        ),
        (
            "ideal",
            &["device=pcm", "array.stuck_on=1 %", "array.stuck=true"],
        ),
        (
            "ideal",
            &["device=pcm", "wires.terminal=10 ohm", "wires.tile_rows=8"],
        ),
        ("ideal", &["device=pcm", "array.drift=false"]),
        (
            "ideal",
            &[
                "environment.thermal_noise=true",
                "environment.temperature=250 K",
            ],
        ),
        (
            "ideal",
            &[
                "converters.hold_capacitance=1 pF",
                "environment.temperature=250 K",
            ],
        ),
        ("ideal", &["node.capacitance.spread=2 %"]),
        ("D3", &["environment.temperature=250 K"]),
    ] {
        assert_eq!(reason(chip, overrides), None, "{overrides:?}");
    }
    // Names that are no keys are refused elsewhere.
    assert_eq!(Spec::load("D3").unwrap().idle("no.such.key"), None);
}

#[test]
fn what_visible_nodes_do_decides_as_well() {
    let spec = Spec::load("D3").unwrap();
    let said = |text: &str, visible| {
        let idle = spec.idle_overrides(&[text], visible);
        idle.first().map(|idle| idle.reason.clone())
    };
    for (text, visible, idle) in [
        ("spring.stiffness=3", VisibleNodes::Held, true),
        ("spring.mismatch.spread=3 %", VisibleNodes::Floating, true),
        ("spring.stiffness=3", VisibleNodes::Springs, false),
        ("node.visible_ratio=3", VisibleNodes::Springs, true),
        ("node.visible_ratio=3", VisibleNodes::Held, true),
        ("node.visible_ratio=3", VisibleNodes::Floating, false),
    ] {
        assert_eq!(
            said(text, Some(visible)).is_some(),
            idle,
            "{text} {visible:?}"
        );
        assert_eq!(said(text, None), None, "{text}");
    }
}

/// Every key that another one needs is a key, and the table of a spec and the warnings agree.
#[test]
fn what_a_spec_shows_as_idle_is_what_is_said() {
    for spec in [Spec::load("D3").unwrap(), Spec::load("D3-PCM").unwrap()] {
        for value in spec.values() {
            if value.status == Status::Idle {
                assert!(spec.idle(value.key.name).is_some(), "{}", value.key.name);
            }
        }
    }
    assert!(KEYS.iter().all(|key| {
        key.with
            .iter()
            .all(|with| KEYS.iter().any(|k| k.name == *with))
    }));
}
