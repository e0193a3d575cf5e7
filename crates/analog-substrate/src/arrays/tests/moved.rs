//! Devices that updates move.

use super::*;
use crate::{Substrate as _, device::Stuck};

const RANGE_SHARE: f64 = 1e-12;

pub(super) fn other_couplings() -> Couplings<f64> {
    let mut other = couplings();
    let count = other.flat().len() as f64;
    for (i, value) in other.flat_mut().iter_mut().enumerate() {
        *value = 0.7 * *value + 0.1 * (i as f64 / count - 0.5);
    }
    other
}

pub(super) fn faulty() -> ArrayDesign {
    let mut design = design();
    design.effects = Effects {
        programming_noise: true,
        stuck: true,
        ..Effects::NONE
    };
    design.device = design.device.with_stuck(0.02, 0.03);
    design
}

#[test]
fn exact_devices_are_moved_to_where_they_would_be_programmed() {
    let mut design = design();
    design.scale = Some(1e-5);
    let moved = design
        .program(&couplings(), None, 1.0)
        .moved_to(&other_couplings(), &design);
    let programmed = design.program(&other_couplings(), None, 1.0);
    for (moved, programmed) in moved.arrays.iter().zip(&programmed.arrays) {
        for (moved, programmed) in [
            (&moved.plus, &programmed.plus),
            (&moved.minus, &programmed.minus),
        ] {
            assert_eq!(moved.asked, programmed.asked);
            let apart = &moved.achieved - &programmed.achieved;
            let most = design.device.conductance_range().1;
            assert!(apart.iter().all(|g| g.abs() < RANGE_SHARE * most));
        }
    }
}

#[test]
fn a_device_keeps_its_error_and_a_stuck_one_its_place() {
    let design = faulty();
    let (least, most) = design.device.conductance_range();
    let before = design.program(&couplings(), Some(FIRST), 1.5);
    let after = before.moved_to(&other_couplings(), &design);
    assert!(before.devices_asked_anew(&after) > 0);
    assert_eq!(
        before.devices_asked_anew(&before.moved_to(&couplings(), &design)),
        0
    );
    assert_eq!(before, before.moved_to(&couplings(), &design));
    let (mut stuck, mut moved) = (0, 0);
    for (before, after) in before.arrays.iter().zip(&after.arrays) {
        assert_eq!(before.scale.to_bits(), after.scale.to_bits());
        for (before, after) in [(&before.plus, &after.plus), (&before.minus, &after.minus)] {
            for (place, &kind) in before.stuck.indexed_iter() {
                let (g, now) = (before.achieved[place], after.achieved[place]);
                if kind != Stuck::Free {
                    assert_eq!(g.to_bits(), now.to_bits());
                    stuck += 1;
                    continue;
                }
                // Whatever a device is at, it is as far from what is asked of it within its range as before.
                let error =
                    |map: &super::super::Bank, g: f64| g - map.asked[place].clamp(least, most);
                let (then, later) = (error(before, g), error(after, now));
                assert!(
                    (then - later).abs() < RANGE_SHARE * most || now == 0.0,
                    "{then:e} {later:e}"
                );
                moved += usize::from(g.to_bits() != now.to_bits());
            }
        }
    }
    assert!(stuck > 50 && moved > 1000, "{stuck} {moved}");
}

/// With headroom h the largest weight takes 1/h of the range, and one h times as large all of it.
#[test]
fn headroom_is_room_to_grow() {
    let design = design();
    let (least, most) = design.device.conductance_range();
    let map = design.program(&couplings(), None, 2.0);
    let double = {
        let mut double = couplings();
        double.flat_mut().iter_mut().for_each(|w| *w *= 2.0);
        map.moved_to(&double, &design)
    };
    let beyond = double.moved_to(
        &{
            let mut triple = couplings();
            triple.flat_mut().iter_mut().for_each(|w| *w *= 3.0);
            triple
        },
        &design,
    );
    for array in &beyond.arrays {
        let mut asked = array.plus.asked.iter().chain(&array.minus.asked);
        assert!(array.clipped() > 0 && asked.all(|g| (least..=most).contains(g)));
        assert!(array.rms_error() < 1e-12 * most);
    }
    for (map, double) in map.arrays.iter().zip(&double.arrays) {
        let largest = |array: &super::super::ArrayMap| {
            let banks = array.plus.achieved.iter().chain(&array.minus.achieved);
            banks.fold(0.0_f64, |most, g| most.max(*g)) - least
        };
        assert!((largest(map) / (most - least) - 0.5).abs() < 1e-9);
        assert!((largest(double) / (most - least) - 1.0).abs() < 1e-9);
        assert_eq!(double.clipped(), 0);
    }
}

pub(super) fn chip(couplings: &Couplings<f64>, arrays: Option<ArrayDesign>) -> Chip<f64> {
    let design = Design {
        arrays,
        ..Design::ideal()
    };
    let instance = Instance::draw(&design, couplings.layers(), Die { seed: 7, number: 3 });
    Chip::new(ChipParts {
        design,
        instance,
        network: Network {
            couplings: couplings.clone(),
            activation: Activation {
                kind: ActivationKind::Tanh,
                clamp: None,
            },
            cell: Cell::Gradient,
        },
        settings: TransientSettings::default(),
        noise_seed: 1,
    })
    .unwrap()
}

#[test]
fn a_chip_that_learns_is_programmed_once() {
    let (first, second) = (couplings(), other_couplings());
    let mut usual = chip(&first, Some(faulty()));
    let mut learning = chip(&first, Some(faulty())).learning(1.0).unwrap();
    assert_eq!(usual.conductances(), learning.conductances());
    let begun = learning.conductances().unwrap();
    for chip in [&mut usual, &mut learning] {
        chip.program(&second).unwrap();
        chip.program(&first).unwrap();
    }
    assert_eq!(learning.conductances().unwrap(), begun);
    assert_ne!(usual.conductances().unwrap(), begun);
    assert!(learning.moves() > 0 && usual.moves() == 0);
    // Without devices there is nothing to move.
    let mut exact = chip(&first, None).learning(1.0).unwrap();
    exact.program(&second).unwrap();
    assert_eq!(exact.moves(), 0);
    assert_eq!(exact.present_couplings().unwrap()[0], second);
    assert!(chip(&first, None).learning(0.5).is_err());
    assert!(chip(&first, None).learning(f64::NAN).is_err());
}
