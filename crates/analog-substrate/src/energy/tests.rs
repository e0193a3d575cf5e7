//! Derivatives against differences of what they derive, and the solvers against the derivatives.

use super::*;
use crate::{
    ActivationKind, Ideal, Layers, Nudge, NudgeKind, Relaxation, Settled, SolverKind, Substrate,
};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const KINDS: [ActivationKind; 5] = [
    ActivationKind::Silu,
    ActivationKind::Tanh,
    ActivationKind::Softplus,
    ActivationKind::HardSigmoid,
    ActivationKind::Identity,
];
const CELLS: [Cell; 3] = [Cell::Gradient, Cell::Hopfield, Cell::Resistive];
const SHAPES: [&[usize]; 3] = [&[5, 7], &[5, 7, 4], &[4, 6, 5, 3]];
const SPRING: Visible = Visible::Spring { stiffness: 3.0 };
const BATCH: usize = 3;

fn normal(rng: &mut ChaCha8Rng, shape: (usize, usize), scale: f64) -> Array2<f64> {
    Array2::from_shape_simple_fn(shape, || scale * rng.sample::<f64, _>(StandardNormal))
}

/// Xavier-normal couplings of gain 0.5 (all curvatures positive for every activation) and biases.
fn couplings(rng: &mut ChaCha8Rng, sizes: &[usize]) -> Couplings<f64> {
    let layers = Layers::new(sizes.to_vec()).unwrap();
    let mut couplings = Couplings::zeros(layers.clone());
    for value in couplings.flat_mut() {
        *value = 0.3 * rng.sample::<f64, _>(StandardNormal);
    }
    for l in 0..layers.hidden() {
        let scale = 0.5 * (2.0 / (sizes[l] + sizes[l + 1]) as f64).sqrt();
        let weight = normal(rng, (sizes[l + 1], sizes[l]), scale);
        couplings.weight_mut(l).assign(&weight);
    }
    couplings
}

/// A state inside the range of the hard sigmoid; without one, its last third of nodes is outside.
fn state(rng: &mut ChaCha8Rng, sizes: &[usize], activation: Activation) -> Vec<Array2<f64>> {
    sizes
        .iter()
        .map(|&n| {
            Array2::from_shape_fn((BATCH, n), |(_, i)| {
                let outside = activation.state_range().is_none() && 3 * i > 2 * n;
                let shift = if outside { 1.5 } else { 0.0 };
                shift + rng.random_range(0.1..0.9)
            })
        })
        .collect()
}

fn shifted(state: &[Array2<f64>], direction: &[Array2<f64>], step: f64) -> Vec<Array2<f64>> {
    let layers = state.iter().zip(direction);
    layers.map(|(s, d)| s + &(d * step)).collect()
}

fn inner(a: &[Array2<f64>], b: &[Array2<f64>]) -> Array1<f64> {
    let layers = a.iter().zip(b).map(|(a, b)| (a * b).sum_axis(Axis(1)));
    layers.reduce(|sum, layer| sum + layer).unwrap()
}

/// A node of each cell, with every activation that it can have, with and without clamp.
fn nodes() -> impl Iterator<Item = (Cell, Activation)> {
    CELLS.into_iter().flat_map(|cell| {
        let activations = KINDS.into_iter().flat_map(|kind| {
            let clamps = [None, Some(2.0)];
            clamps.map(|clamp| Activation { kind, clamp })
        });
        let possible = activations.filter(move |activation| cell.check(*activation).is_ok());
        possible.map(move |activation| (cell, activation))
    })
}

/// Every node for every depth.
fn cases() -> impl Iterator<Item = ((Cell, Activation), &'static [usize], ChaCha8Rng)> {
    nodes().flat_map(|node| {
        SHAPES
            .into_iter()
            .map(move |sizes| (node, sizes, ChaCha8Rng::seed_from_u64(7)))
    })
}

#[test]
fn differences_of_the_energy_give_the_gradient_and_of_the_gradient_the_curvature() {
    for ((cell, activation), sizes, mut rng) in cases() {
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let (state, anchor) = (
            state(&mut rng, sizes, activation),
            normal(&mut rng, (BATCH, sizes[0]), 1.0),
        );
        for visible in [SPRING, Visible::Clamped] {
            let anchor = anchor.view();
            let drive = Drive { anchor, visible };
            let mut direction: Vec<_> = sizes
                .iter()
                .map(|&n| normal(&mut rng, (BATCH, n), 1.0))
                .collect();
            if visible == Visible::Clamped {
                direction[0].fill(0.0);
            }
            // Truncation h²·S‴/6 and rounding ε·S/h are both near 1e-9 of order-one derivatives.
            let step = 1e-5;
            let (up, down) = (
                shifted(&state, &direction, step),
                shifted(&state, &direction, -step),
            );
            let slope = (energy.total(&up, &drive) - energy.total(&down, &drive)) / (2.0 * step);
            let exact = inner(&energy.gradient(&state, &drive), &direction);
            for (a, b) in slope.iter().zip(&exact) {
                assert!(
                    (a - b).abs() < 1e-7,
                    "{cell:?} {activation:?} {sizes:?} {visible:?}: {a} {b}"
                );
            }
            let curvature = energy.hessian(&state, &drive).apply(&direction);
            let (up, down) = (energy.gradient(&up, &drive), energy.gradient(&down, &drive));
            for (l, exact) in curvature.iter().enumerate() {
                let difference = (&up[l] - &down[l]) / (2.0 * step);
                let error = (&difference - exact)
                    .iter()
                    .fold(0.0_f64, |w, e| w.max(e.abs()));
                assert!(
                    error < 1e-7,
                    "{cell:?} {activation:?} {sizes:?} {visible:?} layer {l}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn the_curvature_is_symmetric() {
    for ((cell, activation), sizes, mut rng) in cases() {
        let couplings = couplings(&mut rng, sizes);
        let state = state(&mut rng, sizes, activation);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive {
            anchor: anchor.view(),
            visible: SPRING,
        };
        let hessian = Energy::new(&couplings, activation)
            .with_cell(cell)
            .hessian(&state, &drive);
        let mut draw = || {
            sizes
                .iter()
                .map(|&n| normal(&mut rng, (BATCH, n), 1.0))
                .collect::<Vec<_>>()
        };
        let (p, q) = (draw(), draw());
        let (left, right) = (inner(&hessian.apply(&p), &q), inner(&p, &hessian.apply(&q)));
        for (left, right) in left.iter().zip(&right) {
            assert!(
                (left - right).abs() < 1e-12 * (1.0 + left.abs()),
                "{cell:?} {activation:?}"
            );
        }
    }
}

const SOLVERS: [SolverKind; 3] = [
    SolverKind::Explicit,
    SolverKind::Block,
    SolverKind::Anderson,
];

fn substrate(
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

fn states(settled: &Settled<f64>, sizes: &[usize]) -> Vec<Array2<f64>> {
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
                let drive = Drive { anchor, visible };
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
                let layers = couplings.layers().clone();
                let mut substrate = Ideal::<f64>::new(layers, activation, relaxation)
                    .with_cell(cell)
                    .unwrap();
                substrate.program(&couplings).unwrap();
                let anchor = anchor.view();
                let drive = Drive { anchor, visible };
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
        prop_assume!(cell == Cell::Gradient || activation.kind != ActivationKind::Silu);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes = SHAPES[shape];
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive { anchor: anchor.view(), visible: SPRING };
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

/// Λ against closed forms: ln cosh; −Li₂(−e^h) − π²/12 by its series; clipped and whole parabolas.
#[test]
fn the_primitive_of_an_activation_is_the_known_one() {
    let dilogarithm = |h: f64| -> f64 {
        let terms = (1..400).map(|k| {
            let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
            let k = f64::from(k);
            sign * (k * h).exp() / (k * k)
        });
        terms.sum()
    };
    for h in [-70.0, -9.3, -2.0, -0.3, 0.0, 0.4, 0.9, 3.7, 12.0, 90.0_f64] {
        let primitive = |kind| Activation { kind, clamp: None }.primitive(h);
        let inside = h.clamp(0.0, 1.0);
        let pairs = [
            (ActivationKind::Identity, 0.5 * h * h),
            (
                ActivationKind::Tanh,
                h.abs() + (-2.0 * h.abs()).exp().ln_1p() - 2.0_f64.ln(),
            ),
            (
                ActivationKind::HardSigmoid,
                0.5 * inside * inside + (h - 1.0).max(0.0),
            ),
        ];
        for (kind, exact) in pairs {
            let error = (primitive(kind) - exact).abs();
            assert!(
                error < 1e-13 * (1.0 + exact.abs()),
                "{kind:?} {h}: {error:e}"
            );
        }
        if h < 0.0 {
            let exact = dilogarithm(h) - std::f64::consts::PI.powi(2) / 12.0;
            let error = (primitive(ActivationKind::Softplus) - exact).abs();
            // At −0.3 the series ends at e^{−120}; its terms of order one round.
            assert!(error < 1e-13, "{h}: {error:e}");
        }
    }
}

/// The energy of a node's element as a function of its output y is the integral of the leak:
/// `∫ artanh dy = y·artanh y + ½ ln(1 − y²)`, and y²/2 on [0, 1] of the hard sigmoid.
#[test]
fn the_legendre_transform_is_the_content_of_the_leak() {
    let layers = Layers::new(vec![1, 1]).unwrap();
    let couplings = Couplings::zeros(layers);
    for h in [-3.0, -0.4, 0.0, 0.7, 2.2_f64] {
        let own = |kind| {
            let activation = Activation { kind, clamp: None };
            let energy = Energy::new(&couplings, activation).with_cell(Cell::Resistive);
            energy.internal(&[Array2::zeros((1, 1)), Array2::from_elem((1, 1), h)])[0]
        };
        let y = h.tanh();
        let content = y * y.atanh() + 0.5 * (1.0 - y * y).ln();
        assert!((own(ActivationKind::Tanh) - content).abs() < 1e-13, "{h}");
        let y = h.clamp(0.0, 1.0);
        assert!(
            (own(ActivationKind::HardSigmoid) - 0.5 * y * y).abs() < 1e-13,
            "{h}"
        );
    }
}

/// With an activation that rises, a block sweep minimises exactly in turn: the energy of states
/// after more sweeps is never larger.
#[test]
fn no_sweep_raises_the_energy_of_cells_that_follow_their_input() {
    for ((cell, activation), sizes, mut rng) in cases() {
        if cell == Cell::Gradient || activation.kind == ActivationKind::Silu {
            continue;
        }
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation).with_cell(cell);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive {
            anchor: anchor.view(),
            visible: SPRING,
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
