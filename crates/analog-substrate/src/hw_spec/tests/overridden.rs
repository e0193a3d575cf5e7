use super::super::Spec;

#[test]
fn overrides_are_read_with_and_without_quotes() {
    let mut spec = Spec::load("D3").unwrap();
    spec.override_with(&[
        "node.capacitance=50 fF",
        "node.unit_voltage = \"50 mV\"",
        "node.leak.spread=2 %",
        "crossbar.summing=loaded",
        "converters.adc_bits=8",
        "converters.dac_bits=off",
        "environment.thermal_noise=false",
        "activation.gain={ value = 0.98, spread = 0.01 }",
    ])
    .unwrap();
    let design = spec.design();
    assert_eq!(design.node.capacitance.mean.to_bits(), 50e-15_f64.to_bits());
    assert_eq!(design.node.unit_voltage.to_bits(), 0.05_f64.to_bits());
    assert_eq!(
        (design.converters.adc_bits, design.converters.dac_bits),
        (Some(8), None)
    );
    assert!(!design.environment.thermal_noise);
    assert_eq!(design.activation.gain.sigma.to_bits(), 0.01_f64.to_bits());
    let value = spec
        .values()
        .find(|value| value.key.name == "node.capacitance")
        .unwrap();
    assert_eq!(value.origin.to_string(), "override node.capacitance=50 fF");
}

#[test]
fn a_refused_override_changes_nothing() {
    let mut spec = Spec::load("D3").unwrap();
    let before = spec.design();
    for (text, part) in [
        ("node.capacitance", "key=value"),
        ("node.capacitanse=5 fF", "did you mean `node.capacitance`"),
        ("node.capacitance=5", "has no unit"),
        (
            "node.capacitance=5 uS",
            "is a conductance; expected a capacitance",
        ),
        ("node.capacitance=inf", "not a finite number"),
        (
            "node.capacitance=2 F",
            "expected a capacitance such as \"100 fF\", from 1 aF to 1 F",
        ),
        (
            "node.capacitance=1 mF",
            "outside the validity range, 1 fF to 1 uF (given at hw-specs/ideal.toml:",
        ),
        (
            "node.capacitance.spred=1 %",
            "did you mean `node.capacitance.spread`",
        ),
        ("node.capacitance.spread=30 %", "wrong sign"),
        (
            "activation.offset.spread=1 %",
            "share of a value that is zero",
        ),
        (
            "activation.offset.law=log-normal",
            "expected a value above zero",
        ),
        ("node=5 fF", "keys of the section [node]"),
        ("name=other", "unknown key `name`"),
        ("activation.flicker_low=1 GHz", "validity range"),
    ] {
        let both = ["node.leak=1.1", text];
        let message = spec.override_with(&both).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
        assert!(message.contains(text), "{message}");
        assert_eq!(spec.design(), before);
    }
}

#[test]
fn the_band_of_flicker_noise_has_a_width() {
    let mut spec = Spec::load("D2").unwrap();
    let message = spec
        .set("activation.flicker_low", "2 MHz")
        .unwrap_err()
        .to_string();
    assert!(
        message.starts_with("override activation.flicker_low=2 MHz: "),
        "{message}"
    );
    assert!(
        message.contains("below activation.flicker_high, 2 MHz"),
        "{message}"
    );
    spec.override_with(&[
        "activation.flicker_low=2 MHz",
        "activation.flicker_high=5 MHz",
    ])
    .unwrap();
}

/// An 8-bit converter of the same figure of merit takes a sixteenth of what one of 12 bits takes; what is said of its energy holds.
#[test]
fn the_energy_of_a_conversion_follows_its_bits() {
    let energy = |set: &[&str]| {
        let mut spec = Spec::load("D3").unwrap();
        spec.override_with(set).unwrap();
        let converters = spec.design().converters;
        [converters.adc_energy, converters.dac_energy]
    };
    let [adc, dac] = energy(&[]);
    let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-12;
    let [eight, same] = energy(&["converters.adc_bits=8"]);
    assert!(close(eight, adc / 16.0) && same.to_bits() == dac.to_bits());
    assert!(close(energy(&["converters.dac_bits=14"])[1], 4.0 * dac));
    for given in [
        &["converters.adc_bits=8", "converters.adc_energy=5 pJ"][..],
        &["converters.adc_energy=5 pJ", "converters.adc_bits=8"][..],
    ] {
        assert!(close(energy(given)[0], 5e-12), "{given:?}");
    }
    // Without a converter it stays what it was.
    assert!(close(energy(&["converters.adc_bits=off"])[0], adc));
    // So does a spec that inherits from it; and what is written out is read back as it is.
    let text = "name = \"mine\"\ninherits = \"D3\"\n[converters]\nadc_bits = 10\n";
    let spec = Spec::parse(text, "mine.toml").unwrap();
    assert!(close(spec.design().converters.adc_energy, adc / 4.0));
    let mut values = spec.values();
    let found = values.find(|value| value.key.name == "converters.adc_energy");
    assert!(found.unwrap().source.unwrap().contains("12 bits"));
}
