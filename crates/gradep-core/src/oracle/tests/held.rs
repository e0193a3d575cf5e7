//! Gradients with held nodes: implicit differentiation, differences of the loss, and the estimator.

use super::*;
use analog_substrate::Points;

/// About half of the nodes, others in every sample; none in the first, all in the last.
fn mask(n: usize) -> Array2<bool> {
    Array2::from_shape_fn((6, n), |(row, i)| {
        row == 5 || row > 0 && (row * 7 + i * 5) % 2 == 0
    })
}

fn along(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn implicit_gradients_with_held_nodes_are_those_of_the_loss() {
    for (cell, kind) in nodes() {
        for sizes in [&[6, 9][..], &[6, 9, 7]] {
            let model = Model {
                cell,
                ..model(kind, sizes, 0.7)
            };
            let (anchor, target) = batch(sizes[0]);
            let mask = mask(sizes[0]);
            let points = Points {
                x: anchor.view(),
                held: Some(mask.view()),
            };
            let exact = implicit_gradient(&model, points, target.view()).unwrap();
            assert_eq!(exact.usable().len(), 6, "{cell:?} {kind:?}");
            // Another function than that without held nodes.
            let free = implicit_gradient(&model, anchor.view(), target.view()).unwrap();
            assert!((free.loss - exact.loss).abs() > 1e-3 * free.loss);
            let direction = normal(20, exact.gradient.flat().len());
            let expected = along(&direction, exact.gradient.flat());
            let direction = Couplings::from_flat(exact.gradient.layers().clone(), direction);
            let step = match (cell, kind) {
                (Cell::Hopfield | Cell::Resistive, ActivationKind::HardSigmoid) => 1e-6,
                _ => 1e-4,
            };
            let found =
                directional_difference(&model, points, target.view(), &direction.unwrap(), step)
                    .unwrap();
            let tolerance = 1e-10 / step + 1e-6 * expected.abs() + found.error;
            assert!(
                (found.derivative - expected).abs() < tolerance,
                "{cell:?} {kind:?} {sizes:?}: {expected} {found:?}"
            );
        }
    }
}

#[test]
fn estimates_with_held_nodes_tend_to_the_implicit_gradient() {
    for nudge in [NudgeKind::Tilt, NudgeKind::Quadratic] {
        for (cell, kind) in nodes() {
            let model = Model {
                cell,
                ..model(kind, &[6, 9, 7], 0.7)
            };
            let (anchor, target) = batch(6);
            let mask = mask(6);
            let points = Points {
                x: anchor.view(),
                held: Some(mask.view()),
            };
            let exact = implicit_gradient(&model, points, target.view()).unwrap();
            let relaxation = Relaxation {
                tolerance: 1e-12,
                nudged_tolerance: 1e-10,
                ..Relaxation::default()
            };
            let substrate = model.ideal(relaxation).unwrap();
            let rule = GradEp {
                spring: 15.0,
                output_scale: 2.0,
                nudge,
                phases: PhaseScheme::Centred,
                beta: 1e-5,
                linear_range: None,
                validity: TRUST,
            };
            let estimate = rule
                .estimate(&substrate, points, target.view(), 1.0)
                .unwrap();
            assert_eq!(estimate.refusal, None, "{cell:?} {kind:?}");
            assert!((estimate.loss() - exact.loss).abs() < 1e-10 * exact.loss);
            assert!(estimate.sample_loss[5].abs() < f64::MIN_POSITIVE);
            let (found, exact) = (estimate.gradient.flat(), exact.gradient.flat());
            let norm = along(exact, exact).sqrt();
            let cosine = along(found, exact) / (norm * along(found, found).sqrt());
            let difference: Vec<f64> = found.iter().zip(exact).map(|(a, b)| a - b).collect();
            let relative = along(&difference, &difference).sqrt() / norm;
            // The quadratic nudge is off by q² of its stiffness ratio, 1e-5·900/16.
            let most = if nudge == NudgeKind::Tilt {
                1e-6
            } else {
                1e-6 + 4e-7
            };
            assert!(
                cosine > 0.9999 && relative < most,
                "{nudge:?} {cell:?} {kind:?}: cosine {cosine}, off by {relative:e}"
            );
        }
    }
}
