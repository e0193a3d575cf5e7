//! Prices of the data points that do not depend on the noise.

use ndarray::{Array2, ArrayRef2};

use super::{AssignmentError, Workspace, assign};

/// Prices pⱼ at which the data points are about equally wanted, whatever the noise.
///
/// Sample x₀ wants the j with the largest x₀·x₁ⱼ − pⱼ. At the exact semi-discrete potential of N(0, I)
/// every data point is wanted with the same probability 1/n; a finite noise batch fluctuates about it,
/// and that remainder is what [`assign`] resolves.
#[derive(Clone, Debug, PartialEq)]
pub struct DataPotential {
    pub(super) prices: Vec<f32>,
}

impl DataPotential {
    /// No knowledge: all `n` prices are zero.
    pub fn zero(n: usize) -> Self {
        Self {
            prices: vec![0.0; n],
        }
    }

    /// The mean of the optimal prices of `data` `[n, d]` against each of the `noise_batches` `[n, d]`.
    ///
    /// Optimal prices are defined up to a constant, so each solution is shifted to mean zero first.
    /// No batches give [`DataPotential::zero`]. Four are enough on the digits: sixteen make later
    /// solves faster by a tenth at most, because a finite batch has its own fluctuations. Each
    /// takes n² single-precision numbers; data too many for that are paired in mini-batches from zero.
    pub fn learn(
        data: &ArrayRef2<f32>,
        noise_batches: impl IntoIterator<Item = Array2<f32>>,
    ) -> Result<Self, AssignmentError> {
        let n = data.nrows();
        let mut mean = vec![0.0_f64; n];
        let mut potential = Self::zero(n);
        let mut workspace = Workspace::default();
        for (batch, noise) in noise_batches.into_iter().enumerate() {
            let price = assign(&noise, data, &potential, &mut workspace)?.price;
            let shift = price.iter().sum::<f64>() / n as f64;
            for ((mean, price), start) in mean.iter_mut().zip(price).zip(&mut potential.prices) {
                *mean += (price - shift - *mean) / (batch + 1) as f64;
                *start = *mean as f32;
            }
        }
        Ok(potential)
    }

    /// Price of each data point, in units of x₀·x₁.
    pub fn prices(&self) -> &[f32] {
        &self.prices
    }

    /// The prices of the given rows of the data, in that order: the start of a mini-batch.
    ///
    /// # Panics
    /// If a row is not one of the data points.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            prices: rows.iter().map(|&row| self.prices[row]).collect(),
        }
    }
}
