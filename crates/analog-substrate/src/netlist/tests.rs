use super::*;
use crate::{ActivationKind, Layers};
use proptest::prelude::*;

const TRANSIENT: Analysis = Analysis::Transient {
    duration: 1e-7,
    tolerances: Tolerances {
        step: 0.1,
        relative: 1e-6,
    },
};

/// A 2-3-2 network, all of whose weights are `weight`.
fn couplings(weight: f64) -> Couplings<f64> {
    let mut couplings = Couplings::zeros(Layers::new(vec![2, 3, 2]).unwrap());
    couplings.flat_mut().fill(weight);
    couplings
}

fn with<T>(
    couplings: &Couplings<f64>,
    instance: &Instance,
    run: impl FnOnce(Circuit<'_>) -> T,
) -> T {
    run(Circuit {
        design: &Design::ideal(),
        instance,
        couplings,
        down: None,
        activation: Activation::PAPER,
        cell: Cell::Gradient,
        style: CouplingStyle::Behavioural,
        arrays: None,
        visible: VisibleNodes::Spring { stiffness: 15.0 },
        anchor: &[0.5, -0.5],
        start: None,
        held: &[],
    })
}

/// With the nominal instance of the ideal design.
fn nominal<T>(weight: f64, run: impl FnOnce(Circuit<'_>) -> T) -> T {
    let couplings = couplings(weight);
    let instance = Instance::nominal(&Design::ideal(), couplings.layers());
    with(&couplings, &instance, run)
}

/// The resistors between a node and another, in siemens.
fn conductance(deck: &str, node: &str) -> f64 {
    let resistors = deck.lines().filter(|line| line.starts_with('R'));
    let words = resistors.map(|line| line.split_whitespace().collect::<Vec<_>>());
    words
        .filter(|words| words[1] == node || words[2] == node)
        .map(|words| 1.0 / words[3].parse::<f64>().unwrap())
        .sum()
}

#[test]
fn a_visible_leak_is_a_resistor_to_ground() {
    let plain = couplings(0.5);
    let topology = plain.topology().clone().with_visible_leak(true);
    let values = [plain.flat(), &[0.0, 3.0]].concat();
    let leaking = Couplings::from_flat(topology, values).unwrap();
    let instance = Instance::nominal(&Design::ideal(), plain.layers());
    let deck = |couplings| {
        with(couplings, &instance, |circuit| {
            circuit.deck(&TRANSIENT, "deck.txt").unwrap()
        })
    };
    let (without, leaking) = (deck(&plain), deck(&leaking));
    let unit = Design::ideal().node.unit_conductance;
    for (node, added) in [("x_0", 0.0), ("x_1", 3.0), ("h1_0", 0.0)] {
        let more = conductance(&leaking, node) - conductance(&without, node);
        assert!((more / unit - added).abs() < 1e-9, "{node}: {more:e}");
    }
}

#[test]
fn a_loaded_node_has_the_conductance_of_an_unloaded_one() {
    nominal(-3.0, |circuit| {
        for cell in [Cell::Gradient, Cell::Hopfield] {
            let deck = |style| {
                let circuit = Circuit {
                    cell,
                    style,
                    ..circuit
                };
                circuit.deck(&TRANSIENT, "deck.txt").unwrap()
            };
            let (free, loaded) = (
                deck(CouplingStyle::Behavioural),
                deck(CouplingStyle::Resistors),
            );
            for node in ["x_0", "h1_2", "h2_1"] {
                let (a, b) = (conductance(&free, node), conductance(&loaded, node));
                assert!((a / b - 1.0).abs() < 1e-12, "{cell:?} {node}: {a:e}, {b:e}");
            }
        }
    });
}

#[test]
fn values_that_elements_cannot_have_are_named() {
    let couplings = couplings(1.0);
    let nominal = Instance::nominal(&Design::ideal(), couplings.layers());
    let error = |instance: &Instance, change: fn(Circuit<'_>) -> Circuit<'_>| {
        with(&couplings, instance, |circuit| {
            let deck = change(circuit).deck(&TRANSIENT, "deck.txt");
            deck.unwrap_err().to_string()
        })
    };
    let mut broken = nominal.clone();
    broken.leak[1][2] = -0.1;
    assert!(error(&broken, |c| c).contains("leak of h1_2"));
    broken = nominal.clone();
    broken.capacitance[0][1] = 0.0;
    assert!(error(&broken, |c| c).contains("capacitance of x_1"));
    broken = nominal.clone();
    broken.spring[0] = f64::NAN;
    assert!(error(&broken, |c| c).contains("spring of x_0"));
    let short = error(&nominal, |c| Circuit {
        anchor: &[1.0],
        ..c
    });
    assert_eq!(
        short,
        "the anchor has 1 values; the network has 2 nodes there"
    );
    let infinite = error(&nominal, |c| Circuit {
        anchor: &[1.0, f64::INFINITY],
        ..c
    });
    assert!(infinite.contains("inf; expected finite"), "{infinite}");
    let resistive = error(&nominal, |c| Circuit {
        cell: Cell::Resistive,
        ..c
    });
    assert!(resistive.contains("rises everywhere"), "{resistive}");
}

#[test]
fn names_that_ngspice_would_take_apart_are_refused() {
    nominal(1.0, |circuit| {
        for name in ["", "a b.txt", "$x.txt", "a;b", "-o", "sub/deck.txt"] {
            let error = circuit.deck(&TRANSIENT, name).unwrap_err();
            assert_eq!(error, NetlistError::FileName(name.to_owned()));
        }
    });
}

#[test]
fn resistive_cells_start_at_the_output_of_a_node_at_zero() {
    nominal(1.0, |circuit| {
        let circuit = Circuit {
            cell: Cell::Resistive,
            activation: Activation {
                kind: ActivationKind::Softplus,
                clamp: None,
            },
            ..circuit
        };
        let start = circuit.start();
        assert!((start[1][0] - 2.0_f64.ln()).abs() < 1e-15);
        assert_eq!(start[0], [0.5, -0.5]);
    });
}

proptest! {
    /// SPICE reads `1meg` and `1m` as scales, and words for numbers as nodes: neither is written.
    #[test]
    fn numbers_are_plain(weight in -1e9..1e9_f64, scale in -12..12_i32) {
        let text = nominal(weight * 10.0_f64.powi(scale), |circuit| {
            circuit.deck(&TRANSIENT, "deck.txt").unwrap()
        });
        for line in text.lines().filter(|line| line.starts_with(['R', 'G', 'C', 'I', 'V'])) {
            let value = line.rsplit([' ', '=']).next().unwrap();
            prop_assert!(value.parse::<f64>().unwrap().is_finite(), "{}", line);
            prop_assert!(value.chars().all(|c| c.is_ascii_digit() || "e.-".contains(c)), "{}", line);
        }
    }
}

/// A design can be made without a file, and its name is free.
#[test]
fn no_name_starts_a_line_of_a_deck() {
    nominal(1.0, |circuit| {
        let plain = circuit.deck(&TRANSIENT, "deck.txt").unwrap();
        let name = "x\n.control\nshell touch p\r+ \u{2028}.endc";
        let design = Design {
            name: name.to_owned(),
            ..circuit.design.clone()
        };
        let circuit = Circuit {
            design: &design,
            ..circuit
        };
        let deck = circuit.deck(&TRANSIENT, "deck.txt").unwrap();
        assert_eq!(deck.lines().count(), plain.lines().count());
        assert!(deck.lines().skip(1).eq(plain.lines().skip(1)));
        let title = deck.lines().next().unwrap();
        assert!(
            title.starts_with("* gradep") && title.contains("x\\n.control"),
            "{title}"
        );
    });
}
