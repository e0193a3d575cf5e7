//! Chips of devices and wires as decks: ngspice solves the arrays together with the network.

use analog_substrate::{
    Activation, Cell, Couplings,
    arrays::{Direction, Part, PresentArray},
    chip::{Chip, ChipParts, Design, Die, Instance, Network, TransientSettings},
    hw_spec::Spec,
    netlist::{Analysis, Circuit, CouplingStyle, DeviceArrays, Tolerances, VisibleNodes},
    wires::{Read, Sense, tiled_conductances},
};
use gradep_tests::spice::{Golden, Ngspice, Reference, random_couplings, spread_anchor};
use ndarray::Array2;

/// A design of PCM with write noise, stuck devices and wires, but without drift and read noise, which a
/// deck has not.
fn design(overrides: &[&str]) -> Design {
    let mut spec = Spec::load("D3-PCM").unwrap();
    spec.override_with(&[
        "array.drift=false",
        "array.read_noise=false",
        "array.stuck_on=5 %",
        "wires.tile_rows=4",
        "wires.tile_columns=3",
    ])
    .unwrap();
    spec.override_with(overrides).unwrap();
    spec.design()
}

fn chip(design: &Design, couplings: &Couplings<f64>) -> Chip<f64> {
    Chip::new(ChipParts {
        design: design.clone(),
        instance: Instance::draw(design, couplings.layers(), Die { seed: 1, number: 0 }),
        network: Network {
            couplings: couplings.clone(),
            activation: Activation::PAPER,
            cell: Cell::Gradient,
        },
        settings: TransientSettings::default(),
        noise_seed: 1,
    })
    .unwrap()
}

/// What nodes receive of arrays whose lines end in loads, by the reduction of the wires.
fn reduced(held: &DeviceArrays<'_>, couplings: &Couplings<f64>) -> [Couplings<f64>; 2] {
    let [mut up, mut down] = [couplings.clone(), couplings.clone()];
    let tiling = held.tiling.expect("tiles");
    for array in held.arrays {
        let Part::Weight(l) = array.part else {
            continue;
        };
        let net = |read: Read| -> Array2<f64> {
            let bank = |g: &Array2<f64>| {
                tiled_conductances(g.view(), held.wires, read, held.sense, tiling).unwrap()
            };
            (bank(&array.plus) - bank(&array.minus)) / array.scale
        };
        assert_eq!(array.direction, Direction::Both);
        up.weight_mut(l).assign(&net(Read::Backward));
        down.weight_mut(l).assign(&net(Read::Forward).t());
    }
    [up, down]
}

/// Largest difference of a deck's states from those of the node equations, over full scale.
fn error(name: &str, circuit: &Circuit<'_>, ngspice: Option<&Ngspice>) -> f64 {
    let analysis = Analysis::Transient {
        duration: 10.0 * circuit.design.time_constant(),
        tolerances: Tolerances {
            step: 0.1,
            relative: 1e-6,
        },
    };
    let deck = circuit.deck(&analysis, "deck.txt").unwrap();
    let table = Golden::new(name).table(ngspice, &deck);
    let path = Reference::new(circuit).path(&table.time);
    let scale = path
        .iter()
        .flatten()
        .fold(0.0_f64, |most, s| most.max(s.abs()));
    let rows = table.states.iter().zip(&path);
    rows.flat_map(|(found, expected)| found.iter().zip(expected))
        .fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs()))
        / scale
}

/// 4-6-6 of PCM on wires of 50 Ω a cell, virtual grounds and loads, and two arrays per coupling.
#[test]
fn ngspice_solves_devices_and_wires_itself() {
    let ngspice = Ngspice::find();
    let couplings = random_couplings(&[4, 6, 6], 1.0, 5);
    let anchor = spread_anchor(4);
    let thick = ["wires.segment=50 ohm", "wires.column_segment=50 ohm"];
    for (name, extra, sense) in [
        (
            "devices-ground",
            "array.biases=devices",
            Sense::VirtualGround,
        ),
        (
            "devices-exact-biases",
            "array.biases=exact",
            Sense::VirtualGround,
        ),
        (
            "devices-load",
            "array.biases=devices",
            Sense::Loaded { siemens: 2e-3 },
        ),
    ] {
        let design = design(&[thick[0], thick[1], extra]);
        let chip = chip(&design, &couplings);
        let present: Vec<PresentArray> = chip.present_arrays().unwrap().unwrap();
        let arrays = design.arrays.as_ref().unwrap();
        let held = DeviceArrays {
            arrays: &present,
            wires: &arrays.wires,
            tiling: arrays.tiling,
            sense,
        };
        let [up, down] = match sense {
            // What the chip itself relaxes with.
            Sense::VirtualGround => chip.present_couplings().unwrap(),
            Sense::Loaded { .. } => reduced(&held, &chip.present_couplings().unwrap()[0]),
        };
        let instance = Instance::draw(&design, couplings.layers(), Die { seed: 1, number: 0 });
        let circuit = Circuit {
            design: &design,
            instance: &instance,
            couplings: &up,
            down: Some(&down),
            activation: Activation::PAPER,
            cell: Cell::Gradient,
            style: CouplingStyle::Devices,
            arrays: Some(held),
            visible: VisibleNodes::Spring { stiffness: 15.0 },
            anchor: &anchor,
            start: None,
            held: &[],
        };
        let found = error(name, &circuit, ngspice.as_ref());
        eprintln!("{name}: {found:.1e}");
        // What ngspice's steps of 0.1 τ are good for, as in T3.
        assert!(found < 5e-4, "{name}: {found:e}");
    }
}
