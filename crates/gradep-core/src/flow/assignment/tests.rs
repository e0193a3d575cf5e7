//! The optimum against exhaustive search, an independent solver and its own dual certificate.

use ndarray::{Array2, Axis, array, s};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Assignment, AssignmentError, DataPotential, Workspace, assign};

fn gaussian(seed: u64, n: usize, d: usize) -> Array2<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Array2::from_shape_simple_fn((n, d), || StandardNormal.sample(&mut rng))
}

/// The 1,797 digits, scaled to [−1, 1].
fn digits() -> Array2<f32> {
    let text = include_str!("../../../data/optdigits.tes");
    let pixels = |line: &'static str| {
        line.split(',')
            .take(64)
            .map(|v| v.parse::<f32>().unwrap() / 8.0 - 1.0)
    };
    let values: Vec<f32> = text.lines().flat_map(pixels).collect();
    Array2::from_shape_vec((values.len() / 64, 64), values).unwrap()
}

fn solve(noise: &Array2<f32>, data: &Array2<f32>, start: &DataPotential) -> Assignment {
    assign(noise, data, start, &mut Workspace::default()).unwrap()
}

fn cold(noise: &Array2<f32>, data: &Array2<f32>) -> Assignment {
    solve(noise, data, &DataPotential::zero(data.nrows()))
}

fn squared_distances(noise: &Array2<f32>, data: &Array2<f32>) -> Array2<f64> {
    Array2::from_shape_fn((noise.nrows(), data.nrows()), |(i, j)| {
        noise
            .row(i)
            .iter()
            .zip(data.row(j))
            .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
            .sum()
    })
}

/// Least total cost by trying every permutation.
fn exhaustive(cost: &Array2<f64>, row: usize, taken: u32) -> f64 {
    if row == cost.nrows() {
        return 0.0;
    }
    let free = (0..cost.ncols()).filter(|j| taken & (1 << j) == 0);
    free.map(|j| cost[[row, j]] + exhaustive(cost, row + 1, taken | (1 << j)))
        .fold(f64::INFINITY, f64::min)
}

/// Least total cost by the Hungarian method in O(n³), in the textbook form with 1-based potentials.
fn hungarian(cost: &Array2<f64>) -> f64 {
    let n = cost.nrows();
    let (mut u, mut v) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let (mut row_of, mut way) = (vec![0; n + 1], vec![0; n + 1]);
    for i in 1..=n {
        row_of[0] = i;
        let mut j0 = 0;
        let mut least = vec![f64::INFINITY; n + 1];
        let mut used = vec![false; n + 1];
        while row_of[j0] != 0 {
            used[j0] = true;
            let (mut delta, mut j1) = (f64::INFINITY, 0);
            for j in (1..=n).filter(|&j| !used[j]) {
                let reduced = cost[[row_of[j0] - 1, j - 1]] - u[row_of[j0]] - v[j];
                if reduced < least[j] {
                    (least[j], way[j]) = (reduced, j0);
                }
                if least[j] < delta {
                    (delta, j1) = (least[j], j);
                }
            }
            for j in 0..=n {
                if used[j] {
                    u[row_of[j]] += delta;
                    v[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            j0 = j1;
        }
        while j0 != 0 {
            row_of[j0] = row_of[way[j0]];
            j0 = way[j0];
        }
    }
    (1..=n).map(|j| cost[[row_of[j] - 1, j - 1]]).sum()
}

/// A permutation, whose duals are feasible for all pairs and tight on the matched ones.
fn certify(noise: &Array2<f32>, data: &Array2<f32>, found: &Assignment) {
    let (noise, data) = (noise.mapv(f64::from), data.mapv(f64::from));
    let similarity = noise.dot(&data.t());
    // A dual variable is the sum of at most a few thousand double-precision changes.
    let scale = similarity.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
    let tolerance = 1e4 * f64::EPSILON * scale;
    let mut seen = vec![false; data.nrows()];
    for (i, row) in similarity.axis_iter(Axis(0)).enumerate() {
        let j = found.data_of[i] as usize;
        assert!(
            !std::mem::replace(&mut seen[j], true),
            "data {j} is paired twice"
        );
        assert!(
            (found.profit[i] + found.price[j] - row[j]).abs() <= tolerance,
            "pair {i}, {j} is not tight"
        );
        let slack = row
            .iter()
            .zip(&found.price)
            .map(|(s, p)| found.profit[i] + p - s)
            .fold(f64::INFINITY, f64::min);
        assert!(slack >= -tolerance, "row {i} has slack {slack}");
    }
}

/// Clouds of up to `n` points; small integers make exact ties and duplicates common.
fn clouds(n: usize) -> impl Strategy<Value = (Array2<f32>, Array2<f32>)> {
    let value = prop_oneof![(-2_i8..=2).prop_map(f32::from), -3.0_f32..3.0];
    (1..=n, 1..=4_usize).prop_flat_map(move |(n, d)| {
        let cloud = prop::collection::vec(value.clone(), n * d)
            .prop_map(move |values| Array2::from_shape_vec((n, d), values).unwrap());
        (cloud.clone(), cloud)
    })
}

proptest! {
    #[test]
    fn no_permutation_is_cheaper((noise, data) in clouds(7), seed in 0_u64..100) {
        let best = exhaustive(&squared_distances(&noise, &data), 0, 0);
        let start = DataPotential { prices: gaussian(seed, 1, data.nrows()).into_raw_vec_and_offset().0 };
        for found in [cold(&noise, &data), solve(&noise, &data, &start)] {
            // Sums of at most 28 squares of numbers below 6.
            prop_assert!((found.cost - best).abs() <= 1e-12 * (1.0 + best), "{} is not {best}", found.cost);
        }
    }

    #[test]
    fn agrees_with_the_hungarian_method((noise, data) in clouds(60), seed in 0_u64..100) {
        let best = hungarian(&squared_distances(&noise, &data));
        let start = DataPotential { prices: gaussian(seed, 1, data.nrows()).into_raw_vec_and_offset().0 };
        for found in [cold(&noise, &data), solve(&noise, &data, &start)] {
            prop_assert!((found.cost - best).abs() <= 1e-12 * (1.0 + best), "{} is not {best}", found.cost);
            certify(&noise, &data, &found);
        }
    }
}

#[test]
fn the_digits_are_paired_optimally_and_warm_is_cheaper() {
    let data = digits();
    let n = data.nrows();
    let start = DataPotential::learn(&data, (1..=4).map(|batch| gaussian(batch, n, 64))).unwrap();
    let noise = gaussian(0, n, 64);
    let (cold, warm) = (cold(&noise, &data), solve(&noise, &data, &start));
    certify(&noise, &data, &warm);
    certify(&noise, &data, &cold);
    assert_eq!(warm.data_of, cold.data_of);
    assert_eq!(warm.cost.to_bits(), cold.cost.to_bits());
    let (warm, cold) = (warm.work, cold.work);
    assert!(
        3 * warm.scanned_pairs <= cold.scanned_pairs,
        "{warm:?} against {cold:?}"
    );
    assert!(
        3 * warm.scanned_rows <= cold.scanned_rows,
        "{warm:?} against {cold:?}"
    );
    // The lists are sparse: both together look at a small part of the pairs.
    assert!(
        warm.candidates + warm.scanned_pairs < n * n / 16,
        "{warm:?}"
    );
}

#[test]
fn the_start_changes_no_pair() {
    let (noise, data) = (gaussian(1, 300, 16), gaussian(2, 300, 16));
    let expected = cold(&noise, &data);
    certify(&noise, &data, &expected);
    for seed in 3_u8..8 {
        // From nearly right to absurd.
        let scale = 10.0_f32.powi(i32::from(seed) - 5);
        let prices = (gaussian(seed.into(), 1, 300) * scale)
            .into_raw_vec_and_offset()
            .0;
        let found = solve(&noise, &data, &DataPotential { prices });
        certify(&noise, &data, &found);
        assert_eq!(found.data_of, expected.data_of, "prices of size {scale}");
    }
}

#[test]
fn a_mini_batch_starts_from_the_prices_of_its_rows() {
    let data = digits();
    let start = DataPotential::learn(&data, [gaussian(1, data.nrows(), 64)]).unwrap();
    let rows: Vec<usize> = (0..512).map(|k| (k * 1009 + 5) % data.nrows()).collect();
    let (noise, chosen) = (gaussian(2, rows.len(), 64), data.select(Axis(0), &rows));
    let (cold, warm) = (
        cold(&noise, &chosen),
        solve(&noise, &chosen, &start.select(&rows)),
    );
    certify(&noise, &chosen, &warm);
    assert_eq!(warm.data_of, cold.data_of);
    assert!(
        2 * warm.work.scanned_pairs <= cold.work.scanned_pairs,
        "{:?} against {:?}",
        warm.work,
        cold.work
    );
}

#[test]
fn duplicates_far_apart_clouds_and_extreme_scales_are_solved() {
    let base = gaussian(1, 200, 8);
    let noise = gaussian(2, 200, 8);
    let duplicated = Array2::from_shape_fn((200, 8), |(i, k)| base[[i / 20, k]]);
    let identical = Array2::from_elem((200, 8), 0.3_f32);
    // All profits nearly equal against their size: single precision cannot tell the columns apart.
    let offset = &base * 1e-3 + 1e3;
    for data in [duplicated, identical, offset, &base * 1e-30, &base * 1e15] {
        let found = cold(&noise, &data);
        certify(&noise, &data, &found);
        let best = hungarian(&squared_distances(&noise, &data));
        assert!(
            (found.cost - best).abs() <= 1e-11 * best,
            "{} is not {best}",
            found.cost
        );
    }
}

#[test]
fn layout_and_a_used_workspace_change_nothing() {
    let (noise, data) = (gaussian(1, 90, 5), gaussian(2, 90, 5));
    let expected = cold(&noise, &data);
    let column_major = noise.t().as_standard_layout().reversed_axes().to_owned();
    let mut workspace = Workspace::default();
    for n in [300, 10, 0] {
        let other = gaussian(3, n, 5);
        let found = assign(&other, &other, &DataPotential::zero(n), &mut workspace).unwrap();
        assert!(
            (0..).zip(&found.data_of).all(|(i, &j)| i == j),
            "points are nearest to themselves"
        );
    }
    let found = assign(
        &column_major,
        &data,
        &DataPotential::zero(90),
        &mut workspace,
    )
    .unwrap();
    assert_eq!(found, expected);
}

#[test]
fn learning_is_the_mean_of_optimal_prices() {
    let data = gaussian(1, 120, 6);
    let batches = [gaussian(2, 120, 6), gaussian(3, 120, 6)];
    let potential = DataPotential::learn(&data, batches.clone()).unwrap();
    assert_eq!(potential, DataPotential::learn(&data, batches).unwrap());
    let sum: f32 = potential.prices().iter().sum();
    assert!(sum.abs() < 1e-4, "prices of mean zero sum to {sum}"); // 120 single-precision roundings
    assert_eq!(
        DataPotential::learn(&data, []).unwrap(),
        DataPotential::zero(120)
    );
}

#[test]
fn bad_inputs_are_named() {
    let (noise, data) = (gaussian(1, 4, 3), gaussian(2, 4, 3));
    let attempt = |noise: &Array2<f32>, data: &Array2<f32>, n| {
        assign(
            noise,
            data,
            &DataPotential::zero(n),
            &mut Workspace::default(),
        )
        .unwrap_err()
    };
    let fewer = data.slice(s![..3, ..]).to_owned();
    assert_eq!(
        attempt(&noise, &fewer, 3),
        AssignmentError::ShapeMismatch {
            noise: [4, 3],
            data: [3, 3]
        }
    );
    assert_eq!(
        attempt(&noise, &data, 5),
        AssignmentError::PotentialLength {
            potential: 5,
            data: 4
        }
    );
    let mut holed = data.clone();
    holed[[2, 1]] = f32::INFINITY;
    let expected = AssignmentError::NonFinite {
        array: "data",
        row: 2,
        column: 1,
        value: f32::INFINITY,
    };
    assert_eq!(attempt(&noise, &holed, 4), expected);
    holed[[2, 1]] = f32::NAN;
    assert!(matches!(
        attempt(&holed, &data, 4),
        AssignmentError::NonFinite {
            array: "noise",
            row: 2,
            column: 1,
            ..
        }
    ));
    let huge = array![[1e20_f32], [2e20]];
    assert!(matches!(
        attempt(&huge, &huge, 2),
        AssignmentError::TooLarge { .. }
    ));
}
