//! The random numbers that training pairs and generated samples begin with.

use crate::random::{Purpose, stream};
use ndarray::Array2;
use rand::RngExt;
use rand_distr::StandardNormal;

/// Standard normal rows `[count, dimension]` of samples `0 … count` at one step.
pub fn normal_rows(
    seed: u64,
    purpose: Purpose,
    step: u64,
    count: usize,
    dimension: usize,
) -> Array2<f32> {
    let mut rows = Array2::zeros((count, dimension));
    for (sample, mut row) in rows.rows_mut().into_iter().enumerate() {
        let mut generator = stream(seed, purpose, step, sample as u64);
        row.iter_mut()
            .for_each(|x| *x = generator.sample(StandardNormal));
    }
    rows
}

/// Times t ~ U[0, 1) of samples `0 … count` at one step.
pub fn uniform_times(seed: u64, step: u64, count: usize) -> Vec<f32> {
    (0..count as u64)
        .map(|sample| stream(seed, Purpose::Time, step, sample).random())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_standard_normal() {
        let rows = normal_rows(7, Purpose::Source, 0, 1000, 64);
        let n = rows.len() as f32;
        let mean = rows.sum() / n;
        let variance = rows.mapv(|x| x * x).sum() / n - mean * mean;
        // Standard errors 1/√64000 = 0.004 and √2/√64000 = 0.0056; five of each.
        assert!(
            mean.abs() < 0.02 && (variance - 1.0).abs() < 0.028,
            "{mean} {variance}"
        );
        // A sample's row does not depend on how many there are.
        assert_eq!(
            rows.row(9),
            normal_rows(7, Purpose::Source, 0, 10, 64).row(9)
        );
    }
}
