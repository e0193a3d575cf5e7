//! Held nodes of a chip: closed switches, in every integrator, with noise, and in the ledger.

use super::*;
use crate::{
    Points, Substrate as _,
    chip::{FreeRun, Integrator, NoiseRamp},
    hw_spec::Spec,
};
use ndarray::array;

const INTEGRATORS: [Integrator; 5] = [
    Integrator::Etd2,
    Integrator::Euler,
    Integrator::Heun,
    Integrator::Rk4,
    Integrator::Adaptive,
];

fn settings(integrator: Integrator) -> TransientSettings {
    TransientSettings {
        integrator,
        step: 0.02,
        duration: 4.0,
        ..TransientSettings::default()
    }
}

fn mask() -> Array2<bool> {
    Array2::from_shape_fn((4, 6), |(row, i)| row == 3 || row > 0 && (row + i) % 3 == 0)
}

/// Thermal noise on, but where the integrator has none, and in passive cells, whose resistors' noise is drawn for all
/// nodes together and has the same law, not the same bits, as with a clamp.
fn design(integrator: Integrator, cell: Cell) -> Design {
    if integrator == Integrator::Adaptive || cell == Cell::Resistive {
        Design::ideal()
    } else {
        noisy()
    }
}

/// Whatever noise and nudges do to the others. The last sample, of which all is held, moves as a clamped one, and the
/// first, of which nothing is, as one on springs.
#[test]
fn held_nodes_stay_and_the_rest_is_as_it_was() {
    for integrator in INTEGRATORS {
        for nature in NATURES {
            let couplings = couplings::<f64>(&[6, 8, 7], 0.6, 3);
            let anchor: Array2<f64> = normals(9, 4, 6, 1.0);
            let mask = mask();
            let settle = |visible, held: Option<ndarray::ArrayView2<'_, bool>>| {
                // The same noise for each.
                let chip = chip(
                    design(integrator, nature.1),
                    &couplings,
                    nature,
                    settings(integrator),
                );
                let drive = Drive {
                    held,
                    ..drive(&anchor, visible)
                };
                let rest = chip.settle(&drive, None).unwrap();
                assert!(chip.ledger().balance_error < 1e-6, "{integrator:?}");
                (
                    rest.state(0),
                    rest.state(2),
                    chip.current(&rest),
                    chip.ledger(),
                )
            };
            let all = Array2::from_elem((4, 6), true);
            let (held, clamped) = (
                settle(SPRING, Some(all.view())),
                settle(Visible::Clamped, None),
            );
            assert_eq!(held, clamped, "{integrator:?} {:?}: all held", nature.1);
            let mixed = settle(SPRING, Some(mask.view()));
            for (place, _) in mask.indexed_iter().filter(|(_, held)| **held) {
                assert_eq!(mixed.0[place].to_bits(), anchor[place].to_bits());
            }
            let springs = settle(SPRING, None);
            for (row, alone) in [(0, springs), (3, clamped)] {
                let context = format!("{integrator:?} {:?} sample {row}", nature.1);
                assert_eq!(mixed.0.row(row), alone.0.row(row), "{context}");
                assert_eq!(mixed.1.row(row), alone.1.row(row), "{context}");
                assert_eq!(mixed.2.row(row), alone.2.row(row), "{context}");
            }
        }
    }
}

#[test]
fn held_nodes_do_not_float_and_the_balance_closes() {
    let d3 = Spec::load("D3").unwrap().design();
    for design in [noisy(), d3] {
        let couplings = couplings::<f32>(&[6, 8, 7], 0.6, 3);
        let chip = chip(
            design,
            &couplings,
            (SILU, Cell::Gradient),
            TransientSettings::default(),
        );
        let (x, mask) = (normals::<f32>(9, 4, 6, 1.0), mask());
        let start = Points {
            x: x.view(),
            held: Some(mask.view()),
        };
        let run = FreeRun {
            ratio: 20.0,
            presettle: 2.0,
            output_scale: 2.0,
            noise: NoiseRamp::NONE,
        };
        let flow = chip.flow_free(start, &run, &[0.0, 0.1, 0.3]).unwrap();
        // What the DAC made of the start is what a source holds.
        let begun = flow.samples.index_axis(ndarray::Axis(0), 0);
        let end = flow.samples.index_axis(ndarray::Axis(0), 2);
        for (place, &held) in mask.indexed_iter() {
            assert_eq!(
                end[place].to_bits() == begun[place].to_bits(),
                held,
                "{place:?}"
            );
        }
        assert!(flow.ledgers[2].balance_error < 1e-6);
    }
}

/// Of a free run nodes that float are charged on r C, and held ones on C: each takes its C V² once, and no more for
/// being held longer.
#[test]
fn a_held_node_takes_c_v_squared_once_per_window() {
    let couplings = couplings::<f64>(&[2, 3], 0.5, 3);
    let unit = Design::ideal().unit_energy();
    let x = array![[2.0, 4.0]];
    let forced = |held: [bool; 2], until: f64| {
        let chip = chip(
            Design::ideal(),
            &couplings,
            (SILU, Cell::Gradient),
            TransientSettings::default(),
        );
        let held = array![held];
        let start = Points {
            x: x.view(),
            held: Some(held.view()),
        };
        let run = FreeRun {
            ratio: 10.0,
            presettle: 1.0,
            output_scale: 2.0,
            noise: NoiseRamp::NONE,
        };
        let flow = chip.flow_free(start, &run, &[until]).unwrap();
        flow.ledgers[0].forced_nodes_j / unit
    };
    for (held, expected) in [
        ([false, false], 10.0 * 4.0 + 10.0 * 16.0),
        ([true, false], 4.0 + 10.0 * 16.0),
        ([true, true], 4.0 + 16.0),
    ] {
        for until in [0.1, 0.5] {
            let found = forced(held, until);
            assert!((found - expected).abs() < 1e-9, "{held:?}: {found}");
        }
    }
}

#[test]
fn a_mask_of_another_shape_is_refused() {
    let couplings = couplings::<f64>(&[2, 3], 0.5, 3);
    let chip = chip(
        Design::ideal(),
        &couplings,
        (SILU, Cell::Gradient),
        TransientSettings::default(),
    );
    let (x, held) = (array![[2.0, 4.0]], array![[true]]);
    let drive = Drive {
        held: Some(held.view()),
        ..drive(&x, SPRING)
    };
    let error = chip.settle(&drive, None).unwrap_err().to_string();
    assert!(error.contains("the mask of held nodes"), "{error}");
}
