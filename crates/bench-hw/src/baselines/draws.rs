//! Addressed draws of a baseline.

use analog_substrate::random::{Purpose, stream};
use gradep_core::draws::normal_rows;
use ndarray::Array2;
use rand::{RngExt, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// What a draw is for; the step of its address.
#[derive(Clone, Copy)]
#[repr(u64)]
pub(super) enum Part {
    /// Order of the training images.
    Order = 0,
    /// Which image, or part of a mixture, a sample is made from.
    Choice = 1,
    /// Standard normal numbers of a sample.
    Noise = 2,
    /// Uniform numbers of a sample.
    Uniform = 3,
    /// First centres of a fit.
    Fit = 4,
    /// Order of the training images that others are mixed with.
    Partner = 5,
}

/// The draws of one seed.
#[derive(Clone, Copy)]
pub(super) struct Draws {
    pub(super) seed: u64,
}

impl Draws {
    pub(super) fn of(self, part: Part, sample: usize) -> ChaCha8Rng {
        stream(self.seed, Purpose::Baseline, part as u64, sample as u64)
    }

    /// 0 … `count` in random order.
    pub(super) fn order(self, part: Part, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut self.of(part, 0));
        order
    }

    /// One of 0 … `from` for each of `n` samples.
    pub(super) fn choices(self, n: usize, from: usize) -> Vec<usize> {
        (0..n)
            .map(|sample| self.of(Part::Choice, sample).random_range(0..from))
            .collect()
    }

    /// Standard normal numbers `[n, dimension]`.
    pub(super) fn normal(self, n: usize, dimension: usize) -> Array2<f64> {
        normal_rows(
            self.seed,
            Purpose::Baseline,
            Part::Noise as u64,
            n,
            dimension,
        )
        .mapv(f64::from)
    }

    /// Uniform numbers `[n, dimension]` from 0 to 1.
    pub(super) fn uniform(self, n: usize, dimension: usize) -> Array2<f64> {
        let mut rows = Array2::zeros((n, dimension));
        for (sample, mut row) in rows.rows_mut().into_iter().enumerate() {
            let mut generator = self.of(Part::Uniform, sample);
            row.iter_mut().for_each(|x| *x = generator.random());
        }
        rows
    }
}
