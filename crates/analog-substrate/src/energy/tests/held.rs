//! Single held nodes: derivatives, equilibria, and a clamp as the case of all.

use super::{
    solvers::{SOLVERS, states, substrate},
    *,
};
use crate::{Contrast, Nudge, NudgeKind, Substrate as _};

/// Every node, softly clamped, at one depth: odd and even layers.
fn nodes_at_one_depth() -> impl Iterator<Item = ((Cell, Activation), &'static [usize], ChaCha8Rng)>
{
    cases().filter(|((_, activation), sizes, _)| sizes.len() == 3 && activation.clamp.is_some())
}

/// About a third of the nodes, others in every sample.
fn mask(sizes: &[usize]) -> Array2<bool> {
    Array2::from_shape_fn((BATCH, sizes[0]), |(row, i)| (row + 2 * i) % 3 == 0)
}

fn held<'a>(anchor: &'a Array2<f64>, mask: &'a Array2<bool>) -> Drive<'a, f64> {
    Drive {
        anchor: anchor.view(),
        visible: SPRING,
        held: Some(mask.view()),
    }
}

#[test]
fn no_force_and_no_curvature_is_left_on_held_nodes() {
    for ((cell, activation), sizes, mut rng) in cases() {
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let mask = mask(sizes);
        let state = state(&mut rng, sizes, activation);
        let drive = held(&state[0], &mask);
        let gradient = energy.gradient(&state, &drive);
        let direction: Vec<_> = sizes
            .iter()
            .map(|&n| normal(&mut rng, (BATCH, n), 1.0))
            .collect();
        let bent = energy.hessian(&state, &drive).apply(&direction);
        for (place, _) in mask.indexed_iter().filter(|(_, held)| **held) {
            assert_eq!((gradient[0][place], bent[0][place]), (0.0, 0.0));
        }
        // What moves sees the same energy as without held nodes.
        let free = Drive {
            held: None,
            ..drive
        };
        let all = energy.gradient(&state, &free);
        for (place, _) in mask.indexed_iter().filter(|(_, held)| !**held) {
            assert_eq!(gradient[0][place].to_bits(), all[0][place].to_bits());
        }
        assert_eq!(&gradient[1..], &all[1..]);
    }
}

#[test]
fn solvers_leave_held_nodes_alone_and_settle_the_others() {
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in nodes_at_one_depth() {
            let couplings = couplings(&mut rng, sizes);
            let energy = Energy::new(&couplings, activation).with_cell(cell);
            let network = substrate(&couplings, (cell, activation), solver);
            let (anchor, mask) = (normal(&mut rng, (BATCH, sizes[0]), 1.0), mask(sizes));
            let drive = held(&anchor, &mask);
            let settled = network.settle(&drive, None).unwrap();
            assert!(network.is_settled(&settled).iter().all(|&settled| settled));
            let found = states(&settled, sizes);
            for (place, _) in mask.indexed_iter().filter(|(_, held)| **held) {
                assert_eq!(found[0][place].to_bits(), anchor[place].to_bits());
            }
            let residual = energy.residual(&found, &drive);
            for (residual, reported) in residual.iter().zip(network.residuals(&settled)) {
                assert!(
                    *residual <= reported + 1e-14,
                    "{solver:?} {cell:?} {activation:?} {sizes:?}: {residual:e} {reported:e}"
                );
            }
            // What a source draws is −∂E/∂x there.
            let force = energy.gradient(
                &found,
                &Drive {
                    anchor: found[0].view(),
                    visible: SPRING,
                    held: None,
                },
            );
            let current = network.current(&settled);
            for (place, _) in mask.indexed_iter().filter(|(_, held)| **held) {
                assert!((current[place] + force[0][place]).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn a_nudge_moves_no_held_node() {
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in nodes_at_one_depth() {
            let couplings = couplings(&mut rng, sizes);
            let network = substrate(&couplings, (cell, activation), solver);
            let mut draw = || normal(&mut rng, (BATCH, sizes[0]), 1.0);
            let (anchor, pattern) = (draw(), draw());
            let mask = mask(sizes);
            let free = network.settle(&held(&anchor, &mask), None).unwrap();
            for kind in [NudgeKind::Tilt, NudgeKind::Quadratic] {
                let phase = |sign: f64, opposite| {
                    let nudge = Nudge {
                        kind,
                        strength: sign * 0.1,
                        pattern: pattern.view(),
                    };
                    network.nudge(&free, &nudge, opposite).unwrap()
                };
                let plus = phase(1.0, None);
                let minus = phase(-1.0, Some(&plus));
                let Contrast { difference, .. } = network.contrast(&plus, &minus);
                for (place, &held) in mask.indexed_iter() {
                    let moved = difference[0][place].abs();
                    assert_eq!(moved == 0.0, held, "{solver:?} {cell:?} {kind:?} {place:?}");
                }
            }
        }
    }
}

/// A sample without held nodes has the bits that it has alone, and one of which all are held those of a clamp.
#[test]
fn none_held_is_a_spring_and_all_held_a_clamp_to_the_bit() {
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in nodes_at_one_depth() {
            let couplings = couplings(&mut rng, sizes);
            let network = substrate(&couplings, (cell, activation), solver);
            let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
            let mask = Array2::from_shape_fn((BATCH, sizes[0]), |(row, i)| match row {
                0 => false,
                1 => true,
                _ => i == 0,
            });
            let settle = |visible, held| {
                let anchor = anchor.view();
                let drive = Drive {
                    anchor,
                    visible,
                    held,
                };
                network.settle(&drive, None).unwrap()
            };
            let mixed = settle(SPRING, Some(mask.view()));
            let bits = |settled: &crate::Settled<f64>, row: usize| -> Vec<u64> {
                let states = states(settled, sizes);
                let currents = network.current(settled);
                let layers = states.iter().chain([&currents]);
                let values = layers.flat_map(|layer| layer.row(row).to_vec());
                values
                    .chain([network.residuals(settled)[row]])
                    .map(f64::to_bits)
                    .collect()
            };
            let all = ["spring", "clamp"]
                .into_iter()
                .zip([SPRING, Visible::Clamped]);
            for (row, (name, visible)) in all.enumerate() {
                let alone = settle(visible, None);
                assert_eq!(
                    bits(&mixed, row),
                    bits(&alone, row),
                    "{name} {solver:?} {cell:?} {activation:?} {sizes:?}"
                );
                assert_eq!(
                    network.iterations(&mixed)[row],
                    network.iterations(&alone)[row]
                );
            }
        }
    }
}
