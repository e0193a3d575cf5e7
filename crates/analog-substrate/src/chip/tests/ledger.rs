//! The energy ledger: its balance, and what each of its entries converges to.

use super::*;
use crate::Scalar;
use crate::{
    Nudge, NudgeKind, Substrate as _,
    chip::{Integrator, Ledger, Summing},
    hw_spec::Spec,
};
use ndarray::ArrayView2;

fn settings(integrator: Integrator, step: f64) -> TransientSettings {
    TransientSettings {
        integrator,
        step,
        ..TransientSettings::default()
    }
}

/// What the balance misses after a relaxation of the paper's network and one under a nudge.
fn missing<R: Scalar>(
    design: &Design,
    (nature, gain): ((Activation, Cell), f64),
    settings: TransientSettings,
    kind: NudgeKind,
) -> f64 {
    let couplings = couplings::<R>(&[64, 128, 128], gain, 3);
    let instance = Instance::draw(design, couplings.layers(), Die { seed: 4, number: 0 });
    let chip = Chip::new(ChipParts {
        design: design.clone(),
        instance,
        network: Network {
            couplings,
            activation: nature.0,
            cell: nature.1,
        },
        settings,
        noise_seed: 5,
    })
    .unwrap();
    let anchor: Array2<R> = normals(9, 4, 64, 1.0);
    let free = chip.settle(&drive(&anchor, SPRING), None).unwrap();
    let nudge = Nudge {
        kind,
        strength: 0.5,
        pattern: anchor.view(),
    };
    chip.nudge(&free, &nudge, None).unwrap();
    chip.ledger().balance_error
}

#[test]
fn the_balance_closes_to_1e_6_with_default_settings_noise_and_all() {
    let d3 = Spec::load("D3").unwrap().design();
    for nature in NATURES {
        for design in [&Design::ideal(), &d3] {
            let settings = TransientSettings::default();
            let missing = missing::<f32>(design, (nature, 1.0), settings, NudgeKind::Tilt);
            assert!(
                missing < 1e-6,
                "{} {:?}: {missing:e}",
                design.name,
                nature.1
            );
        }
    }
}

/// What the balance of a noisy chip with droop misses after 5 τ.
pub(in crate::chip) fn left_of_balance(
    of: ((Activation, Cell), f64),
    (integrator, step): (Integrator, f64),
) -> f64 {
    let mut design = noisy();
    design.converters.droop = 0.01 / design.time_constant();
    let settings = TransientSettings {
        duration: 5.0,
        ..settings(integrator, step)
    };
    missing::<f64>(&design, of, settings, NudgeKind::Quadratic)
}

/// Steps move charges exactly, so nothing but rounding is missing: units in the last place, times the
/// slope of a saturated leak (some 1e4) where an exponential step follows it.
#[test]
fn the_balance_of_every_integrator_closes_to_rounding() {
    for nature in NATURES {
        for (integrator, step) in [
            (Integrator::Etd2, 0.5),
            (Integrator::Rk4, 0.05),
            (Integrator::Euler, 0.05),
        ] {
            // Explicit steps of 0.05 τ are stable where no resistive node is far into saturation.
            let explicit = integrator != Integrator::Etd2;
            let gain = if explicit && nature.1 == Cell::Resistive {
                0.4
            } else {
                1.0
            };
            let missing = left_of_balance((nature, gain), (integrator, step));
            assert!(
                missing < 1e-10,
                "{integrator:?} {:?}: {missing:e}",
                nature.1
            );
        }
    }
}

fn entries(ledger: &Ledger) -> [(&'static str, f64); 6] {
    [
        ("leak", ledger.leak_j),
        ("spring", ledger.spring_j),
        ("crossbar", ledger.crossbar_j),
        ("couplings", ledger.delivered_by_couplings_j),
        ("sources", ledger.delivered_by_sources_j),
        ("stored", ledger.stored_j),
    ]
}

#[test]
fn every_entry_converges_with_the_order_of_its_integrator() {
    for nature in NATURES {
        let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
        let anchor = normals(9, 3, 8, 1.0);
        let run = |settings: TransientSettings| {
            let chip = chip(Design::ideal(), &couplings, nature, settings);
            chip.trace(&drive(&anchor, SPRING), 8.0, 1).unwrap();
            entries(&chip.ledger())
        };
        let exact = run(TransientSettings {
            tolerance: 1e-12,
            ..settings(Integrator::Adaptive, 0.1)
        });
        let scale = exact.iter().fold(0.0_f64, |all, entry| all + entry.1.abs());
        for (integrator, order, step) in
            [(Integrator::Etd2, 2.0, 0.02), (Integrator::Rk4, 4.0, 0.04)]
        {
            let (coarse, fine) = (
                run(settings(integrator, step)),
                run(settings(integrator, step / 2.0)),
            );
            for ((coarse, fine), exact) in coarse.iter().zip(&fine).zip(&exact) {
                let error = |found: f64| ((found - exact.1) / scale).abs();
                let (coarse, fine) = (error(coarse.1), error(fine.1));
                let measured = (coarse / fine).log2();
                // Small errors are sums of terms of either sign; z = 0.64 is not yet small for RK4.
                assert!(
                    measured > order - 0.5 && coarse < 2e-5,
                    "{integrator:?} {:?}, {}: order {measured}, {coarse:e} {fine:e}",
                    nature.1,
                    exact.0
                );
            }
        }
    }
}

/// Powers of a network whose couplings are resistors from drivers of gain ±A, counted one by one.
fn loaded_powers(
    couplings: &Couplings<f64>,
    cell: Cell,
    gain: f64,
    states: &[ArrayView2<'_, f64>],
    sample: usize,
) -> (f64, f64) {
    let output = |l: usize, i: usize| {
        let s = states[l][(sample, i)];
        if l == 0 { s } else { SILU.derivatives(s).0 }
    };
    let sizes = couplings.layers().sizes();
    let input = |l: usize, i: usize| {
        let mut z = 0.0;
        if l > 0 {
            z += couplings.bias(l - 1)[i];
            z += (0..sizes[l - 1])
                .map(|j| couplings.weight(l - 1)[(i, j)] * output(l - 1, j))
                .sum::<f64>();
        }
        if l + 1 < sizes.len() {
            z += (0..sizes[l + 1])
                .map(|k| couplings.weight(l)[(k, i)] * output(l + 1, k))
                .sum::<f64>();
        }
        z
    };
    let (mut crossbar, mut leak) = (0.0, 0.0);
    for l in 0..sizes.len() {
        for i in 0..sizes[l] {
            let behind = l > 0 && cell == Cell::Gradient;
            let voltage = if behind {
                input(l, i)
            } else {
                states[l][(sample, i)]
            };
            let mut resistor = |weight: f64, driving: f64| {
                let siemens = weight.abs() / gain;
                crossbar += siemens * (gain * weight.signum() * driving - voltage).powi(2);
                siemens
            };
            let mut load = 0.0;
            if l > 0 {
                for j in 0..sizes[l - 1] {
                    load += resistor(couplings.weight(l - 1)[(i, j)], output(l - 1, j));
                }
            }
            if l + 1 < sizes.len() {
                for k in 0..sizes[l + 1] {
                    load += resistor(couplings.weight(l)[(k, i)], output(l + 1, k));
                }
            }
            if behind {
                crossbar += (1.0 - load) * voltage.powi(2);
                leak += states[l][(sample, i)].powi(2);
            } else {
                leak += (1.0 - load) * voltage.powi(2);
            }
        }
    }
    (crossbar, leak)
}

#[test]
fn couplings_that_load_their_nodes_dissipate_what_their_resistors_do() {
    let couplings = couplings::<f64>(&[4, 6, 5], 1.0, 3);
    let anchor = normals(9, 1, 4, 1.0);
    let mut design = Design::ideal();
    design.crossbar.summing = Summing::Loaded;
    // Drivers whose gain leaves every node a leak.
    let sums = |l: usize, i: usize| -> f64 {
        let down = (l > 0).then(|| couplings.weight(l - 1).row(i).mapv(f64::abs).sum());
        let up = (l < 2).then(|| couplings.weight(l).column(i).mapv(f64::abs).sum());
        down.unwrap_or(0.0) + up.unwrap_or(0.0)
    };
    let largest = (0..3).flat_map(|l| (0..[4, 6, 5][l]).map(move |i| (l, i)));
    let largest = largest.fold(0.0_f64, |worst, (l, i)| worst.max(sums(l, i)));
    let gain = (largest / 0.8).ceil();
    for cell in [Cell::Gradient, Cell::Hopfield] {
        let settings = settings(Integrator::Rk4, 0.01);
        let chip = chip(design.clone(), &couplings, (SILU, cell), settings);
        let trace = chip.trace(&drive(&anchor, SPRING), 4.0, 800).unwrap();
        let ledger = chip.ledger();
        assert!(ledger.balance_error < 1e-12, "{ledger:?}");
        // Simpson's rule over the recorded instants.
        let (mut crossbar, mut leak) = (0.0, 0.0);
        for t in 0..=800 {
            let states: Vec<_> = trace
                .states
                .iter()
                .map(|s| s.index_axis(ndarray::Axis(1), t))
                .collect();
            let weight = match t {
                0 | 800 => 1.0,
                t if t % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let powers = loaded_powers(&couplings, cell, gain, &states, 0);
            crossbar += weight * powers.0 * 0.005 / 3.0;
            leak += weight * powers.1 * 0.005 / 3.0;
        }
        let unit = chip.design().unit_energy();
        // The rule errs by (16·0.005)⁴/180 = 2e-7 of the fastest node's share.
        assert!((ledger.crossbar_j / unit / crossbar - 1.0).abs() < 1e-7);
        assert!((ledger.leak_j / unit / leak - 1.0).abs() < 1e-7);
    }
}
