//! Derivatives against differences of what they derive.

mod held;
mod solvers;

use super::*;
use crate::{ActivationKind, Layers};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const KINDS: &[ActivationKind] = ActivationKind::ALL;
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
        let activations = KINDS.iter().flat_map(|kind| {
            let clamps = [None, Some(2.0)];
            clamps.map(|clamp| Activation { kind: *kind, clamp })
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
            let drive = Drive {
                anchor,
                visible,
                held: None,
            };
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
            held: None,
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
