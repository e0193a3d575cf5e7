//! Edges on which hard-sigmoid nodes rest, where they have offsets and noise.

use super::*;
use crate::{
    Scalar, Substrate as _,
    chip::{ChipParts, Integrator, Network},
};

const HARD: Activation = Activation {
    kind: ActivationKind::HardSigmoid,
    clamp: None,
};

/// The last states of all layers of a relaxation under a spring.
fn states<R: Scalar>(
    design: &Design,
    offset: impl Fn(usize) -> f64,
    (activation, cell): (Activation, Cell),
    settings: TransientSettings,
) -> Vec<f64> {
    let couplings = couplings::<R>(&[4, 8, 6], 1.5, 3);
    let mut instance = Instance::nominal(design, couplings.layers());
    for layer in &mut instance.offset[1..] {
        (layer.iter_mut().enumerate()).for_each(|(i, o)| *o = offset(i));
    }
    let chip = Chip::new(ChipParts {
        design: design.clone(),
        instance,
        network: Network {
            couplings,
            activation,
            cell,
        },
        settings,
        noise_seed: 5,
    })
    .unwrap();
    let anchor: Array2<R> = normals(9, 5, 4, 1.0);
    let rest = chip.settle(&drive(&anchor, SPRING), None).unwrap();
    if settings.integrator != Integrator::Adaptive {
        assert!(chip.ledger().balance_error < 1e-5, "{:?}", chip.ledger());
    }
    let layers = (0..3).map(|l| rest.state(l).mapv(R::to_f64));
    layers
        .flat_map(|layer| layer.into_iter().collect::<Vec<_>>())
        .collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |worst, (a, b)| f64::max(worst, (a - b).abs()))
}

/// What an offset does goes to zero with it, in every cell, with every integrator, in both precisions.
#[test]
fn small_offsets_have_small_effects() {
    let design = Design::ideal();
    for (integrator, step) in [
        (Integrator::Etd2, 0.1),
        (Integrator::Rk4, 0.02),
        (Integrator::Euler, 0.02),
        (Integrator::Adaptive, 0.1),
    ] {
        let settings = TransientSettings {
            integrator,
            step,
            ..TransientSettings::default()
        };
        for clamp in [None, Some(2.0)] {
            for cell in [Cell::Gradient, Cell::Hopfield, Cell::Resistive] {
                let nature = (Activation { clamp, ..HARD }, cell);
                let exact = states::<f64>(&design, |_| 0.0, nature, settings);
                for offset in [1e-4, -1e-4, 1e-7, -1e-7] {
                    for mixed in [1.0, -1.0] {
                        let of = |i: usize| {
                            if i.is_multiple_of(2) {
                                offset
                            } else {
                                mixed * offset
                            }
                        };
                        let found = states::<f64>(&design, of, nature, settings);
                        let moved = largest_difference(&found, &exact);
                        assert!(
                            moved < 50.0 * offset.abs(),
                            "{integrator:?} {nature:?} {offset:e}: {moved:e}"
                        );
                    }
                }
                if integrator != Integrator::Etd2 {
                    continue;
                }
                let single = states::<f32>(&design, |i| 1e-4 * (i as f64).sin(), nature, settings);
                let moved = largest_difference(&single, &exact);
                assert!(moved < 5e-3, "f32 {nature:?}: {moved:e}");
            }
        }
    }
}

/// Each node rests on the edges that its own offset gives it, and on the lower one before anything
/// drives it.
#[test]
fn edges_move_with_the_node_s_own_offset() {
    let design = Design::ideal();
    let offset = |i: usize| 0.05 * (i as f64 - 3.5);
    let settings = TransientSettings::default();
    let found = states::<f64>(&design, offset, (HARD, Cell::Gradient), settings);
    let (mut low, mut high) = (0, 0);
    // Five samples of four visible, then of eight and of six hidden nodes.
    for (at, &h) in found[20..].iter().enumerate() {
        let i = if at < 40 { at % 8 } else { (at - 40) % 6 };
        let (least, most) = (-offset(i), 1.0 - offset(i));
        assert!((least - 1e-12..=most + 1e-12).contains(&h), "{i}: {h}");
        low += usize::from((h - least).abs() < 1e-9);
        high += usize::from((h - most).abs() < 1e-9);
    }
    assert!(low > 5 && high > 5, "{low} low, {high} high");
}

/// Nor does an amplifier's noise carry nodes across their edges: what it does goes to zero with it.
#[test]
fn small_noise_has_a_small_effect() {
    let settings = TransientSettings::default();
    let nature = (HARD, Cell::Gradient);
    let exact = states::<f64>(&Design::ideal(), |_| 0.0, nature, settings);
    let mut design = Design::ideal();
    // 1e-4 V_unit in the mean over a step of 1 ns.
    design.activation.noise_density = 1e-5 * (2e-9_f64).sqrt();
    let found = states::<f64>(&design, |_| 0.0, nature, settings);
    let moved = largest_difference(&found, &exact);
    assert!(moved > 0.0 && moved < 5e-3, "{moved:e}");
}
