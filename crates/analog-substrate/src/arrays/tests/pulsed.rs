//! Updates that are written by pulses, or by programming anew.

use super::{moved::*, *};
use crate::{
    Substrate as _,
    device::{StepLaw, Steps, Stuck},
};

const LEAST_TIME: f64 = 100e-9;
const ENERGY: f64 = 2e-12;

fn steps(count: u32) -> Steps {
    Steps {
        law: StepLaw::Constant,
        count,
        asymmetry: 0.0,
        cycle: 0.0,
        variation: 0.0,
    }
}

fn with(update: Update) -> ArrayDesign {
    let mut design = faulty();
    design.device = design.device.with_programming_noise(0.02);
    design.update = update;
    design.pulse = Pulse {
        time: Some(LEAST_TIME),
        energy: Some(ENERGY),
    };
    design
}

/// Couplings on a straight way from the first to the second.
fn between(share: f64) -> Couplings<f64> {
    let mut couplings = couplings();
    for (to, other) in couplings
        .flat_mut()
        .iter_mut()
        .zip(other_couplings().flat())
    {
        *to += share * (other - *to);
    }
    couplings
}

fn learned(design: ArrayDesign, updates: u32) -> Chip<f64> {
    let mut chip = chip(&couplings(), Some(design)).learning(1.5).unwrap();
    for update in 1..=updates {
        let share = f64::from(update) / f64::from(updates);
        chip.program(&between(share)).unwrap();
    }
    chip
}

/// Conductances that devices which are not stuck achieved, S.
fn achieved(chip: &Chip<f64>) -> Vec<f64> {
    let map = chip.conductances().unwrap();
    let banks = map
        .arrays
        .iter()
        .flat_map(|array| [&array.plus, &array.minus]);
    let free = banks.flat_map(|bank| {
        let devices = bank.achieved.iter().zip(&bank.stuck);
        devices
            .filter(|(_, stuck)| **stuck == Stuck::Free)
            .map(|(g, _)| *g)
    });
    free.collect()
}

/// Largest distance between the devices of two chips, as a share of the range.
fn apart(one: &Chip<f64>, other: &Chip<f64>) -> f64 {
    let (least, most) = design().device.conductance_range();
    let pairs = achieved(one).into_iter().zip(achieved(other));
    pairs.fold(0.0_f64, |far, (a, b)| far.max((a - b).abs())) / (most - least)
}

/// The limit of many states is the exact update, by chance and by accumulation alike, but for devices that noise has put beyond the range.
#[test]
fn many_states_are_the_exact_update() {
    let exact = learned(with(Update::Exact), 3);
    assert_eq!(exact.updating(), None);
    let mut last = f64::INFINITY;
    for count in [100, 10_000, 1_000_000] {
        let mut design = with(Update::Pulses(steps(count)));
        design.effects.programming_noise = false;
        let mut of_exact = design.clone();
        of_exact.update = Update::Exact;
        let (pulsed, exact) = (learned(design, 3), learned(of_exact, 3));
        let found = apart(&pulsed, &exact);
        // Three roundings, each by less than a step.
        assert!(
            found > 0.0 && found < 3.0 / f64::from(count),
            "{count}: {found:e}"
        );
        assert!(found < last);
        last = found;
    }
}

/// What an accumulator owes is less than a pulse, however many updates there were; rounding by chance walks at random.
#[test]
fn an_accumulator_is_never_a_step_behind() {
    let clean = |update| {
        let mut design = with(update);
        design.effects.programming_noise = false;
        design
    };
    let exact = learned(clean(Update::Exact), 40);
    let saved = learned(clean(Update::MixedPrecision(steps(50))), 40);
    let found = apart(&exact, &saved);
    assert!(found < 1.0 / 50.0 + 1e-9, "{found}");
    let by_chance = learned(clean(Update::Pulses(steps(50))), 40);
    assert!(apart(&exact, &by_chance) > 1.0 / 50.0);
    // On average both are where they should be.
    let mean = |chip: &Chip<f64>| {
        let all = achieved(chip);
        all.iter().sum::<f64>() / all.len() as f64
    };
    let (least, most) = design().device.conductance_range();
    let error = (mean(&by_chance) - mean(&exact)).abs() / (most - least);
    assert!(error < 2e-3, "{error}");
}

#[test]
fn stuck_devices_get_no_pulses_and_what_is_asked_again_moves_nothing() {
    let mut chip = learned(with(Update::Pulses(steps(1000))), 1);
    let (map, took) = (chip.conductances().unwrap(), chip.updating().unwrap());
    chip.program(&between(1.0)).unwrap();
    assert_eq!(chip.conductances().unwrap(), map);
    assert_eq!(chip.updating().unwrap(), took);
    let first = super::moved::chip(&couplings(), Some(with(Update::Exact)))
        .learning(1.5)
        .unwrap();
    for (before, after) in first.conductances().unwrap().arrays.iter().zip(&map.arrays) {
        for (before, after) in [(&before.plus, &after.plus), (&before.minus, &after.minus)] {
            for (place, &stuck) in before.stuck.indexed_iter() {
                let same = before.achieved[place].to_bits() == after.achieved[place].to_bits();
                assert!(stuck == Stuck::Free || same);
            }
        }
    }
}

/// One after another, or a row at a time: the same pulses and energy in less time.
#[test]
fn rows_take_less_time_for_the_same_pulses() {
    let mut design = with(Update::Pulses(steps(1000)));
    let serial = learned(design.clone(), 2).updating().unwrap();
    design.order = Order::Rows;
    let rows = learned(design, 2).updating().unwrap();
    assert_eq!((serial.pulses, serial.most), (rows.pulses, rows.most));
    let [in_series, by_rows] = [serial, rows].map(|took| took.seconds.unwrap());
    assert!((in_series / (serial.pulses as f64 * LEAST_TIME) - 1.0).abs() < 1e-9);
    assert!(by_rows < 0.5 * in_series && by_rows > 0.0);
    assert!((serial.joules.unwrap() / (serial.pulses as f64 * ENERGY) - 1.0).abs() < 1e-9);
}

/// A chip that goes on from its memory has the same devices, and the next update does the same to them.
#[test]
fn a_pulsed_chip_goes_on_from_its_memory() {
    let noisy = Steps {
        asymmetry: 0.01,
        cycle: 0.3,
        variation: 0.2,
        ..steps(300)
    };
    let updates = [
        Update::Pulses(noisy.clone()),
        Update::MixedPrecision(noisy),
        Update::Rewrite,
    ];
    for update in updates {
        let mut chip = learned(with(update.clone()), 3);
        let mut other = super::moved::chip(&couplings(), Some(with(update)))
            .learning(1.5)
            .unwrap();
        other.recall(chip.memory()).unwrap();
        assert_eq!(chip.conductances(), other.conductances());
        for chip in [&mut chip, &mut other] {
            chip.program(&between(0.4)).unwrap();
        }
        assert_eq!(chip.conductances(), other.conductances());
        assert_eq!(chip.memory(), other.memory());
    }
    // What is remembered of pulses is of no use to a chip that has none.
    let mut exact = super::moved::chip(&couplings(), Some(with(Update::Exact)))
        .learning(1.5)
        .unwrap();
    let pulsed = learned(with(Update::Pulses(steps(300))), 1);
    assert!(exact.recall(pulsed.memory()).is_err());
}

/// Devices that are written anew have errors of their own each time, and the scale of the first time.
#[test]
fn rewriting_draws_new_errors_at_the_same_scale() {
    let rewritten = learned(with(Update::Rewrite), 1);
    let exact = learned(with(Update::Exact), 1);
    let far = apart(&rewritten, &exact);
    assert!(far > 1e-3, "{far}");
    let maps = [&rewritten, &exact].map(|chip| chip.conductances().unwrap());
    for (one, other) in maps[0].arrays.iter().zip(&maps[1].arrays) {
        assert_eq!(one.scale.to_bits(), other.scale.to_bits());
        assert_eq!(
            one.plus.asked.mapv(|g| g as f32),
            other.plus.asked.mapv(|g| g as f32)
        );
        assert_eq!(one.plus.stuck, other.plus.stuck);
    }
    let took = rewritten.updating().unwrap();
    let devices: usize = maps[0]
        .arrays
        .iter()
        .map(|array| 2 * array.plus.asked.len())
        .sum();
    assert_eq!(took.pulses, devices as u64);
}

/// Soft bounds hold devices within the range; a constant step runs into its ends.
#[test]
fn pulses_do_not_leave_the_range() {
    for law in [StepLaw::Constant, StepLaw::Linear { slope: 1.0 }] {
        let mut design = with(Update::Pulses(Steps {
            law,
            cycle: 1.0,
            ..steps(20)
        }));
        design.effects.programming_noise = false;
        let (least, most) = design.device.conductance_range();
        let chip = learned(design, 30);
        let far = 1e-9 * most;
        assert!(
            achieved(&chip)
                .iter()
                .all(|g| (least - far..=most + far).contains(g))
        );
    }
}
