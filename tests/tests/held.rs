//! Held nodes: chips against decks of the same circuit in ngspice, and every substrate against a clamp.

use analog_substrate::{
    Activation, ActivationKind, Cell, Drive, Points, Relaxation, Visible,
    chip::{FreeRun, NoiseRamp, Trace},
    netlist::{Analysis, Circuit, CouplingStyle, Tolerances, VisibleNodes},
};
use bench_hw::outliers::{Outliers, Unlike, told_apart};
use gradep_core::{
    data::{Dataset, Half},
    files::Model,
};
use gradep_tests::{
    Golden,
    live::has_ngspice,
    spice::{Bench, Ngspice, chip_of, random_couplings},
};
use ndarray::ArrayView2;

const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};
const HELD: [bool; 4] = [false, true, false, true];
/// τ of a transient.
const DURATION: u32 = 10;
/// Recorded instants per τ.
const PER_TAU: u32 = 200;

fn trace(circuit: &Circuit<'_>) -> Trace<f64> {
    let chip = chip_of(circuit);
    let row = (1, circuit.anchor.len());
    let anchor = ArrayView2::from_shape(row, circuit.anchor).unwrap();
    let held = Some(ArrayView2::from_shape(row, circuit.held).unwrap());
    let intervals = (DURATION * PER_TAU) as usize;
    let duration = f64::from(DURATION);
    match circuit.visible {
        VisibleNodes::Spring { stiffness } => {
            let visible = Visible::Spring { stiffness };
            let drive = Drive {
                anchor,
                visible,
                held,
            };
            chip.trace(&drive, duration, intervals).unwrap()
        }
        VisibleNodes::Floating { ratio } => {
            let free = FreeRun {
                ratio,
                presettle: 0.0,
                output_scale: 1.0,
                noise: NoiseRamp::NONE,
            };
            let start = Points { x: anchor, held };
            chip.run_free(start, &free, duration / ratio, intervals)
                .unwrap()
        }
    }
}

/// Largest distance between a table of ngspice and the chip's path, in units of V_unit.
fn distance(ngspice: &Ngspice, circuit: &Circuit<'_>) -> f64 {
    let tau = circuit.design.time_constant();
    let analysis = Analysis::Transient {
        duration: f64::from(DURATION) * tau,
        tolerances: Tolerances {
            step: 0.02,
            relative: 1e-6,
        },
    };
    let table = ngspice.transient(&circuit.deck(&analysis, "deck.txt").unwrap());
    let path = trace(circuit);
    let mut worst = 0.0_f64;
    for (time, states) in table.time.iter().zip(&table.states) {
        // Recorded instants ascend; the table may end a rounding later.
        let after = path.time.partition_point(|t| t * tau <= *time);
        let before = after.clamp(1, path.time.len() - 1) - 1;
        let share = (time / tau - path.time[before]) * f64::from(PER_TAU);
        let nodes = path.states.iter().flat_map(|layer| {
            let of = |at: usize| layer.slice(ndarray::s![0, at, ..]).to_owned();
            (of(before) * (1.0 - share) + of(before + 1) * share).to_vec()
        });
        for (found, expected) in states.iter().zip(nodes) {
            worst = worst.max((found - expected).abs());
        }
        for (i, _) in HELD.iter().enumerate().filter(|(_, held)| **held) {
            let off = (states[i] - circuit.anchor[i]).abs();
            assert!(off < 1e-9, "a source holds x_{i}: {off:e}");
        }
    }
    worst
}

/// On springs and floating, with couplings as sources and as resistors that load the held nodes as well.
#[test]
fn decks_with_held_nodes_run_as_the_chip_does() {
    if !has_ngspice() {
        return;
    }
    let ngspice = Ngspice::find().unwrap();
    let bench = Bench::new(random_couplings(&[4, 5, 4], 0.8, 11));
    for (cell, activation) in [
        (Cell::Gradient, Activation::PAPER),
        (Cell::Hopfield, Activation::PAPER),
        (Cell::Resistive, TANH),
    ] {
        for visible in [
            VisibleNodes::Spring { stiffness: 15.0 },
            VisibleNodes::Floating { ratio: 5.0 },
        ] {
            for style in [CouplingStyle::Behavioural, CouplingStyle::Resistors] {
                let circuit = Circuit {
                    visible,
                    held: &HELD,
                    ..bench.circuit(cell, activation, style)
                };
                let worst = distance(&ngspice, &circuit);
                // Straight lines between 200 instants per τ at rates of up to 16 per τ: (16/200)²/8.
                assert!(worst < 8e-4, "{cell:?} {visible:?} {style:?}: {worst:e}");
            }
        }
    }
}

/// Thermal noise: a source takes that of its node.
#[test]
fn held_nodes_of_a_deck_have_no_noise() {
    if !has_ngspice() {
        return;
    }
    let ngspice = Ngspice::find().unwrap();
    let bench = Bench::new(random_couplings(&[4, 5, 4], 0.8, 11));
    let circuit = Circuit {
        held: &[true, true, false, true],
        ..bench.circuit(Cell::Hopfield, TANH, CouplingStyle::Resistors)
    };
    let deck = circuit.deck(&Analysis::Noise, "deck.txt").unwrap();
    let text = ngspice.text(&deck, "deck.txt");
    for (i, line) in text.lines().skip(1).take(4).enumerate() {
        let rms: f64 = line.split_once(' ').unwrap().1.trim().parse().unwrap();
        assert_eq!(rms > 1e-6, i == 2, "{line}");
    }
}

/// A model that has learned digits tells what is none: by how fast its flow carries an image away, and by its energy.
#[test]
fn noise_scores_apart_from_digits() {
    let model = Model {
        couplings: Golden::open("model_step2000.npz")
            .couplings("")
            .cast::<f32>(),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        spring_stiffness: 15.0,
        output_scale: 2.0,
        trained_on: None,
    };
    let halves = [Half::Train, Half::HeldOut].map(|half| {
        let data = Dataset::digits_half(half);
        data.images().slice(ndarray::s![..150, ..]).to_owned()
    });
    let relaxation = Relaxation::default();
    let score =
        |images: &ndarray::Array2<f32>| Outliers::of(&model, &relaxation, images.view()).unwrap();
    let usual = score(&halves[0]);
    let others = score(&halves[1]);
    for (a, b) in [
        (&others.energy, &usual.energy),
        (&others.speed, &usual.speed),
    ] {
        // Of two sets of 150 that are alike: ½ with a standard error of 0.033.
        let share = told_apart(a, b);
        assert!((share - 0.5).abs() < 0.12, "{share}");
    }
    for unlike in Unlike::ALL {
        let made = score(&unlike.of(&halves[1]));
        let told = [
            told_apart(&made.energy, &usual.energy),
            told_apart(&made.speed, &usual.speed),
        ];
        eprintln!("{unlike:?}: {told:?}");
        assert!(told[0] > 0.95 || told[1] > 0.95, "{unlike:?}: {told:?}");
    }
}
