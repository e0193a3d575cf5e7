//! The gradient of mean F(data) − mean F(negatives) against differences of F, parameter by parameter.

use super::*;
use crate::contrastive::{Negatives, contrast};
use analog_substrate::{Drive, Topology, Visible};
use ndarray::ArrayView2;

/// A network with leaks of visible nodes, settled to rounding.
fn network(cell: Cell, kind: ActivationKind, sizes: &[usize]) -> (Couplings<f64>, Ideal<f64>) {
    let model = model(kind, sizes, 0.7);
    let topology = Topology::from(model.couplings.layers().clone()).with_visible_leak(true);
    let mut couplings = Couplings::zeros(topology.clone());
    (couplings.visible_bias_mut()).assign(&model.couplings.visible_bias());
    for l in 0..sizes.len() - 1 {
        let own = model.couplings.parameters(l);
        couplings.parameters_mut(l).copy_from_slice(own);
        couplings.bias_mut(l).assign(&model.couplings.bias(l));
    }
    couplings.visible_leak_mut().unwrap().fill(0.3);
    let relaxation = Relaxation {
        tolerance: 1e-12,
        max_sweeps: 20_000,
        ..Relaxation::default()
    };
    let ideal = Ideal::new(topology, model.activation, relaxation);
    (couplings, ideal.with_cell(cell).unwrap())
}

fn clamped(x: ArrayView2<'_, f64>) -> Drive<'_, f64> {
    Drive {
        anchor: x,
        visible: Visible::Clamped,
        held: None,
    }
}

#[test]
fn the_contrastive_gradient_equals_differences_of_f() {
    for (cell, kind) in nodes() {
        {
            let sizes = &[5, 4, 3];
            let (couplings, mut ideal) = network(cell, kind, sizes);
            ideal.program(&couplings).unwrap();
            let (data, negatives) = batch(sizes[0]);
            let negatives = Negatives {
                x: negatives * 0.5,
                lost: vec![false; 6],
            };
            let found = contrast(&ideal, data.view(), &negatives, &TRUST).unwrap();
            assert_eq!((found.refusal, found.left_out), (None, 0.0));
            let starts = [&data, &negatives.x].map(|x| ideal.settle(&clamped(x.view()), None));
            let starts = starts.map(Result::unwrap);
            // L at other couplings, at the minimum that is there at these.
            let mut loss = |place: usize, step: f64| {
                let mut moved = couplings.clone();
                moved.flat_mut()[place] += step;
                ideal.program(&moved).unwrap();
                let mean = |x: &Array2<f64>, from| {
                    let rest = ideal.settle(&clamped(x.view()), Some(from)).unwrap();
                    assert!(ideal.is_settled(&rest).iter().all(|&settled| settled));
                    ideal.energy(&rest).unwrap().mean().unwrap()
                };
                mean(&data, &starts[0]) - mean(&negatives.x, &starts[1])
            };
            assert!((found.energy_gap - loss(0, 0.0)).abs() < 1e-12);
            // Nodes that follow their input can pass a kink within a step.
            let step = match (cell, kind) {
                (Cell::Hopfield | Cell::Resistive, ActivationKind::HardSigmoid) => 1e-6,
                _ => 1e-4,
            };
            // Differences over a step and twice the step, extrapolated: rounding of F, 1e-14, over the step, and O(step⁴).
            let scale = largest(found.gradient.flat());
            for (place, &gradient) in found.gradient.flat().iter().enumerate() {
                let mut over = |step| (loss(place, step) - loss(place, -step)) / (2.0 * step);
                let difference = (4.0 * over(step) - over(2.0 * step)) / 3.0;
                assert!(
                    (difference - gradient).abs() <= 1e-6 * scale,
                    "{cell:?} {kind:?} {sizes:?} parameter {place}: {gradient} {difference}"
                );
            }
        }
    }
}
