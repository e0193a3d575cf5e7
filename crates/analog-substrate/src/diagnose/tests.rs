//! Diagnoses of relaxations whose modes are known.

use super::*;
use crate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Layers, Visible,
    chip::{Chip, ChipParts, Die, Instance},
    hw_spec::Spec,
    random::{Purpose, stream},
};
use rand_distr::{Distribution, StandardNormal};

const SPRING: Visible = Visible::Spring { stiffness: 15.0 };
const SILU: Activation = Activation::PAPER;
const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};
const IDENTITY: Activation = Activation {
    kind: ActivationKind::Identity,
    clamp: None,
};

fn normals(seed: u64, rows: usize, columns: usize, scale: f64) -> Array2<f64> {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    Array2::from_shape_simple_fn((rows, columns), || {
        let z: f64 = StandardNormal.sample(&mut generator);
        scale * z
    })
}

fn couplings(sizes: &[usize], scale: f64) -> Couplings<f64> {
    let mut couplings = Couplings::zeros(Layers::new(sizes.to_vec()).unwrap());
    for l in 0..sizes.len() - 1 {
        let weights = normals(3 + l as u64, sizes[l + 1], sizes[l], scale);
        couplings.weight_mut(l).assign(&weights);
    }
    couplings
}

/// Adaptive where nothing fluctuates: its steps follow any rate.
fn settings(design: &Design) -> TransientSettings {
    TransientSettings {
        integrator: if design.is_noisy() {
            Integrator::Etd2
        } else {
            Integrator::Adaptive
        },
        tolerance: 1e-10,
        ..TransientSettings::default()
    }
}

fn relax(
    design: &Design,
    couplings: &Couplings<f64>,
    nature: (Activation, Cell),
    settings: TransientSettings,
    (duration, intervals): (f64, usize),
) -> (Trace<f64>, Array2<f64>) {
    let layers = couplings.layers();
    let instance = Instance::draw(design, layers, Die { seed: 4, number: 0 });
    let programmed = couplings.clone();
    let chip = Chip::new(ChipParts {
        design: design.clone(),
        instance,
        network: Network {
            couplings: programmed,
            activation: nature.0,
            cell: nature.1,
        },
        settings,
        noise_seed: 4,
    })
    .unwrap();
    let anchor = normals(9, 3, layers.visible(), 1.0);
    let drive = Drive {
        anchor: anchor.view(),
        visible: SPRING,
        held: None,
    };
    let trace = chip.trace(&drive, duration, intervals).unwrap();
    let energy = chip.co_content(&trace, &drive);
    (trace, energy)
}

fn network<R: Real>(
    couplings: &Couplings<R>,
    (activation, cell): (Activation, Cell),
) -> Network<R> {
    Network {
        couplings: couplings.clone(),
        activation,
        cell,
    }
}

#[test]
fn a_pair_of_lagging_nodes_rings_as_its_equation_says() {
    // h_1 and h_2 coupled by w: modes ρ = ±w, and τ_a s² + (1 + τ_a)s + 1 + w = 0 for the negative one.
    let mut design = Design::ideal();
    // τ_a = τ.
    design.activation.bandwidth = Some(1.0 / (std::f64::consts::TAU * design.time_constant()));
    let mut couplings = couplings(&[1, 1, 1], 0.0);
    couplings.weight_mut(1).fill(0.8);
    for cell in [Cell::Gradient, Cell::Hopfield] {
        let settings = settings(&design);
        let nature = (IDENTITY, cell);
        let (trace, energy) = relax(&design, &couplings, nature, settings, (5.0, 50));
        let network = network(&couplings, nature);
        let found = diagnose(&design, &settings, &network, &trace, &energy);
        let mode = found[0].ringing.unwrap();
        // s² + 2s + 1.8 = 0: s = −1 ± i√0.8. Squares and roots of doubles.
        assert!((mode.damping - 1.0).abs() < 1e-12);
        assert!((mode.angular_frequency - 0.8_f64.sqrt()).abs() < 1e-12);
    }
    assert_eq!(RingingMode::of(0.99, 1.0), None);
}

#[test]
fn the_rate_of_a_linear_mode_is_recovered() {
    // ds/dt = −[[16, −w], [−w, 1]]s + …: the slow mode's rate is the smaller root of
    // (16 − r)(1 − r) = w².
    for w in [0.5, 2.0, 3.5] {
        let mut couplings = Couplings::zeros(Layers::new(vec![1, 1]).unwrap());
        couplings.weight_mut(0).fill(w);
        let exact = 8.5 - (56.25 + w * w).sqrt();
        let design = Design::ideal();
        let settings = settings(&design);
        let nature = (IDENTITY, Cell::Gradient);
        let (trace, energy) = relax(&design, &couplings, nature, settings, (10.0, 200));
        for sample in diagnose(
            &design,
            &settings,
            &network(&couplings, nature),
            &trace,
            &energy,
        ) {
            let rate = sample.slowest_rate.unwrap();
            // The fast mode, 15 times faster, is gone in the last third of 10 τ.
            assert!((rate / exact - 1.0).abs() < 1e-4, "w {w}: {rate}, {exact}");
            assert_eq!(sample.tail, Tail::Decays);
            assert_eq!((sample.ringing, sample.oscillation), (None, None));
            assert_eq!(sample.energy_rises, 0);
        }
    }
}

#[test]
fn the_frequency_of_a_second_order_mode_is_recovered() {
    let (frequency, damping) = (2.9, 0.35);
    let time: Vec<f64> = (0..=400).map(|k| 0.025 * f64::from(k)).collect();
    let course = ndarray::Array3::from_shape_fn((1, time.len(), 1), |(_, k, _)| {
        1.0 + (-damping * time[k]).exp() * (frequency * time[k]).cos()
    });
    let residual = Array2::from_shape_fn((1, time.len()), |(_, k)| (-damping * time[k]).exp());
    let trace = Trace {
        states: vec![course],
        residual: residual.clone(),
        steps: vec![1],
        newton: Vec::new(),
        step: None,
        read: time.last().copied().into_iter().collect(),
        settled: vec![None],
        time,
    };
    let design = Design::ideal();
    let couplings = couplings(&[1, 1], 0.0);
    let network = network(&couplings, (IDENTITY, Cell::Gradient));
    let found = diagnose(&design, &settings(&design), &network, &trace, &residual);
    let ringing = found[0].oscillation.unwrap();
    // Turns are seen to a recorded interval of 0.025 of 1.08 between them, over some 9 turns.
    assert!((ringing.angular_frequency / frequency - 1.0).abs() < 0.01);
    assert!(
        (ringing.damping / damping - 1.0).abs() < 0.01,
        "{ringing:?}"
    );
    assert!((found[0].slowest_rate.unwrap() / damping - 1.0).abs() < 1e-9);
}

#[test]
fn ideal_gradient_and_resistive_cells_never_gain_energy() {
    let design = Design::ideal();
    let settings = settings(&design);
    for nature in [(SILU, Cell::Gradient), (TANH, Cell::Resistive)] {
        let couplings = couplings(&[8, 16, 16], 0.35);
        let (trace, energy) = relax(&design, &couplings, nature, settings, (30.0, 300));
        for sample in diagnose(
            &design,
            &settings,
            &network(&couplings, nature),
            &trace,
            &energy,
        ) {
            assert_eq!((sample.energy_rises, sample.largest_rise_w), (0, 0.0));
            assert_eq!((sample.ringing, sample.oscillation), (None, None));
        }
    }
}

#[test]
fn a_slow_amplifier_is_named_as_what_rings() {
    let mut spec = Spec::load("D3").unwrap();
    // τ_a = 3.2 τ.
    spec.set("activation.bandwidth", "5 MHz").unwrap();
    let couplings = couplings(&[8, 16, 16], 0.5);
    let settings = settings(&spec.design());
    let nature = (TANH, Cell::Hopfield);
    let effects = attribute(&spec, &settings, &network(&couplings, nature), |design| {
        let record = (40.0, 400);
        Ok::<_, std::convert::Infallible>(relax(design, &couplings, nature, settings, record))
    })
    .unwrap();
    let of = |name: &str| effects.iter().find(|e| e.imperfection == name).unwrap();
    for effect in effects.iter().filter(|e| e.noise_limited == 0) {
        let expected = matches!(effect.imperfection, "activation.bandwidth" | "all");
        assert_eq!(effect.ringing > 0, expected, "{effect:?}");
    }
    assert_eq!((of("none").shift_x, of("none").energy_rises), (0.0, 0));
    assert_eq!(of("environment.thermal_noise").noise_limited, 3);
    // A pole and a capacitor move no fixed point, an offset does.
    assert!(of("node.capacitance").shift_x < 1e-6);
    assert!(of("activation.offset").shift_x > 1e-4);
    // What acts on read-outs, clock and ledger only is left out.
    for name in [
        "converters.adc_bits",
        "overheads.read",
        "environment.bias_power",
    ] {
        assert!(effects.iter().all(|e| e.imperfection != name), "{name}");
    }
}

#[test]
fn short_and_runaway_traces_are_said_to_be_so() {
    let design = Design::ideal();
    let couplings = couplings(&[1, 1], 0.0);
    let trace = |residual: Vec<f64>| Trace::<f64> {
        time: (0..residual.len()).map(|k| k as f64).collect(),
        states: vec![ndarray::Array3::zeros((1, residual.len(), 1))],
        steps: vec![1],
        newton: Vec::new(),
        step: None,
        read: vec![residual.len() as f64 - 1.0],
        settled: vec![None],
        residual: Array2::from_shape_vec((1, residual.len()), residual).unwrap(),
    };
    for (residual, tail) in [
        (vec![1.0; 5], Tail::TooShort),
        (vec![f64::NAN; 30], Tail::RanAway),
        (vec![0.0; 30], Tail::Precision),
        (vec![1.0; 30], Tail::Stands),
    ] {
        let trace = trace(residual);
        let network = network(&couplings, (IDENTITY, Cell::Gradient));
        let found = diagnose(
            &design,
            &settings(&design),
            &network,
            &trace,
            &trace.residual,
        );
        assert_eq!((found[0].tail, found[0].slowest_rate), (tail, None));
    }
}
