//! Samples of a model under a condition, at several moments of the flow, with what they cost by then.
//!
//! The same starting noise can be given to every condition, so that differences between conditions
//! are not differences between draws.

mod condition;
mod cost;
mod request;
mod run;
mod start;
#[cfg(test)]
mod tests;

pub use condition::{Condition, Mode, Way};
pub use cost::Cost;
pub use request::{Generate, Generation};
pub use run::{GenerationError, OnChip, check_size, generate, generate_ideal, generate_on_chip};
pub use start::{Start, given_nodes};

use crate::metrics::{MetricsError, Reference, Scores, measure};
use analog_substrate::chip::{Clock, Ledger};
use ndarray::{Array3, ArrayView2, Axis};

/// Samples at some moments of the flow, and what they had cost by then.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Flow time of each moment.
    pub times: Vec<f64>,
    /// Images at each moment, `[moments, n, pixels]`, as integrated: not clamped. Label nodes are left out.
    pub samples: Array3<f32>,
    /// What each sample had cost by then (mean over the batch).
    pub costs: Vec<Cost>,
}

impl Generated {
    /// Images at the last moment, `[n, pixels]`, as integrated: not clamped.
    ///
    /// # Panics
    /// Without moments, which no generation is.
    pub fn last(&self) -> ArrayView2<'_, f32> {
        let last = self.samples.len_of(Axis(0)) - 1;
        self.samples.index_axis(Axis(0), last)
    }

    /// Measures the samples of the last moment, clamped to [−1, 1].
    ///
    /// # Errors
    /// [`MetricsError`] for too few samples, another number of pixels than the reference's, values that are not finite.
    pub fn measure(&self, reference: &Reference) -> Result<Scores, MetricsError> {
        measure(self.last(), reference)
    }

    /// Time per sample on the chip up to the last moment; none without a chip.
    pub fn clock(&self) -> Option<Clock> {
        self.costs.last()?.clock
    }

    /// Energy per sample on the chip up to the last moment; none without a chip.
    pub fn ledger(&self) -> Option<Ledger> {
        self.costs.last()?.ledger
    }
}
