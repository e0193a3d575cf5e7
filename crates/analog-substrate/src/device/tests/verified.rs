use super::super::{Device, Draws, Effects, Programmed, Verify};
use super::load;
use crate::random::{Purpose, stream};
use proptest::prelude::*;

fn verified(device: &Device, targets: &[f64], effects: Effects, verify: Verify) -> Programmed {
    device.program_verified(
        targets,
        &effects,
        &verify,
        Draws {
            fabrication: stream(2, Purpose::Fabrication, 0, 0),
            programming: stream(3, Purpose::Programming, 0, 0),
            repeats: stream(4, Purpose::Verification, 0, 0),
        },
    )
}

/// erf by its Maclaurin series (Abramowitz & Stegun 7.1.5): exact to rounding for |x| below 3.
fn erf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..80 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * std::f64::consts::FRAC_2_SQRT_PI
}

/// A device that takes its level at once needs a geometric number of writes: acceptance is the normal
/// probability of an error within tolerance. Errors that are left are those of a cut normal.
#[test]
fn the_number_of_writes_is_geometric() {
    let device = load("pcm");
    let n = 50_000;
    let verify = Verify {
        tolerance: 0.01,
        most_pulses: 1000,
    };
    let made = verified(&device, &vec![12.5e-6; n], Effects::ALL, verify);
    // 0.25 uS at sigma = 0.953 uS.
    let p = erf(0.25 / 0.952_705 / 2.0_f64.sqrt());
    let pulses: f64 = made.pulses.iter().copied().map(f64::from).sum();
    let mean = pulses / n as f64;
    // The deviation of a geometric number is √(1 − p)/p; five standard errors.
    let error = (1.0 - p).sqrt() / p / (n as f64).sqrt();
    assert!((mean - 1.0 / p).abs() < 5.0 * error, "{mean} {}", 1.0 / p);
    assert_eq!(made.exhausted, 0);
    let sixth = made.pulses.iter().filter(|pulses| **pulses > 6).count() as f64 / n as f64;
    let expected = (1.0 - p).powi(6);
    assert!(
        (sixth - expected).abs() < 5.0 * (expected / n as f64).sqrt(),
        "{sixth}"
    );
    assert!(
        made.achieved
            .iter()
            .all(|g| (g - 12.5e-6).abs() <= 0.25e-6 * (1.0 + 1e-9))
    );
}

/// With few pulses some run out: as many as the geometric law says.
#[test]
fn devices_run_out_of_pulses_as_often_as_they_should() {
    let device = load("pcm");
    let n = 50_000;
    let verify = Verify {
        tolerance: 0.01,
        most_pulses: 5,
    };
    let made = verified(&device, &vec![12.5e-6; n], Effects::ALL, verify);
    let p = erf(0.25 / 0.952_705 / 2.0_f64.sqrt());
    let (share, expected) = (made.exhausted as f64 / n as f64, (1.0 - p).powi(5));
    assert!(
        (share - expected).abs() < 5.0 * (expected / n as f64).sqrt(),
        "{share} {expected}"
    );
    assert!(made.pulses.iter().all(|pulses| (1..=5).contains(pulses)));
}

/// A tolerance that every error meets changes nothing, bit for bit.
#[test]
fn a_tolerance_that_is_met_leaves_one_write() {
    let targets: Vec<f64> = (0..500).map(|k| 50e-9 * f64::from(k)).collect();
    for device in Device::shipped().expect("shipped devices") {
        if device.pulses.is_some() {
            continue;
        }
        let verify = Verify {
            tolerance: 10.0,
            most_pulses: 9,
        };
        let made = verified(&device, &targets, Effects::ALL, verify);
        let once = device.program(
            &targets,
            &Effects::ALL,
            &mut stream(2, Purpose::Fabrication, 0, 0),
            &mut stream(3, Purpose::Programming, 0, 0),
        );
        assert_eq!(made, once, "{}", device.name());
        assert!(made.pulses.iter().all(|pulses| *pulses == 1));
    }
}

/// Led without noise and with steps of its own, a device takes the number of pulses that its curve
/// says, and ends within half a step.
#[test]
fn a_device_is_led_by_the_pulses_of_its_curve() {
    let device = load("ecram");
    let (min, max) = device.conductance_range();
    let targets: Vec<f64> = (1..=9)
        .map(|k| min + 0.1 * f64::from(k) * (max - min))
        .collect();
    let verify = Verify {
        tolerance: 0.0006,
        most_pulses: 3000,
    };
    let made = verified(&device, &targets, Effects::NONE, verify);
    assert_eq!(made.exhausted, 0);
    for (i, share) in (1..=9).map(|k| 0.1 * f64::from(k)).enumerate() {
        let c = 0.200_754_433_f64;
        let needed = -1020.0 / c * (1.0 - share * (1.0 - (-c).exp())).ln();
        assert!(
            (f64::from(made.pulses[i]) - needed).abs() <= 1.0,
            "{share}: {needed}"
        );
    }
    // Steps that differ by 10 % from device to device take other numbers of pulses to the same levels.
    let slow = verified(
        &device.with_device_variation(0.1),
        &targets,
        Effects {
            device_variation: true,
            ..Effects::NONE
        },
        Verify {
            tolerance: 0.001,
            ..verify
        },
    );
    assert_eq!(slow.exhausted, 0);
    assert_ne!(slow.pulses, made.pulses);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What has not run out of pulses is within tolerance of its level, of every preset.
    #[test]
    fn what_has_pulses_left_is_within_tolerance(
        which in 0..super::super::shipped::SHIPPED.len(), tolerance in 2e-3..0.1, most_pulses in 1_u32..400,
        variation in 0.0..0.2
    ) {
        let device = Device::load(super::super::shipped::SHIPPED[which].0).unwrap();
        let device = device.with_stuck(0.05, 0.05).with_device_variation(variation);
        let (min, max) = device.conductance_range();
        let targets: Vec<f64> = (0..60).map(|k| min + f64::from(k) / 59.0 * (max - min)).collect();
        let made = verified(&device, &targets, Effects::ALL, Verify { tolerance, most_pulses });
        let mut out = 0;
        for i in 0..60 {
            let error = (made.achieved[i] - made.levels[i]).abs();
            prop_assert!(made.pulses[i] <= most_pulses);
            if error > tolerance * (max - min) * (1.0 + 1e-9) {
                out += 1;
                prop_assert_eq!(made.pulses[i], most_pulses);
            }
        }
        prop_assert_eq!(out, made.exhausted);
    }
}
