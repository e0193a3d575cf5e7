//! Fills and their scores against what is known of them.

use super::*;
use gradep_core::{
    data::{Dataset, Half, ImageShape},
    draws::normal_rows,
    random::Purpose,
};
use ndarray::{Array1, Array2, Array3, Axis, array};

fn normals(seed: u64, rows: usize, columns: usize) -> Array2<f64> {
    normal_rows(seed, Purpose::Check, 0, rows, columns).mapv(f64::from)
}

#[test]
fn halves_are_halves_of_the_image() {
    let shape = ImageShape::of_axes(&[4, 6, 3]).unwrap();
    for mask in Mask::ALL {
        let known = mask.known(shape, 5, 3);
        for row in known.rows() {
            assert_eq!(row.iter().filter(|known| **known).count(), 36, "{mask:?}");
            let pixel = |row_of: usize, column: usize| -> Vec<bool> {
                (0..3)
                    .map(|channel| row[shape.place(row_of, column, channel)])
                    .collect()
            };
            for (at, column) in (0..4).flat_map(|at| (0..6).map(move |column| (at, column))) {
                let colours = pixel(at, column);
                assert!(colours.iter().all(|known| *known == colours[0]));
                match mask {
                    Mask::Random => {}
                    Mask::Upper => assert_eq!(colours[0], at < 2),
                    Mask::Lower => assert_eq!(colours[0], at >= 2),
                    Mask::Left => assert_eq!(colours[0], column < 3),
                }
            }
        }
        let differ = known.row(0) != known.row(1);
        assert_eq!(differ, mask == Mask::Random, "{mask:?}");
        assert_eq!(mask.name().parse(), Ok(mask));
    }
}

/// Of a normal distribution of two numbers the conditional one is known: mean ρσ₂/σ₁ x, variance σ₂²(1 − ρ²).
#[test]
fn a_conditional_normal_is_that_of_the_regression() {
    let z = normals(1, 20_000, 2);
    let rho = 0.6_f64;
    let points = Array2::from_shape_fn(z.dim(), |(i, j)| match j {
        0 => 1.0 + 2.0 * z[(i, 0)],
        _ => 3.0 * (rho * z[(i, 0)] + (1.0 - rho * rho).sqrt() * z[(i, 1)]),
    });
    let fit = ConditionalNormal::fit(points.view());
    let (mean, draws) = fit.fill(
        array![5.0, f64::NAN].view(),
        array![true, false].view(),
        normals(2, 20_000, 2).view(),
    );
    // ρσ₂/σ₁(5 − 1) = 3.6, within a few standard errors of 0.02 and the ridge's 1e-3.
    assert!((mean[1] - 3.6).abs() < 0.08, "{mean}");
    assert!(
        draws
            .column(0)
            .iter()
            .all(|x: &f64| x.to_bits() == 5.0_f64.to_bits())
    );
    let unknown = draws.column(1);
    let (centre, variance) = (unknown.mean().unwrap(), unknown.var(1.0));
    assert!((centre - mean[1]).abs() < 0.06, "{centre}");
    assert!(
        (variance - 9.0 * (1.0 - rho * rho)).abs() < 0.3,
        "{variance}"
    );
}

/// The score is proper: in the mean no distribution does better than the one that the truth is drawn from. Of one number
/// with the distribution N(0, 1) it is (2 − √2)/√π · … = 1/√π.
#[test]
fn the_energy_score_is_least_for_the_right_distribution() {
    let truth = normals(3, 4000, 1);
    let mean_score = |shift: f64, spread: f64| -> f64 {
        let scores = truth.rows().into_iter().enumerate().map(|(i, y)| {
            let z = normals(100 + i as u64, 8, 1);
            let draws: Vec<Array1<f64>> =
                z.rows().into_iter().map(|z| &z * spread + shift).collect();
            energy_score(&draws, &y.to_owned())
        });
        scores.sum::<f64>() / truth.nrows() as f64
    };
    let right = mean_score(0.0, 1.0);
    let expected = 1.0 / std::f64::consts::PI.sqrt();
    assert!((right - expected).abs() < 0.03, "{right} {expected}");
    for (shift, spread) in [(0.5, 1.0), (0.0, 0.3), (0.0, 2.0), (0.0, 0.0)] {
        let wrong = mean_score(shift, spread);
        assert!(wrong > right + 0.02, "{shift} {spread}: {wrong} {right}");
    }
}

#[test]
fn fills_keep_what_is_known_and_the_truth_scores_nothing() {
    let training = Dataset::digits_half(Half::Train).images().mapv(f64::from);
    let held_out = Dataset::digits_half(Half::HeldOut);
    let truth = held_out
        .images()
        .slice(ndarray::s![..60, ..])
        .mapv(f64::from);
    let labels = &held_out.labels().unwrap()[..60];
    let known = Mask::Upper.known(held_out.shape(), 60, 0);
    let task = Inpainting {
        truth: &truth,
        known: &known,
        draws: 4,
        seed: 0,
    };
    let fit = ConditionalNormal::fit(training.view());
    let [mean, centre, draws] = normal_fills(&task, &fit);
    let nearest = nearest_fills(&task, &training);
    let judges = [crate::judge::Evaluator::built_in()];
    let score = |fill: &Fill| {
        for images in fill.draws.outer_iter() {
            for ((a, b), _) in images
                .iter()
                .zip(&truth)
                .zip(&known)
                .filter(|(_, known)| **known)
            {
                assert_eq!(a.to_bits(), b.to_bits(), "{}", fill.name);
            }
        }
        fill.score(&truth, &known, Some(labels), &judges)
    };
    let [mean, centre, draws, nearest] = [&mean, &centre, &draws, &nearest].map(score);
    // A regression knows more than the mean, and its mean is what it is best off by; blurred images score worse.
    assert!(centre.rmse < 0.9 * mean.rmse, "{centre:?} {mean:?}");
    assert!(draws.rmse > 1.2 * centre.rmse && draws.rmse_of_mean < draws.rmse);
    assert!(draws.energy_score < centre.energy_score && nearest.energy_score < mean.energy_score);
    assert!(nearest.accuracy[0] > mean.accuracy[0]);
    let itself = Fill {
        name: "truth".to_owned(),
        draws: truth.clone().insert_axis(Axis(0)),
    };
    let itself = score(&itself);
    assert_eq!((itself.rmse, itself.energy_score), (0.0, 0.0));
    let twice = Fill {
        name: "twice".to_owned(),
        draws: Array3::from_shape_fn((2, 60, 64), |(_, i, j)| truth[(i, j)]),
    };
    assert_eq!(score(&twice).accuracy, itself.accuracy);
}
