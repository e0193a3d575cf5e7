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

/// Every activation, with and without clamp, for every depth.
fn cases() -> impl Iterator<Item = (Activation, &'static [usize], ChaCha8Rng)> {
    KINDS.into_iter().flat_map(|kind| {
        [None, Some(2.0)].into_iter().flat_map(move |clamp| {
            SHAPES.into_iter().map(move |sizes| {
                (
                    Activation { kind, clamp },
                    sizes,
                    ChaCha8Rng::seed_from_u64(7),
                )
            })
        })
    })
}

#[test]
fn differences_of_the_energy_give_the_gradient_and_of_the_gradient_the_curvature() {
    for (activation, sizes, mut rng) in cases() {
        let couplings = couplings(&mut rng, sizes);
        let energy = Energy::new(&couplings, activation);
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
                    "{activation:?} {sizes:?} {visible:?}: {a} {b}"
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
                    "{activation:?} {sizes:?} {visible:?} layer {l}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn the_curvature_is_symmetric() {
    for (activation, sizes, mut rng) in cases() {
        let couplings = couplings(&mut rng, sizes);
        let state = state(&mut rng, sizes, activation);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive {
            anchor: anchor.view(),
            visible: SPRING,
        };
        let hessian = Energy::new(&couplings, activation).hessian(&state, &drive);
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
                "{activation:?}"
            );
        }
    }
}

const SOLVERS: [SolverKind; 3] = [
    SolverKind::Explicit,
    SolverKind::Block,
    SolverKind::Anderson,
];

fn substrate(couplings: &Couplings<f64>, activation: Activation, solver: SolverKind) -> Ideal<f64> {
    let relaxation = Relaxation {
        solver,
        tolerance: 1e-8,
        nudged_tolerance: 1e-8,
        steps: 3000, // the smallest curvature is about 0.1: e^{−0.1·0.1·3000} = 1e-13
        ..Relaxation::default()
    };
    let mut substrate = Ideal::new(couplings.layers().clone(), activation, relaxation);
    substrate.program(couplings).unwrap();
    substrate
}

fn states(settled: &Settled<f64>, sizes: &[usize]) -> Vec<Array2<f64>> {
    (0..sizes.len()).map(|l| settled.state(l)).collect()
}

#[test]
fn what_the_solvers_call_settled_has_no_gradient() {
    for solver in SOLVERS {
        for (activation, sizes, mut rng) in cases() {
            let couplings = couplings(&mut rng, sizes);
            let energy = Energy::new(&couplings, activation);
            let substrate = substrate(&couplings, activation, solver);
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
                assert!(all, "{solver:?} {activation:?} {sizes:?}: {reported:?}");
                let residual = energy.residual(&states(&settled, sizes), &drive);
                for (residual, reported) in residual.iter().zip(reported) {
                    // The states are of order one: rounding of ∇S is a few 1e-16.
                    assert!(
                        *residual <= reported + 1e-14,
                        "{solver:?} {activation:?} {sizes:?} {visible:?}: {residual:e} {reported:e}"
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
        for (activation, sizes, mut rng) in cases() {
            let mut couplings = couplings(&mut rng, sizes);
            for l in 0..sizes.len() - 1 {
                couplings.bias_mut(l).mapv_inplace(|bias| 0.5 + 4.0 * bias);
            }
            let energy = Energy::new(&couplings, activation);
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
                let mut substrate = Ideal::<f64>::new(layers, activation, relaxation);
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
                        "{solver:?} {activation:?} {sizes:?} {visible:?} {count}: {residual:e} {reported:e}"
                    );
                }
                if let Some((low, high)) = activation.state_range() {
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
        for (activation, sizes, mut rng) in cases() {
            let couplings = couplings(&mut rng, sizes);
            let energy = Energy::new(&couplings, activation);
            let substrate = substrate(&couplings, activation, solver);
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
                assert!(all, "{solver:?} {activation:?} {sizes:?} {kind:?}");
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
                        "{solver:?} {activation:?} {sizes:?} {kind:?}: {residual:e} {free:e} {nudged:e}"
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
    fn no_explicit_step_raises_the_energy(seed: u64, kind in 0_usize..5, shape in 0_usize..3, clamped: bool) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes = SHAPES[shape];
        let couplings = couplings(&mut rng, sizes);
        let activation = Activation { kind: KINDS[kind], clamp: clamped.then_some(2.0) };
        let energy = Energy::new(&couplings, activation);
        let anchor = normal(&mut rng, (BATCH, sizes[0]), 1.0);
        let drive = Drive { anchor: anchor.view(), visible: SPRING };
        let mut state = state(&mut rng, sizes, activation);
        let mut before = energy.total(&state, &drive);
        for _ in 0..100 {
            state = shifted(&state, &energy.gradient(&state, &drive), -0.1);
            if let Some((low, high)) = activation.state_range() {
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
