//! The solvers against the derivatives.

use super::*;
use crate::{Ideal, Nudge, NudgeKind, Relaxation, Settled, SolverKind, Substrate};

pub(super) const SOLVERS: [SolverKind; 3] = [
    SolverKind::Explicit,
    SolverKind::Block,
    SolverKind::Anderson,
];

pub(super) fn substrate(
    couplings: &Couplings<f64>,
    (cell, activation): (Cell, Activation),
    solver: SolverKind,
) -> Ideal<f64> {
    let relaxation = Relaxation {
        solver,
        tolerance: 1e-8,
        nudged_tolerance: 1e-8,
        steps: 3000, // the smallest curvature is about 0.1: e^{−0.1·0.1·3000} = 1e-13
        ..Relaxation::default()
    };
    let substrate = Ideal::new(couplings.layers().clone(), activation, relaxation);
    let mut substrate = substrate.with_cell(cell).unwrap();
    substrate.program(couplings).unwrap();
    substrate
}

pub(super) fn states(settled: &Settled<f64>, sizes: &[usize]) -> Vec<Array2<f64>> {
    (0..sizes.len()).map(|l| settled.state(l)).collect()
}

#[test]
fn what_the_solvers_call_settled_has_no_gradient() {
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in cases() {
            let couplings = couplings(&mut rng, sizes);
            let energy = Energy::new(&couplings, activation).with_cell(cell);
            let substrate = substrate(&couplings, (cell, activation), solver);
            let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
            for visible in [SPRING, Visible::Clamped] {
                let anchor = anchor.view();
                let drive = Drive {
                    anchor,
                    visible,
                    held: None,
                };
                let settled = substrate.settle(&drive, None).unwrap();
                let reported = substrate.residuals(&settled);
                let all = substrate
                    .is_settled(&settled)
                    .iter()
                    .all(|&settled| settled);
                assert!(
                    all,
                    "{solver:?} {cell:?} {activation:?} {sizes:?}: {reported:?}"
                );
                let residual = energy.residual(&states(&settled, sizes), &drive);
                for (residual, reported) in residual.iter().zip(reported) {
                    // The states are of order one: rounding of ∇S is a few 1e-16.
                    assert!(
                        *residual <= reported + 1e-14,
                        "{solver:?} {cell:?} {activation:?} {sizes:?} {visible:?}: {residual:e} {reported:e}"
                    );
                }
            }
        }
    }
}

/// Long before equilibrium, so that it is a matter of definition and not of how small it is: nodes of
/// the hard sigmoid are inside, near their edges and on them, and accelerated ones beyond.
#[test]
fn what_the_solvers_report_is_the_residual_of_the_energy() {
    let mut on_edge = 0;
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in cases() {
            let mut couplings = couplings(&mut rng, sizes);
            for l in 0..sizes.len() - 1 {
                couplings.bias_mut(l).mapv_inplace(|bias| 0.5 + 4.0 * bias);
            }
            let energy = Energy::new(&couplings, activation).with_cell(cell);
            let network = substrate(&couplings, (cell, activation), solver);
            let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
            for (count, visible) in [1, 2, 3, 5, 8]
                .into_iter()
                .flat_map(|count| [(count, SPRING), (count, Visible::Clamped)])
            {
                let relaxation = Relaxation {
                    solver,
                    max_sweeps: count,
                    steps: count,
                    ..Relaxation::default()
                };
                let substrate = network.clone().with_relaxation(relaxation);
                let anchor = anchor.view();
                let drive = Drive {
                    anchor,
                    visible,
                    held: None,
                };
                let settled = substrate.settle(&drive, None).unwrap();
                let states = states(&settled, sizes);
                let residual = energy.residual(&states, &drive);
                for (residual, reported) in residual.iter().zip(substrate.residuals(&settled)) {
                    // Rounding of forces of order one to ten.
                    assert!(
                        (residual - reported).abs() < 1e-13,
                        "{solver:?} {cell:?} {activation:?} {sizes:?} {visible:?} {count}: {residual:e} {reported:e}"
                    );
                }
                let range = activation.state_range().filter(|_| cell == Cell::Gradient);
                if let Some((low, high)) = range {
                    let hidden = states[1..].iter().flatten();
                    on_edge += hidden.filter(|&&h| h <= low || h >= high).count();
                }
            }
        }
    }
    assert!(on_edge > 100, "{on_edge}");
}

/// A nudged spring is a spring elsewhere: a tilt moves its source by −strength·pattern/λ, a
/// conductance κ to a source makes it λ + κ to the mean of both.
#[test]
fn what_the_solvers_call_settled_under_a_nudge_has_no_gradient() {
    const LAMBDA: f64 = 3.0;
    const STRENGTH: f64 = 0.5; // moves nodes of the hard sigmoid onto their edges and off them
    for solver in SOLVERS {
        for ((cell, activation), sizes, mut rng) in cases() {
            let couplings = couplings(&mut rng, sizes);
            let energy = Energy::new(&couplings, activation).with_cell(cell);
            let substrate = substrate(&couplings, (cell, activation), solver);
            let mut draw = || normal(&mut rng, (BATCH, sizes[0]), 1.0);
            let (anchor, pattern) = (draw(), draw());
            let drive = Drive {
                anchor: anchor.view(),
                visible: SPRING,
                held: None,
            };
            let free = substrate.settle(&drive, None).unwrap();
            for (kind, strength) in [
                (NudgeKind::Tilt, STRENGTH),
                (NudgeKind::Tilt, -STRENGTH),
                (NudgeKind::Quadratic, STRENGTH),
                (NudgeKind::Quadratic, -STRENGTH),
            ] {
                let nudge = Nudge {
                    kind,
                    strength,
                    pattern: pattern.view(),
                };
                let nudged = substrate.nudge(&free, &nudge, None).unwrap();
                let all = substrate.is_settled(&nudged).iter().all(|&settled| settled);
                assert!(all, "{solver:?} {cell:?} {activation:?} {sizes:?} {kind:?}");
                let (stiffness, source) = match kind {
                    NudgeKind::Tilt => (LAMBDA, &anchor - &(&pattern * (strength / LAMBDA))),
                    NudgeKind::Quadratic => {
                        let stiffness = LAMBDA + strength;
                        (
                            stiffness,
                            (&anchor * LAMBDA + &pattern * strength) / stiffness,
                        )
                    }
                };
                let visible = Visible::Spring { stiffness };
                let drive = Drive {
                    anchor: source.view(),
                    visible,
                    held: None,
                };
                let residual = energy.residual(&states(&nudged, sizes), &drive);
                let both = substrate
                    .residuals(&free)
                    .iter()
                    .zip(substrate.residuals(&nudged));
                for (residual, (free, nudged)) in residual.iter().zip(both) {
                    // Deviations of up to 1e-3 are integrated: 16·1e-12/4320 of them, which is rounding.
                    assert!(
                        *residual <= free + nudged + 1e-13,
                        "{solver:?} {cell:?} {activation:?} {sizes:?} {kind:?}: {residual:e} {free:e} {nudged:e}"
                    );
                }
            }
        }
    }
}

proptest! {
    /// Largest curvature: 1 + λ = 4 on x, about 2 on h, and couplings below 1; a step of 0.1 is under
    /// 2 over it.
    #[test]
    fn no_explicit_step_raises_the_energy(
        seed: u64,
        (cell, activation) in prop::sample::select(nodes().collect::<Vec<_>>()),
        shape in 0_usize..3,
    ) {
        // Where a′ < 0 the circuit does not descend.
        prop_assume!(cell == Cell::Gradient || activation.kind.rises());
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes = SHAPES[shape];
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive { anchor: anchor.view(), visible: SPRING, held: None };
        let mut state = state(&mut rng, sizes, activation);
        let mut before = energy.total(&state, &drive);
        for _ in 0..100 {
            // The circuit's forces: of hopfield and resistive cells h − z.
            state = shifted(&state, &energy.forces(&state, &drive, false), -0.1);
            if let Some((low, high)) = energy.state_range() {
                state[1..].iter_mut().for_each(|h| h.mapv_inplace(|h| h.clamp(low, high)));
            }
            let after = energy.total(&state, &drive);
            for (before, after) in before.iter().zip(&after) {
                prop_assert!(*after <= before + 1e-13 * (1.0 + before.abs()));
            }
            before = after;
        }
    }
}

/// With an activation that rises, a block sweep minimises exactly in turn: the energy of states
/// after more sweeps is never larger.
#[test]
fn no_sweep_raises_the_energy_of_cells_that_follow_their_input() {
    for ((cell, activation), sizes, mut rng) in cases() {
        if cell == Cell::Gradient || !activation.kind.rises() {
            continue;
        }
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive {
            anchor: anchor.view(),
            visible: SPRING,
            held: None,
        };
        let mut before = Array1::from_elem(BATCH, f64::INFINITY);
        for max_sweeps in 1..12 {
            let relaxation = Relaxation {
                solver: SolverKind::Block,
                tolerance: 1e-12,
                max_sweeps,
                ..Relaxation::default()
            };
            let substrate = Ideal::new(couplings.layers().clone(), activation, relaxation);
            let mut substrate = substrate.with_cell(cell).unwrap();
            substrate.program(&couplings).unwrap();
            let settled = substrate.settle(&drive, None).unwrap();
            let after = energy.total(&states(&settled, sizes), &drive);
            for (before, after) in before.iter().zip(&after) {
                assert!(
                    *after <= before + 1e-13,
                    "{cell:?} {activation:?} {sizes:?}"
                );
            }
            before = after;
        }
    }
}
