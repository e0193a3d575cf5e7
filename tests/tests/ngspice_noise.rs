//! Thermal noise in ngspice against kT/C and the Lyapunov equation of the linearised circuit.
//!
//! Frequencies and times cost ngspice minutes on larger networks, so these are small, and live only.

use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Layers,
    netlist::{Analysis, Circuit, CouplingStyle, Tolerances, VisibleNodes},
};
use gradep_tests::spice::{Bench, Fluctuations, Ngspice, Reference, random_couplings};
use ndarray::Array2;

const SPRING: f64 = 15.0;

/// Standard deviation per node in units of V_unit, as a `.noise` deck reports it.
fn rms(ngspice: &Ngspice, circuit: &Circuit<'_>) -> Vec<f64> {
    let deck = circuit.deck(&Analysis::Noise, "deck.txt").unwrap();
    let text = ngspice.text(&deck, "deck.txt");
    let values = text.lines().skip(1).map(|line| {
        let (_, value) = line.split_once(' ').expect(line);
        value.trim().parse().expect(line)
    });
    values.collect()
}

/// T5. A capacitor with a leak has variance kT/C.
#[test]
fn t5_a_capacitor_has_k_t_over_c() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let mut bench = Bench::new(Couplings::zeros(Layers::new(vec![1, 1]).unwrap()));
    bench.design.environment.thermal_noise = true;
    let activation = Activation {
        kind: ActivationKind::Tanh,
        clamp: None,
    };
    let circuit = Circuit {
        visible: VisibleNodes::Floating { ratio: 1.0 },
        ..bench.circuit(Cell::Hopfield, activation, CouplingStyle::Behavioural)
    };
    let expected = bench.design.thermal_variance().sqrt();
    // 203.5 µV for 100 fF at 300 K.
    assert!((expected * bench.design.node.unit_voltage - 203.5e-6).abs() < 0.1e-6);
    for found in rms(&ngspice, &circuit) {
        let ratio = found / expected;
        assert!((ratio - 1.0).abs() < 1e-3, "{ratio}");
    }
}

/// An 8-16-16 network of gradient cells with thermal noise.
fn noisy_bench() -> Bench {
    let mut bench = Bench::new(random_couplings(&[8, 16, 16], 0.8, 3));
    bench.design.environment.thermal_noise = true;
    bench
}

fn gradient_circuit(bench: &Bench) -> Circuit<'_> {
    bench.circuit(
        Cell::Gradient,
        Activation::PAPER,
        CouplingStyle::Behavioural,
    )
}

/// Where the circuit comes to rest, per layer.
fn equilibrium(circuit: &Circuit<'_>) -> Vec<Vec<f64>> {
    let reference = Reference::new(circuit);
    let flat = reference.path(&[100.0 * circuit.design.time_constant()]);
    let mut rest = flat[0].as_slice();
    let sizes = circuit.couplings.layers().sizes().iter();
    let states: Vec<Vec<f64>> = sizes
        .map(|&n| {
            let (layer, others) = rest.split_at(n);
            rest = others;
            layer.to_vec()
        })
        .collect();
    // Settled: else the two linearise about different points.
    let worst = reference
        .rates(&states)
        .into_iter()
        .fold(0.0, |a: f64, r| a.max(r.abs()));
    assert!(worst < 1e-7, "{worst:e}");
    states
}

/// Fluctuations by leaks and springs: Q = 2Θ times the conductance in g_unit.
fn fluctuations(circuit: &Circuit<'_>, equilibrium: &[Vec<f64>]) -> Fluctuations {
    let unit = 2.0 * circuit.design.thermal_variance();
    let visible = circuit.couplings.layers().visible();
    let nodes = equilibrium.iter().flatten().enumerate();
    let noise: Vec<f64> = nodes
        .map(|(i, _)| unit * if i < visible { 1.0 + SPRING } else { 1.0 })
        .collect();
    Fluctuations::new(&Reference::new(circuit), equilibrium, &noise)
}

/// T6. `.noise` of every node against the Lyapunov equation.
#[test]
fn t6_noise_is_that_of_the_lyapunov_equation() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let bench = noisy_bench();
    let states = equilibrium(&gradient_circuit(&bench));
    let circuit = Circuit {
        start: Some(&states),
        ..gradient_circuit(&bench)
    };
    let expected = fluctuations(&circuit, &states).covariance;
    let found = rms(&ngspice, &circuit);
    assert_eq!(found.len(), 40);
    // A chip does not sample exp(−E/T): springs, conductors themselves, do not cool their nodes.
    let thermal = bench.design.thermal_variance().sqrt();
    for x in &found[..8] {
        assert!((x / thermal - 1.0).abs() < 0.02, "{x:e}, not {thermal:e}");
    }
    let mut worst = 0.0_f64;
    for (i, found) in found.iter().enumerate() {
        worst = worst.max((found / expected[[i, i]].sqrt() - 1.0).abs());
    }
    eprintln!("T6: largest relative error {worst:.1e}");
    assert!(worst < 1e-3, "{worst:e}");
}

/// T7. Transient noise: the time average of the variance over 100 τ within three of its own standard
/// deviations, separately for the visible and for the hidden nodes.
#[test]
fn t7_transient_noise_has_the_variance_of_its_sources() {
    const NOISE_STEP: f64 = 0.05;
    const DURATION: f64 = 100.0;
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let bench = noisy_bench();
    let states = equilibrium(&gradient_circuit(&bench));
    let circuit = Circuit {
        start: Some(&states),
        ..gradient_circuit(&bench)
    };
    let tau = bench.design.time_constant();
    let analysis = Analysis::Noisy {
        duration: DURATION * tau,
        tolerances: Tolerances {
            step: 0.05,
            relative: 1e-4,
        },
        noise_step: NOISE_STEP * tau,
        seed: 7,
    };
    let table = ngspice.transient(&circuit.deck(&analysis, "deck.txt").unwrap());
    let model = fluctuations(&circuit, &states);
    let coloured = interpolated(&model, NOISE_STEP);
    let means: Vec<f64> = states.iter().flatten().copied().collect();
    // From the mean: the memory of it is lost within 10 τ.
    let measured = variances(&table.time, &table.states, &means, 10.0 * tau);
    let n = means.len();
    for (name, nodes) in [("x", 0..8), ("h", 8..n)] {
        let weights: Vec<f64> = (0..n)
            .map(|i| {
                let share = 1.0 / nodes.len() as f64;
                if nodes.contains(&i) {
                    share / coloured[[i, i]]
                } else {
                    0.0
                }
            })
            .collect();
        let ratio: f64 = weights.iter().zip(&measured).map(|(w, v)| w * v).sum();
        let sigma = spread(&model, &weights, DURATION - 10.0);
        eprintln!("T7 {name}: {ratio:.3} of the expected variance, sigma {sigma:.3}");
        assert!(
            (ratio - 1.0).abs() < 3.0 * sigma,
            "{name}: {ratio} +- {sigma}"
        );
        assert!(sigma < 0.15, "{name}: {sigma} proves little");
    }
}

/// Covariance under noise whose values, `step` apart, are joined by straight lines: its
/// autocorrelation is the law of a sum u of four uniform numbers, and `Σ = E[e^(−A|u|)]Σ` symmetrised.
fn interpolated(model: &Fluctuations, step: f64) -> Array2<f64> {
    const POINTS: usize = 40;
    let mut mean = Array2::zeros(model.rates.raw_dim());
    let mut total = 0.0;
    for k in 0..POINTS {
        // Cubic B-spline on |u| < 2, in units of the step.
        let u = 2.0 * (k as f64 + 0.5) / POINTS as f64;
        let density = if u < 1.0 {
            2.0 / 3.0 - u * u + u.powi(3) / 2.0
        } else {
            (2.0 - u).powi(3) / 6.0
        };
        mean += &(model.propagator(u * step) * density);
        total += density;
    }
    let half = mean.dot(&model.covariance) / (2.0 * total);
    &half + &half.t()
}

/// Mean square deviation per node over the times after `from`, by the trapezoidal rule.
fn variances(time: &[f64], states: &[Vec<f64>], means: &[f64], from: f64) -> Vec<f64> {
    let first = time
        .iter()
        .position(|t| *t >= from)
        .expect("a long enough run");
    let span = time[time.len() - 1] - time[first];
    let mut sums = vec![0.0; means.len()];
    for k in first + 1..time.len() {
        let share = (time[k] - time[k - 1]) / span;
        for (i, sum) in sums.iter_mut().enumerate() {
            let square = |k: usize| (states[k][i] - means[i]).powi(2);
            *sum += 0.5 * share * (square(k) + square(k - 1));
        }
    }
    sums
}

/// Standard deviation of `Σ_i w_i·(time average of s_i²)` over a span T of a Gaussian process:
/// `Var = (2/T)·∫ Σ_ij w_i w_j R_ij(t)² dt` over all t, `R(t) = e^(−At)Σ`.
fn spread(model: &Fluctuations, weights: &[f64], span: f64) -> f64 {
    const STEP: f64 = 0.02;
    let step = model.propagator(STEP);
    let mut correlation = model.covariance.clone();
    let mut integral = 0.0;
    for _ in 0..1500 {
        let next = step.dot(&correlation);
        for ((i, j), r) in ((&correlation + &next) / 2.0).indexed_iter() {
            integral += 2.0 * STEP * weights[i] * weights[j] * r * r;
        }
        correlation = next;
    }
    (2.0 * integral / span).sqrt()
}
