//! Fluctuations against what statistical physics says of them.

use super::*;
use crate::{Energy, Substrate as _, chip::Integrator};
use ndarray::{Array1, s};

/// Stationary variance of every node over an ensemble, `[Σ n_l]`, in units of Θ.
fn variances(
    chip: &Chip<f32>,
    anchor: &Array2<f32>,
    visible: Visible,
    (samples, instants): (usize, usize),
) -> Array1<f64> {
    let rows = Array2::from_shape_fn((samples, anchor.ncols()), |(_, i)| anchor[(0, i)]);
    // 100 τ to forget the start, then an instant every τ.
    let trace = chip
        .trace(
            &drive(&rows, visible),
            (100 + instants) as f64,
            100 + instants,
        )
        .unwrap();
    let theta = chip.design().thermal_variance();
    let mut out = Vec::new();
    for layer in &trace.states {
        let late = layer.slice(s![.., 100.., ..]).mapv(f64::from);
        for i in 0..late.dim().2 {
            let node = late.slice(s![.., .., i]);
            let mean = node.mean().unwrap();
            out.push(node.mapv(|v| (v - mean).powi(2)).mean().unwrap() / theta);
        }
    }
    Array1::from(out)
}

#[test]
fn a_passive_node_fluctuates_with_kt_over_c_whatever_its_spring() {
    let layers = layers(&[8, 8]);
    let chip = chip(
        noisy(),
        &Couplings::<f32>::zeros(layers),
        (IDENTITY, Cell::Hopfield),
        TransientSettings::default(),
    );
    let anchor = Array2::zeros((1, 8));
    let variance = variances(&chip, &anchor, SPRING, (1000, 60));
    // 8 nodes × 60,000 readings, of which one in about two is independent for h: 0.3 %.
    let visible = variance.slice(s![..8]).mean().unwrap();
    let hidden = variance.slice(s![8..]).mean().unwrap();
    assert!((visible - 1.0).abs() < 0.01, "{visible}");
    assert!((hidden - 1.0).abs() < 0.01, "{hidden}");
}

#[test]
fn a_passive_linear_network_settles_to_kt_over_c() {
    // Resistors between nodes, and what remains of each node's unit conductance to ground: Σ|W| < 1.
    let sizes = [4, 6, 5];
    let mut couplings = couplings::<f32>(&sizes, 1.0, 3);
    for l in 0..2 {
        couplings.weight_mut(l).mapv_inplace(|w| 0.1 * w.signum());
    }
    let chip = chip(
        noisy(),
        &couplings,
        (IDENTITY, Cell::Resistive),
        TransientSettings::default(),
    );
    let rows = Array2::zeros((1000, 4));
    for visible in [SPRING, Visible::Clamped] {
        let trace = chip.trace(&drive(&rows, visible), 160.0, 160).unwrap();
        let theta = chip.design().thermal_variance();
        let nodes: Vec<_> = trace
            .states
            .iter()
            .skip(usize::from(visible == Visible::Clamped))
            .flat_map(|layer| {
                let late = layer.slice(s![.., 60.., ..]).mapv(f64::from);
                let columns = 0..late.dim().2;
                columns
                    .map(|i| {
                        let node = late.slice(s![.., .., i]).to_owned();
                        let mean = node.mean().unwrap();
                        node - mean
                    })
                    .collect::<Vec<_>>()
            })
            .collect();
        for (i, a) in nodes.iter().enumerate() {
            for (j, b) in nodes.iter().enumerate().take(i + 1) {
                let covariance = (a * b).mean().unwrap() / theta;
                let expected = if i == j { 1.0 } else { 0.0 };
                // 100,000 readings, about two thirds independent: 0.4 % to 0.6 % each.
                assert!(
                    (covariance - expected).abs() < 0.02,
                    "{visible:?} {i} {j}: {covariance}"
                );
            }
        }
        let mean: f64 = nodes
            .iter()
            .map(|a| (a * a).mean().unwrap() / theta / nodes.len() as f64)
            .sum();
        assert!((mean - 1.0).abs() < 0.01, "{visible:?}: {mean}");
    }
}

/// Stationary covariance of ds = −Hs dt + √(2 diag(g)) dW, by doubling the time over which it is
/// integrated: Q(2t) = Q(t) + E(t)Q(t)E(t)ᵀ, E = e^{−Ht}.
fn lyapunov(hessian: &Array2<f64>, conductance: &Array1<f64>) -> Array2<f64> {
    let n = hessian.nrows();
    let t = 1e-7;
    let mut decay = Array2::eye(n) - hessian * t + hessian.dot(hessian) * (0.5 * t * t);
    let mut covariance = Array2::from_diag(&(conductance * (2.0 * t)));
    for _ in 0..40 {
        covariance = &covariance + &decay.dot(&covariance).dot(&decay.t());
        decay = decay.dot(&decay);
    }
    covariance
}

#[test]
fn a_nonlinear_network_fluctuates_as_its_lyapunov_equation_says() {
    let sizes = [8, 16, 16];
    let couplings64 = couplings::<f64>(&sizes, 1.0, 3);
    let anchor = normals(9, 1, 8, 1.0);
    let mut design = noisy();
    design.crossbar.noise_factor = 0.0;
    let quiet = TransientSettings {
        duration: 200.0,
        integrator: Integrator::Adaptive,
        ..TransientSettings::default()
    };
    let exact = chip(Design::ideal(), &couplings64, (SILU, Cell::Gradient), quiet);
    let rest = exact.settle(&drive(&anchor, SPRING), None).unwrap();
    let state: Vec<_> = (0..3).map(|l| rest.state(l)).collect();
    let energy = Energy::new(&couplings64, SILU);
    let hessian = energy.hessian(&state, &drive(&anchor, SPRING));
    let n = 40;
    let mut matrix = Array2::zeros((n, n));
    for j in 0..n {
        let mut unit: Vec<_> = sizes.iter().map(|&n| Array2::zeros((1, n))).collect();
        let (l, i) = place(&sizes, j);
        unit[l][(0, i)] = 1.0;
        let column = hessian.apply(&unit);
        for k in 0..n {
            let (l, i) = place(&sizes, k);
            matrix[(k, j)] = column[l][(0, i)];
        }
    }
    let conductance = Array1::from_shape_fn(n, |i| if i < 8 { 16.0 } else { 1.0 });
    let expected = lyapunov(&matrix, &conductance);
    let chip = chip(
        design,
        &couplings64.cast::<f32>(),
        (SILU, Cell::Gradient),
        TransientSettings::default(),
    );
    let measured = variances(&chip, &anchor.mapv(|x| x as f32), SPRING, (600, 100));
    let ratio = Array1::from_shape_fn(n, |i| measured[i] / expected[(i, i)]);
    for (name, part) in [("x", s![..8]), ("h1", s![8..24]), ("h2", s![24..])] {
        let mean = ratio.slice(part).mean().unwrap();
        assert!((mean - 1.0).abs() < 0.02, "{name}: {mean}");
    }
    // Some hidden nodes are hotter than kT/C: active gain feeds fluctuations back.
    assert!(expected.diag().iter().any(|v| *v > 1.05));
}

fn place(sizes: &[usize], mut j: usize) -> (usize, usize) {
    for (l, &n) in sizes.iter().enumerate() {
        if j < n {
            return (l, j);
        }
        j -= n;
    }
    unreachable!("j is below the number of nodes")
}

/// Root-mean-square difference at the end between a run and one of half the step, on the same noise
/// path.
fn strong_error(integrator: Integrator, step: f64, parts: u32) -> f64 {
    let couplings = couplings::<f64>(&[4, 8, 8], 0.8, 3);
    let anchor: Array2<f64> = normals(9, 64, 4, 1.0);
    let last = |step: f64, parts: u32| {
        let settings = TransientSettings {
            integrator,
            step,
            noise_refinement: parts,
            ..TransientSettings::default()
        };
        let mut design = noisy();
        // Hot, so that what noise does exceeds what the deterministic drift errs by.
        design.environment.temperature = 300.0 * 1e4;
        let chip = chip(design, &couplings, (SILU, Cell::Hopfield), settings);
        let trace = chip
            .trace(&drive(&anchor, Visible::Clamped), 2.0, 1)
            .unwrap();
        trace.states[1].slice(s![.., 1, ..]).to_owned()
    };
    let difference = last(step, parts) - last(step / 2.0, parts / 2);
    difference.mapv(|d| d * d).mean().unwrap().sqrt()
}

#[test]
fn integrators_follow_a_noise_path_with_their_strong_order() {
    // Additive noise that is added once per step: order 1, whatever the order of the drift
    // (Kloeden & Platen 1992, 10.2 and 10.3).
    for integrator in [Integrator::Euler, Integrator::Etd2, Integrator::Rk4] {
        let coarse = strong_error(integrator, 0.1, 8);
        let fine = strong_error(integrator, 0.05, 4);
        let order = (coarse / fine).log2();
        assert!(
            (order - 1.0).abs() < 0.2,
            "{integrator:?}: {order} from {coarse:e} and {fine:e}"
        );
    }
}
