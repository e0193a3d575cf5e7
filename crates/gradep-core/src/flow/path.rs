//! The linear path of flow matching: x_t = (1 − t)x_0 + t x_1, u = x_1 − x_0 (Lipman et al. 2023,
//! arXiv 2210.02747, optimal-transport path with σ = 0).

use crate::random::{Purpose, stream};
use ndarray::{Array2, ArrayRef2, Zip, s};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Points on the path between noise and data, and where the flow should go there.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSample {
    /// Flow times, `[batch]`, in [0, 1).
    pub times: Vec<f32>,
    /// x_t, `[batch, n_0]`.
    pub anchor: Array2<f32>,
    /// u, `[batch, n_0]`.
    pub velocity: Array2<f32>,
}

impl PathSample {
    /// The path points between `noise` and `data` (both `[batch, n_0]`, paired by row).
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn new(noise: &ArrayRef2<f32>, data: &ArrayRef2<f32>, times: Vec<f32>) -> Self {
        let mut anchor = noise.to_owned();
        for ((mut row, data), &t) in anchor.rows_mut().into_iter().zip(data.rows()).zip(&times) {
            Zip::from(&mut row)
                .and(&data)
                .for_each(|x, &x_1| *x = (1.0 - t) * *x + t * x_1);
        }
        Self {
            times,
            anchor,
            velocity: data - noise,
        }
    }
}

impl PathSample {
    /// Samples `rows`.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Self {
        Self {
            times: self.times[rows.clone()].to_vec(),
            anchor: self.anchor.slice(s![rows.clone(), ..]).to_owned(),
            velocity: self.velocity.slice(s![rows, ..]).to_owned(),
        }
    }
}

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

/// Flow times t ~ U[0, 1) of samples `0 … count` at one step.
pub fn uniform_times(seed: u64, step: u64, count: usize) -> Vec<f32> {
    (0..count as u64)
        .map(|sample| stream(seed, Purpose::Time, step, sample).random())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_path_starts_at_noise_and_ends_at_data() {
        let (noise, data) = (
            array![[1.0, 2.0], [1.0, 2.0]],
            array![[3.0, -2.0], [3.0, -2.0]],
        );
        let path = PathSample::new(&noise, &data, vec![0.0, 0.75]);
        assert_eq!(path.anchor, array![[1.0, 2.0], [2.5, -1.0]]);
        assert_eq!(path.velocity, array![[2.0, -4.0], [2.0, -4.0]]);
    }

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
