//! A metric from outside: how much more or less ink samples have than real images.

use bench_hw::{
    domain::Digits,
    metrics::{Better, Comparison, Kind, Metric, Reference, floors, measure},
};
use gradep_core::data::Dataset;
use ndarray::s;

/// Distance of the mean pixel of samples from that of real images.
const INK: Metric =
    Metric::new("ink", "difference of ink", Better::Lower, ink).of_kind(Kind::Distance);

#[expect(
    clippy::unnecessary_wraps,
    reason = "metrics may have nothing to compare with"
)]
fn ink(compared: &Comparison<'_>) -> Option<f64> {
    let samples = compared.samples().mean().unwrap_or_default();
    let real = compared.real().mean().unwrap_or_default();
    Some((samples - real).abs())
}

#[test]
fn a_metric_is_measured_with_error_and_floor_beside_the_others() {
    let reference = Reference::of(&Digits::HELD_OUT).with_metric(INK);
    let digits = Dataset::digits();
    // Half the contrast, around the middle: less ink.
    let pale = digits.images().slice(s![..200, ..]).mapv(|v| 0.5 * v);
    let scores = measure(pale.view(), &reference).unwrap();
    let found = scores.get("ink").unwrap();
    let real = Dataset::digits_half(gradep_core::data::Half::HeldOut);
    let mean = |images: &ndarray::Array2<f32>| images.mapv(f64::from).mean().unwrap();
    let expected = (mean(&pale) - mean(real.images())).abs();
    let value = found.value.unwrap();
    assert!((value - expected).abs() < 1e-12, "{value} {expected}");
    // Far from what real images get, by many standard errors.
    let floor = floors(&reference, 200)["ink"];
    assert_eq!(found.floor, Some(floor));
    assert!(found.standard_error.unwrap() > 0.0);
    assert!(value - floor > 10.0 * found.standard_error.unwrap());
    // The others are there as before.
    let plain = measure(pale.view(), &Reference::of(&Digits::HELD_OUT)).unwrap();
    assert_eq!(scores.named().len(), plain.named().len() + 1);
    for (key, score) in plain.named() {
        assert_eq!(scores.get(key), Some(&score), "{key}");
    }
    // Files take it by its key, and give it back.
    let text = serde_json::to_string(&scores).unwrap();
    let back: bench_hw::metrics::Scores = serde_json::from_str(&text).unwrap();
    assert_eq!(back, scores);
}
