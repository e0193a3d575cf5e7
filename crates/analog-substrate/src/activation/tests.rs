//! Activations against the standard library.

use super::*;
use crate::kernels::{LANES, SimdLevel};

fn all() -> impl Iterator<Item = Activation> {
    ActivationKind::ALL.iter().flat_map(|kind| {
        [None, Some(10.0), Some(2.0)].map(|clamp| Activation { kind: *kind, clamp })
    })
}

fn states<R: ActivationScalar>() -> Vec<R> {
    (0..LANES * 32)
        .map(|i| R::from_f64(f64::from(i as u32) / 25.6 - 10.003))
        .collect()
}

fn check_values<R: ActivationScalar>(tolerance: f64) {
    let h = states::<R>();
    let n = h.len();
    for activation in all() {
        for level in SimdLevel::available() {
            let (mut a, mut a1, mut a2) = (vec![R::ZERO; n], vec![R::ZERO; n], vec![R::ZERO; n]);
            Evaluate {
                h: &h,
                a: &mut a,
                a1: &mut a1,
                a2: &mut a2,
            }
            .apply(level, Curve::new(activation));
            for i in 0..n {
                let exact = activation.derivatives(h[i].to_f64());
                for (ours, exact) in [(a[i], exact.0), (a1[i], exact.1), (a2[i], exact.2)] {
                    let error = (ours.to_f64() - exact).abs();
                    assert!(
                        error <= tolerance * (1.0 + exact.abs()),
                        "{activation:?} {level} {}",
                        h[i]
                    );
                }
            }
        }
    }
}

#[test]
fn kernels_equal_the_standard_library_to_rounding() {
    check_values::<f32>(6.0 * f64::from(f32::EPSILON));
    check_values::<f64>(6.0 * f64::EPSILON);
}

#[test]
fn small_differences_keep_their_relative_accuracy() {
    for activation in all().filter(|a| a.kind != ActivationKind::HardSigmoid) {
        for size in [1e-6, 1e-4, 1e-2, 0.2, 0.3, 2.0] {
            let h: Vec<f32> = (0..LANES).map(|i| i as f32 * 0.4 - 3.0).collect();
            let exact = |h: f32| activation.derivatives(f64::from(h));
            let (a, a1): (Vec<f32>, Vec<f32>) = h
                .iter()
                .map(|&h| (exact(h).0 as f32, exact(h).1 as f32))
                .unzip();
            let deviation = vec![size as f32; LANES];
            let mut out = vec![vec![0.0; LANES]; 3];
            let [da, da1, a2] = &mut out[..] else {
                unreachable!()
            };
            let reference = Reference {
                h: &h,
                a: &a,
                a1: &a1,
                z: &h,
            };
            EvaluateDifference {
                reference,
                deviation: &deviation,
                da,
                da1,
                a2,
            }
            .apply(SimdLevel::detect(), Curve::new(activation));
            for i in 0..LANES {
                let from = f64::from(h[i]);
                let to = activation.derivatives(from + f64::from(deviation[i]));
                let d = f64::from(deviation[i]);
                // Relative to the step, not to the (possibly tiny) derivative.
                assert!(
                    (f64::from(out[0][i]) - (to.0 - exact(h[i]).0)).abs() < 4e-6 * d,
                    "{activation:?} {size}"
                );
                assert!(
                    (f64::from(out[1][i]) - (to.1 - exact(h[i]).1)).abs() < 4e-6 * d,
                    "{activation:?} {size}"
                );
            }
        }
    }
}

#[test]
fn newton_solves_the_nodes_own_equation() {
    for activation in all() {
        let z: Vec<f64> = (0..LANES * 4)
            .map(|i| f64::from(i as u32) * 0.15 - 4.0)
            .collect();
        let n = z.len();
        let mut rows = vec![vec![0.0; n]; 4];
        let [h, a, a1, step] = &mut rows[..] else {
            unreachable!()
        };
        let limit = NewtonLimit {
            tolerance: 1e-13,
            steps: 100,
            caution: 0.5,
        };
        let residual = SettleRow {
            h,
            z: &z,
            a,
            a1,
            step,
            limit,
        }
        .apply(SimdLevel::detect(), Curve::new(activation));
        assert!(residual <= 1e-13, "{activation:?}: {residual}");
        for i in 0..n {
            let (_, slope, _) = activation.derivatives(h[i]);
            let force = slope * z[i] - h[i];
            let held = activation.state_range().is_some_and(|(low, high)| {
                (h[i] <= low && force < 0.0) || (h[i] >= high && force > 0.0)
            });
            assert!(held || force.abs() < 1e-12, "{activation:?} z = {}", z[i]);
        }
    }
}

fn check_inverse<R: ActivationScalar>(tolerance: f64) {
    let invertible = all().filter(|a| crate::Cell::Resistive.check(*a).is_ok());
    for activation in invertible {
        let curve = Curve::<R>::new(activation);
        let (low, high) = curve.output_range();
        // States at which the output has not saturated: there the inverse is well conditioned.
        let h: Vec<f64> = (0..LANES * 4).map(|i| i as f64 / 32.0 - 0.9).collect();
        let y: Vec<R> = h
            .iter()
            .map(|&h| {
                R::from_f64(activation.derivatives(h).0)
                    .larger(low)
                    .smaller(high)
            })
            .collect();
        for level in SimdLevel::available() {
            let (mut back, mut slope) = (vec![R::ZERO; y.len()], vec![R::ZERO; y.len()]);
            Invert {
                y: &y,
                h: &mut back,
                slope: &mut slope,
            }
            .apply(level, curve);
            for i in 0..y.len() {
                let (_, forward, _) = activation.derivatives(h[i]);
                if forward == 0.0 {
                    continue;
                }
                let error = (back[i].to_f64() - h[i]).abs() * forward;
                assert!(
                    error <= tolerance,
                    "{activation:?} {level} {}: {error:e}",
                    h[i]
                );
                assert!((slope[i].to_f64() * forward - 1.0).abs() <= 40.0 * tolerance);
            }
        }
    }
}

#[test]
fn inverse_activations_give_the_state_back() {
    check_inverse::<f32>(8.0 * f64::from(f32::EPSILON));
    check_inverse::<f64>(8.0 * f64::EPSILON);
}

#[test]
fn things_are_called_what_files_call_them() {
    assert_eq!(crate::Cell::Gradient.to_string(), "gradient");
    assert_eq!(Activation::PAPER.to_string(), "silu clamped at 10");
    let hard = Activation {
        kind: ActivationKind::HardSigmoid,
        clamp: None,
    };
    assert_eq!(
        format!("{hard}, {:>8}", crate::Cell::Gradient),
        "hard-sigmoid, gradient"
    );
}

/// Values over all states: none is beyond the ends that a file says, and each end that there is is reached.
#[test]
fn values_are_between_the_ends_that_files_say() {
    for &kind in ActivationKind::ALL {
        let values = (-4000..=4000).map(|i| kind.derivatives(f64::from(i) * 0.01).0);
        let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), f| {
            (low.min(f), high.max(f))
        });
        let (low, high) = kind.values();
        assert!(least >= low && most <= high, "{kind}: {least} {most}");
        // States are 0.01 apart, where values are flat.
        let is_reached = |end: f64, found: f64| !end.is_finite() || (end - found).abs() < 1e-4;
        assert!(
            is_reached(low, least) && is_reached(high, most),
            "{kind}: {least} {most}"
        );
    }
}
