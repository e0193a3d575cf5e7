//! Transients without noise.

use super::*;
use crate::{
    Ideal, Relaxation, Substrate as _,
    chip::{FreeRun, Integrator, NoiseRamp},
};
use ndarray::s;

fn settings(integrator: Integrator, step: f64) -> TransientSettings {
    TransientSettings {
        integrator,
        step,
        ..TransientSettings::default()
    }
}

/// Largest difference of two chips' recorded states.
fn path_error(
    nature: (Activation, Cell),
    (integrator, step): (Integrator, f64),
    reference: &crate::chip::Trace<f64>,
) -> f64 {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let anchor = normals(9, 3, 8, 1.0);
    let chip = chip(
        Design::ideal(),
        &couplings,
        nature,
        settings(integrator, step),
    );
    let trace = chip.trace(&drive(&anchor, SPRING), 8.0, 16).unwrap();
    let pairs = trace.states.iter().zip(&reference.states);
    pairs
        .flat_map(|(a, b)| (a - b).into_iter().map(f64::abs))
        .fold(0.0, f64::max)
}

fn reference(nature: (Activation, Cell)) -> crate::chip::Trace<f64> {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let anchor = normals(9, 3, 8, 1.0);
    let precise = TransientSettings {
        tolerance: 1e-12,
        ..settings(Integrator::Adaptive, 0.1)
    };
    let chip = chip(Design::ideal(), &couplings, nature, precise);
    chip.trace(&drive(&anchor, SPRING), 8.0, 16).unwrap()
}

/// The order with which the paths of an integrator converge, from steps of `step` and half of that.
pub(in crate::chip) fn measured_order(
    nature: (Activation, Cell),
    (integrator, step): (Integrator, f64),
) -> f64 {
    let exact = reference(nature);
    let coarse = path_error(nature, (integrator, step), &exact);
    let fine = path_error(nature, (integrator, step / 2.0), &exact);
    (coarse / fine).log2()
}

#[test]
fn integrators_converge_with_their_orders_in_every_cell() {
    for nature in NATURES {
        for (integrator, order, step) in [
            (Integrator::Euler, 1.0, 0.02),
            (Integrator::Etd2, 2.0, 0.02),
            (Integrator::Rk4, 4.0, 0.04),
        ] {
            let measured = measured_order(nature, (integrator, step));
            assert!(
                (measured - order).abs() < 0.2,
                "{integrator:?} {:?}: order {measured}",
                nature.1
            );
        }
    }
}

#[test]
fn a_lone_node_decays_as_rc() {
    // No couplings: x relaxes to λx_t/(1 + λ) with rate (1 + λ)/τ, exactly in ETD2.
    let layers = layers(&[2, 1]);
    let chip = chip(
        Design::ideal(),
        &Couplings::<f64>::zeros(layers),
        (SILU, Cell::Gradient),
        settings(Integrator::Etd2, 0.5),
    );
    let anchor = ndarray::arr2(&[[1.0, -0.5]]);
    let trace = chip.trace(&drive(&anchor, SPRING), 3.0, 6).unwrap();
    for (at, t) in trace.time.iter().enumerate() {
        let decay = (-16.0 * t).exp();
        for i in 0..2 {
            let exact = anchor[(0, i)] * (15.0 / 16.0 + decay / 16.0);
            assert!((trace.states[0][(0, at, i)] - exact).abs() < 1e-14);
        }
    }
}

#[test]
fn with_everything_off_the_chip_rests_where_the_ideal_substrate_does() {
    let couplings = couplings::<f32>(&[8, 16, 16], 1.0, 3);
    let anchor = normals(9, 5, 8, 1.0);
    let mut ideal = Ideal::new(
        couplings.layers().clone(),
        SILU,
        Relaxation {
            tolerance: 1e-6,
            ..Relaxation::default()
        },
    );
    ideal.program(&couplings).unwrap();
    let rest = ideal.settle(&drive(&anchor, SPRING), None).unwrap();
    let long = TransientSettings {
        duration: 400.0,
        step: 0.25,
        ..TransientSettings::default()
    };
    let chip = chip(Design::ideal(), &couplings, (SILU, Cell::Gradient), long);
    let settled = chip.settle(&drive(&anchor, SPRING), None).unwrap();
    for l in 0..3 {
        let worst = (rest.state(l) - settled.state(l))
            .into_iter()
            .fold(0.0_f32, |worst, d| worst.max(d.abs()));
        assert!(worst < 1e-5, "layer {l}: {worst:e}");
    }
}

/// Largest rise of a sample's energy between two recorded instants, as a share of its whole fall.
fn largest_rise(
    chip: &Chip<f64>,
    (anchor, duration, intervals): (&Array2<f64>, f64, usize),
) -> f64 {
    let drive = drive(anchor, SPRING);
    let trace = chip.trace(&drive, duration, intervals).unwrap();
    let energy = chip.co_content(&trace, &drive);
    let rises = energy.rows().into_iter().map(|sample| {
        let fall = sample[0] - sample[intervals];
        assert!(fall > 0.0, "{sample}");
        let steps = sample.iter().zip(sample.iter().skip(1));
        steps.fold(0.0_f64, |worst, (before, now)| worst.max(now - before)) / fall
    });
    rises.fold(0.0, f64::max)
}

#[test]
fn the_energy_never_rises() {
    let couplings = couplings::<f64>(&[8, 16, 16], 1.5, 3);
    let anchor = normals(9, 4, 8, 1.0);
    let settings = settings(Integrator::Adaptive, 0.1);
    for nature in [(SILU, Cell::Gradient), (TANH, Cell::Resistive)] {
        let chip = chip(Design::ideal(), &couplings, nature, settings);
        let rise = largest_rise(&chip, (&anchor, 30.0, 300));
        assert!(rise < 1e-9, "{:?}: {rise:e}", nature.1);
    }
}

#[test]
fn the_energy_never_rises_at_full_size_in_the_usual_steps() {
    let anchor = normals(9, 4, 64, 1.0);
    // Gain 1.5 has the rates of trained networks and saturates outputs of resistive cells. Their leaks
    // are then too steep for any explicit method at 0.1 τ, so RK4 gets a network without.
    for (nature, integrator, gain) in [
        ((SILU, Cell::Gradient), Integrator::Etd2, 1.5),
        ((SILU, Cell::Gradient), Integrator::Rk4, 1.5),
        ((TANH, Cell::Resistive), Integrator::Etd2, 1.5),
        ((TANH, Cell::Resistive), Integrator::Rk4, 0.4),
    ] {
        let couplings = couplings::<f64>(&[64, 128, 128], gain, 3);
        let settings = settings(integrator, 0.1);
        let chip = chip(Design::ideal(), &couplings, nature, settings);
        // Every step is recorded.
        let rise = largest_rise(&chip, (&anchor, 30.0, 300));
        assert!(rise < 1e-9, "{:?} {integrator:?}: {rise:e}", nature.1);
    }
}

#[test]
fn a_free_visible_node_decays_r_times_slower() {
    // Without couplings dx/dt = −x/(r τ), and flow time is t/(α r τ): x(t_flow) = x e^{−α t_flow}.
    let layers = layers(&[2, 1]);
    let chip = chip(
        Design::ideal(),
        &Couplings::<f64>::zeros(layers),
        (SILU, Cell::Gradient),
        TransientSettings::default(),
    );
    let start = ndarray::arr2(&[[1.0, -2.0]]);
    let free = FreeRun {
        ratio: 20.0,
        presettle: 5.0,
        output_scale: 2.0,
        noise: NoiseRamp::NONE,
    };
    let trace = chip.run_free(start.view(), &free, 1.2, 4).unwrap();
    assert!((trace.time[4] - 48.0).abs() < 1e-12);
    for i in 0..2 {
        let exact = start[(0, i)] * (-2.4_f64).exp();
        assert!((trace.states[0][(0, 4, i)] - exact).abs() < 1e-12);
    }
    assert!((chip.clock().relaxation_tau - 53.0).abs() < 1e-12);
}

#[test]
fn a_sample_does_not_see_its_batch() {
    let couplings = couplings::<f32>(&[8, 16, 16], 1.5, 3);
    let anchor: Array2<f32> = normals(9, 40, 8, 1.0);
    let run = |rows: std::ops::Range<usize>| {
        let chip = chip(
            noisy(),
            &couplings,
            (SILU, Cell::Gradient),
            TransientSettings::default(),
        );
        let part = anchor.slice(s![rows, ..]).to_owned();
        chip.trace(&drive(&part, SPRING), 5.0, 1).unwrap().states
    };
    let (all, few) = (run(0..40), run(0..3));
    for (all, few) in all.iter().zip(&few) {
        assert_eq!(all.slice(s![..3, .., ..]), few);
    }
}

#[test]
fn a_fast_pole_changes_little_and_a_slow_one_much() {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let anchor = normals(9, 3, 8, 1.0);
    let run = |bandwidth: Option<f64>| {
        let mut design = Design::ideal();
        design.activation.bandwidth = bandwidth;
        let chip = chip(
            design,
            &couplings,
            (SILU, Cell::Gradient),
            settings(Integrator::Rk4, 0.001),
        );
        chip.trace(&drive(&anchor, SPRING), 2.0, 10).unwrap().states[1].clone()
    };
    let exact = run(None);
    let error = |tau_a: f64| {
        // τ = 10 ns.
        let f = 1.0 / (std::f64::consts::TAU * tau_a * 10e-9);
        (run(Some(f)) - &exact)
            .into_iter()
            .fold(0.0_f64, |worst, d| worst.max(d.abs()))
    };
    let (fast, faster, slow) = (error(0.02), error(0.01), error(0.5));
    // The lag of a pole is proportional to τ_a.
    assert!((fast / faster - 2.0).abs() < 0.2, "{fast:e} {faster:e}");
    assert!(slow > 10.0 * fast, "{slow:e}");
}

#[test]
fn samples_that_stop_when_settled_are_read_then_and_held() {
    let couplings = couplings::<f32>(&[8, 16, 16], 0.6, 3);
    let anchor = normals(9, 6, 8, 1.0);
    let run = |stop_when_settled| {
        let settings = TransientSettings {
            stop_when_settled,
            settled_below: Some(1e-2),
            ..settings(Integrator::Etd2, 0.1)
        };
        let chip = chip(
            Design::ideal(),
            &couplings,
            (SILU, Cell::Gradient),
            settings,
        );
        let trace = chip.trace(&drive(&anchor, SPRING), 60.0, 120).unwrap();
        (trace, chip.clock(), chip.ledger())
    };
    let ((whole, clock, _), (held, less, ledger)) = (run(false), run(true));
    assert!(whole.read.iter().all(|read| (read - 60.0).abs() < 1e-12));
    assert!((clock.relaxation_tau - 60.0).abs() < 1e-12);
    let mean = held.read.iter().sum::<f64>() / 6.0;
    assert!(mean < 40.0 && (less.relaxation_tau - mean).abs() < 1e-9);
    assert!(ledger.balance_error < 1e-6, "{ledger:?}");
    for (sample, &read) in held.read.iter().enumerate() {
        let mut last = None;
        for (at, &t) in held.time.iter().enumerate() {
            let row = s![sample, at, ..];
            let (now, free) = (held.states[1].slice(row), whole.states[1].slice(row));
            if t < read {
                assert_eq!(now, free);
                assert!(held.residual[(sample, at)] > 1e-2);
            } else {
                assert!(held.residual[(sample, at)] <= 1e-2);
                assert!(last.is_none_or(|last| last == now));
                last = Some(now);
            }
        }
    }
}
