//! What the ideal substrate keeps of a settled batch.

use crate::{
    Layers, Visible,
    kernels::{Real, padded},
};
use ndarray::{Array2, ArrayView2, Zip, s};
use std::sync::Arc;

/// Where each quantity of a sample lies in its record: one padded row of everything known about it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record {
    sizes: Vec<usize>,
    /// First column of layer l's state (x, h_l), output a_l, slope a′_l and input z_l.
    state: Vec<usize>,
    output: Vec<usize>,
    slope: Vec<usize>,
    input: Vec<usize>,
    pub(super) width: usize,
}

impl Record {
    pub(super) fn new(layers: &Layers) -> Self {
        let mut width = 0;
        let mut place = |n: usize| {
            width += padded(n);
            width - padded(n)
        };
        let hidden = &layers.sizes()[1..];
        let state: Vec<_> = layers.sizes().iter().map(|&n| place(n)).collect();
        // The visible layer's output is its state.
        let output = std::iter::once(0)
            .chain(hidden.iter().map(|&n| place(n)))
            .collect();
        let slope = std::iter::once(0)
            .chain(hidden.iter().map(|&n| place(n)))
            .collect();
        let input = std::iter::once(0)
            .chain(hidden.iter().map(|&n| place(n)))
            .collect();
        Self {
            sizes: layers.sizes().to_vec(),
            state,
            output,
            slope,
            input,
            width,
        }
    }

    /// Padded columns of layer l's state.
    pub(super) fn state(&self, l: usize) -> std::ops::Range<usize> {
        self.state[l]..self.state[l] + padded(self.sizes[l])
    }
    /// Padded columns of layer l's output.
    pub(super) fn output(&self, l: usize) -> std::ops::Range<usize> {
        self.output[l]..self.output[l] + padded(self.sizes[l])
    }
    /// Padded columns of hidden layer l's slope a′.
    pub(super) fn slope(&self, l: usize) -> std::ops::Range<usize> {
        self.slope[l]..self.slope[l] + padded(self.sizes[l])
    }
    /// Padded columns of hidden layer l's input z.
    pub(super) fn input(&self, l: usize) -> std::ops::Range<usize> {
        self.input[l]..self.input[l] + padded(self.sizes[l])
    }
}

/// A batch at rest: absolute states, or the deviations from the free phase that a nudge causes.
#[derive(Clone, Debug)]
pub struct Settled<R> {
    pub(super) record: Arc<Record>,
    /// `[batch, record.width]`.
    pub(super) values: Arc<Array2<R>>,
    /// The free phase that `values` deviates from, if it does.
    pub(super) reference: Option<Arc<Array2<R>>>,
    /// x_t, `[batch, n_0]`, and how it holds the visible nodes.
    pub(super) anchor: Arc<Array2<R>>,
    pub(super) visible: Visible,
    /// Visible nodes that a source holds, `[batch, n_0]`.
    pub(super) held: Option<Arc<Array2<bool>>>,
    pub(super) outcome: Outcome,
}

/// How the relaxation of each sample ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(super) residuals: Vec<f64>,
    pub(super) iterations: Vec<u32>,
    pub(super) settled: Vec<bool>,
}

impl<R: Real> Settled<R> {
    /// Samples in the batch.
    pub fn batch(&self) -> usize {
        self.values.nrows()
    }

    /// State of layer `l` (x for 0, else h_l), `[batch, n_l]`.
    pub fn state(&self, l: usize) -> Array2<R> {
        self.absolute(self.record.state[l], self.record.sizes[l])
    }

    /// Output of layer `l` (x for 0, else a(h_l)), `[batch, n_l]`.
    pub fn output(&self, l: usize) -> Array2<R> {
        self.absolute(self.record.output[l], self.record.sizes[l])
    }

    fn absolute(&self, start: usize, n: usize) -> Array2<R> {
        let columns = s![.., start..start + n];
        let values = Zip::from(self.values.slice(columns));
        match &self.reference {
            None => values.par_map_collect(|&value| value),
            Some(reference) => values
                .and(reference.slice(columns))
                .par_map_collect(|&value, &from| from + value),
        }
    }

    /// Output of layer `l` relative to the free phase, if it was computed as such.
    pub(super) fn output_deviation(&self, l: usize) -> Option<ArrayView2<'_, R>> {
        let (start, n) = (self.record.output[l], self.record.sizes[l]);
        self.reference
            .as_ref()
            .map(|_| self.values.slice(s![.., start..start + n]))
    }
}
