//! Circuits whose rates lie many decades apart, in steps of their own.

use super::*;
use crate::chip::Integrator;

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

/// End states after 12 τ of 3-5-4 saturated cells with weights W_l[i, j] = 3 sin(1 + 2i + 3j + 5l) and anchors
/// 1.5 cos(2k + sample), by SciPy 1.17's Radau in h = a⁻¹(y) with an exact Jacobian, rtol 1e-11, atol 1e-13.
const ENDS: [[f64; 12]; 2] = [
    [
        1.501_053_863_09,
        -0.682_965_285_228,
        -0.820_429_255_239,
        -0.997_412_993_246,
        0.999_999_538_34,
        -0.999_999_999_826,
        0.999_999_999_222,
        -0.999_994_257_751,
        0.999_999_717_272,
        -1.0,
        0.999_575_050_164,
        0.999_999_999_481,
    ],
    [
        1.162_328_787_06,
        -1.767_809_982_74,
        0.740_119_049_925,
        0.935_464_896_672,
        0.999_999_996_435,
        -1.0,
        0.999_999_999_998,
        -0.964_232_114_599,
        0.999_991_514_81,
        -0.999_999_946_71,
        0.790_479_613_027,
        0.999_999_682_216,
    ],
];

#[test]
fn saturated_resistive_cells_end_where_another_program_ends() {
    let sizes = [3, 5, 4];
    let mut couplings = Couplings::<f64>::zeros(layers(&sizes));
    for l in 0..2 {
        let weight =
            |(i, j)| 3.0 * f64::sin(1.0 + 2.0 * i as f64 + 3.0 * j as f64 + 5.0 * l as f64);
        let weights = Array2::from_shape_fn((sizes[l + 1], sizes[l]), weight);
        couplings.weight_mut(l).assign(&weights);
    }
    let anchor = Array2::from_shape_fn((2, 3), |(s, k)| 1.5 * f64::cos(2.0 * k as f64 + s as f64));
    for settings in [
        settings(Integrator::Adaptive, 0.1),
        // Exponential steps converge to the ends of the range, too.
        settings(Integrator::Etd2, 0.01),
    ] {
        let (found, ..) = ends(&couplings, &anchor, settings);
        for (sample, exact) in ENDS.iter().enumerate() {
            let found = found.iter().flat_map(|layer| layer.row(sample).to_vec());
            for (found, exact) in found.zip(exact) {
                assert!(
                    (found - exact).abs() < 1e-6,
                    "{:?} {sample}: {found} for {exact}",
                    settings.integrator
                );
            }
        }
    }
}

/// Within a thousandth of rest the secant of a singular leak is another number than its tangent: short steps
/// converge only if nodes follow the secant there, too.
#[test]
fn exponential_steps_converge_at_the_ends_of_the_range() {
    let couplings = saturated(&[8, 16, 16], 2);
    let anchor = normals(9, 3, 8, 1.0);
    let tight = TransientSettings {
        tolerance: 1e-3 * settings(Integrator::Adaptive, 0.1).tolerance,
        ..settings(Integrator::Adaptive, 0.1)
    };
    let (exact, ..) = ends(&couplings, &anchor, tight);
    // 4e-10; with the tangent from a thousandth on it is 1.5e-3.
    let (found, ..) = ends(&couplings, &anchor, settings(Integrator::Etd2, 2.5e-4));
    let error = difference(&found, &exact);
    assert!(error < 1e-8, "{error:e}");
}

/// Step control swings about the limit of explicit steps, so that stiff stretches were not always known as
/// such: one network in five took hundreds of thousands of steps.
#[test]
fn no_saturated_network_takes_explicit_steps_to_its_end() {
    for seed in 0..12 {
        let couplings = saturated(&[8, 16, 16], 100 + 10 * seed);
        let anchor = normals(seed, 2, 8, 1.0);
        let (_, steps, balance) = ends(&couplings, &anchor, settings(Integrator::Adaptive, 0.1));
        assert!(steps < 5000, "{seed}: {steps} steps");
        assert!(balance < 1e-9, "{seed}: {balance:e}");
    }
}

/// Random networks, against a tolerance a thousand times tighter.
#[test]
fn saturated_resistive_cells_reach_their_end() {
    for (sizes, samples, seed) in [
        (&[4, 6][..], 3, 1),
        (&[8, 16, 16], 3, 2),
        (&[6, 10, 8, 5], 2, 3),
    ] {
        let couplings = saturated(sizes, seed);
        let anchor = normals(9, samples, sizes[0], 1.0);
        let adaptive = settings(Integrator::Adaptive, 0.1);
        let (found, steps, balance) = ends(&couplings, &anchor, adaptive);
        let tight = TransientSettings {
            tolerance: 1e-3 * adaptive.tolerance,
            ..adaptive
        };
        let (exact, ..) = ends(&couplings, &anchor, tight);
        let error = difference(&found, &exact);
        eprintln!("{sizes:?}: {steps} steps, {error:e}, balance {balance:e}");
        assert!(error < 1e-6, "{sizes:?}: {error:e}");
        assert!(balance < 1e-9, "{balance:e}");
    }
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
