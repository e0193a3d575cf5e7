//! Clock and ledger of what is forced and biased, against values by hand.

use super::*;
use crate::{
    Substrate as _,
    chip::{ChipParts, FreeRun, Network, NoiseRamp},
};
use ndarray::array;

/// D3's node, overheads and bias without anything random: 100 fF and 10 µS at 0.1 V, a hold capacitor
/// of 100 fF; 10 ns to reset, 20 ns to write and to read; 21 µW a hidden node, 0.4 of it a visible one.
fn counted() -> Design {
    let mut design = Design::ideal();
    design.converters.hold_capacitance = Some(100e-15);
    // Nothing is frozen on the hold capacitor.
    design.environment.temperature = 0.0;
    design.overheads.reset = 10e-9;
    design.overheads.write = 20e-9;
    design.overheads.read = 20e-9;
    design.environment.bias_power = 21e-6;
    design
}

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() <= 1e-12 * expected.abs(),
        "{found:e} for {expected:e}"
    );
}

/// Two visible nodes start at volts whose squares are 1.25 and 4 V_unit²: 2.625 fJ on C, and r times
/// that on r·C, which the same switch charges in r times its 10 ns. Five nodes are hidden.
#[test]
fn a_free_run_pays_for_its_large_capacitors() {
    let couplings = couplings::<f64>(&[2, 3, 2], 0.5, 3);
    let start = array![[0.5, -1.0], [2.0, 0.0]];
    for (ratio, forced_fj, reset_ns) in [
        (0.5, 2.625 + 1.3125, 10.0),
        (1.0, 2.625 + 2.625, 10.0),
        (50.0, 2.625 + 131.25, 500.0),
        (200.0, 2.625 + 525.0, 2000.0),
    ] {
        for presettle in [0.0, 5.0] {
            let chip = chip(
                counted(),
                &couplings,
                (SILU, Cell::Gradient),
                TransientSettings::default(),
            );
            let run = FreeRun {
                ratio,
                presettle,
                output_scale: 2.0,
                noise: NoiseRamp::NONE,
            };
            let flow = chip.flow_free(start.view(), &run, &[0.05, 0.1]).unwrap();
            for (moment, t) in [0.05, 0.1].into_iter().enumerate() {
                let (clock, ledger) = (flow.clocks[moment], flow.ledgers[moment]);
                let relaxation_ns = 10.0 * (presettle + 2.0 * ratio * t);
                close(clock.relaxation_s, 1e-9 * relaxation_ns);
                close(clock.reset_s, 1e-9 * reset_ns);
                close(clock.write_s, 20e-9);
                close(clock.read_s, 20e-9);
                let total_ns = relaxation_ns + reset_ns + 40.0;
                close(clock.total_s, 1e-9 * total_ns);
                close(ledger.forced_nodes_j, 1e-15 * forced_fj);
                close(
                    ledger.amplifiers_j,
                    21e-6 * (5.0 + 0.4 * 2.0) * 1e-9 * total_ns,
                );
                assert!(ledger.balance_error < 1e-9, "{ledger:?}");
            }
            // The run as the chip's own account has it.
            close(chip.clock().total_s, flow.clocks[1].total_s);
            close(chip.ledger().forced_nodes_j, 1e-15 * forced_fj);
        }
    }
}

/// A visible node of 1.5 C takes 1.5 times the charge, whatever it is multiplied with.
#[test]
fn forced_nodes_have_their_own_capacitances() {
    let couplings = couplings::<f64>(&[2, 3], 0.5, 3);
    let mut design = counted();
    design.converters.hold_capacitance = None;
    let mut instance = Instance::nominal(&design, couplings.layers());
    instance.capacitance[0] = vec![1.5, 0.75];
    let settings = TransientSettings::default();
    let chip = Chip::new(ChipParts {
        design,
        instance,
        network: Network {
            couplings,
            activation: SILU,
            cell: Cell::Gradient,
        },
        settings,
        noise_seed: 5,
    })
    .unwrap();
    let start = array![[2.0, 4.0]];
    let run = FreeRun {
        ratio: 10.0,
        presettle: 1.0,
        output_scale: 2.0,
        noise: NoiseRamp::NONE,
    };
    let flow = chip.flow_free(start.view(), &run, &[0.1]).unwrap();
    close(
        flow.ledgers[0].forced_nodes_j,
        1e-15 * 10.0 * (1.5 * 4.0 + 0.75 * 16.0),
    );
}

/// On a spring or clamped, visible nodes have C: a cold start takes one reset and C V² of them. A warm
/// start moves them alone, and takes C ΔV² of that.
#[test]
fn a_stepped_relaxation_pays_for_c() {
    let couplings = couplings::<f64>(&[2, 3], 0.5, 3);
    let (first, second) = (array![[1.0, -2.0]], array![[1.5, -2.0]]);
    let chip = chip(
        counted(),
        &couplings,
        (SILU, Cell::Gradient),
        TransientSettings::default(),
    );
    let cold = chip.settle(&drive(&first, Visible::Clamped), None).unwrap();
    close(chip.ledger().forced_nodes_j, 1e-15 * (5.0 + 5.0));
    close(chip.clock().reset_s, 10e-9);
    chip.reset_account();
    chip.settle(&drive(&second, Visible::Clamped), Some(&cold))
        .unwrap();
    close(chip.ledger().forced_nodes_j, 1e-15 * (6.25 + 0.25));
    assert!(chip.clock().reset_s == 0.0);
}

/// An output of a resistive cell starts at a(0) = ln 2 where its leak carries nothing, and its
/// capacitor is charged to that.
#[test]
fn hidden_nodes_that_start_off_ground_are_charged() {
    let couplings = couplings::<f64>(&[1, 3], 0.5, 3);
    let mut design = counted();
    design.converters.hold_capacitance = None;
    let softplus = Activation {
        kind: ActivationKind::Softplus,
        clamp: None,
    };
    let chip = chip(
        design,
        &couplings,
        (softplus, Cell::Resistive),
        TransientSettings::default(),
    );
    let anchor = array![[1.0]];
    chip.settle(&drive(&anchor, Visible::Clamped), None)
        .unwrap();
    close(
        chip.ledger().forced_nodes_j,
        1e-15 * (1.0 + 3.0 * std::f64::consts::LN_2.powi(2)),
    );
}
