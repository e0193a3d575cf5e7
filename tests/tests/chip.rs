//! The chip's transients against an independent integration of the circuits, which the netlist tests
//! hold against ngspice, and against ngspice's own tables.

use analog_substrate::{
    Activation, ActivationKind, Cell, Drive, Ideal, Points, Relaxation, Substrate as _, Visible,
    chip::{
        Chip, ChipParts, Design, Die, Distributed, FreeRun, Instance, Network, NoiseRamp, Trace,
        TransientSettings,
    },
    netlist::{Analysis, Circuit, CouplingStyle, Tolerances, VisibleNodes},
};
use gradep_tests::spice::{Bench, Golden, Ngspice, Reference, chip_of, random_couplings};
use ndarray::{Array2, ArrayView2};

const LAMBDA: f64 = 15.0;
const RATIO: f64 = 20.0;
/// Recorded instants per τ where a cubic runs between them.
const PER_TAU: u32 = 200;
const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};

/// The same circuit as the chip simulates it, for `duration` τ.
fn trace(circuit: &Circuit<'_>, duration: f64, intervals: usize) -> Trace<f64> {
    let anchor = ArrayView2::from_shape((1, circuit.anchor.len()), circuit.anchor).unwrap();
    let held = ArrayView2::from_shape((1, circuit.held.len()), circuit.held).unwrap();
    let held = (!circuit.held.is_empty()).then_some(held);
    match circuit.visible {
        VisibleNodes::Spring { stiffness } => {
            let visible = Visible::Spring { stiffness };
            chip_of(circuit)
                .trace(
                    &Drive {
                        anchor,
                        visible,
                        held,
                    },
                    duration,
                    intervals,
                )
                .unwrap()
        }
        VisibleNodes::Floating { ratio } => {
            let free = FreeRun {
                ratio,
                presettle: 0.0,
                output_scale: 1.0,
                noise: NoiseRamp::NONE,
            };
            chip_of(circuit)
                .run_free(
                    Points { x: anchor, held },
                    &free,
                    duration / ratio,
                    intervals,
                )
                .unwrap()
        }
    }
}

/// All nodes at recorded instant `at`, x first.
fn nodes(trace: &Trace<f64>, at: usize) -> Vec<f64> {
    let layers = trace.states.iter();
    layers
        .flat_map(|layer| layer.slice(ndarray::s![0, at, ..]).to_vec())
        .collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |worst, (a, b)| worst.max((a - b).abs()))
}

fn against_reference(name: &str, circuit: &Circuit<'_>) {
    let trace = trace(circuit, 10.0, 20);
    let tau = circuit.design.time_constant();
    let times: Vec<f64> = trace.time[1..].iter().map(|t| t * tau).collect();
    for (at, expected) in Reference::new(circuit).path(&times).iter().enumerate() {
        let error = largest_difference(&nodes(&trace, at + 1), expected);
        // The reference's own steps are good for 1e-9 per τ at rates of 20 per τ.
        assert!(
            error < 2e-7,
            "{name} at {} tau: {error:e}",
            trace.time[at + 1]
        );
    }
}

#[test]
fn every_cell_moves_as_its_equations_say() {
    let mut bench = Bench::new(random_couplings(&[3, 4, 3], 0.8, 7));
    for cell in [Cell::Gradient, Cell::Hopfield, Cell::Resistive] {
        // Kinks are no equation of motion.
        let smooth = |kind: &&ActivationKind| **kind != ActivationKind::HardSigmoid;
        for &kind in ActivationKind::ALL.iter().filter(smooth) {
            let activation = Activation {
                kind,
                clamp: Some(2.0),
            };
            if cell.check(activation).is_err() {
                continue;
            }
            for visible in [
                VisibleNodes::Spring { stiffness: LAMBDA },
                VisibleNodes::Floating { ratio: RATIO },
            ] {
                let circuit = Circuit {
                    visible,
                    ..bench.circuit(cell, activation, CouplingStyle::Behavioural)
                };
                against_reference(&format!("{cell:?} {kind:?} {visible:?}"), &circuit);
            }
        }
    }
    // Two of the three visible nodes are held.
    for (cell, activation) in [
        (Cell::Gradient, Activation::PAPER),
        (Cell::Hopfield, Activation::PAPER),
        (Cell::Resistive, TANH),
    ] {
        for visible in [
            VisibleNodes::Spring { stiffness: LAMBDA },
            VisibleNodes::Floating { ratio: RATIO },
        ] {
            let circuit = Circuit {
                visible,
                held: &[true, false, true],
                ..bench.circuit(cell, activation, CouplingStyle::Behavioural)
            };
            against_reference(&format!("held {cell:?} {visible:?}"), &circuit);
        }
    }
    // Mismatch, offsets, rails and slow amplifiers.
    let relative = |mean: f64, sigma: f64| Distributed {
        sigma: mean * sigma,
        ..Distributed::exact(mean)
    };
    bench.design.node.capacitance = relative(bench.design.node.capacitance.mean, 0.1);
    bench.design.node.leak = relative(1.0, 0.05);
    bench.design.activation.gain = relative(1.0, 0.1);
    bench.design.activation.offset.sigma = 0.02;
    bench.design.spring.mismatch = relative(1.0, 0.1);
    bench.design.activation.saturation = Some(0.1);
    bench.design.activation.bandwidth = Some(1.0 / bench.design.time_constant());
    bench.instance = Instance::draw(
        &bench.design,
        bench.couplings.layers(),
        Die { seed: 1, number: 0 },
    );
    for (cell, activation) in [
        (Cell::Gradient, Activation::PAPER),
        (Cell::Hopfield, Activation::PAPER),
        (Cell::Resistive, TANH),
    ] {
        let circuit = bench.circuit(cell, activation, CouplingStyle::Behavioural);
        against_reference(&format!("imperfect {cell:?}"), &circuit);
    }
}

/// A hard sigmoid's offset moves the edges on which nodes rest. In ngspice diodes hold them there.
#[test]
fn offsets_move_the_edges_of_a_hard_sigmoid() {
    let ngspice = Ngspice::find();
    let mut bench = Bench::new(random_couplings(&[4, 6, 5], 1.5, 13));
    for clamp in [None, Some(2.0)] {
        let activation = Activation {
            kind: ActivationKind::HardSigmoid,
            clamp,
        };
        for offset in [2.0, 1e-4, 0.0, -1e-4, -0.1] {
            for cell in [Cell::Gradient, Cell::Hopfield, Cell::Resistive] {
                // In units of V_unit, and either way on one chip.
                for (l, offsets) in bench.instance.offset.iter_mut().enumerate().skip(1) {
                    for (i, of) in offsets.iter_mut().enumerate() {
                        *of = match offset {
                            2.0 => 0.05 * ((l + 3 * i) as f64).sin(),
                            same => same,
                        };
                    }
                }
                let circuit = bench.circuit(cell, activation, CouplingStyle::Behavioural);
                let name = format!("{cell:?} {clamp:?} offset {offset}");
                let duration = 10.0;
                let trace = trace(&circuit, duration, 2000);
                let tau = bench.design.time_constant();
                let ends = Reference::new(&circuit).path(&[0.5 * tau, duration * tau]);
                for (at, expected) in [100, 2000].into_iter().zip(&ends) {
                    let error = largest_difference(&nodes(&trace, at), expected);
                    // The reference's steps of 0.002 τ begin and end on edges.
                    assert!(error < 2e-3, "{name} at {at}: {error:e}");
                }
                let Some(ngspice) = &ngspice else { continue };
                let analysis = Analysis::Transient {
                    duration: duration * tau,
                    tolerances: Tolerances {
                        step: 0.05,
                        relative: 1e-6,
                    },
                };
                let table = ngspice.transient(&circuit.deck(&analysis, "deck.txt").unwrap());
                let worst = (table.time.iter().zip(&table.states))
                    .map(|(time, states)| {
                        largest_difference(&between(&trace, time / tau * 200.0), states)
                    })
                    .fold(0.0, f64::max);
                // A diode holds a node to 1e-5 of the current that it carries.
                assert!(worst < 1e-3, "{name}: {worst:e} from ngspice");
            }
        }
    }
}

/// T3 and T9 directly: ngspice's table, live or from its copy, against the chip's trace between whose
/// instants a cubic runs.
#[test]
fn ngspice_and_the_chip_agree() {
    let ngspice = Ngspice::find();
    for (name, sizes, seed, visible, duration, accepted) in [
        (
            "t3",
            [4, 4, 4],
            3,
            VisibleNodes::Spring { stiffness: LAMBDA },
            30_u32,
            5e-4,
        ),
        (
            "t9",
            [4, 6, 6],
            5,
            VisibleNodes::Floating { ratio: RATIO },
            40,
            1e-4,
        ),
    ] {
        let bench = Bench::new(random_couplings(&sizes, 1.0, seed));
        for (cell, label) in [(Cell::Gradient, "gradient"), (Cell::Hopfield, "hopfield")] {
            let circuit = Circuit {
                visible,
                ..bench.circuit(cell, Activation::PAPER, CouplingStyle::Behavioural)
            };
            let tau = bench.design.time_constant();
            let analysis = Analysis::Transient {
                duration: f64::from(duration) * tau,
                tolerances: Tolerances {
                    step: 0.1,
                    relative: 1e-6,
                },
            };
            let deck = circuit.deck(&analysis, "deck.txt").unwrap();
            let table =
                Golden::new(&format!("{name}-{label}-behavioural")).table(ngspice.as_ref(), &deck);
            let per_tau = f64::from(PER_TAU);
            let trace = trace(&circuit, f64::from(duration), (duration * PER_TAU) as usize);
            let scale = trace
                .states
                .iter()
                .flatten()
                .fold(0.0_f64, |a, s| a.max(s.abs()));
            let worst = table
                .time
                .iter()
                .zip(&table.states)
                .map(|(time, states)| {
                    largest_difference(&between(&trace, time / tau * per_tau), states) / scale
                })
                .fold(0.0, f64::max);
            assert!(worst < accepted, "{name} {label}: {worst:e}");
        }
    }
}

/// All nodes at a fractional recorded instant, by the cubic through the four nearest.
fn between(trace: &Trace<f64>, at: f64) -> Vec<f64> {
    let last = trace.time.len() - 1;
    #[expect(clippy::cast_sign_loss, reason = "times are not negative")]
    let first = (at.floor() as usize).saturating_sub(1).min(last - 3);
    let points: Vec<Vec<f64>> = (first..first + 4).map(|k| nodes(trace, k)).collect();
    let weight = |k: usize| -> f64 {
        (0..4)
            .filter(|&j| j != k)
            .map(|j| (at - (first + j) as f64) / (k as f64 - j as f64))
            .product()
    };
    (0..points[0].len())
        .map(|i| (0..4).map(|k| weight(k) * points[k][i]).sum())
        .collect()
}

/// With every imperfection off, each cell's chip rests where the ideal substrate does, in f32.
#[test]
fn every_imperfection_has_an_exact_zero() {
    // Gains at which the network has one minimum, so that the ideal substrate finds the same.
    for (cell, activation, gain) in [
        (Cell::Gradient, Activation::PAPER, 0.8),
        (Cell::Hopfield, Activation::PAPER, 0.8),
        (Cell::Resistive, TANH, 0.4),
    ] {
        let couplings = random_couplings(&[8, 16, 16], gain, 3).cast::<f32>();
        let anchor = Array2::from_shape_fn((4, 8), |(i, j)| ((i * 8 + j) as f32 * 0.7).sin());
        let drive = Drive {
            anchor: anchor.view(),
            visible: Visible::Spring { stiffness: LAMBDA },
            held: None,
        };
        let relaxation = Relaxation {
            tolerance: 1e-6,
            ..Relaxation::default()
        };
        let mut ideal = Ideal::new(couplings.layers().clone(), activation, relaxation)
            .with_cell(cell)
            .unwrap();
        ideal.program(&couplings).unwrap();
        let rest = ideal.settle(&drive, None).unwrap();
        let design = Design::ideal();
        let settings = TransientSettings {
            duration: 300.0,
            step: 0.25,
            ..TransientSettings::default()
        };
        let instance = Instance::draw(&design, couplings.layers(), Die { seed: 9, number: 3 });
        let chip = Chip::new(ChipParts {
            design,
            instance,
            network: Network {
                couplings,
                activation,
                cell,
            },
            settings,
            noise_seed: 0,
        })
        .unwrap();
        let settled = chip.settle(&drive, None).unwrap();
        for l in 0..3 {
            // Resistive cells: the chip's state is the output.
            let expected = if cell == Cell::Resistive && l > 0 {
                rest.output(l)
            } else {
                rest.state(l)
            };
            let error = (expected - settled.state(l))
                .into_iter()
                .fold(0.0_f32, |worst, d| worst.max(d.abs()));
            assert!(error < 1e-5, "{cell:?} layer {l}: {error:e}");
        }
    }
}
