//! What samples carry from one step of a flow to the next: where they were, how fast they began, who is at rest.

use super::root_mean_square;
use ndarray::Array2;

/// Samples on their way, in the order of the batch.
#[derive(Debug)]
pub(super) struct Motion {
    /// Share of its first speed below which a sample stays where it is; 0 for never.
    stop_below: f64,
    /// Root mean square of each sample's first velocity, once it is known.
    first: Vec<f64>,
    /// Which samples stay where they are.
    resting: Vec<bool>,
    /// Where samples were before the last step, for momentum.
    previous: Option<Array2<f32>>,
}

impl Motion {
    pub(super) fn new(samples: usize, stop_below: f64) -> Self {
        Self {
            stop_below,
            first: Vec::new(),
            resting: vec![false; samples],
            previous: None,
        }
    }

    /// Notes the velocity with which a step begins.
    pub(super) fn begin(&mut self, velocity: &Array2<f32>) {
        if self.stop_below <= 0.0 {
            return;
        }
        let speeds: Vec<f64> = velocity.rows().into_iter().map(root_mean_square).collect();
        if self.first.is_empty() {
            self.first.clone_from(&speeds);
        }
        let samples = self.resting.iter_mut().zip(&self.first).zip(speeds);
        for ((resting, first), speed) in samples {
            *resting |= speed < self.stop_below * first;
        }
    }

    /// Whether no sample moves any more.
    pub(super) fn is_over(&self) -> bool {
        !self.resting.is_empty() && self.resting.iter().all(|&resting| resting)
    }

    /// Moves the samples that are not at rest from `x` to `next`, `[n, n_0]`.
    pub(super) fn advance(&mut self, x: &mut Array2<f32>, mut next: Array2<f32>) {
        let rows = next.rows_mut().into_iter().zip(x.rows());
        for ((mut next, x), _) in rows.zip(&self.resting).filter(|(_, resting)| **resting) {
            next.assign(&x);
        }
        std::mem::swap(x, &mut next);
        self.previous = Some(next);
    }

    /// Where samples would be that went on by a share of their last step, `[n, n_0]`.
    pub(super) fn ahead(&self, x: &Array2<f32>, share: f32) -> Array2<f32> {
        match &self.previous {
            None => x.clone(),
            Some(previous) => x + &((x - previous) * share),
        }
    }
}
