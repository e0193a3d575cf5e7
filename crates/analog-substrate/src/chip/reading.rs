//! What can be observed of the nodes at the end of a transient.

use super::{
    circuit::{Circuit, VisibleMode},
    instant::{External, Instant},
};
use crate::activation::ActivationScalar;
use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Outputs of the layers `[batch, n_l]` and the current that the spring or clamp draws from the
/// network `[batch, n_0]`: λ_i(x − x_t), or −∂E/∂x at a clamped x and at the nodes that sources hold (`fixed`,
/// `[batch, padded n_0]`).
pub(super) fn observe<R: ActivationScalar>(
    circuit: &Circuit<R>,
    parts: &Array2<R>,
    (held, fixed): (&Array2<R>, &[bool]),
) -> (Vec<Array2<R>>, Array2<R>) {
    let sizes = circuit.layers.sizes();
    let batch = parts.nrows();
    let mut outputs: Vec<Array2<R>> = sizes.iter().map(|&n| Array2::zeros((batch, n))).collect();
    let mut current = Array2::zeros((batch, sizes[0]));
    let rows: Vec<(Vec<Vec<R>>, Vec<R>)> = (0..batch)
        .into_par_iter()
        .map_init(
            || Instant::new(circuit, 1),
            |instant, row| observe_row(circuit, instant, parts, (held, fixed), row),
        )
        .collect();
    for (row, (seen, drawn)) in rows.into_iter().enumerate() {
        for (outputs, seen) in outputs.iter_mut().zip(&seen) {
            let to = outputs.index_axis_mut(Axis(0), row);
            to.into_iter().zip(seen).for_each(|(to, &y)| *to = y);
        }
        let to = current.index_axis_mut(Axis(0), row);
        to.into_iter().zip(&drawn).for_each(|(to, &i)| *to = i);
    }
    (outputs, current)
}

fn observe_row<R: ActivationScalar>(
    circuit: &Circuit<R>,
    instant: &mut Instant<R>,
    parts: &Array2<R>,
    (held, fixed): (&Array2<R>, &[bool]),
    row: usize,
) -> (Vec<Vec<R>>, Vec<R>) {
    let mut column = 0;
    let state: Vec<Vec<R>> = circuit
        .widths
        .iter()
        .map(|&n| {
            let values = parts
                .row(row)
                .iter()
                .skip(column)
                .take(n)
                .copied()
                .collect();
            column += n;
            values
        })
        .collect();
    let mut drift = state.clone();
    let external = External {
        force: &vec![R::ZERO; circuit.widths[0]],
        stiffening: R::ZERO,
        disturbance: None,
    };
    instant.drift(circuit, 1, &state, &external, &mut drift);
    let is_fixed = |i: usize| fixed.get(row * circuit.widths[0] + i) == Some(&true);
    let current = (0..circuit.layers.visible())
        .map(|i| match circuit.mode {
            VisibleMode::Spring { .. } if !is_fixed(i) => {
                circuit.spring[i] * (state[0][i] - held[(row, i)])
            }
            VisibleMode::Spring { .. } | VisibleMode::Clamped | VisibleMode::Floating { .. } => {
                instant.current[0][i] - circuit.leak[0][i] * state[0][i]
            }
        })
        .collect();
    (instant.output.clone(), current)
}
