//! Circuits whose rates lie many decades apart, in steps of their own.

use super::*;
use crate::chip::Integrator;
use std::time::Instant;

fn settings(integrator: Integrator, step: f64) -> TransientSettings {
    TransientSettings {
        integrator,
        step,
        ..TransientSettings::default()
    }
}

/// Weights 1.5·N(0, 1): every node far in saturation, leaks of up to 1e14 g_unit.
fn saturated(sizes: &[usize], seed: u64) -> Couplings<f64> {
    let layers = layers(sizes);
    let mut couplings = Couplings::zeros(layers.clone());
    for l in 0..layers.hidden() {
        let weights = normals(seed + l as u64, sizes[l + 1], sizes[l], 1.5);
        couplings.weight_mut(l).assign(&weights);
    }
    couplings
}

/// States after 12 τ, steps and the balance of the ledger.
fn ends(
    couplings: &Couplings<f64>,
    anchor: &Array2<f64>,
    settings: TransientSettings,
) -> (Vec<Array2<f64>>, u32, f64) {
    let chip = chip(
        Design::ideal(),
        couplings,
        (TANH, Cell::Resistive),
        settings,
    );
    let trace = chip.trace(&drive(anchor, SPRING), 12.0, 4).unwrap();
    let last = |states: &ndarray::Array3<f64>| states.index_axis(ndarray::Axis(1), 4).to_owned();
    let states = trace.states.iter().map(last).collect();
    let steps = trace.steps.iter().copied().max().unwrap_or(0);
    (states, steps, chip.ledger().balance_error)
}

fn difference(a: &[Array2<f64>], b: &[Array2<f64>]) -> f64 {
    let layers = a.iter().zip(b);
    layers
        .flat_map(|(a, b)| (a - b).into_iter().map(f64::abs))
        .fold(0.0, f64::max)
}

/// Against exponential steps of a thousandth of the usual length, and a tolerance a thousand times
/// tighter.
#[test]
fn saturated_resistive_cells_reach_their_end() {
    for (sizes, samples, seed) in [
        (&[4, 6][..], 3, 1),
        (&[8, 16, 16], 3, 2),
        (&[6, 10, 8, 5], 2, 3),
    ] {
        let couplings = saturated(sizes, seed);
        let anchor = normals(9, samples, sizes[0], 1.0);
        let (found, steps, balance) =
            ends(&couplings, &anchor, settings(Integrator::Adaptive, 0.1));
        let (exact, ..) = ends(&couplings, &anchor, settings(Integrator::Etd2, 2e-4));
        let error = difference(&found, &exact);
        eprintln!("{sizes:?}: {steps} steps, {error:e}, balance {balance:e}");
        assert!(error < 1e-6, "{sizes:?}: {error:e}");
        assert!(steps < 3000 && balance < 1e-9, "{steps} {balance:e}");
    }
}

#[test]
#[ignore = "a timing: cargo test -p analog-substrate --lib --release -- --ignored ten_times"]
fn saturated_cells_take_at_most_ten_times_as_long_as_exponential_steps() {
    let couplings = saturated(&[64, 128, 128], 1);
    let anchor = normals(9, 16, 64, 1.0);
    let time = |settings| {
        let start = Instant::now();
        let (states, steps, _) = ends(&couplings, &anchor, settings);
        (states, steps, start.elapsed().as_secs_f64())
    };
    let (rough, _, quick) = time(settings(Integrator::Etd2, 0.1));
    let (states, steps, slow) = time(settings(Integrator::Adaptive, 0.1));
    eprintln!(
        "{steps} steps, {slow} s for {quick} s, {:e}",
        difference(&rough, &states)
    );
    assert!(slow < 10.0 * quick, "{slow} {quick}");
}

/// A lone node under an anchor that fades follows it: x = 15/(16 − d)·e^{−dt} once the start is over.
/// Coupled nodes of identity follow it as a linear network does.
#[test]
fn an_anchor_that_droops_over_a_million_time_constants_is_followed() {
    let mut design = Design::ideal();
    design.converters.droop = 100.0;
    let droop = 100.0 * design.time_constant();
    for weight in [0.0, 0.8] {
        let mut couplings = Couplings::<f64>::zeros(layers(&[1, 1, 1]));
        couplings.weight_mut(0)[(0, 0)] = weight;
        couplings.weight_mut(1)[(0, 0)] = weight;
        let nature = (IDENTITY, Cell::Gradient);
        let chip = chip(
            design.clone(),
            &couplings,
            nature,
            settings(Integrator::Adaptive, 0.1),
        );
        let anchor = ndarray::arr2(&[[1.0]]);
        let trace = chip.trace(&drive(&anchor, SPRING), 1e6, 5).unwrap();
        // (1 − d)h_2 = w h_1, (1 − d)h_1 = w(x + h_2), (16 − d)x = 15 e^{−dt} + w h_1.
        let (own, w) = (1.0 - droop, weight);
        let stiffness = 16.0 - droop - w * w / (own - w * w / own);
        for (k, t) in trace.time.iter().enumerate().skip(1) {
            let exact = 15.0 / stiffness * (-droop * t).exp();
            let found = trace.states[0][(0, k, 0)];
            assert!(
                (found - exact).abs() < 1e-7,
                "{weight}: {found} for {exact} at {t}"
            );
        }
        assert!(trace.steps[0] < 2000, "{:?}", trace.steps);
        assert!(chip.ledger().balance_error < 1e-9);
    }
}
