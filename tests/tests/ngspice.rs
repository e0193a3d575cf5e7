//! Netlists run by ngspice against an independent integration of the node equations.
//!
//! Where ngspice is not installed the same comparisons are made with copies of its tables, for the
//! circuits that have one. Errors are largest differences over full scale, the largest |state| of the
//! whole path. Accepted are the figures that ngspice's own step control is good for.

use analog_substrate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Layers, Visible,
    chip::{Chip, ChipParts, Design, Die, Distributed, Instance, Network, TransientSettings},
    netlist::{
        Analysis, Circuit, CouplingStyle, DrivenCrossbar, Tolerances, VisibleNodes, crossbar_deck,
    },
    wires::{Ends, Read, Sense, Wires, effective_conductances},
};
use gradep_tests::spice::{
    Bench, Golden, Ngspice, Reference, Table, is_updating, random_couplings, spread_anchor,
};
use ndarray::{Array1, Array2};

const STYLES: [CouplingStyle; 2] = [CouplingStyle::Behavioural, CouplingStyle::Resistors];
const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};

fn transient(design: &Design, time_constants: f64, step: f64, relative: f64) -> Analysis {
    Analysis::Transient {
        duration: time_constants * design.time_constant(),
        tolerances: Tolerances { step, relative },
    }
}

/// Largest difference over the path and at its end, relative to full scale.
fn errors(table: &Table, circuit: &Circuit<'_>) -> (f64, f64) {
    let reference = Reference::new(circuit).path(&table.time);
    let scale = reference
        .iter()
        .flatten()
        .fold(0.0_f64, |a, s| a.max(s.abs()));
    let row = |k: usize| {
        let rows = table.states[k].iter().zip(&reference[k]);
        rows.fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs())) / scale
    };
    let path = (0..reference.len()).map(row).fold(0.0, f64::max);
    (path, row(reference.len() - 1))
}

/// Live or from its copy: path and final error below what is accepted.
fn accept(name: &str, circuit: &Circuit<'_>, analysis: &Analysis, path: f64, last: f64) {
    let deck = circuit.deck(analysis, "deck.txt").unwrap();
    let table = Golden::new(name).table(Ngspice::find().as_ref(), &deck);
    report(name, &table, circuit, path, last);
}

/// Live only.
fn accept_live(
    ngspice: &Ngspice,
    name: &str,
    circuit: &Circuit<'_>,
    analysis: &Analysis,
    path: f64,
    last: f64,
) {
    let deck = circuit.deck(analysis, "deck.txt").unwrap();
    report(name, &ngspice.transient(&deck), circuit, path, last);
}

fn report(name: &str, table: &Table, circuit: &Circuit<'_>, path: f64, last: f64) {
    let sizes = circuit.couplings.layers().sizes();
    let (layers, names) = (sizes.iter().enumerate(), &table.names);
    let expected: Vec<String> = layers
        .flat_map(|(l, &n)| {
            let layer = if l == 0 {
                "x".to_owned()
            } else {
                format!("h{l}")
            };
            (0..n).map(move |i| format!("{layer}_{i}"))
        })
        .collect();
    assert_eq!(names, &expected, "{name}");
    let found = errors(table, circuit);
    eprintln!(
        "{name}: {} points, path {:.1e}, final {:.1e}",
        table.time.len(),
        found.0,
        found.1
    );
    assert!(found.0 < path, "{name}: path error {:e}", found.0);
    assert!(found.1 < last, "{name}: final error {:e}", found.1);
}

fn label(cell: Cell, style: CouplingStyle) -> String {
    format!("{cell:?}-{style:?}").to_lowercase()
}

/// T1. One node and its leak: e^(−t/τ), exactly known.
#[test]
fn t1_a_leaking_capacitor() {
    let layers = Layers::new(vec![1, 1]).unwrap();
    let mut bench = Bench::new(Couplings::zeros(layers));
    bench.anchor = vec![1.0];
    let circuit = Circuit {
        visible: VisibleNodes::Floating { ratio: 1.0 },
        ..bench.circuit(Cell::Hopfield, TANH, CouplingStyle::Behavioural)
    };
    // Loose: steps of 0.1 τ wherever they are; tight: of 0.01 τ.
    for (name, step, relative, accepted) in [
        ("t1-default", 0.1, 1e-6, 5e-4),
        ("t1-tight", 0.01, 1e-6, 1e-5),
    ] {
        let analysis = transient(&bench.design, 10.0, step, relative);
        let deck = circuit.deck(&analysis, "deck.txt").unwrap();
        let table = Golden::new(name).table(Ngspice::find().as_ref(), &deck);
        let worst = table.time.iter().zip(&table.states).map(|(time, states)| {
            let exact = (-time / bench.design.time_constant()).exp();
            (states[0] - exact).abs()
        });
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < accepted, "{name}: {worst:e}");
        report(name, &table, &circuit, accepted, accepted);
    }
}

/// T2. Two tanh nodes that hold each other up: an unstable start, and a known end, h = 2 tanh(h).
#[test]
fn t2_two_bistable_nodes() {
    let layers = Layers::new(vec![1, 1, 1]).unwrap();
    let mut couplings = Couplings::zeros(layers);
    couplings.weight_mut(1)[[0, 0]] = 2.0;
    let bench = Bench::new(couplings);
    let start = [vec![0.0], vec![0.01], vec![-0.004]];
    let circuit = Circuit {
        start: Some(&start),
        ..bench.circuit(Cell::Hopfield, TANH, CouplingStyle::Behavioural)
    };
    let analysis = transient(&bench.design, 40.0, 0.1, 1e-6);
    accept("t2", &circuit, &analysis, 5e-3, 1e-7);
    let mut fixed_point = 2.0_f64;
    for _ in 0..100 {
        fixed_point = 2.0 * fixed_point.tanh();
    }
    let deck = circuit.deck(&analysis, "deck.txt").unwrap();
    let table = Golden::new("t2").table(Ngspice::find().as_ref(), &deck);
    for h in &table.states.last().unwrap()[1..] {
        assert!((h - fixed_point).abs() < 1e-7, "{h} is not {fixed_point}");
    }
}

/// T3. A small network under its spring: both amplified cells, both kinds of crossbar.
#[test]
fn t3_four_four_four() {
    let bench = Bench::new(random_couplings(&[4, 4, 4], 1.0, 3));
    for cell in [Cell::Gradient, Cell::Hopfield] {
        for style in STYLES {
            let circuit = bench.circuit(cell, Activation::PAPER, style);
            let name = format!("t3-{}", label(cell, style));
            let analysis = transient(&bench.design, 30.0, 0.1, 1e-6);
            accept(&name, &circuit, &analysis, 5e-4, 1e-6);
        }
    }
}

/// T3 with leaks of the visible nodes: resistors to ground beside the others, on a spring and afloat.
#[test]
fn t3_with_leaks_of_visible_nodes() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let plain = random_couplings(&[4, 4, 4], 1.0, 3);
    let topology = plain.topology().clone().with_visible_leak(true);
    let values = [plain.flat(), &[0.0, 0.7, 2.5, 9.0]].concat();
    let bench = Bench::new(Couplings::from_flat(topology, values).unwrap());
    let spring = VisibleNodes::Spring { stiffness: 15.0 };
    let afloat = VisibleNodes::Floating { ratio: 3.0 };
    // Afloat they have not come to rest by the end.
    for (cell, style, visible, last) in [
        (Cell::Gradient, STYLES[0], spring, 1e-6),
        (Cell::Hopfield, STYLES[1], afloat, 5e-4),
    ] {
        let plain = bench.circuit(cell, Activation::PAPER, style);
        let circuit = Circuit { visible, ..plain };
        let name = format!("t3-leak-{}", label(cell, style));
        let analysis = transient(&bench.design, 30.0, 0.1, 1e-6);
        accept_live(&ngspice, &name, &circuit, &analysis, 5e-4, last);
    }
}

/// T4, small. A crossbar with resistive lines and terminals, both directions, into virtual grounds and
/// loads: the reduction of its wires against the operating point of all its nodes.
#[test]
fn t4_a_small_crossbar_with_wires() {
    let ngspice = Ngspice::find();
    for read in [Read::Forward, Read::Backward] {
        for sense in [Sense::VirtualGround, Sense::Loaded { siemens: 2e-4 }] {
            crossbar((16, 16, 1e-3), read, sense, |name, deck| {
                Golden::new(name).table(ngspice.as_ref(), deck)
            });
        }
    }
}

/// T4. The same at 64 × 128: 16,384 nodes, half a minute of processor time a direction.
#[test]
#[ignore = "a minute of ngspice: cargo test -p gradep-tests --test ngspice -- --ignored t4"]
fn t4_a_large_crossbar_with_wires() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    for read in [Read::Forward, Read::Backward] {
        crossbar((64, 128, 1e-4), read, Sense::VirtualGround, |_, deck| {
            ngspice.transient(deck)
        });
    }
}

/// Currents of a crossbar by the reduction of its wires and by ngspice, of conductances below `most`.
fn crossbar(
    (rows, columns, most): (usize, usize, f64),
    read: Read,
    sense: Sense,
    solve: impl FnOnce(&str, &str) -> Table,
) {
    let wires = Wires {
        row_segment: 2.5,
        column_segment: 4.0,
        row_terminal: 100.0,
        column_terminal: 50.0,
        ends: Ends::default(),
    };
    let g = spread_conductances(rows, columns, most);
    let effective = effective_conductances(g.view(), &wires, read, sense).unwrap();
    let volts = spread_anchor(effective.ncols());
    let deck = crossbar_deck(
        DrivenCrossbar {
            devices: g.view(),
            wires: &wires,
            read,
            sense,
            volts: &volts,
        },
        "deck.txt",
    )
    .unwrap();
    let kind = match sense {
        Sense::VirtualGround => "ground",
        Sense::Loaded { .. } => "load",
    };
    let name = format!("t4-{rows}x{columns}-{read:?}-{kind}").to_lowercase();
    let table = solve(&name, &deck);
    let currents = effective.dot(&Array1::from(volts));
    let scale = currents.iter().fold(0.0_f64, |most, i| most.max(i.abs()));
    let pairs = table.states[0].iter().zip(&currents);
    let worst = pairs.fold(0.0_f64, |worst, (a, b)| worst.max((a - b).abs())) / scale;
    eprintln!("{name}: {worst:.1e}");
    // Copies have eleven digits.
    assert!(worst < 1e-9, "{name}: {worst:e}");
}

/// Spread over 0 .. `most`, the same everywhere.
fn spread_conductances(rows: usize, columns: usize, most: f64) -> Array2<f64> {
    let spread = spread_anchor(rows * columns);
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        most * (spread[i * columns + j] + 1.0) / 2.0
    })
}

/// T8, small: the same at 16-32-32, live.
#[test]
fn t8_a_middle_sized_network() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let bench = Bench::new(random_couplings(&[16, 32, 32], 1.0, 3));
    for cell in [Cell::Gradient, Cell::Hopfield] {
        for style in STYLES {
            let circuit = bench.circuit(cell, Activation::PAPER, style);
            let analysis = transient(&bench.design, 30.0, 0.1, 1e-4);
            accept_live(
                &ngspice,
                &label(cell, style),
                &circuit,
                &analysis,
                5e-4,
                5e-4,
            );
        }
    }
}

/// T8. The paper's size: a minute of processor time per circuit.
#[test]
#[ignore = "four minutes of ngspice: cargo test -p gradep-tests --test ngspice -- --ignored"]
fn t8_the_papers_network() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let bench = Bench::new(random_couplings(&[64, 128, 128], 1.0, 3));
    for cell in [Cell::Gradient, Cell::Hopfield] {
        for style in STYLES {
            let circuit = bench.circuit(cell, Activation::PAPER, style);
            let analysis = transient(&bench.design, 30.0, 0.1, 1e-4);
            accept_live(
                &ngspice,
                &label(cell, style),
                &circuit,
                &analysis,
                5e-4,
                5e-4,
            );
        }
    }
}

/// T9. Generation: nothing holds x, whose capacitors are 20 times larger.
#[test]
fn t9_free_running_generation() {
    let bench = Bench::new(random_couplings(&[4, 6, 6], 1.0, 5));
    for cell in [Cell::Gradient, Cell::Hopfield] {
        let circuit = Circuit {
            visible: VisibleNodes::Floating { ratio: 20.0 },
            ..bench.circuit(cell, Activation::PAPER, CouplingStyle::Behavioural)
        };
        let name = format!("t9-{}", label(cell, circuit.style));
        let analysis = transient(&bench.design, 40.0, 0.1, 1e-6);
        accept(&name, &circuit, &analysis, 1e-4, 1e-4);
    }
}

/// Every activation that a cell can have, in both crossbars.
#[test]
fn every_cell_and_activation() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let mut bench = Bench::new(random_couplings(&[3, 4, 3], 0.8, 7));
    // So that identity settles, and softplus outputs stay above 0.
    bench
        .couplings
        .flat_mut()
        .iter_mut()
        .for_each(|w| *w *= 0.5);
    for cell in [Cell::Gradient, Cell::Hopfield, Cell::Resistive] {
        for &kind in ActivationKind::ALL {
            for clamp in [None, Some(2.0)] {
                let activation = Activation { kind, clamp };
                if cell.check(activation).is_err() {
                    continue;
                }
                // A diode holds a node to 1e-5 of the current that it carries.
                let accepted = match kind {
                    ActivationKind::HardSigmoid => 2e-4,
                    _ => 1e-4,
                };
                for style in STYLES {
                    let circuit = bench.circuit(cell, activation, style);
                    let analysis = transient(&bench.design, 10.0, 0.1, 1e-6);
                    let name = format!("{} {activation:?}", label(cell, style));
                    accept_live(&ngspice, &name, &circuit, &analysis, accepted, accepted);
                }
            }
        }
    }
}

/// One chip of a poor design: mismatch everywhere, offsets, rails and slow amplifiers.
#[test]
fn imperfections_are_elements() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let mut bench = Bench::new(random_couplings(&[3, 4, 3], 1.0, 11));
    let spread = |design: &mut Design| {
        let relative = |mean: f64, sigma: f64| Distributed {
            sigma: mean * sigma,
            ..Distributed::exact(mean)
        };
        design.node.capacitance = relative(design.node.capacitance.mean, 0.1);
        design.node.leak = relative(1.0, 0.05);
        design.activation.gain = relative(1.0, 0.1);
        design.activation.offset.sigma = 0.02;
        design.spring.mismatch = relative(1.0, 0.1);
    };
    spread(&mut bench.design);
    bench.instance = Instance::draw(
        &bench.design,
        bench.couplings.layers(),
        Die { seed: 1, number: 0 },
    );
    let tau = bench.design.time_constant();
    for (saturation, bandwidth) in [
        (None, None),
        (Some(0.1), None),
        (None, Some(1.0 / tau)),
        (Some(0.1), Some(1.0 / tau)),
    ] {
        bench.design.activation.saturation = saturation;
        bench.design.activation.bandwidth = bandwidth;
        for (cell, activation) in [
            (Cell::Gradient, Activation::PAPER),
            (Cell::Hopfield, Activation::PAPER),
            (Cell::Resistive, TANH),
        ] {
            // A passive cell has neither rails nor poles.
            if cell == Cell::Resistive && (saturation.is_some() || bandwidth.is_some()) {
                continue;
            }
            for style in STYLES {
                let circuit = bench.circuit(cell, activation, style);
                let analysis = transient(&bench.design, 10.0, 0.1, 1e-6);
                let name = format!("{} {saturation:?} {bandwidth:?}", label(cell, style));
                accept_live(&ngspice, &name, &circuit, &analysis, 1e-4, 1e-5);
            }
        }
    }
}

/// Copies are not quietly rewritten where tests are to prove something.
#[test]
fn copies_are_not_being_updated_in_ci() {
    assert!(!is_updating() || std::env::var_os("CI").is_none());
}

/// Resistive cells far in saturation, whose leaks pass 1e6 g_unit: ngspice runs to the end, and ends where
/// the chip does.
#[test]
fn saturated_resistive_cells_run_to_their_end() {
    let Some(ngspice) = Ngspice::find() else {
        return;
    };
    let mut bench = Bench::new(random_couplings(&[4, 8, 8], 1.0, 3));
    for weight in bench.couplings.flat_mut() {
        *weight *= 6.0;
    }
    let circuit = bench.circuit(Cell::Resistive, TANH, CouplingStyle::Behavioural);
    let analysis = transient(&bench.design, 12.0, 0.1, 1e-6);
    let table = ngspice.transient(&circuit.deck(&analysis, "deck.txt").unwrap());
    let tau = bench.design.time_constant();
    assert!((table.time.last().unwrap() / tau - 12.0).abs() < 1e-5);
    let settings = TransientSettings {
        step: 1e-3,
        ..TransientSettings::default()
    };
    let (design, instance) = (bench.design.clone(), bench.instance.clone());
    let chip = Chip::new(ChipParts {
        design,
        instance,
        network: Network {
            couplings: bench.couplings.clone(),
            activation: TANH,
            cell: Cell::Resistive,
        },
        settings,
        noise_seed: 0,
    })
    .unwrap();
    let anchor = Array2::from_shape_vec((1, 4), bench.anchor.clone()).unwrap();
    let drive = Drive {
        anchor: anchor.view(),
        visible: Visible::Spring { stiffness: 15.0 },
        held: None,
    };
    let trace = chip.trace(&drive, 12.0, 1).unwrap();
    let layers = trace.states.iter();
    let ends = layers.flat_map(|layer| layer.slice(ndarray::s![0, 1, ..]).to_vec());
    let last = table.states.last().unwrap();
    let saturated = last[4..].iter().filter(|y| y.abs() > 0.9999).count();
    assert!(saturated >= 4, "{last:?}");
    for (found, exact) in last.iter().zip(ends) {
        assert!((found - exact).abs() < 2e-5, "{found} for {exact}");
    }
}

/// A deck that ngspice leaves half-way says so by its status.
#[test]
fn a_table_that_ends_early_ends_in_status_1() {
    if Ngspice::find().is_none() {
        return;
    }
    let bench = Bench::new(random_couplings(&[2, 3], 1.0, 3));
    let circuit = bench.circuit(Cell::Hopfield, TANH, CouplingStyle::Behavioural);
    let analysis = transient(&bench.design, 2.0, 0.1, 1e-6);
    let deck = circuit.deck(&analysis, "deck.txt").unwrap();
    // A source that ngspice cannot step over: its value is no number after one time constant.
    let tau = bench.design.time_constant();
    let source = format!("Bstop 0 x_0 I=1e-9*ln({tau:e}-time)\n.control");
    let broken = deck.replacen(".control", &source, 1);
    let folder = tempfile::tempdir().unwrap();
    for (name, deck, status) in [("whole.cir", &deck, 0), ("broken.cir", &broken, 1)] {
        let path = folder.path().join(name);
        std::fs::write(&path, deck).unwrap();
        let output = std::process::Command::new("ngspice")
            .arg("-b")
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(status), "{name}: {output:?}");
    }
}
