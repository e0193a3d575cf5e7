//! Drift and read noise of phase-change memory against the model that they are from.

use super::super::{Device, DeviceError, Effects, ReadNoise};
use super::{load, moments};
use crate::random::{Purpose, stream};

const MANY: usize = 40_000;

/// Of IBM aihwkit's `PCMLikeNoiseModel` and `HermesNoiseModel` (src/aihwkit/inference/noise, and
/// docs/source/pcm_inference.rst), by another program: device, g of the target, seconds since the last
/// programming pulse, mean of (t/t_c)^-|nu| over N(mu(g), sd(g)), and Q(g) sqrt(ln((t + t_read)/(2 t_read))),
/// which is the sigma of a reading over g_drift(t).
const PUBLISHED: [(&str, f64, f64, f64, f64); 30] = [
    ("pcm", 0.1, 20.0, 1.000_000, 0.164_458),
    ("pcm", 0.1, 3600.0, 0.736_814, 0.187_271),
    ("pcm", 0.1, 86_400.0, 0.615_383, 0.199_952),
    ("pcm", 0.1, 2_592_000.0, 0.510_410, 0.212_688),
    ("pcm", 0.25, 20.0, 1.000_000, 0.090_656),
    ("pcm", 0.25, 3600.0, 0.776_705, 0.103_231),
    ("pcm", 0.25, 2_592_000.0, 0.566_777, 0.117_242),
    ("pcm", 0.5, 20.0, 1.000_000, 0.057_773),
    ("pcm", 0.5, 3600.0, 0.776_008, 0.065_787),
    ("pcm", 0.5, 2_592_000.0, 0.564_168, 0.074_716),
    ("pcm", 1.0, 20.0, 1.000_000, 0.036_818),
    ("pcm", 1.0, 3600.0, 0.776_008, 0.041_925),
    ("pcm", 1.0, 2_592_000.0, 0.564_168, 0.047_615),
    ("hermes-1", 0.1, 200.0, 1.000_000, 0.095_075),
    ("hermes-1", 0.1, 3600.0, 0.814_428, 0.102_019),
    ("hermes-1", 0.1, 2_592_000.0, 0.520_611, 0.116_289),
    ("hermes-1", 0.5, 3600.0, 0.850_094, 0.101_737),
    ("hermes-1", 0.5, 2_592_000.0, 0.590_049, 0.115_968),
    ("hermes-1", 1.0, 2_592_000.0, 0.849_217, 0.089_781),
    ("hermes-2", 0.1, 300.0, 1.000_000, 0.088_485),
    ("hermes-2", 0.1, 3600.0, 0.837_534, 0.093_955),
    ("hermes-2", 0.1, 86_400.0, 0.670_328, 0.100_518),
    ("hermes-2", 0.1, 2_592_000.0, 0.530_846, 0.107_098),
    ("hermes-2", 0.25, 3600.0, 0.845_397, 0.074_698),
    ("hermes-2", 0.25, 2_592_000.0, 0.543_718, 0.085_147),
    ("hermes-2", 0.5, 300.0, 1.000_000, 0.073_792),
    ("hermes-2", 0.5, 3600.0, 0.869_446, 0.078_354),
    ("hermes-2", 0.5, 2_592_000.0, 0.601_763, 0.089_314),
    ("hermes-2", 1.0, 3600.0, 0.957_751, 0.057_667),
    ("hermes-2", 1.0, 2_592_000.0, 0.854_898, 0.065_733),
];

/// Without write noise, so that every device has its target.
const WRITTEN_EXACTLY: Effects = Effects {
    drift: true,
    read_noise: true,
    ..Effects::NONE
};

#[test]
fn drift_and_read_noise_are_those_of_the_published_model() {
    for (name, g, seconds, left, noise) in PUBLISHED {
        let device = load(name);
        let target = g * device.conductance_range().1;
        let made = device.program(
            &vec![target; MANY],
            &WRITTEN_EXACTLY,
            &mut stream(2, Purpose::Fabrication, 0, 0),
            &mut stream(3, Purpose::Programming, 0, 0),
        );
        let aged = device.after(&made, seconds, &WRITTEN_EXACTLY).expect(name);
        let what = format!("{name}, g = {g}, {seconds} s");
        let (mean, sd) = moments(&aged);
        let error = 5.0 * sd / (MANY as f64).sqrt() + 1e-6 * target;
        assert!(
            (mean - left * target).abs() < error,
            "{what}: {}",
            mean / target
        );
        let mut generator = stream(4, Purpose::Fluctuation, 0, 0);
        let mut state = ReadNoise::new(
            &device,
            &made.targets(),
            seconds,
            &WRITTEN_EXACTLY,
            &mut generator,
        );
        let readings = device.read(&aged, &mut state, 0.0, &mut generator);
        let relative: Vec<f64> = readings
            .iter()
            .zip(&aged)
            .map(|(a, b)| a / b - 1.0)
            .collect();
        let (_, sd) = moments(&relative);
        // A standard deviation of so many is known to 0.35 %.
        assert!((sd / noise - 1.0).abs() < 0.015, "{what}: {sd} {noise}");
    }
}

/// The first read finds what was programmed, bit for bit, write noise and all; before it nothing is known.
#[test]
fn nothing_has_drifted_at_the_first_read() {
    for (name, first) in [("pcm", 20.0), ("hermes-1", 200.0), ("hermes-2", 300.0)] {
        let device = load(name);
        let made = device.program(
            &vec![0.3 * device.conductance_range().1; 1000],
            &Effects::ALL,
            &mut stream(2, Purpose::Fabrication, 0, 0),
            &mut stream(3, Purpose::Programming, 0, 0),
        );
        let read = device.after(&made, first, &Effects::ALL).expect(name);
        assert_eq!(read, made.achieved);
        for seconds in [0.0, 0.99 * first] {
            let refused = device.after(&made, seconds, &Effects::ALL);
            assert!(matches!(refused, Err(DeviceError::Time { .. })), "{name}");
            assert!(device.check_read_time(seconds).is_err(), "{name}");
        }
        device.check_read_time(first).expect(name);
    }
}

/// Noise that goes on while the chip's clock runs has the band of the present time: an hour after the first
/// read it is that of a state that is made then.
#[test]
fn read_noise_grows_with_the_time_since_programming() {
    let device: Device = load("pcm");
    let targets = vec![12.5e-6; MANY];
    let mut generator = stream(5, Purpose::Fluctuation, 0, 0);
    let mut state = ReadNoise::new(&device, &targets, 20.0, &WRITTEN_EXACTLY, &mut generator);
    device.read(&targets, &mut state, 0.0, &mut generator);
    let late = device.read(&targets, &mut state, 3580.0, &mut generator);
    let (_, sd) = moments(&late);
    assert!((sd / 12.5e-6 / 0.065_787 - 1.0).abs() < 0.015, "{sd}");
}
