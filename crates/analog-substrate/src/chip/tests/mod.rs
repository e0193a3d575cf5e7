//! The chip against exact solutions, physical laws, and the ideal substrate.

mod account;
mod confinement;
mod held;
mod leak;
pub(super) mod ledger;
mod noise;
mod runaway;
mod settling;
mod stiff;
pub(super) mod transients;

use super::{Chip, ChipParts, Design, Die, Distributed, Instance, Network, TransientSettings};
use crate::Scalar;
use crate::{
    Activation, ActivationKind, Cell, Couplings, Drive, Layers, Visible,
    random::{Purpose, stream},
};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};

const LAMBDA: f64 = 15.0;
const SPRING: Visible = Visible::Spring { stiffness: LAMBDA };

fn layers(sizes: &[usize]) -> Layers {
    Layers::new(sizes.to_vec()).unwrap()
}

fn normals<R: Scalar>(seed: u64, rows: usize, columns: usize, scale: f64) -> Array2<R> {
    let mut generator = stream(seed, Purpose::Check, 0, 0);
    Array2::from_shape_simple_fn((rows, columns), || {
        let z: f64 = StandardNormal.sample(&mut generator);
        R::from_f64(scale * z)
    })
}

/// Xavier-normal couplings with random biases: as a network is before training, and livelier.
fn couplings<R: Scalar>(sizes: &[usize], gain: f64, seed: u64) -> Couplings<R> {
    let layers = layers(sizes);
    let mut couplings = Couplings::zeros(layers.clone());
    for l in 0..layers.hidden() {
        let (rows, columns) = (sizes[l + 1], sizes[l]);
        let scale = gain * (2.0 / (rows + columns) as f64).sqrt();
        let weights = normals(seed + l as u64, rows, columns, scale);
        couplings.weight_mut(l).assign(&weights);
        let biases: Array2<R> = normals(seed + 10 + l as u64, 1, rows, 0.1);
        couplings.bias_mut(l).assign(&biases.row(0));
    }
    couplings
}

const SILU: Activation = Activation::PAPER;
const TANH: Activation = Activation {
    kind: ActivationKind::Tanh,
    clamp: None,
};
const IDENTITY: Activation = Activation {
    kind: ActivationKind::Identity,
    clamp: None,
};

fn chip<R: Scalar>(
    design: Design,
    couplings: &Couplings<R>,
    nature: (Activation, Cell),
    settings: TransientSettings,
) -> Chip<R> {
    let instance = Instance::nominal(&design, couplings.layers());
    Chip::new(ChipParts {
        design,
        instance,
        network: Network {
            couplings: couplings.clone(),
            activation: nature.0,
            cell: nature.1,
        },
        settings,
        noise_seed: 5,
    })
    .unwrap()
}

/// The reference design at 300 K, thermal noise of every conductor on.
fn noisy() -> Design {
    let mut design = Design::ideal();
    design.environment.thermal_noise = true;
    design
}

fn drive<R>(anchor: &Array2<R>, visible: Visible) -> Drive<'_, R> {
    Drive {
        anchor: anchor.view(),
        visible,
        held: None,
    }
}

#[test]
fn one_imperfection_does_not_change_the_draws_of_another() {
    let layers = layers(&[3, 4]);
    let spread = |sigma| Distributed {
        sigma,
        ..Distributed::exact(100e-15)
    };
    let mut design = Design::ideal();
    design.node.capacitance = spread(1e-15);
    let one = Instance::draw(&design, &layers, Die { seed: 3, number: 7 });
    design.activation.offset.sigma = 1e-3;
    let two = Instance::draw(&design, &layers, Die { seed: 3, number: 7 });
    assert_eq!(one.capacitance, two.capacitance);
    assert_ne!(one.offset, two.offset);
    assert_eq!(one.offset[0], [0.0; 3]);
    assert_ne!(
        one,
        Instance::draw(&design, &layers, Die { seed: 3, number: 8 })
    );
    assert_eq!(
        Instance::draw(&Design::ideal(), &layers, Die { seed: 3, number: 7 }),
        Instance {
            devices: Some(Die { seed: 3, number: 7 }),
            ..Instance::nominal(&Design::ideal(), &layers)
        }
    );
}

/// Every cell, with an activation that it can have.
pub(super) const NATURES: [(Activation, Cell); 3] = [
    (SILU, Cell::Gradient),
    (SILU, Cell::Hopfield),
    (TANH, Cell::Resistive),
];
