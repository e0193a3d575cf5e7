//! Fluctuations against what statistical physics says of them.

use super::*;
use crate::{
    Energy, Substrate as _,
    chip::{ChipError, FreeRun, Integrator, NoiseRamp, noise_ramp::GainRamp},
};
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

const RATIO: f64 = 2.0;

/// A free run that begins at once, in which a unit of flow time is r τ.
fn from_rest(noise: NoiseRamp) -> FreeRun {
    FreeRun {
        ratio: RATIO,
        presettle: 0.0,
        output_scale: 1.0,
        noise,
    }
}

/// 4,000 samples of eight visible and eight hidden nodes without couplings that run free from 0: their variances in units
/// of Θ at equal intervals of the flow to `until`, where flow time is in units of r τ.
fn free_variances(noise: NoiseRamp, until: f64, intervals: usize) -> Vec<[f64; 2]> {
    let chip = chip(
        noisy(),
        &Couplings::<f32>::zeros(layers(&[8, 8])),
        (IDENTITY, Cell::Hopfield),
        TransientSettings::default(),
    );
    let free = from_rest(noise);
    let start = Array2::<f32>::zeros((4000, 8));
    let trace = chip
        .run_free(start.view(), &free, until, intervals)
        .unwrap();
    let theta = chip.design().thermal_variance();
    let of = |layer: usize, at: usize| {
        let now = trace.states[layer].slice(s![.., at, ..]).mapv(f64::from);
        (&now * &now).mean().unwrap() / theta
    };
    (0..=intervals).map(|at| [of(0, at), of(1, at)]).collect()
}

/// Four standard errors of the variance of 32,000 normal numbers, relative.
const FOUR_ERRORS: f64 = 4.0 * 0.0079;

/// dV/dt = −2V/τ_i + 2 G(t)² Θ_i/τ_i for a node of τ_i and kT/C_i = Θ_i, by the trapezoid in steps of 1/1000 τ.
fn variance_under(ramp: GainRamp, ratio: f64, duration: f64) -> f64 {
    let (steps, h) = (duration * 1e3, 1e-3);
    let drive = |t: f64| 2.0 * ramp.at(t).powi(2) / (ratio * ratio);
    #[expect(clippy::cast_sign_loss, reason = "durations are positive")]
    (0..steps as usize).fold(0.0, |v, k| {
        let (rate, t) = (2.0 / ratio, k as f64 * h);
        let slope = |v: f64, t: f64| drive(t) - rate * v;
        let ahead = v + h * slope(v, t);
        v + 0.5 * h * (slope(v, t) + slope(ahead, t + h))
    })
}

#[test]
fn amplified_noise_has_the_square_of_its_gain() {
    // A ramp that has only begun: 10 of 10⁹.
    let constant = NoiseRamp {
        gain: 3.0,
        until: Some(1e9),
    };
    let [visible, hidden] = free_variances(constant, 10.0, 1)[1];
    // After 20 τ nothing is left of the start: e⁻²⁰ of the visible nodes, which have 2 τ.
    assert!(
        (visible / (9.0 / RATIO) - 1.0).abs() < FOUR_ERRORS,
        "{visible}"
    );
    assert!((hidden / 9.0 - 1.0).abs() < FOUR_ERRORS, "{hidden}");
}

#[test]
fn the_gain_falls_to_one_on_a_straight_line() {
    let ramp = |until| NoiseRamp { gain: 3.0, until };
    let found = free_variances(ramp(Some(5.0)), 15.0, 6);
    let line = GainRamp {
        first: 3.0,
        until: 5.0 * RATIO,
    };
    for (at, [visible, hidden]) in found.into_iter().enumerate().skip(1) {
        let time = 2.5 * RATIO * at as f64;
        let expected = [RATIO, 1.0].map(|ratio| variance_under(line, ratio, time));
        assert!(
            (visible / expected[0] - 1.0).abs() < FOUR_ERRORS,
            "{time}: {visible} {expected:?}"
        );
        assert!(
            (hidden / expected[1] - 1.0).abs() < FOUR_ERRORS,
            "{time}: {hidden} {expected:?}"
        );
    }
    // Without an end it is that of the run; a gain of 1 is the circuit's own noise, bit by bit.
    assert_eq!(
        free_variances(ramp(None), 1.0, 1),
        free_variances(ramp(Some(1.0)), 1.0, 1)
    );
    let none = NoiseRamp {
        gain: 1.0,
        until: Some(0.3),
    };
    assert_eq!(
        free_variances(none, 1.0, 1),
        free_variances(NoiseRamp::NONE, 1.0, 1)
    );
}

#[test]
fn a_gain_needs_noise_and_is_one_or_more() {
    let run = |design, gain| {
        let chip = chip(
            design,
            &Couplings::<f32>::zeros(layers(&[2, 1])),
            (IDENTITY, Cell::Hopfield),
            TransientSettings::default(),
        );
        let free = from_rest(NoiseRamp { gain, until: None });
        chip.run_free(Array2::zeros((1, 2)).view(), &free, 1.0, 1)
            .map(|_| ())
    };
    assert!(matches!(
        run(Design::ideal(), 3.0),
        Err(ChipError::NothingToAmplify { .. })
    ));
    for gain in [0.5, f64::NAN, f64::INFINITY] {
        assert!(
            matches!(run(noisy(), gain), Err(ChipError::NoiseGain { .. })),
            "{gain}"
        );
    }
    assert_eq!(run(Design::ideal(), 1.0), Ok(()));
}
