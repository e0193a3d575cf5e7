//! Visible nodes with a leak of their own, against the ideal substrate and the energy.

use super::*;
use crate::{Energy, Ideal, Relaxation, SolverKind, Substrate as _, Topology};

const SIZES: [usize; 3] = [6, 10, 8];

/// Couplings with leaks up to 4.
fn leaking(seed: u64) -> Couplings<f64> {
    let plain: Couplings<f64> = couplings(&SIZES, 0.5, seed);
    let topology = Topology::from(layers(&SIZES)).with_visible_leak(true);
    let leaks: Vec<f64> = (0..SIZES[0]).map(|i| 0.8 * i as f64).collect();
    Couplings::from_flat(topology, [plain.flat(), &leaks].concat()).unwrap()
}

fn ideal(couplings: &Couplings<f64>, solver: SolverKind, nature: (Activation, Cell)) -> Ideal<f64> {
    let relaxation = Relaxation {
        solver,
        tolerance: 1e-11,
        max_sweeps: 5000,
        steps: 4000,
        step_size: 0.05,
        ..Relaxation::default()
    };
    let topology = couplings.topology().clone();
    let mut ideal = Ideal::new(topology, nature.0, relaxation)
        .with_cell(nature.1)
        .unwrap();
    ideal.program(couplings).unwrap();
    ideal
}

/// Every solver ends where the energy, which shares no code with them, has no force left.
#[test]
fn every_solver_rests_where_the_energy_does() {
    let couplings = leaking(3);
    let anchor = normals(7, 5, SIZES[0], 1.0);
    for nature in [(SILU, Cell::Gradient), (TANH, Cell::Resistive)] {
        let energy = Energy::new(&couplings, nature.0).with_cell(nature.1);
        let mut at_rest = Vec::new();
        for solver in [
            SolverKind::Explicit,
            SolverKind::Block,
            SolverKind::Anderson,
        ] {
            let ideal = ideal(&couplings, solver, nature);
            let drive = drive(&anchor, SPRING);
            let settled = ideal.settle(&drive, None).unwrap();
            let state: Vec<Array2<f64>> = (0..SIZES.len())
                .map(|l| settled.state(l).to_owned())
                .collect();
            let residual = energy.residual(&state, &drive);
            assert!(
                residual.iter().all(|r| *r < 1e-9),
                "{solver:?} {nature:?}: {residual}"
            );
            at_rest.push(ideal.current(&settled));
        }
        // The leak matters: without it the current is another.
        let plain = Couplings::from_flat(
            layers(&SIZES),
            couplings.flat()[..couplings.flat().len() - SIZES[0]].to_vec(),
        );
        let other = self::ideal(&plain.unwrap(), SolverKind::Anderson, nature);
        let settled = other.settle(&drive(&anchor, SPRING), None).unwrap();
        let differ = (&other.current(&settled) - &at_rest[2]).mapv(f64::abs);
        assert!(differ.into_iter().fold(0.0, f64::max) > 0.1);
    }
}

/// The chip comes to the equilibrium of the ideal substrate, on a spring and with x held, and its leaks dissipate.
#[test]
fn a_chip_with_leaks_rests_where_the_ideal_network_does() {
    let couplings = leaking(4);
    let anchor = normals(8, 4, SIZES[0], 0.7);
    for nature in [(SILU, Cell::Gradient), (TANH, Cell::Resistive)] {
        let ideal = ideal(&couplings, SolverKind::Anderson, nature);
        let settings = TransientSettings {
            duration: 120.0,
            ..TransientSettings::default()
        };
        for visible in [SPRING, Visible::Clamped] {
            let chip = chip(Design::ideal(), &couplings, nature, settings);
            let drive = drive(&anchor, visible);
            let exact = ideal.current(&ideal.settle(&drive, None).unwrap());
            let found = chip.current(&chip.settle(&drive, None).unwrap());
            let off = (&exact - &found)
                .mapv(f64::abs)
                .into_iter()
                .fold(0.0, f64::max);
            assert!(off < 1e-5, "{nature:?} {visible:?}: {off:e}");
        }
    }
}

/// A held node keeps its value whatever leaks there, and its source gives what the leak takes.
#[test]
fn held_nodes_with_leaks_keep_their_values() {
    let couplings = leaking(5);
    let anchor = normals(9, 4, SIZES[0], 0.7);
    let mask = Array2::from_shape_fn(anchor.raw_dim(), |(row, i)| (row + i) % 2 == 0);
    let drive = Drive {
        held: Some(mask.view()),
        ..drive(&anchor, SPRING)
    };
    for nature in [(SILU, Cell::Gradient), (TANH, Cell::Resistive)] {
        let energy = Energy::new(&couplings, nature.0).with_cell(nature.1);
        let mut found = Vec::new();
        for solver in [
            SolverKind::Explicit,
            SolverKind::Block,
            SolverKind::Anderson,
        ] {
            let ideal = ideal(&couplings, solver, nature);
            let settled = ideal.settle(&drive, None).unwrap();
            let state: Vec<Array2<f64>> = (0..SIZES.len()).map(|l| settled.state(l)).collect();
            for (place, _) in mask.indexed_iter().filter(|(_, held)| **held) {
                assert_eq!(state[0][place].to_bits(), anchor[place].to_bits());
            }
            let residual = energy.residual(&state, &drive);
            assert!(residual.iter().all(|r| *r < 1e-9), "{solver:?}: {residual}");
            found.push(ideal.current(&settled));
        }
        let settings = TransientSettings {
            duration: 120.0,
            ..TransientSettings::default()
        };
        let chip = chip(Design::ideal(), &couplings, nature, settings);
        found.push(chip.current(&chip.settle(&drive, None).unwrap()));
        for current in &found[1..] {
            let off = (current - &found[0]).mapv(f64::abs);
            let off = off.into_iter().fold(0.0, f64::max);
            assert!(off < 1e-5, "{nature:?}: {off:e}");
        }
    }
}

/// What a leak dissipates is its conductance times the square of the voltage.
#[test]
fn leaks_are_booked() {
    let book = |leak: f64| {
        let topology = Topology::from(layers(&[2, 1])).with_visible_leak(true);
        let mut couplings = Couplings::<f64>::zeros(topology);
        couplings.visible_leak_mut().unwrap().fill(leak);
        let settings = TransientSettings {
            duration: 10.0,
            ..TransientSettings::default()
        };
        let chip = chip(
            Design::ideal(),
            &couplings,
            (TANH, Cell::Hopfield),
            settings,
        );
        let anchor = Array2::from_elem((1, 2), 0.5);
        chip.settle(&drive(&anchor, SPRING), None).unwrap();
        chip.ledger().leak_j
    };
    // At rest x = λx_t/(1 + k + λ), and (1 + k)x² is lost; a hundredth for the way there, of 1/16 in 10 τ.
    let (without, with) = (book(0.0), book(2.0));
    let expected = 3.0 * ((1.0 + LAMBDA) / (3.0 + LAMBDA)).powi(2);
    assert!(
        (with / without / expected - 1.0).abs() < 1e-2,
        "{without:e} {with:e}"
    );
}

#[test]
fn couplings_with_leaks_are_not_those_of_a_network_without() {
    let (plain, leaking): (Couplings<f64>, _) = (couplings(&SIZES, 1.0, 1), leaking(1));
    let mut without = ideal(&plain, SolverKind::Anderson, (TANH, Cell::Resistive));
    let said = without.program(&leaking).unwrap_err().to_string();
    assert!(said.contains("network.visible_leak"), "{said}");
    let settings = TransientSettings::default();
    let mut chip = chip(Design::ideal(), &leaking, (TANH, Cell::Resistive), settings);
    let said = chip.program(&plain).unwrap_err().to_string();
    assert!(said.contains("the couplings have no leaks"), "{said}");
}
