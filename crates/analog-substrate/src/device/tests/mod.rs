mod laws;
mod malformed;
mod phase_change;
mod presets;
mod verified;

use super::{Device, DeviceError, Effects, ReadNoise, Stuck};
use crate::random::{Purpose, stream};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (
        mean,
        (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt(),
    )
}

fn load(name: &str) -> Device {
    Device::load(name).expect(name)
}

#[test]
fn two_fits_of_phase_change_memory_agree_within_4_percent() {
    let (one, other) = (load("PCM"), load("pcm-joshi"));
    for step in 0..=90 {
        let g = 2.5e-6 + 0.25e-6 * f64::from(step);
        let ratio = one.programming_sigma(g) / other.programming_sigma(g);
        assert!((ratio - 1.0).abs() < 0.04, "{g}: {ratio}");
    }
}

#[test]
fn a_population_has_the_spread_of_its_laws() {
    let device = load("pcm");
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    let made = device.program(
        &vec![12.5e-6; 100_000],
        &Effects::ALL,
        &mut stream(2, Purpose::Fabrication, 0, 0),
        &mut generator,
    );
    let (mean, sd) = moments(&made.achieved);
    assert!((mean - 12.5e-6).abs() < 5.0 * 0.953e-6 / 316.0, "{mean}");
    assert!((sd / 0.953e-6 - 1.0).abs() < 0.015, "{sd}");
    let (mean, sd) = moments(&made.aging);
    assert!(
        (mean - 0.049).abs() < 2e-4 && (sd - 0.008).abs() < 2e-4,
        "{mean} {sd}"
    );
    let hour = device.after(&made, 3600.0, &Effects::ALL).expect("a time");
    let expected = made.achieved[7] * 180_f64.powf(-made.aging[7]);
    assert!((hour[7] / expected - 1.0).abs() < 1e-12);
}

#[test]
fn reading_noise_is_stationary_and_correlated() {
    let device = load("pcm");
    let mut generator = ChaCha8Rng::seed_from_u64(2);
    let g = vec![12.5e-6; 20_000];
    let mut state = ReadNoise::new(&device, &g, 20.0, &Effects::ALL, &mut generator);
    let first = device.read(&g, &mut state, 0.0, &mut generator);
    let soon = device.read(&g, &mut state, 1e-3, &mut generator);
    let (mean, sd) = moments(&first);
    assert!((sd / 12.5e-6 / device.read_noise_share(12.5e-6, 20.0) - 1.0).abs() < 0.03);
    let (other, other_sd) = moments(&soon);
    let products = first
        .iter()
        .zip(&soon)
        .map(|(a, b)| (a - mean) * (b - other));
    let correlation = products.sum::<f64>() / g.len() as f64 / (sd * other_sd);
    // 1/f noise forgets evenly per decade: what is slower than 1 ms of 2.5e-7 s … 20 s is left.
    let expected = (20.0_f64 / 1e-3).ln() / (20.0_f64 / 5e-7).ln();
    assert!(
        (correlation - expected).abs() < 0.06,
        "{correlation} {expected}"
    );
}

#[test]
fn an_effect_that_is_off_leaves_no_trace() {
    let targets: Vec<f64> = (0..200).map(|k| f64::from(k) * 0.12e-6).collect();
    for device in Device::shipped().expect("shipped devices") {
        let (min, max) = device.conductance_range();
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let made = device.program(
            &targets,
            &Effects::NONE,
            &mut stream(2, Purpose::Fabrication, 0, 0),
            &mut generator,
        );
        let clipped: Vec<f64> = targets.iter().map(|g| g.max(min).min(max)).collect();
        assert_eq!(made.achieved, clipped);
        assert_eq!(
            device.after(&made, 123.0, &Effects::NONE).expect("a time"),
            clipped
        );
        let mut state = ReadNoise::new(&device, &clipped, 20.0, &Effects::NONE, &mut generator);
        assert_eq!(
            device.read(&clipped, &mut state, 1.0, &mut generator),
            clipped
        );
    }
}

#[test]
fn stuck_devices_rest_at_the_ends_and_others_keep_their_draws() {
    let run = |device: Device| {
        let mut generator = ChaCha8Rng::seed_from_u64(4);
        device.program(
            &vec![5e-6; 10_000],
            &Effects::ALL,
            &mut stream(2, Purpose::Fabrication, 0, 0),
            &mut generator,
        )
    };
    let (plain, stuck) = (run(load("pcm")), run(load("pcm").with_stuck(0.1, 0.2)));
    for (k, kind) in stuck.stuck.iter().enumerate() {
        let expected = match kind {
            Stuck::On => 25e-6,
            Stuck::Off => 0.0,
            Stuck::Free => plain.achieved[k],
        };
        assert_eq!(stuck.achieved[k].to_bits(), expected.to_bits());
    }
    let on = stuck
        .stuck
        .iter()
        .filter(|kind| **kind == Stuck::On)
        .count();
    assert!((880..1120).contains(&on), "{on}");
}

#[test]
fn tabulated_devices_are_known_at_their_times_only() {
    let device = load("ReRAM-Wan");
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let made = device.program(
        &vec![20e-6; 100_000],
        &Effects::ALL,
        &mut stream(2, Purpose::Fabrication, 0, 0),
        &mut generator,
    );
    let day = device
        .after(&made, 86_400.0, &Effects::ALL)
        .expect("a tabulated time");
    // 0.701 + 22.086/2 − 50.773/4 + 47.095/8 − 16.458/16 = 3.909 uS.
    assert!((moments(&day).1 / 3.909e-6 - 1.0).abs() < 0.02);
    let refused = device.after(&made, 3600.0, &Effects::ALL);
    assert!(matches!(refused, Err(DeviceError::Time { .. })));
}
