//! k-means: where the components of a mixture begin.

use crate::metrics::squares;
use ndarray::{Array1, Array2, Axis};
use rand::{Rng, RngExt, distr::weighted::WeightedIndex};

/// Rounds of Lloyd's algorithm (scikit-learn's limit).
const ROUNDS: usize = 300;
/// Squared movement of all centres, relative to the mean variance of a coordinate, that ends it
/// (scikit-learn's tolerance).
const TOLERANCE: f64 = 1e-4;

/// The cluster of each point `[n, d]`, of `k ≤ n`.
///
/// S. Lloyd's algorithm (IEEE Trans. Inf. Theory 28, 129, 1982) from centres chosen by greedy
/// k-means++ (D. Arthur and S. Vassilvitskii, SODA 2007; the best of 2 + ⌊ln k⌋ candidates). A
/// cluster that loses its last point gets the one farthest from its centre.
pub(super) fn clusters(points: &Array2<f64>, k: usize, generator: &mut impl Rng) -> Vec<usize> {
    let mut centres = first_centres(points, k, generator);
    let tolerance = TOLERANCE * points.var_axis(Axis(0), 0.0).mean().unwrap_or(0.0);
    let mut nearest = Vec::new();
    for _ in 0..ROUNDS {
        let distances = squares(points, &centres);
        nearest = least(&distances);
        fill_empty(&distances, &mut nearest, k);
        let next = means(points, &nearest, k);
        let moved = (&next - &centres).mapv(|v| v * v).sum();
        centres = next;
        if moved <= tolerance {
            break;
        }
    }
    nearest
}

fn first_centres(points: &Array2<f64>, k: usize, generator: &mut impl Rng) -> Array2<f64> {
    let n = points.nrows();
    #[expect(clippy::cast_sign_loss, reason = "k is at least 1")]
    let candidates = 2 + (k as f64).ln() as usize;
    let mut chosen = vec![generator.random_range(0..n)];
    let to = |place: usize| squares(points, &points.select(Axis(0), &[place])).remove_axis(Axis(1));
    let mut closest: Array1<f64> = to(chosen[0]);
    while chosen.len() < k {
        // All points are centres already: any will do.
        let Ok(by_distance) = WeightedIndex::new(&closest) else {
            chosen.push(chosen[0]);
            continue;
        };
        let trials = (0..candidates).map(|_| {
            let place = generator.sample(&by_distance);
            let mut after = to(place);
            after.zip_mut_with(&closest, |new, &old| *new = new.min(old));
            (place, after)
        });
        let best = trials.min_by(|a, b| a.1.sum().total_cmp(&b.1.sum()));
        let (place, after) = best.expect("at least two trials");
        chosen.push(place);
        closest = after;
    }
    points.select(Axis(0), &chosen)
}

/// Column of the smallest element of each row.
fn least(distances: &Array2<f64>) -> Vec<usize> {
    let rows = distances.rows().into_iter();
    rows.map(|row| {
        let all = row.iter().enumerate();
        all.min_by(|a, b| a.1.total_cmp(b.1))
            .map_or(0, |(place, _)| place)
    })
    .collect()
}

fn fill_empty(distances: &Array2<f64>, nearest: &mut [usize], k: usize) {
    let mut counts = vec![0_usize; k];
    for &cluster in nearest.iter() {
        counts[cluster] += 1;
    }
    for empty in 0..k {
        if counts[empty] > 0 {
            continue;
        }
        let spare = (0..nearest.len()).filter(|&i| counts[nearest[i]] > 1);
        let far = |&i: &usize| distances[(i, nearest[i])];
        let farthest = spare.max_by(|a, b| far(a).total_cmp(&far(b)));
        if let Some(point) = farthest {
            counts[nearest[point]] -= 1;
            counts[empty] = 1;
            nearest[point] = empty;
        }
    }
}

fn means(points: &Array2<f64>, nearest: &[usize], k: usize) -> Array2<f64> {
    let mut means = Array2::zeros((k, points.ncols()));
    let mut counts = vec![0.0; k];
    for (point, &cluster) in points.rows().into_iter().zip(nearest) {
        let mut sum = means.row_mut(cluster);
        sum += &point;
        counts[cluster] += 1.0;
    }
    for (mut mean, count) in means.rows_mut().into_iter().zip(counts) {
        mean /= count;
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn separate_heaps_are_found() {
        let points = Array2::from_shape_fn((60, 2), |(i, j)| {
            10.0 * (i % 3) as f64 + 0.1 * ((i * (j + 1)) % 7) as f64
        });
        let found = clusters(&points, 3, &mut ChaCha8Rng::seed_from_u64(1));
        for i in 0..60 {
            assert_eq!(found[i], found[i % 3]);
        }
        assert!(found[0] != found[1] && found[1] != found[2] && found[0] != found[2]);
    }

    #[test]
    fn every_cluster_has_a_point_even_of_copies() {
        let points = Array2::from_shape_fn((8, 2), |(i, _)| (i % 2) as f64);
        let found = clusters(&points, 5, &mut ChaCha8Rng::seed_from_u64(2));
        assert!((0..5).all(|cluster| found.contains(&cluster)));
    }
}
