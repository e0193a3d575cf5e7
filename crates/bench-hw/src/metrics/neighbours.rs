//! Who is whose neighbour, from matrices of squared distances.

use ndarray::Array2;

/// Squared distances between rows, `[n, m]`. Of grey levels that are multiples of 1/8 they are exact.
pub(crate) fn squares(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let rows = |x: &Array2<f64>| {
        x.rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect::<Vec<_>>()
    };
    let (a, b) = (rows(a), rows(b));
    Array2::from_shape_fn((a.len(), b.len()), |(i, j)| {
        a[i].iter().zip(&b[j]).map(|(a, b)| (a - b).powi(2)).sum()
    })
}

/// Squared radius of each point's ball: to its k-th nearest among the others.
pub(super) fn radii(squares: &Array2<f64>, members: &[usize], k: usize) -> Vec<f64> {
    let mut others = Vec::new();
    members
        .iter()
        .map(|&i| {
            others.clear();
            others.extend(
                members
                    .iter()
                    .filter(|&&j| j != i)
                    .map(|&j| squares[(i, j)]),
            );
            *others.select_nth_unstable_by(k - 1, f64::total_cmp).1
        })
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
