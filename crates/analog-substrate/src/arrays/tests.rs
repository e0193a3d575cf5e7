mod compensation;
mod moved;
mod pulsed;
mod wired;

use super::{
    ArrayDesign, Arrays, Biases, Compensation, ConductanceMap, Directions, Occasion, Order, Part,
    Pulse, Units, Update,
};
use crate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Layers, Visible,
    chip::{Chip, ChipParts, Design, Die, Instance, Network, TransientSettings},
    device::{Device, Effects, Stuck, Verify},
    random::{Purpose, stream},
    wires::{Tiling, Wires},
};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};

const UNITS: Units = Units {
    conductance: 10e-6,
    voltage: 0.1,
};
const FIRST: Occasion = Occasion {
    seed: 7,
    chip: 3,
    cycle: 0,
};

fn couplings() -> Couplings<f64> {
    let layers = Layers::new(vec![24, 40, 32]).unwrap();
    let mut generator = stream(1, Purpose::Weights, 0, 0);
    let mut couplings = Couplings::zeros(layers);
    for value in couplings.flat_mut() {
        let z: f64 = StandardNormal.sample(&mut generator);
        *value = 0.2 * z;
    }
    couplings
}

fn design() -> ArrayDesign {
    ArrayDesign {
        device: Device::load("generic").unwrap(),
        effects: Effects::NONE,
        verify: None,
        pulse: Pulse::default(),
        read_voltage: None,
        update: Update::Exact,
        order: Order::Serial,
        scale: None,
        directions: Directions::Shared,
        biases: Biases::Devices,
        age: 20.0,
        compensation: Compensation::None,
        wires: Wires::default(),
        tiling: None,
    }
}

/// Couplings upwards and downwards, as one flat vector each.
fn seen(design: &ArrayDesign, map: ConductanceMap, elapsed: f64) -> [Couplings<f64>; 2] {
    let mut arrays = Arrays::new(design.clone(), map, UNITS).unwrap();
    let mut generator = stream(1, Purpose::Fluctuation, 0, 0);
    let seen = arrays.at(elapsed, &mut generator).unwrap();
    [seen.up, seen.down]
}

fn weights(couplings: &Couplings<f64>) -> Vec<f64> {
    let layers = 0..couplings.layers().hidden();
    layers
        .flat_map(|l| couplings.weight(l).iter().copied().collect::<Vec<_>>())
        .collect()
}

fn rms(a: &[f64], b: &[f64]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / a.len() as f64).sqrt()
}

#[test]
fn without_imperfections_a_weight_is_its_pair_of_conductances() {
    let couplings = couplings();
    for biases in [Biases::Devices, Biases::Exact] {
        let design = ArrayDesign { biases, ..design() };
        let [up, down] = seen(&design, design.program(&couplings, None, 1.0), 0.0);
        assert!(rms(up.flat(), couplings.flat()) < 1e-15);
        assert!(rms(&weights(&down), &weights(&couplings)) < 1e-15);
    }
}

/// The occasion matters only for what is switched on.
#[test]
fn switched_off_imperfections_leave_no_trace() {
    let (design, couplings) = (design(), couplings());
    let (drawn, asked) = (
        design.program(&couplings, Some(FIRST), 1.0),
        design.program(&couplings, None, 1.0),
    );
    for (drawn, asked) in drawn.arrays.iter().zip(&asked.arrays) {
        assert_eq!(drawn.plus.achieved, asked.plus.achieved);
        assert_eq!(drawn.minus.achieved, asked.minus.achieved);
        assert_eq!(drawn.plus.asked, asked.plus.achieved);
    }
}

/// σ of a device is a share of the range; a weight is the difference of two devices.
#[test]
fn write_noise_is_that_of_two_devices() {
    let couplings = couplings();
    let mut design = design();
    design.device = design.device.with_programming_noise(0.001);
    design.effects.programming_noise = true;
    let map = design.program(&couplings, Some(FIRST), 1.0);
    let (least, most) = design.device.conductance_range();
    let [up, down] = seen(&design, map.clone(), 0.0);
    assert_eq!(up.weight(0), down.weight(0));
    for l in 0..2 {
        let array = &map.arrays[l];
        assert_eq!(array.part, Part::Weight(l));
        let error = rms(
            &up.weight(l).iter().copied().collect::<Vec<_>>(),
            &couplings.weight(l).iter().copied().collect::<Vec<_>>(),
        );
        let expected = 2.0_f64.sqrt() * 0.001 * (most - least) / array.scale;
        // Conductances end at the range's ends: a few halves are cut.
        let share = error / expected;
        assert!((0.9..1.1).contains(&share), "{share}");
        assert!((array.rms_error() / (0.001 * (most - least)) - 1.0).abs() < 0.1);
    }
}

#[test]
fn two_arrays_err_on_their_own() {
    let couplings = couplings();
    let mut design = ArrayDesign {
        directions: Directions::Separate,
        ..design()
    };
    design.device = design.device.with_programming_noise(0.01);
    design.effects.programming_noise = true;
    let [up, down] = seen(&design, design.program(&couplings, Some(FIRST), 1.0), 0.0);
    let asked = weights(&couplings);
    let (up, down) = (weights(&up), weights(&down));
    let between = rms(&up, &down) / rms(&up, &asked);
    assert!((between / 2.0_f64.sqrt() - 1.0).abs() < 0.05, "{between}");
}

/// A device that is stuck stays stuck; write noise is new with every programming.
#[test]
fn fabrication_stays_and_programming_does_not() {
    let couplings = couplings();
    let mut design = design();
    design.device = design
        .device
        .with_programming_noise(0.01)
        .with_stuck(0.02, 0.03);
    design.effects.programming_noise = true;
    design.effects.stuck = true;
    let first = design.program(&couplings, Some(FIRST), 1.0);
    let again = design.program(&couplings, Some(Occasion { cycle: 1, ..FIRST }), 1.0);
    let other = design.program(&couplings, Some(Occasion { chip: 4, ..FIRST }), 1.0);
    assert_eq!(first, design.program(&couplings, Some(FIRST), 1.0));
    let (a, b, c) = (
        &first.arrays[0].plus,
        &again.arrays[0].plus,
        &other.arrays[0].plus,
    );
    assert_eq!(a.stuck, b.stuck);
    assert_ne!(a.achieved, b.achieved);
    assert_ne!(a.stuck, c.stuck);
    let (least, most) = design.device.conductance_range();
    for (stuck, g) in a.stuck.iter().zip(&a.achieved) {
        match stuck {
            Stuck::On => assert_eq!(g.to_bits(), most.to_bits()),
            Stuck::Off => assert_eq!(g.to_bits(), least.to_bits()),
            Stuck::Free => {}
        }
    }
    assert!(
        first
            .arrays
            .iter()
            .map(super::ArrayMap::stuck)
            .sum::<usize>()
            > 0
    );
}

/// Wires take current, less in tiles, and the same both ways on one array.
#[test]
fn wires_weaken_weights_reciprocally_and_tiles_help() {
    let couplings = couplings();
    let asked = weights(&couplings);
    let wired = |tiling| {
        let design = ArrayDesign {
            wires: Wires {
                row_segment: 50.0,
                column_segment: 50.0,
                ..Wires::default()
            },
            tiling,
            ..design()
        };
        let [up, down] = seen(&design, design.program(&couplings, None, 1.0), 0.0);
        let (up, down) = (weights(&up), weights(&down));
        assert!(rms(&up, &down) < 1e-12);
        rms(&up, &asked) / rms(&asked, &vec![0.0; asked.len()])
    };
    let whole = wired(None);
    let tiled = wired(Some(Tiling {
        rows: 8,
        columns: 8,
    }));
    assert!(whole > 0.02, "{whole}");
    assert!(tiled < whole / 3.0, "{tiled} against {whole}");
}

/// PCM loses conductance with time; rescaling by the total brings most of it back.
#[test]
fn drift_weakens_weights_and_compensation_restores_their_scale() {
    let couplings = couplings();
    let asked = weights(&couplings);
    let mut design = ArrayDesign {
        device: Device::load("pcm").unwrap(),
        age: 86_400.0,
        ..design()
    };
    design.effects.drift = true;
    let map = design.program(&couplings, Some(FIRST), 1.0);
    let error = |compensation| {
        let design = ArrayDesign {
            compensation,
            ..design.clone()
        };
        let [up, _] = seen(&design, map.clone(), 0.0);
        rms(&weights(&up), &asked) / rms(&asked, &vec![0.0; asked.len()])
    };
    let none = error(Compensation::None);
    assert!(none > 0.2, "{none}");
    assert!(error(Compensation::Global) < none / 2.0);
    assert!(error(Compensation::Column) < none / 2.0);
}

/// With devices that take what is asked of them a chip moves as it does without: every cell, and the
/// noise of a resistive cell's couplings.
#[test]
fn faultless_devices_leave_a_chip_as_it_is() {
    let couplings = couplings();
    let anchor = Array2::from_shape_fn((3, 24), |(i, j)| ((i * 24 + j) as f64 * 0.37).sin());
    for (cell, kind, noisy) in [
        (Cell::Gradient, ActivationKind::Silu, false),
        (Cell::Hopfield, ActivationKind::Tanh, false),
        (Cell::Resistive, ActivationKind::Tanh, false),
        (Cell::Resistive, ActivationKind::Tanh, true),
    ] {
        let states = |arrays: Option<ArrayDesign>| {
            let mut design = Design {
                arrays,
                ..Design::ideal()
            };
            design.environment.thermal_noise = noisy;
            let instance = Instance::draw(&design, couplings.layers(), Die { seed: 1, number: 0 });
            let activation = Activation { kind, clamp: None };
            let settings = TransientSettings::default();
            let chip = Chip::new(ChipParts {
                design,
                instance,
                network: Network {
                    couplings: couplings.clone(),
                    activation,
                    cell,
                },
                settings,
                noise_seed: 2,
            })
            .unwrap();
            let drive = Drive {
                anchor: anchor.view(),
                visible: Visible::Spring { stiffness: 15.0 },
                held: None,
            };
            chip.trace(&drive, 5.0, 1).unwrap().states
        };
        for (with, without) in states(Some(design())).iter().zip(&states(None)) {
            let worst = (with - without)
                .iter()
                .fold(0.0_f64, |max, d| max.max(d.abs()));
            assert!(worst < 1e-10, "{cell:?}: {worst}");
        }
    }
}

/// Without a tolerance nothing is different but for what is booked; with one, errors are within it and
/// every pulse is counted, of every array and in all.
#[test]
fn verified_programming_is_within_tolerance_and_booked() {
    let couplings = couplings();
    let mut design = design();
    design.device = Device::load("pcm").unwrap();
    design.effects.programming_noise = true;
    let once = design.program(&couplings, Some(FIRST), 1.0);
    let devices = 2 * (24 * 40 + 40 * 32 + 24 + 40 + 32);
    let writing = once.writing().unwrap();
    assert_eq!((writing.devices, writing.pulses), (devices, devices));
    assert_eq!((writing.seconds, writing.joules), (None, None));
    design.verify = Some(Verify {
        tolerance: 0.02,
        most_pulses: 10_000,
    });
    design.pulse = Pulse {
        time: Some(1e-6),
        energy: Some(2e-12),
    };
    let verified = design.program(&couplings, Some(FIRST), 1.0);
    let mut pulses = 0;
    for array in &verified.arrays {
        for bank in [&array.plus, &array.minus] {
            let worst = bank
                .achieved
                .iter()
                .zip(&bank.asked)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            assert!(worst <= 0.02 * 25e-6 * (1.0 + 1e-9), "{worst}");
        }
        pulses += array.writing.unwrap().pulses;
    }
    let writing = verified.writing().unwrap();
    assert_eq!((writing.pulses, writing.exhausted), (pulses, 0));
    assert!(pulses > devices);
    assert!((writing.seconds.unwrap() / (1e-6 * pulses as f64) - 1.0).abs() < 1e-12);
    assert!((writing.joules.unwrap() / (2e-12 * pulses as f64) - 1.0).abs() < 1e-12);
}

/// Bent currents by hand: slopes G + 3 c₃ σ², and constant currents c₂ σ² onto the nodes of both ends.
#[test]
fn bent_currents_change_weights_and_biases_by_hand() {
    let couplings = couplings();
    let mut design = design();
    design.device = Device::load("reram-milo").unwrap();
    let [flat, _] = seen(&design, design.program(&couplings, None, 1.0), 0.0);
    design.effects.nonlinearity = true;
    design.read_voltage = Some(0.2);
    let map = design.program(&couplings, None, 1.0);
    let [up, down] = seen(&design, map.clone(), 0.0);
    let at = |g: f64| design.device.seen_by_signal(g, 0.2);
    let (array, first) = (&map.arrays[0], (3, 5));
    let scale = array.scale;
    let (plus, minus) = (array.plus.achieved[first], array.minus.achieved[first]);
    let weight = (at(plus).0 - at(minus).0) / scale;
    assert!((up.weight(0)[first] - weight).abs() < 1e-12 * weight.abs().max(1.0));
    assert!((down.weight(0)[first] - weight).abs() < 1e-12 * weight.abs().max(1.0));
    assert!(rms(&weights(&flat), &weights(&up)) > 1e-4);
    // Everything that ends on node 3 of the first hidden layer: its row of W_0, its column of W_1, its bias.
    let current = |plus: f64, minus: f64, scale: f64| (at(plus).1 - at(minus).1) / (scale * 0.1);
    let (w0, w1, bias) = (&map.arrays[0], &map.arrays[1], &map.arrays[3]);
    assert_eq!(bias.part, Part::Bias(1));
    let pairs = |array: &super::ArrayMap| -> Vec<(f64, f64)> {
        let shape = array.plus.achieved.dim();
        ndarray::indices(shape)
            .into_iter()
            .filter(|&(i, j)| match array.part {
                Part::Weight(0) => i == 3,
                _ => j == 3,
            })
            .map(|at| (array.plus.achieved[at], array.minus.achieved[at]))
            .collect()
    };
    let mut expected = 0.0;
    for array in [w0, w1, bias] {
        for (plus, minus) in pairs(array) {
            expected += current(plus, minus, array.scale);
        }
    }
    let (plus, minus) = pairs(bias)[0];
    expected += (at(plus).0 - at(minus).0) / bias.scale;
    assert!(
        (up.bias(0)[3] - expected).abs() < 1e-10,
        "{} {expected}",
        up.bias(0)[3]
    );
}
