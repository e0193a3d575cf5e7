//! Batches of matched pairs on the path, each a function of (data, configuration, seed, step).

use super::{
    PathSample,
    assignment::{AssignmentError, DataPotential, Workspace, assign},
    normal_rows, uniform_times,
};
use crate::{
    config::{CouplingKind, FlowConfig},
    random::{Purpose, stream},
};
use ndarray::{Array2, Axis};
use rand::{RngExt, seq::SliceRandom};
use std::cell::RefCell;

/// Noise batches from which the transport potential of the data is learned: more make a solve no
/// faster (measured: 12.2, 11.1, 10.4, 9.5 ms after 1, 2, 4, 8).
const POTENTIAL_BATCHES: u64 = 4;

/// Data sets up to this size get a learned potential; it needs the full n × n problem.
const POTENTIAL_LIMIT: usize = 4096;

thread_local! {
    /// Scratch memory of the assignment solver, kept between batches.
    static WORKSPACE: RefCell<Workspace> = RefCell::default();
}

/// Draws the batches of a run. Any batch can be drawn at any time, on any thread.
#[derive(Clone, Debug)]
pub struct BatchSource {
    data: Array2<f32>,
    config: FlowConfig,
    seed: u64,
    potential: DataPotential,
}

impl BatchSource {
    /// Batches of `data` `[n, n_0]`; learns the data's transport potential, a few solves' work.
    pub fn new(data: Array2<f32>, config: FlowConfig, seed: u64) -> Result<Self, AssignmentError> {
        let (n, dimension) = data.dim();
        let matched = config.coupling == CouplingKind::OptimalTransport;
        let potential = if matched && n <= POTENTIAL_LIMIT {
            let noise = (0..POTENTIAL_BATCHES)
                .map(|step| normal_rows(seed, Purpose::Potential, step, n, dimension));
            DataPotential::learn(&data, noise)?
        } else {
            DataPotential::zero(n)
        };
        Ok(Self {
            data,
            config,
            seed,
            potential,
        })
    }

    /// Samples per batch.
    pub fn batch_size(&self) -> usize {
        match self.config.batch {
            0 => self.data.nrows(),
            batch => batch.min(self.data.nrows()),
        }
    }

    /// Batches per epoch: every image at most once, remainders dropped.
    pub fn batches_per_epoch(&self) -> u64 {
        (self.data.nrows() / self.batch_size().max(1)) as u64
    }

    /// Batch number `step`, counted from the start of the run.
    pub fn batch(&self, step: u64) -> Result<PathSample, AssignmentError> {
        let rows = self.rows(step);
        let data = match rows.as_deref() {
            None => self.data.clone(),
            Some(rows) => self.data.select(Axis(0), rows),
        };
        let (count, dimension) = data.dim();
        let noise = normal_rows(self.seed, Purpose::Source, step, count, dimension);
        let times = uniform_times(self.seed, step, count);
        let mut data_of: Vec<usize> = match self.config.coupling {
            CouplingKind::Independent => (0..count).collect(),
            CouplingKind::OptimalTransport => {
                let selected = rows.as_deref().map(|rows| self.potential.select(rows));
                let start = selected.as_ref().unwrap_or(&self.potential);
                let assignment =
                    WORKSPACE.with_borrow_mut(|ws| assign(&noise, &data, start, ws))?;
                assignment
                    .data_of
                    .into_iter()
                    .map(|index| index as usize)
                    .collect()
            }
        };
        if !self.config.with_replacement {
            return Ok(PathSample::new(
                &noise,
                &data.select(Axis(0), &data_of),
                times,
            ));
        }
        let drawn: Vec<usize> = (0..count as u64)
            .map(|sample| stream(self.seed, Purpose::Pairs, step, sample).random_range(0..count))
            .collect();
        data_of = drawn.iter().map(|&pair| data_of[pair]).collect();
        let noise = noise.select(Axis(0), &drawn);
        Ok(PathSample::new(
            &noise,
            &data.select(Axis(0), &data_of),
            times,
        ))
    }

    /// Which images batch `step` holds; none means all of them.
    fn rows(&self, step: u64) -> Option<Vec<usize>> {
        let (n, size) = (self.data.nrows(), self.batch_size());
        if size == n {
            return None;
        }
        let (epoch, part) = (
            step / self.batches_per_epoch(),
            step % self.batches_per_epoch(),
        );
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut stream(self.seed, Purpose::Shuffle, epoch, 0));
        let start = part as usize * size;
        Some(order[start..start + size].to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;

    fn source(batch: usize, coupling: CouplingKind, with_replacement: bool) -> BatchSource {
        let data = Dataset::digits().images().clone();
        let config = FlowConfig {
            coupling,
            with_replacement,
            batch,
            time_bins: 10,
        };
        BatchSource::new(data, config, 3).unwrap()
    }

    fn transport_cost(sample: &PathSample) -> f64 {
        sample
            .velocity
            .iter()
            .map(|&u| f64::from(u).powi(2))
            .sum::<f64>()
            / sample.velocity.len() as f64
    }

    #[test]
    fn matched_pairs_are_as_close_as_published_and_independent_ones_are_not() {
        // Mean squared displacement per dimension, full batch: 1.349 matched, 1.719 independent.
        let matched = transport_cost(
            &source(0, CouplingKind::OptimalTransport, false)
                .batch(0)
                .unwrap(),
        );
        let independent = transport_cost(
            &source(0, CouplingKind::Independent, false)
                .batch(0)
                .unwrap(),
        );
        assert!((matched - 1.349).abs() < 0.02, "{matched}");
        assert!((independent - 1.719).abs() < 0.02, "{independent}");
    }

    #[test]
    fn drawing_with_replacement_leaves_63_per_cent_distinct() {
        let sample = source(0, CouplingKind::OptimalTransport, true)
            .batch(0)
            .unwrap();
        let mut ends: Vec<Vec<u32>> = sample
            .velocity
            .rows()
            .into_iter()
            .map(|row| row.iter().map(|u| u.to_bits()).collect())
            .collect();
        let count = ends.len() as f64;
        ends.sort();
        ends.dedup();
        // 1 − 1/e with a standard error of 0.007.
        assert!((ends.len() as f64 / count - 0.632).abs() < 0.03);
    }

    #[test]
    fn an_epoch_of_small_batches_uses_each_image_once() {
        let source = source(256, CouplingKind::Independent, false);
        assert_eq!(source.batches_per_epoch(), 7);
        let mut rows: Vec<usize> = (7..14)
            .flat_map(|step| source.rows(step).unwrap())
            .collect();
        rows.sort_unstable();
        rows.dedup();
        assert_eq!(rows.len(), 7 * 256);
        assert_ne!(source.rows(0), source.rows(7));
    }
}
