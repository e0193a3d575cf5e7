//! Compensation of drift compares like with like.

use super::{ArrayDesign, Compensation, FIRST, couplings, design, seen, weights};
use crate::{Couplings, arrays::Part, device::Device};
use ndarray::Axis;

const KINDS: [Compensation; 2] = [Compensation::Global, Compensation::Column];

fn compensated(design: &ArrayDesign, kind: Compensation) -> [Couplings<f64>; 2] {
    let design = ArrayDesign {
        compensation: kind,
        ..design.clone()
    };
    let map = design.program(&couplings(), Some(FIRST), 1.0);
    seen(&design, map, 0.0)
}

/// Without drift compensation is the identity, bit for bit, for every device: bent currents on, and read
/// noise off or on.
#[test]
fn without_drift_compensation_does_nothing() {
    for device in Device::shipped().unwrap() {
        for read_noise in [false, true] {
            let mut design = ArrayDesign {
                device: device.clone(),
                age: 400.0,
                read_voltage: Some(0.2),
                ..design()
            };
            design.effects.programming_noise = true;
            design.effects.nonlinearity = true;
            design.effects.read_noise = read_noise;
            let plain = compensated(&design, Compensation::None);
            for kind in KINDS {
                let same = compensated(&design, kind);
                assert_eq!(same, plain, "{} {kind:?}", device.name());
            }
            if device.ages() {
                continue;
            }
            design.effects.drift = true;
            for kind in KINDS {
                let same = compensated(&design, kind);
                assert_eq!(same, plain, "{} {kind:?}", device.name());
            }
        }
    }
}

/// Phase-change memory whose currents bend: c₂ = 10 uS/V and c₃ = 40 uS/V² whatever G. The file is that of PCM
/// with a law of currents.
fn bent(folder: &std::path::Path) -> Device {
    let text = include_str!("../../../hw-specs/devices/pcm.toml");
    let law = "[current]\nquadratic = [\"10 uS/V\"]\ncubic = [\"40 uS/V^2\"]\nfitted = [0.0001, 1.0]\n[read]\n";
    let file = folder.join("bent.toml");
    std::fs::write(&file, text.replacen("[read]\n", law, 1)).unwrap();
    Device::load(file.to_str().unwrap()).unwrap()
}

/// After a month the summed slopes of a bent device are those of just after programming: by hand, of what
/// was asked, as nothing else acts. Weights are positive, so that sums are those of one polarity.
#[test]
fn compensated_slopes_of_a_bent_device_are_those_of_its_programming() {
    let folder = tempfile::tempdir().unwrap();
    let mut design = ArrayDesign {
        device: bent(folder.path()),
        age: 2_592_000.0,
        read_voltage: Some(0.2),
        ..design()
    };
    design.effects.nonlinearity = true;
    design.effects.drift = true;
    let mut couplings = couplings();
    couplings.flat_mut().iter_mut().for_each(|w| *w = w.abs());
    let map = design.program(&couplings, Some(FIRST), 1.0);
    let slopes = |l: usize| {
        let array = &map.arrays[l];
        assert_eq!(array.part, Part::Weight(l));
        let slope = |g: f64| design.device.seen_by_signal(g, 0.2).0 / array.scale;
        &array.plus.asked.mapv(slope) - &array.minus.asked.mapv(slope)
    };
    let run = |compensation| {
        let design = ArrayDesign {
            compensation,
            ..design.clone()
        };
        seen(&design, map.clone(), 0.0)
    };
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
    let [global, _] = run(Compensation::Global);
    let [up, down] = run(Compensation::Column);
    for l in 0..2 {
        let programmed = slopes(l);
        close(global.weight(l).sum(), programmed.sum());
        for (a, b) in up
            .weight(l)
            .sum_axis(Axis(1))
            .iter()
            .zip(programmed.sum_axis(Axis(1)))
        {
            close(*a, b);
        }
        for (a, b) in down
            .weight(l)
            .sum_axis(Axis(0))
            .iter()
            .zip(programmed.sum_axis(Axis(0)))
        {
            close(*a, b);
        }
    }
    let [drifted, _] = run(Compensation::None);
    let ratio = |a: &Couplings<f64>| weights(a).iter().sum::<f64>();
    assert!(ratio(&drifted) < 0.8 * ratio(&global));
}
