use super::*;
use crate::{
    domain::{Digits, Track, TrainingImages},
    judge::Evaluator,
    metrics::{Reference, measure},
};
use gradep_core::files::read_array;
use ndarray::{Array2, Axis};
use std::path::Path;

fn train() -> TrainingImages {
    TrainingImages::of(Track::HeldOut)
}

fn row(name: &str, seeds: u64) -> BaselineRow {
    let (train, reference) = (train(), Reference::of(&Digits::HELD_OUT));
    let baseline = Baseline::by_name(name).unwrap();
    let measurement = Measurement {
        samples: 898,
        seeds: 0..seeds,
        compare: true,
    };
    measure_baseline(baseline, measurement, &train, &reference, || ()).unwrap()
}

/// Three standard deviations of the difference (`uncertainty`): of the some 70 comparisons here chance takes
/// 0.2 beyond.
#[test]
fn samples_score_as_published_and_in_the_published_order() {
    let names = [
        "real",
        "noise-0.3",
        "blur-0.5",
        "gaussian",
        "gmm-20",
        "kde-0.2",
        "mixup",
        "contrast-0.7",
    ];
    let rows: Vec<BaselineRow> = names.iter().map(|name| row(name, 1)).collect();
    let mut compared = 0;
    for row in &rows {
        for (metric, score) in &row.scores {
            if let Some(deviation) = score.deviation {
                compared += 1;
                assert!(
                    deviation.abs() < 3.0,
                    "{} {metric}: {:?} instead of {:?}",
                    row.name,
                    score.value,
                    score.published
                );
            }
        }
    }
    assert!(compared > 60, "{compared} values compared");
    let value = |row: &BaselineRow, metric: &str| row.score(metric).unwrap().value.unwrap();
    for metric in ["fd_features", "mmd"] {
        // Published values that are clearly apart are found in the same order.
        for (i, a) in rows.iter().enumerate() {
            for b in &rows[..i] {
                let apart = |row: &BaselineRow| row.score(metric).unwrap().published.unwrap();
                let (low, high) = (apart(a).min(apart(b)), apart(a).max(apart(b)));
                if high > 1.5 * low.max(0.0) {
                    let published = apart(a) < apart(b);
                    assert_eq!(
                        value(a, metric) < value(b, metric),
                        published,
                        "{metric}: {} and {}",
                        a.name,
                        b.name
                    );
                }
            }
        }
    }
}

/// Real digits, a mixture, samples of a model, noisy digits, a normal fit: by features of the built-in
/// classifier and of the one that this program trains on other images.
#[test]
fn both_classifiers_put_samples_in_the_same_order() {
    let (train, reference) = (train(), Reference::of(&Digits::HELD_OUT));
    let other = reference.judged_by(Evaluator::second());
    let made = |name: &str| {
        let baseline = Baseline::by_name(name).unwrap();
        baseline.samples(898, 1, &train).unwrap()
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../data/evaluator/samples_feedforward_t1.1.npz");
    let model = read_array(&path, Some("samples")).unwrap();
    let sets = [
        made("real"),
        made("gmm-20"),
        model,
        made("noise-0.3"),
        made("gaussian"),
    ];
    for reference in [&reference, &other] {
        let of = |samples: &Array2<f32>| measure(samples.view(), reference).unwrap();
        let distances = sets
            .each_ref()
            .map(|samples| of(samples).value("fd_features").unwrap());
        assert!(distances.is_sorted(), "{distances:?}");
    }
}

#[test]
fn every_baseline_is_made_of_addressed_draws() {
    let train = train();
    for baseline in Baseline::ALL {
        // The large mixtures cost the most and are made the same way as the small one.
        if matches!(baseline, Baseline::Mixture { components, .. } if components > 10) {
            continue;
        }
        let samples = |n, seed| baseline.samples(n, seed, &train).unwrap();
        let many = samples(40, 1);
        assert_eq!(many.dim(), (40, 64), "{baseline}");
        assert!(many.iter().all(|v| (-1.0..=1.0).contains(v)), "{baseline}");
        assert_eq!(many, samples(40, 1), "{baseline}");
        assert_eq!(
            many.slice(ndarray::s![..20, ..]),
            samples(20, 1),
            "{baseline}"
        );
        assert_ne!(many, samples(40, 2), "{baseline}");
    }
}

#[test]
fn every_name_is_known_and_published() {
    for baseline in Baseline::ALL {
        let name = baseline.to_string();
        assert_eq!(Baseline::by_name(&name).unwrap(), baseline);
        let row = Published::named(&name).unwrap();
        assert_eq!(row.kind, baseline.kind(), "{name}");
    }
    let error = Baseline::by_name("gmm-21").unwrap_err().to_string();
    assert!(
        error.contains("gmm-21") && error.contains("gmm-20, "),
        "{error}"
    );
    // The bars of quality against time, and how finely they are given.
    let value = |name: &str, metric: &str| Published::named(name).unwrap().values[metric];
    assert_eq!(
        value("gmm-20", "fd_features"),
        PublishedValue {
            value: 3.6,
            resolution: 0.1
        }
    );
    assert!((value("exact-gradient", "mmd").resolution - 1e-4).abs() < 1e-12);
    assert_eq!(published().len(), Baseline::ALL.len() + 4);
}

/// Means and variances of pixels, within four standard errors of 898 samples of 64 pixels.
#[test]
fn a_gaussian_fit_has_the_moments_of_the_images() {
    let train = train();
    let fit = normal::Normal::fit(train.images.view());
    let samples = fit.samples(draws::Draws { seed: 1 }.normal(898, 64).view());
    let real = &train.images;
    let mean = |x: &Array2<f64>| x.mean_axis(Axis(0)).unwrap();
    let deviation = real.std_axis(Axis(0), 1.0);
    let error = (mean(&samples) - mean(real)).mapv(f64::abs);
    for ((error, deviation), found) in error
        .iter()
        .zip(&deviation)
        .zip(&samples.std_axis(Axis(0), 1.0))
    {
        assert!(*error <= 4.0 * deviation / 898_f64.sqrt() + 1e-6);
        assert!((found - deviation).abs() <= 4.0 * deviation / (2.0 * 898_f64).sqrt() + 1e-6);
    }
}

/// `scipy.ndimage.gaussian_filter` of a point of ink in a corner, s = 0.7.
#[test]
fn a_blur_is_that_of_scipy() {
    let mut image = Array2::zeros((1, 64));
    image[(0, 0)] = 1.0;
    let blurred = altered::blurred(image.view(), 0.7);
    for (pixel, expected) in [
        (0, 0.601_005_486_800_64),
        (1, 0.166_692_175_578_573_1),
        (2, 0.007_502_403_164_877_427),
        (9, 0.046_232_991_227_806_955),
        (18, 9.365_314_374_747_717e-5),
    ] {
        assert!(
            (blurred[(0, pixel)] - expected).abs() < 1e-12,
            "{pixel}: {}",
            blurred[(0, pixel)]
        );
    }
    assert!((blurred.sum() - 1.0).abs() < 1e-12);
}

#[test]
fn baselines_that_cannot_be_made_are_refused() {
    let train = train();
    let refused = |baseline: Baseline, n| baseline.samples(n, 0, &train).unwrap_err().to_string();
    assert!(refused(Baseline::Real, 899).contains("real: 899 samples"));
    assert!(Baseline::Bootstrap.samples(899, 0, &train).is_ok());
    let shape = Shape::Full;
    let large = Baseline::Mixture {
        components: 899,
        shape,
    };
    assert!(refused(large, 10).contains("gmm-899: 898 training images"));
    let images = |n: usize, pixels: usize| Array2::zeros((n, pixels));
    let bad = |images, classes| {
        TrainingImages::new(images, classes)
            .unwrap_err()
            .to_string()
    };
    assert!(bad(images(3, 64), vec![0; 2]).contains("3 training images with 2 classes"));
    assert!(bad(images(2, 63), vec![0; 2]).contains("63 pixels"));
    assert!(bad(images(2, 64), vec![0, 10]).contains("class 10"));
    assert!(bad(images(2, 64) + 1.5, vec![0; 2]).contains("is 1.5"));
    let sevens = TrainingImages::new(images(2, 64), vec![7; 2]).unwrap();
    let error = Baseline::FiveClasses.samples(3, 0, &sevens).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("five-classes: 0 training images")
    );
}
