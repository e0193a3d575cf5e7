use super::super::Device;
use super::load;

#[test]
fn presets_reproduce_their_published_values() {
    let mut checks = 0;
    for device in Device::shipped().expect("shipped devices") {
        checks += device
            .check()
            .unwrap_or_else(|error| panic!("{error}"))
            .len();
    }
    assert!(checks >= 60, "{checks}");
}

#[test]
fn presets_say_where_every_value_is_from_and_where_it_holds() {
    for device in Device::shipped().expect("shipped devices") {
        let unexplained = device.unexplained();
        assert!(unexplained.is_empty(), "{}: {unexplained:?}", device.name());
        assert!(device.largest_voltage().is_some(), "{}", device.name());
        assert!(!device.sources().is_empty(), "{}", device.name());
        if let Some(other) = device.alternative() {
            let other = Device::load(other).expect("the alternative");
            assert_ne!(other.name(), device.name());
        }
    }
}

/// Two independent fits of the same chips: those of phase-change memory are within 4 % of each
/// other, those of `NeuRRAM` 0.15 to 0.7 uS apart.
#[test]
fn two_fits_of_the_resistive_memory_are_as_far_apart_as_published() {
    let (one, other) = (load("ReRAM-Wan"), load("ReRAM-Wan-CrossSim"));
    for g in [5e-6, 10e-6, 20e-6, 30e-6, 39e-6] {
        let more = other.programming_sigma(g) - one.programming_sigma(g);
        assert!((0.14e-6..0.7e-6).contains(&more), "{g}: {more}");
    }
    let nothing = other.programming_sigma(0.0) / one.programming_sigma(0.0);
    assert!((nothing - 1.053 / 0.348).abs() < 1e-9, "{nothing}");
}

/// The currents of figure 4 of the transistor's model by hand: 450 uA/V^2 (V_gate - 0.925 V) for a
/// small voltage.
#[test]
fn conductances_of_the_transistor_edge() {
    let device = load("mosfet-edge");
    let most = device.conductance_range().1;
    let published_edges: [(f64, f64); 4] = [
        (1.1, 0.079e-3),
        (2.0, 0.48e-3),
        (4.0, 1.38e-3),
        (6.0, 2.28e-3),
    ];
    assert!((most - 450e-6 * (8.0 - 0.925)).abs() < 1e-12);
    for (gate, published) in published_edges {
        let g = 450e-6 * (gate - 0.925);
        // Two and three digits are published.
        assert!((g / published - 1.0).abs() < 0.01, "{gate}");
        let v = 1e-6;
        assert!(
            (device.current(g, v) / (g * v) - 1.0).abs() < 1e-5,
            "{gate}"
        );
    }
}
