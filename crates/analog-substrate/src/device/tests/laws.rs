use super::super::{Device, DeviceError, Effects, ReadNoise};
use super::{load, moments};
use crate::random::{Purpose, stream};

const MANY: usize = 100_000;

fn programmed(device: &Device, target: f64, effects: Effects) -> super::super::Programmed {
    device.program(
        &vec![target; MANY],
        &effects,
        &mut stream(2, Purpose::Fabrication, 0, 0),
        &mut stream(3, Purpose::Programming, 0, 0),
    )
}

/// Correlation of two samples.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, sd_a), (mean_b, sd_b)) = (moments(a), moments(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
    products.sum::<f64>() / a.len() as f64 / (sd_a * sd_b)
}

/// Every preset, sampled: mean and spread of what is reached are those of the law. At 70 % of the
/// range no device is cut at zero.
#[test]
fn populations_have_the_moments_of_their_laws() {
    for device in Device::shipped().expect("shipped devices") {
        let (min, max) = device.conductance_range();
        let target = min + 0.7 * (max - min);
        let made = programmed(&device, target, Effects::ALL);
        let (mean, sd) = moments(&made.achieved);
        let level = made.levels[0];
        let sigma = device.programming_sigma(level);
        let name = device.name();
        // Five standard errors of the mean, and of the spread 1/√(2n) five times; a sum of so many
        // numbers is rounded by up to 1e-11.
        let rounding = 1e-11 * level;
        let limit = 5.0 * sigma / (MANY as f64).sqrt() + rounding;
        assert!((mean - level).abs() <= limit, "{name}: {mean} {level}");
        assert!(
            (sd - sigma).abs() <= 0.0112 * sigma + rounding,
            "{name}: {sd} {sigma}"
        );
    }
}

/// Five days of charge-trapping memory, by the published coefficients in nA: between days values lie
/// on straight lines, and each device keeps its deviate.
#[test]
fn tabulated_devices_move_with_their_mean_and_keep_their_deviates() {
    let device = load("sonos");
    let made = programmed(&device, 4e-6, Effects::ALL);
    let day = |days: f64| {
        device
            .after(&made, days * 86_400.0, &Effects::ALL)
            .expect("a time")
    };
    let (one, five) = (day(1.0), day(5.0));
    let (mean, sd) = moments(&one);
    // 400 - 13.102 nA and 25.59102 (1 - exp(-386.898/186.85544)) nA.
    assert!(
        (mean - 3.868_98e-6).abs() < 5.0 * 0.224e-6 / 316.0,
        "{mean}"
    );
    assert!((sd / 0.223_64e-6 - 1.0).abs() < 0.012, "{sd}");
    assert!((correlation(&one, &five) - 1.0).abs() < 1e-9);
    let middle = day(3.0);
    let between = day(2.5);
    let two = day(2.0);
    for i in 0..10 {
        let line = f64::midpoint(two[i], middle[i]);
        assert!((between[i] / line - 1.0).abs() < 1e-12);
    }
    assert_eq!(day(0.0), made.achieved);
    for seconds in [5.01 * 86_400.0, 1e9] {
        let refused = device.after(&made, seconds, &Effects::ALL);
        assert!(matches!(refused, Err(DeviceError::Time { .. })));
    }
}

/// CMO/HfOx after a day at 45 uS, read: mean 43.99 uS and 0.92 uS, the values of the model in aihwkit.
#[test]
fn creeping_devices_reach_the_published_mean_and_spread() {
    let device = load("reram-cmo");
    let made = programmed(&device, 45e-6, Effects::ALL);
    let day = device
        .after(&made, 86_400.0, &Effects::ALL)
        .expect("a time");
    let mut generator = stream(4, Purpose::Fluctuation, 0, 0);
    let mut state = ReadNoise::new(
        &device,
        &made.targets(),
        86_400.0,
        &Effects::ALL,
        &mut generator,
    );
    let (mean, sd) = moments(&device.read(&day, &mut state, 0.0, &mut generator));
    assert!((mean / 43.99e-6 - 1.0).abs() < 3e-4, "{mean}");
    assert!((sd / 0.92e-6 - 1.0).abs() < 0.012, "{sd}");
    // The write error is what it was; creep has a draw of its own.
    let written: Vec<f64> = made.achieved.iter().map(|g| g - 45e-6).collect();
    let creep: Vec<f64> = day.iter().zip(&made.achieved).map(|(a, b)| a - b).collect();
    assert!(correlation(&written, &creep).abs() < 0.02);
    for seconds in [0.0, 0.9, 90_001.0] {
        assert!(
            device.after(&made, seconds, &Effects::ALL).is_err(),
            "{seconds}"
        );
    }
}

/// A capacitor's share of the distance to its rest decays as exp(−t/T), T log-normal.
#[test]
fn leaks_decay_to_their_rest_in_seconds() {
    let device = load("capacitor-14nm");
    let made = programmed(&device, 18e-6, Effects::ALL);
    let after = |t: f64| device.after(&made, t, &Effects::ALL).expect("a time");
    let log_lifetimes: Vec<f64> = after(0.5)
        .iter()
        .zip(&made.achieved)
        .map(|(late, g)| (-0.5 / ((late - 12e-6) / (g - 12e-6)).ln()).ln())
        .collect();
    let (mean, sd) = moments(&log_lifetimes);
    assert!(mean.abs() < 5.0 * 0.3 / 316.0, "{mean}");
    assert!((sd / 0.3 - 1.0).abs() < 0.012, "{sd}");
    assert!(after(10.0).iter().all(|g| (4e-6..21e-6).contains(g)));
    let kept = Effects {
        drift: false,
        ..Effects::ALL
    };
    assert_eq!(
        device.after(&made, 0.5, &kept).expect("a time"),
        made.achieved
    );
}

/// White noise is new with every reading, of the published deviation.
#[test]
fn white_read_noise_has_no_memory() {
    let device = load("sonos");
    let mut generator = stream(5, Purpose::Fluctuation, 0, 0);
    let g = vec![4e-6; MANY];
    let mut state = ReadNoise::new(&device, &g, 1.0, &Effects::ALL, &mut generator);
    let one = device.read(&g, &mut state, 0.0, &mut generator);
    let other = device.read(&g, &mut state, 0.0, &mut generator);
    let (mean, sd) = moments(&one);
    // 12.58037 (1 - exp(-400/215.36557)) nA.
    assert!((sd / 0.106_167e-6 - 1.0).abs() < 0.012, "{sd}");
    assert!((mean - 4e-6).abs() < 5.0 * 0.106e-6 / 316.0, "{mean}");
    assert!(correlation(&one, &other).abs() < 0.02);
}

/// The best line of a bent current, against sums over a normal signal.
#[test]
fn a_signal_sees_the_line_of_least_error() {
    use rand::RngExt;
    let device = load("reram-milo");
    let (g, rms) = (62.5e-6, 0.15);
    let (slope, offset) = device.seen_by_signal(g, rms);
    let mut generator = stream(6, Purpose::Check, 0, 0);
    let (mut power, mut cross, mut sum) = (0.0, 0.0, 0.0);
    let n = 400_000;
    for _ in 0..n {
        let deviate: f64 = generator.sample(rand_distr::StandardNormal);
        let v = rms * deviate;
        let current = device.current(g, v);
        power += v * v;
        cross += v * current;
        sum += current;
    }
    // 3 c3 rms² is 0.6 uS of 62.5; c2 rms² 0.54 uA. Four standard errors of these sums.
    assert!(
        (cross / power - slope).abs() < 4.0 * 0.01e-6,
        "{}",
        cross / power
    );
    assert!((sum / f64::from(n) - offset).abs() < 4.0 * 9.5e-6 / f64::from(n).sqrt());
    assert!((slope - g - 3.0 * 9.3197e-6 * 0.0225).abs() < 1e-10);
    assert_eq!(load("pcm").seen_by_signal(g, rms), (g, 0.0));
}

/// Levels of a pulsed device are those that whole numbers of pulses reach.
#[test]
fn pulsed_devices_take_the_levels_of_whole_pulses() {
    let device = load("capacitor-3t1c");
    let levels_only = Effects::only("levels").expect("an effect");
    let targets: Vec<f64> = (0..=200).map(|k| 4e-6 + 0.08e-6 * f64::from(k)).collect();
    let made = device.program(
        &targets,
        &levels_only,
        &mut stream(2, Purpose::Fabrication, 0, 0),
        &mut stream(3, Purpose::Programming, 0, 0),
    );
    // c of the label 0.2, by the bisection of another program.
    let c = 0.158_447_536;
    let level = |n: f64| 4e-6 + 16e-6 * (1.0 - (-c * n / 32.0_f64).exp()) / (1.0 - f64::exp(-c));
    for (i, &target) in targets.iter().enumerate() {
        let nearest = (0..=32)
            .map(|n| (f64::from(n), (level(f64::from(n)) - target).abs()))
            .fold((0.0, f64::INFINITY), |best, one| {
                if one.1 < best.1 { one } else { best }
            });
        let reached = made.achieved[i];
        assert!(
            (reached / level(nearest.0) - 1.0).abs() < 1e-8,
            "{target}: {reached}"
        );
        assert_eq!(f64::from(made.pulses[i]).to_bits(), nearest.0.to_bits());
    }
}

/// Every preset, programmed to both ends and to the middle, aged and read: nothing is found out of reach, and
/// the reach is no more than the range and eight of the largest standard deviations of the file.
#[test]
fn nothing_is_found_out_of_a_devices_reach() {
    for device in Device::shipped().expect("shipped devices") {
        let (min, max) = device.conductance_range();
        let (least, most) = device.reach();
        let name = device.name();
        assert!(
            least <= min && max < most && most < 2.5 * max,
            "{name}: {least} {most}"
        );
        for share in [0.0, 0.5, 1.0] {
            let made = programmed(&device, min + share * (max - min), Effects::ALL);
            for time in device.known_times() {
                if !time.is_finite() || device.check_time(time).is_err() {
                    continue;
                }
                let aged = device.after(&made, time, &Effects::ALL).expect(name);
                let mut generator = stream(7, Purpose::Fluctuation, 0, 0);
                let targets = made.targets();
                let mut state =
                    ReadNoise::new(&device, &targets, time, &Effects::ALL, &mut generator);
                for g in device.read(&aged, &mut state, 0.0, &mut generator) {
                    assert!((least..=most).contains(&g), "{name}, {time} s: {g}");
                }
            }
        }
    }
}
