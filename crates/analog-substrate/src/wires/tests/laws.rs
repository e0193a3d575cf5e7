//! Laws of passive networks, for any devices and wires.

use super::{READS, Read, Sense, Wires, difference, effective, nodal::Nodal, reduce, wires};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

/// Missing, or 1 nS to 10 mS on a logarithmic scale.
fn siemens() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 4 => (-9.0..-2.0_f64).prop_map(|x| 10_f64.powf(x))]
}

/// Ideal, or 1 mΩ to 1 kΩ.
fn ohms() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 3 => (-3.0..3.0_f64).prop_map(|x| 10_f64.powf(x))]
}

fn crossbar() -> impl Strategy<Value = (Array2<f64>, Wires)> {
    let array = (1..9_usize, 1..9_usize).prop_flat_map(|(rows, columns)| {
        proptest::collection::vec(siemens(), rows * columns)
            .prop_map(move |g| Array2::from_shape_vec((rows, columns), g).expect("a full array"))
    });
    (array, [ohms(), ohms(), ohms(), ohms()]).prop_map(|(g, resistances)| (g, wires(resistances)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_crossbar_equals_its_full_nodal_solution((g, wires) in crossbar()) {
        for read in READS {
            let found = effective(&g, &wires, read, Sense::VirtualGround);
            let nodal = Nodal::new(&g, &wires, read, Sense::VirtualGround).conductances();
            if nodal.iter().any(|&siemens| siemens != 0.0) {
                prop_assert!(difference(&found, &nodal) < 1e-9);
            }
        }
    }

    /// No current is negative, and no driver or amplifier sees more than ideal wires would let through.
    #[test]
    fn wires_only_take((g, wires) in crossbar()) {
        let found = effective(&g, &wires, Read::Forward, Sense::VirtualGround);
        prop_assert!(found.iter().all(|&siemens| siemens >= 0.0));
        for axis in [Axis(0), Axis(1)] {
            let (with, without) = (found.t().sum_axis(axis), g.sum_axis(axis));
            for (with, without) in with.iter().zip(&without) {
                prop_assert!(*with <= without * (1.0 + 1e-12));
            }
        }
    }

    /// Driven and sensed at the same ends into virtual grounds, directions are each other's transpose.
    #[test]
    fn directions_are_reciprocal((g, wires) in crossbar()) {
        let forward = reduce(g.view(), &wires, Read::Forward, Sense::VirtualGround).unwrap();
        let backward = reduce(g.view(), &wires, Read::Backward, Sense::VirtualGround).unwrap();
        for (f, b) in forward.transfer.t().iter().zip(&backward.transfer) {
            prop_assert!((f - b).abs() <= 1e-9 * f.abs());
        }
        let input = &forward.input;
        for (a, b) in input.iter().zip(input.t()) {
            prop_assert!((a - b).abs() <= 1e-9 * a.abs());
        }
    }

    /// More resistance, less power at equal voltages (Rayleigh's monotonicity law).
    #[test]
    fn more_resistance_takes_less_power(
        (g, wires) in crossbar(), which in 0..4_usize, more in 1e-3..1e3_f64, phase in 0.0..6.0_f64,
    ) {
        let mut worse = wires;
        *[
            &mut worse.row_segment,
            &mut worse.column_segment,
            &mut worse.row_terminal,
            &mut worse.column_terminal,
        ][which] += more;
        let power = |wires: &Wires| {
            let input = reduce(g.view(), wires, Read::Forward, Sense::VirtualGround).unwrap().input;
            let volts = ndarray::Array1::from_shape_fn(g.nrows(), |i| (phase + i as f64).sin());
            volts.dot(&input.dot(&volts))
        };
        let most = g.sum();
        prop_assert!(power(&worse) <= power(&wires) + 1e-12 * most);
    }
}
