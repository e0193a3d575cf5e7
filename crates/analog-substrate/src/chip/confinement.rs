//! Where the states of hidden nodes may be.

use super::{Instance, rows::row_of};
use crate::{
    Cell,
    activation::Curve,
    kernels::{Real, padded},
};

/// Nodes that rest on the edges of an interval each, padded rows of a part: diodes hold the outputs of a
/// resistive cell in the range of its activation, and the states of a gradient cell's hard sigmoid
/// where its slope is 1, which an offset of the activation's input moves with it.
#[derive(Clone, Debug)]
pub(crate) struct Confinement<R> {
    /// Whether there are any: else the interval is without end.
    acts: bool,
    pub(crate) low: Vec<R>,
    pub(crate) high: Vec<R>,
}

impl<R: Real> Confinement<R> {
    /// Of every layer, visible first.
    pub(super) fn of_layers(instance: &Instance, curve: Curve<R>, cell: Cell) -> Vec<Self> {
        let layers = instance.offset.iter().enumerate();
        let range = match cell {
            Cell::Gradient => curve.range(),
            Cell::Hopfield => None,
            Cell::Resistive => Some(curve.output_range()),
        };
        layers
            .map(|(l, offsets)| {
                let range = range.filter(|_| l > 0);
                let everywhere = (R::from_f64(f64::NEG_INFINITY), R::from_f64(f64::INFINITY));
                let (low, high) = range.unwrap_or(everywhere);
                // A resistive cell's state is the output, behind the offset.
                let share = if cell == Cell::Resistive { 0.0 } else { 1.0 };
                let edge = |edge: R| {
                    let moved = offsets.iter().map(|o| edge.to_f64() - share * o);
                    row_of(moved, padded(offsets.len()), edge.to_f64())
                };
                Self {
                    acts: range.is_some(),
                    low: edge(low),
                    high: edge(high),
                }
            })
            .collect()
    }

    /// Itself, if it confines anything.
    pub(crate) fn acting(&self) -> Option<&Self> {
        self.acts.then_some(self)
    }

    /// Moves states that are outside, rows of the part, to the nearest edge.
    pub(crate) fn confine(&self, states: &mut [R]) {
        let edges = self.low.iter().zip(&self.high);
        for row in states.chunks_exact_mut(self.low.len()) {
            for (s, (&low, &high)) in row.iter_mut().zip(edges.clone()) {
                *s = s.larger(low).smaller(high);
            }
        }
    }
}
