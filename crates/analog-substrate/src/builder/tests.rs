//! Chips by name, and chips made afresh.

use super::*;
use crate::{
    Activation, Cell, Couplings, Drive, Layers, Substrate as _, Visible,
    random::{Purpose, stream},
};
use ndarray::Array2;
use rand_distr::{Distribution, StandardNormal};

fn normals(purpose: Purpose, count: usize, scale: f32) -> Vec<f32> {
    let mut generator = stream(3, purpose, 0, 0);
    (0..count)
        .map(|_| {
            let z: f32 = StandardNormal.sample(&mut generator);
            scale * z
        })
        .collect()
}

fn network() -> Network<f32> {
    let layers = Layers::new(vec![4, 8, 6]).unwrap();
    let values = normals(Purpose::Weights, layers.parameters(), 0.3);
    Network {
        couplings: Couplings::from_flat(layers, values).unwrap(),
        activation: Activation::PAPER,
        cell: Cell::Gradient,
    }
}

/// States at rest, and what the relaxation cost.
fn relaxed(chip: &Chip<f32>) -> (Array2<f32>, String) {
    let anchor = Array2::from_shape_vec((5, 4), normals(Purpose::Check, 20, 1.0)).unwrap();
    let drive = Drive {
        anchor: anchor.view(),
        visible: Visible::Spring { stiffness: 15.0 },
        held: None,
    };
    let rest = chip.settle(&drive, None).unwrap();
    (
        rest.state(2),
        format!("{:?} {:?}", chip.clock(), chip.ledger()),
    )
}

#[test]
fn a_builder_makes_the_chip_that_its_parts_make() {
    let mut spec = Spec::load("D3").unwrap();
    spec.override_with(&["device=pcm", "node.capacitance=50 fF"])
        .unwrap();
    let (design, network) = (spec.design(), network());
    let die = Die { seed: 4, number: 2 };
    let parts = ChipParts {
        instance: Instance::draw(&design, network.couplings.layers(), die),
        settings: TransientSettings {
            duration: Duration::Seconds(1e-7).time_constants(&design),
            ..TransientSettings::default()
        },
        design,
        network: network.clone(),
        noise_seed: 7,
    };
    let builder = Chip::builder("D3")
        .set("device", "pcm")
        .set("node.capacitance", "50 fF");
    let asked = |builder: ChipBuilder| {
        builder
            .seed(4)
            .number(2)
            .noise_seed(7)
            .settle(Duration::Seconds(1e-7))
            .program(network.clone())
            .unwrap()
    };
    let expected = relaxed(&Chip::new(parts).unwrap());
    assert_eq!(relaxed(&asked(builder.clone())), expected);
    assert_eq!(relaxed(&asked(ChipBuilder::from(spec))), expected);
    let other = builder.seed(5).program(network).unwrap();
    assert_ne!(relaxed(&other).0, expected.0);
}

/// Whatever a chip did before, afresh it does what it did at first; programmed again, it has other devices.
#[test]
fn a_chip_afresh_has_done_nothing_yet() {
    let mut chip = Chip::builder("D3-PCM")
        .noise_seed(1)
        .program(network())
        .unwrap();
    let settings = *chip.settings();
    let first = relaxed(&chip);
    assert_ne!(relaxed(&chip), first, "noise goes on");
    assert_eq!(relaxed(&chip.afresh(settings, 1).unwrap()), first);
    assert_ne!(relaxed(&chip.afresh(settings, 2).unwrap()).0, first.0);
    let map = chip.conductances();
    chip.program(&network().couplings).unwrap();
    assert_ne!(chip.conductances(), map);
    assert_eq!(
        chip.afresh(settings, 1).unwrap().conductances(),
        chip.conductances()
    );
}

#[test]
fn what_cannot_be_built_says_why() {
    let message = |builder: ChipBuilder| builder.program(network()).unwrap_err().to_string();
    assert!(message(Chip::builder("D7")).contains("D7"));
    let wrong = message(Chip::builder("D3").set("node.capacitanse", "50 fF"));
    assert!(wrong.contains("node.capacitance"), "{wrong}");
    let error = Chip::builder("D1-Kendall").program(network());
    assert!(matches!(
        error,
        Err(ChipBuildError::Chip(ChipError::OtherCell { .. }))
    ));
    let settings = TransientSettings {
        step: 0.0,
        ..TransientSettings::default()
    };
    let error = Chip::builder("D3").transients(settings).program(network());
    assert!(matches!(
        error,
        Err(ChipBuildError::Chip(ChipError::NotPositive {
            value: 0.0,
            ..
        }))
    ));
}
