//! When relaxations have settled.

use super::*;
use crate::Scalar;
use crate::chip::{Integrator, Trace};

const LIMIT: f64 = 1e-2;

fn trace<R: Scalar>(
    couplings: &Couplings<R>,
    (integrator, step): (Integrator, f64),
    (duration, intervals): (f64, usize),
    stop_when_settled: bool,
) -> Trace<R> {
    let settings = TransientSettings {
        integrator,
        step,
        settled_below: Some(LIMIT),
        stop_when_settled,
        ..TransientSettings::default()
    };
    let chip = chip(Design::ideal(), couplings, (SILU, Cell::Gradient), settings);
    let anchor = normals(9, 6, 8, 1.0);
    let drive = drive(&anchor, SPRING);
    chip.trace(&drive, duration, intervals).unwrap()
}

/// Nodes without couplings relax alone, x with rate 1 + λ from an imbalance of |x_t|.
fn exact<R: Scalar>(sample: usize) -> f64 {
    let anchor: Array2<R> = normals(9, 6, 8, 1.0);
    let row = anchor.row(sample);
    let largest = row.iter().fold(0.0_f64, |m, x| m.max(x.to_f64().abs()));
    (largest / LIMIT).ln() / (1.0 + LAMBDA)
}

#[test]
fn a_settling_time_is_that_of_the_nodes_whatever_is_recorded() {
    let couplings = Couplings::<f64>::zeros(layers(&[8, 16, 16]));
    let coarse: &[(f64, usize)] = &[(30.0, 300), (30.0, 1), (30.0, 7), (300.0, 3), (4.0, 1000)];
    // Integrators whose own decay is that of the nodes in small steps only.
    let brief: &[(f64, usize)] = &[(1.0, 1), (1.0, 7)];
    for (integrator, step, tolerance, records) in [
        (Integrator::Etd2, 0.1, 1e-9, coarse),
        (Integrator::Etd2, 1.0, 1e-9, coarse),
        (Integrator::Adaptive, 0.1, 1e-6, coarse),
        (Integrator::Rk4, 0.02, 1e-3, brief),
        (Integrator::Euler, 0.001, 1e-2, brief),
    ] {
        for &record in records {
            let trace = trace(&couplings, (integrator, step), record, false);
            for (sample, found) in trace.settled.iter().enumerate() {
                let (found, exact) = (found.unwrap(), exact::<f64>(sample));
                assert!(
                    (found / exact - 1.0).abs() < tolerance,
                    "{integrator:?} {record:?}: {found}, {exact}"
                );
            }
        }
    }
    // Single precision, too.
    let couplings = Couplings::<f32>::zeros(layers(&[8, 16, 16]));
    let trace = trace(&couplings, (Integrator::Etd2, 0.1), (3000.0, 30), false);
    for (sample, found) in trace.settled.iter().enumerate() {
        let (found, exact) = (found.unwrap(), exact::<f32>(sample));
        assert!((found / exact - 1.0).abs() < 1e-4, "{found}, {exact}");
    }
}

#[test]
fn coarse_and_fine_records_of_a_network_agree() {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let fine = trace(&couplings, (Integrator::Etd2, 0.01), (60.0, 6000), false);
    for record in [(60.0, 600), (60.0, 7), (60.0, 1)] {
        let coarse = trace(&couplings, (Integrator::Etd2, 0.1), record, false);
        for (fine, coarse) in fine.settled.iter().zip(&coarse.settled) {
            let (fine, coarse) = (fine.unwrap(), coarse.unwrap());
            assert!((coarse / fine - 1.0).abs() < 0.01, "{coarse}, {fine}");
        }
    }
    // What is recorded bears it out: above the limit before, at or below it from then on.
    for (sample, settled) in fine.settled.iter().enumerate() {
        let settled = settled.unwrap();
        let residual = fine.residual.row(sample);
        let last_above = residual.iter().rposition(|r| *r > LIMIT).unwrap();
        assert!(fine.time[last_above] < settled && settled <= fine.time[last_above + 1]);
    }
}

#[test]
fn a_sample_is_read_at_the_end_of_the_step_in_which_it_settles() {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    for (integrator, longest) in [(Integrator::Etd2, 0.1), (Integrator::Adaptive, 1.0)] {
        let whole = trace(&couplings, (integrator, 0.1), (60.0, 2), false);
        let held = trace(&couplings, (integrator, 0.1), (60.0, 2), true);
        assert_eq!(whole.settled, held.settled);
        for (settled, read) in held.settled.iter().zip(&held.read) {
            let settled = settled.unwrap();
            assert!(
                settled <= *read && read - settled < longest,
                "{settled}, {read}"
            );
        }
    }
}

#[test]
fn what_is_never_below_the_limit_has_not_settled() {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let trace = trace(&couplings, (Integrator::Etd2, 0.1), (0.2, 2), false);
    assert!(trace.settled.iter().all(Option::is_none));
}

fn noisy_chip(design: Design, couplings: &Couplings<f64>, nature: (Activation, Cell)) -> Chip<f64> {
    chip(design, couplings, nature, TransientSettings::default())
}

#[test]
fn without_couplings_the_noise_floor_is_that_of_the_springs() {
    let couplings = Couplings::<f64>::zeros(layers(&[1, 1]));
    let chip = noisy_chip(noisy(), &couplings, (SILU, Cell::Hopfield));
    let limit = chip.settling_limit(SPRING).unwrap();
    // A node's voltage fluctuates by kT/C whatever its stiffness k, and its currents by k times that.
    let rms = (1.0 + LAMBDA) * chip.design().thermal_variance().sqrt();
    let numbers: f64 = 2.0 * 300.0 / 0.01;
    let expected = rms * (2.0 * numbers.ln()).sqrt();
    assert!(
        (limit.noise_floor / expected - 1.0).abs() < 1e-9,
        "{limit:?}"
    );
    let anchor = normals(9, 64, 1, 1.0);
    let trace = chip.trace(&drive(&anchor, SPRING), 30.0, 300).unwrap();
    let late = trace.residual.slice(ndarray::s![.., 30..]);
    let late = late.mapv(|r| r * r).mean().unwrap();
    assert!(
        (late.sqrt() / rms - 1.0).abs() < 0.05,
        "{}, {rms}",
        late.sqrt()
    );
    // With x held, only the leak of the hidden node is left.
    let held = chip.settling_limit(Visible::Clamped).unwrap();
    assert!((held.noise_floor * (1.0 + LAMBDA) / limit.noise_floor - 1.0).abs() < 1e-9);
}

#[test]
fn networks_at_rest_stay_below_the_noise_floor_and_come_near_it() {
    let mut amplifiers = noisy();
    amplifiers.activation.noise_density = 5e-9;
    for (design, nature) in [
        (noisy(), (SILU, Cell::Gradient)),
        (noisy(), (SILU, Cell::Hopfield)),
        (noisy(), (TANH, Cell::Resistive)),
        (amplifiers.clone(), (SILU, Cell::Gradient)),
        (amplifiers, (TANH, Cell::Hopfield)),
    ] {
        let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
        let chip = noisy_chip(design, &couplings, nature);
        let anchor = normals(9, 64, 8, 1.0);
        let trace = chip.trace(&drive(&anchor, SPRING), 60.0, 600).unwrap();
        let limit = chip.settling_limit(SPRING).unwrap();
        // Another 30 τ after 30 τ that nearly all take to come to rest.
        let late = trace.residual.slice(ndarray::s![.., 300..]);
        let highest = late
            .rows()
            .into_iter()
            .map(|row| row.iter().copied().fold(0.0, f64::max));
        let highest: Vec<f64> = highest.collect();
        let above = highest.iter().filter(|r| **r > limit.noise_floor).count();
        let median = units::statistics::median(highest).unwrap();
        assert!(above <= 3, "{nature:?}: {above} above {limit:?}, {median}");
        assert!(
            limit.noise_floor < 2.0 * median,
            "{nature:?}: {median}, {limit:?}"
        );
    }
}

#[test]
fn the_limit_is_the_noise_floor_unless_another_is_asked_for() {
    let couplings = couplings::<f64>(&[8, 16, 16], 0.6, 3);
    let limit = |design: Design, settled_below| {
        let settings = TransientSettings {
            settled_below,
            ..TransientSettings::default()
        };
        let chip = chip(design, &couplings, (SILU, Cell::Gradient), settings);
        chip.settling_limit(SPRING).unwrap()
    };
    let quiet = limit(Design::ideal(), None);
    assert_eq!((quiet.residual, quiet.noise_floor), (1e-2, 0.0));
    assert!(!quiet.is_noise_floor() && !quiet.is_below_noise());
    let loud = limit(noisy(), None);
    assert!(loud.is_noise_floor() && loud.residual > 1e-2, "{loud:?}");
    let asked = limit(noisy(), Some(1e-2));
    assert!(asked.is_below_noise() && !asked.is_noise_floor());
    assert_eq!(
        (asked.residual, asked.noise_floor),
        (1e-2, loud.noise_floor)
    );
}
