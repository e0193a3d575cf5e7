//! What acceleration saves of the paper's explicit steps.
#![expect(
    clippy::print_stdout,
    reason = "`--nocapture` shows the sweeps that were counted"
)]

use super::{LAMBDA, NAMES, anderson, couplings, digits};
use analog_substrate::{Activation, Couplings, Drive, Energy, Ideal, Substrate, Visible};
use ndarray::{Array2, Axis};

#[test]
fn acceleration_saves_thirty_explicit_steps_a_sweep_and_ends_in_the_same_minimum() {
    const TOLERANCE: f64 = 1e-6;
    let path = digits(64);
    let anchor = path.anchor.mapv(f64::from);
    let drive = Drive {
        anchor: anchor.view(),
        visible: Visible::Spring { stiffness: LAMBDA },
        held: None,
    };
    for name in NAMES {
        let couplings = couplings(name);
        let mut substrate = Ideal::<f64>::new(
            couplings.layers().clone(),
            Activation::PAPER,
            anderson(TOLERANCE, 1e-4),
        );
        substrate.program(&couplings).unwrap();
        let settled = substrate.settle(&drive, None).unwrap();
        assert!(
            substrate
                .is_settled(&settled)
                .iter()
                .all(|&settled| settled)
        );
        let (steps, states) = explicit_steps(&couplings, &anchor, TOLERANCE, 5000);
        let mean = |counts: &[u32]| {
            counts.iter().map(|&n| f64::from(n)).sum::<f64>() / counts.len() as f64
        };
        // Measured on 512 samples: 39, 60, 71; who is not settled by 5,000 steps counts as 5,000.
        let saved = mean(&steps) / mean(substrate.iterations(&settled));
        println!(
            "{name}: {:.1} sweeps, {:.0} explicit steps, {saved:.0} times fewer",
            mean(substrate.iterations(&settled)),
            mean(&steps)
        );
        assert!(saved >= 30.0, "{name}: {saved}");
        let unfinished = steps.iter().filter(|&&steps| steps == 5000).count();
        assert!(unfinished <= 1, "{name}: {unfinished}");
        let energy = Energy::new(&couplings, Activation::PAPER);
        let accelerated: Vec<_> = (0..3).map(|l| settled.state(l)).collect();
        let reached = (
            energy.total(&accelerated, &drive),
            energy.total(&states, &drive),
        );
        for (sample, &steps) in steps.iter().enumerate() {
            let distances = accelerated
                .iter()
                .zip(&states)
                .flat_map(|(a, b)| &a.row(sample) - &b.row(sample));
            let distance = distances.fold(0.0_f64, |w, d| w.max(d.abs()));
            // A residual of 1e-6 over a curvature of at least 0.014; who is still on the way is above.
            let same = if steps < 5000 {
                distance < 2e-4
            } else {
                reached.1[sample] > reached.0[sample]
            };
            assert!(
                same,
                "{name} sample {sample}: {distance:e} after {steps} steps"
            );
        }
    }
}

/// Explicit steps of 0.1 until each sample's residual is within `tolerance`, and the states then.
fn explicit_steps(
    couplings: &Couplings<f64>,
    anchor: &Array2<f64>,
    tolerance: f64,
    limit: u32,
) -> (Vec<u32>, Vec<Array2<f64>>) {
    let energy = Energy::new(couplings, Activation::PAPER);
    let batch = anchor.nrows();
    let sizes = couplings.layers().sizes();
    let mut result: Vec<_> = sizes.iter().map(|&n| Array2::zeros((batch, n))).collect();
    let mut steps = vec![limit; batch];
    let mut left: Vec<usize> = (0..batch).collect();
    let mut state = result.clone();
    state[0].assign(anchor);
    for step in 0..=limit {
        let anchor = anchor.select(Axis(0), &left);
        let drive = Drive {
            anchor: anchor.view(),
            visible: Visible::Spring { stiffness: LAMBDA },
            held: None,
        };
        let gradient = energy.gradient(&state, &drive);
        let residual = |row: usize| {
            gradient
                .iter()
                .flat_map(|g| g.row(row).to_vec())
                .fold(0.0_f64, |w, g| w.max(g.abs()))
        };
        let (mut going, mut kept) = (vec![], vec![]);
        for (row, &sample) in left.iter().enumerate() {
            if residual(row) <= tolerance || step == limit {
                steps[sample] = step;
                for (result, state) in result.iter_mut().zip(&state) {
                    result.row_mut(sample).assign(&state.row(row));
                }
            } else {
                going.push(row);
                kept.push(sample);
            }
        }
        state = state
            .iter()
            .zip(&gradient)
            .map(|(s, g)| (s - &(g * 0.1)).select(Axis(0), &going))
            .collect();
        left = kept;
        if left.is_empty() {
            break;
        }
    }
    (steps, result)
}
