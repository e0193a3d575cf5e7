//! Who is whose neighbour, from matrices of squared distances.

use ndarray::{Array1, Array2, Axis, Zip};

/// Squared distances between rows, `[n, m]`.
///
/// As |x|² + |y|² − 2 x·y: of grey levels that are multiples of 1/8 every term is a multiple of 1/64
/// that double precision holds exactly, so that ties are ties; of other values it is right to
/// rounding, and never negative.
pub fn squares(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    squares_of(a.dot(&b.t()), a, b)
}

/// [`squares`] from the products of all rows, `[n, m]`.
pub(super) fn squares_of(products: Array2<f64>, a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let norms = |x: &Array2<f64>| -> Array1<f64> {
        x.axis_iter(Axis(0)).map(|row| row.dot(&row)).collect()
    };
    let (of_a, of_b) = (norms(a), norms(b));
    let mut squares = products;
    Zip::from(squares.rows_mut())
        .and(&of_a)
        .for_each(|mut row, &a| {
            Zip::from(&mut row)
                .and(&of_b)
                .for_each(|square, &b| *square = (a + b - 2.0 * *square).max(0.0));
        });
    squares
}

/// Neighbours that are kept of each point: a subset without a fifth of the points has three of them
/// left, but for one point in 10⁸ (which is then looked for among all).
const KEPT: usize = 16;

/// The nearest others of each of some points.
#[derive(Clone, Debug)]
pub(super) struct Neighbours {
    /// Squared distances of all points, `[n, n]`.
    squares: Array2<f64>,
    /// Distance and number of the nearest others of each point, ascending.
    nearest: Vec<Vec<(f64, usize)>>,
}

impl Neighbours {
    pub(super) fn new(squares: Array2<f64>) -> Self {
        let nearest = squares
            .rows()
            .into_iter()
            .enumerate()
            .map(|(i, row)| {
                let mut others: Vec<(f64, usize)> = row
                    .iter()
                    .enumerate()
                    .filter(|(j, _)| *j != i)
                    .map(|(j, &square)| (square, j))
                    .collect();
                let closer = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0);
                if others.len() > KEPT {
                    others.select_nth_unstable_by(KEPT, closer);
                    others.truncate(KEPT);
                }
                others.sort_unstable_by(closer);
                others
            })
            .collect();
        Self { squares, nearest }
    }

    /// Squared radius of a point's ball: to its k-th nearest among the others of whom `is_member`
    /// says so; infinite if there are not as many.
    pub(super) fn radius(&self, point: usize, k: usize, is_member: &[bool]) -> f64 {
        let kept = self.nearest[point].iter().filter(|(_, j)| is_member[*j]);
        if let Some(&(square, _)) = kept.clone().nth(k - 1) {
            return square;
        }
        let row = self.squares.row(point);
        let mut others: Vec<f64> = row
            .iter()
            .zip(is_member)
            .enumerate()
            .filter(|(j, (_, is_member))| *j != point && **is_member)
            .map(|(_, (&square, _))| square)
            .collect();
        if others.len() < k {
            return f64::INFINITY;
        }
        *others.select_nth_unstable_by(k - 1, f64::total_cmp).1
    }
}

/// Squared radii of all points' balls.
pub(super) fn radii(neighbours: &Neighbours, k: usize) -> Vec<f64> {
    let everyone = vec![true; neighbours.nearest.len()];
    (0..everyone.len())
        .map(|point| neighbours.radius(point, k, &everyone))
        .collect()
}

/// Smallest of some values; infinite of none.
pub(super) fn least(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

/// Share of `count` for which it is so.
pub(super) fn share(count: usize, is_so: impl FnMut(&usize) -> bool) -> f64 {
    (0..count).filter(is_so).count() as f64 / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Distances by differences, as they are defined.
    fn by_differences(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn((a.nrows(), b.nrows()), |(i, j)| {
            let pairs = a.row(i).to_vec().into_iter().zip(b.row(j).to_vec());
            pairs.map(|(a, b)| (a - b).powi(2)).sum()
        })
    }

    #[test]
    fn distances_of_grey_levels_are_exact() {
        let mut draws = ChaCha8Rng::seed_from_u64(5);
        let mut images = |n| {
            Array2::from_shape_fn((n, 64), |_| {
                f64::from(draws.random_range(0..17)) / 8.0 - 1.0
            })
        };
        let (a, b) = (images(30), images(20));
        assert_eq!(squares(&a, &b), by_differences(&a, &b));
        assert!(squares(&a, &a).diag().iter().all(|d| *d <= 0.0));
    }

    #[test]
    fn radii_of_subsets_are_those_of_the_subset_alone() {
        let mut draws = ChaCha8Rng::seed_from_u64(6);
        let points = Array2::from_shape_fn((40, 3), |_| draws.random_range(-1.0..1.0));
        let neighbours = Neighbours::new(squares(&points, &points));
        // A fifth of the points, so that kept neighbours do not suffice, and four fifths.
        for member in [
            |i: usize| i.is_multiple_of(5),
            |i: usize| !i.is_multiple_of(5),
        ] {
            let is_member: Vec<bool> = (0..40).map(member).collect();
            let members: Vec<usize> = (0..40).filter(|&i| is_member[i]).collect();
            let alone = points.select(Axis(0), &members);
            let alone = by_differences(&alone, &alone);
            for (row, &point) in members.iter().enumerate() {
                let mut sorted = alone.row(row).to_vec();
                sorted.sort_unstable_by(f64::total_cmp);
                let radius = neighbours.radius(point, 3, &is_member);
                assert!((radius - sorted[3]).abs() < 1e-12, "{radius} {}", sorted[3]);
            }
        }
    }
}
