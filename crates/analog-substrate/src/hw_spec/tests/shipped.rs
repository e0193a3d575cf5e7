use super::super::{KEYS, Kind, Off, SHIPPED, Setting, Spec, Status, reference};
use crate::chip::{
    ActivationBlock, Converters, Crossbar, Environment, NodeDesign, Overheads, SpringDesign,
    Summing,
};
use crate::chip::{Design, Distributed};
use std::{env, fs, path::PathBuf};
use units::Quantity;

/// Numbers that a spec writes the same way are the same double: nothing is lost in units.
#[test]
fn the_ideal_design_is_that_of_the_paper_in_a_hundred_femtofarads() {
    let expected = Design {
        name: "ideal".to_owned(),
        cell: None,
        node: NodeDesign {
            capacitance: Distributed::exact(100e-15),
            visible_ratio: 20.0,
            unit_conductance: 10e-6,
            leak: Distributed::exact(1.0),
            unit_voltage: 0.1,
        },
        crossbar: Crossbar {
            summing: Summing::VirtualGround,
            noise_factor: 1.0,
        },
        arrays: None,
        activation: ActivationBlock {
            gain: Distributed::exact(1.0),
            offset: Distributed::exact(0.0),
            noise_density: 0.0,
            flicker: None,
            saturation: None,
            bandwidth: None,
        },
        spring: SpringDesign {
            stiffness: None,
            mismatch: Distributed::exact(1.0),
        },
        converters: Converters {
            dac_bits: None,
            dac_range: 0.5,
            adc_bits: None,
            adc_range: 1.0,
            hold_capacitance: None,
            droop: 0.0,
            dac_energy: 0.0,
            adc_energy: 0.0,
        },
        overheads: Overheads {
            reset: 0.0,
            write: 0.0,
            read: 0.0,
        },
        environment: Environment {
            temperature: 300.0,
            thermal_noise: false,
            bias_power: 0.0,
            visible_bias: 0.4,
        },
    };
    assert_eq!(Design::ideal(), expected);
}

#[test]
fn shipped_specs_are_found_by_every_name() {
    for spec in SHIPPED {
        let names = [
            spec.name.to_lowercase(),
            spec.name.to_uppercase(),
            spec.stem.to_owned(),
        ];
        for name in names {
            assert_eq!(Spec::load(&name).unwrap().name(), spec.name);
        }
    }
    assert_eq!(Spec::shipped().unwrap().len(), SHIPPED.len());
}

#[test]
fn shipped_values_have_sources_and_golden_checks_that_hold() {
    for spec in Spec::shipped().unwrap() {
        let checks = spec.check().unwrap();
        assert_eq!(checks.len(), 8, "{}", spec.name());
        for value in spec.values() {
            let key = value.key.name;
            assert!(
                value.source.is_some() && value.evidence.is_some(),
                "{}: {key}",
                spec.name()
            );
            let is_number = matches!(value.key.kind, Kind::Quantity { .. });
            assert_eq!(value.range.is_some(), is_number, "{}: {key}", spec.name());
        }
        let design = spec.design();
        assert_eq!(design.environment.thermal_noise, spec.name() != "ideal");
    }
}

/// The reference designs by hand: C and g of each, tau = C/g.
#[test]
fn reference_designs_have_their_clocks() {
    for (name, tau) in [("D1", 1e-4), ("D2", 1e-6), ("D3", 1e-8), ("D4", 1e-9_f64)] {
        let design = Spec::load(name).unwrap().design();
        let ratio = design.time_constant() / tau;
        assert!((ratio - 1.0).abs() < 1e-12, "{name}: {ratio}");
    }
}

#[test]
fn everything_off_leaves_the_ideal_chip_with_other_scales() {
    for mut spec in Spec::shipped().unwrap() {
        spec.only(&[]).unwrap();
        let mut design = spec.design();
        let ideal = Design::ideal();
        design.name = ideal.name.clone();
        design.node.capacitance.mean = ideal.node.capacitance.mean;
        design.node.unit_conductance = ideal.node.unit_conductance;
        design.node.unit_voltage = ideal.node.unit_voltage;
        design.converters.dac_range = ideal.converters.dac_range;
        design.converters.adc_range = ideal.converters.adc_range;
        // A choice, which has no zero.
        design.cell = ideal.cell;
        // Devices and tiles without imperfections: the tests of `arrays` hold them to the weights.
        design.arrays = None;
        // What takes time and energy is no imperfection.
        let whole = Spec::load(spec.name()).unwrap().design();
        assert_eq!(design.overheads, whole.overheads, "{}", spec.name());
        assert_eq!(
            (design.converters.dac_energy, design.converters.adc_energy),
            (whole.converters.dac_energy, whole.converters.adc_energy)
        );
        let power = |design: &Design| design.environment.bias_power.to_bits();
        assert_eq!(power(&design), power(&whole), "{}", spec.name());
        design.overheads = ideal.overheads;
        design.converters.dac_energy = ideal.converters.dac_energy;
        design.converters.adc_energy = ideal.converters.adc_energy;
        design.environment.bias_power = ideal.environment.bias_power;
        assert_eq!(design, ideal, "{}", spec.name());
        let mut on = spec.values().filter(|value| value.status == Status::On);
        assert!(on.all(|value| value.key.is_cost()), "{}", spec.name());
    }
}

#[test]
fn one_imperfection_alone_can_be_left_on() {
    let mut spec = Spec::load("D2").unwrap();
    spec.only(&["activation.offset"]).unwrap();
    let on: Vec<_> = spec
        .values()
        .filter(|value| value.status == Status::On && !value.key.is_cost())
        .collect();
    assert_eq!(on.len(), 1);
    assert_eq!(on[0].key.name, "activation.offset");
    assert!(spec.design().activation.offset.sigma > 0.0);
    let message = spec.only(&["activation.ofset"]).unwrap_err().to_string();
    assert!(
        message.contains("did you mean `activation.offset`"),
        "{message}"
    );
}

/// Some other valid text for a value.
fn another(kind: &Kind, setting: Setting) -> String {
    match (kind, setting) {
        (Kind::Quantity { unit, .. }, Setting::Number(value)) if value > 0.0 => Quantity {
            value: 1.25 * value,
            unit: *unit,
        }
        .to_string(),
        (Kind::Quantity { unit, .. }, Setting::Number(_)) => Quantity {
            value: 1e-6,
            unit: *unit,
        }
        .to_string(),
        (Kind::Quantity { unit, most, .. }, _) => Quantity {
            value: most.min(2.0),
            unit: *unit,
        }
        .to_string(),
        (Kind::Count { .. }, _) => "7".to_owned(),
        (Kind::Choice { words, .. }, Setting::Word(word)) if *word == *words[0] => {
            words[1].to_owned()
        }
        (Kind::Choice { words, .. }, _) => words[0].to_owned(),
        (Kind::Switch, setting) => (setting != Setting::Switch(true)).to_string(),
    }
}

/// D2 has everything on, so that no key of a chip with devices is idle.
fn with_everything_on() -> Spec {
    let mut spec = Spec::load("D2").unwrap();
    spec.set("device", "generic").unwrap();
    spec.override_with(&[
        "array.tolerance=1 %",
        "array.update_pulses=1000",
        "array.update=pulses",
        "array.update_shape=0.5",
        "array.update_law=linear",
    ])
    .unwrap();
    spec
}

/// Each key has to reach the design, and differ in exactly one place.
#[test]
fn every_key_reaches_the_design() {
    let spec = with_everything_on();
    let before = serde_json::to_value(spec.design()).unwrap();
    for value in spec.values() {
        let mut changed = spec.clone();
        changed
            .set(value.key.name, &another(&value.key.kind, value.setting))
            .unwrap();
        let after = serde_json::to_value(changed.design()).unwrap();
        assert_ne!(before, after, "{}", value.key.name);
        let mut path = value.key.name.split('.');
        let section = match path.next().unwrap() {
            "array" | "wires" => "arrays",
            section => section,
        };
        for (name, part) in before.as_object().unwrap() {
            assert_eq!(
                *part == after[name],
                name != section,
                "{}: {name}",
                value.key.name
            );
        }
    }
}

#[test]
fn every_word_of_every_key_is_understood() {
    for key in KEYS {
        let mut spec = with_everything_on();
        if key.name == "array.update_pulses" {
            // The generic device has no response of its own, and is refused where it has to have one.
            assert!(spec.clone().set(key.name, "device").is_err());
            spec.set("array.update", "exact").unwrap();
        }
        let Kind::Choice { words, none } = key.kind else {
            if let Some(none) = key.kind.none() {
                spec.set(key.name, none).unwrap();
                assert!(key.off == Off::Never || spec.is_off(key));
            }
            continue;
        };
        let mut designs: Vec<Design> = Vec::new();
        for word in words.iter().copied().chain(none) {
            spec.set(key.name, word).unwrap();
            let design = spec.design();
            // A device without a response to pulses of its own has constant steps.
            let is_new =
                !designs.contains(&design) || (key.name, word) == ("array.update_law", "device");
            assert!(is_new, "{}: {word}", key.name);
            designs.push(design);
        }
    }
}

#[test]
fn exact_values_have_the_plain_law() {
    let mut spec = Spec::load("D3").unwrap();
    spec.set("node.leak.law", "uniform").unwrap();
    spec.set("node.leak.spread", "0").unwrap();
    assert_eq!(spec.design().node.leak, Distributed::exact(1.0));
}

/// `docs/reference/hardware-specs.md` is what the registry says. With `GRADEP_BLESS` set it is written anew.
#[test]
fn the_reference_is_up_to_date() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/hardware-specs.md");
    if env::var_os("GRADEP_BLESS").is_some() {
        fs::write(&path, reference()).unwrap();
    }
    let page = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        page == reference(),
        "docs/reference/hardware-specs.md is out of date"
    );
}
