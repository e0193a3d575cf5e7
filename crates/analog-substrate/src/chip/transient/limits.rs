//! Where nodes may be, and how far from rest they are.

use super::super::circuit::Circuit;
use super::meter::Meter;
use crate::kernels::Real;

/// Keeps the first `m` rows of every part within what its elements allow.
pub(super) fn confine<R: Real>(circuit: &Circuit<R>, m: usize, state: &mut [Vec<R>]) {
    for part in 1..circuit.nodes() {
        if let Some((low, high)) = circuit.range(part) {
            for s in &mut state[part][..m * circuit.widths[part]] {
                *s = s.larger(low).smaller(high);
            }
        }
    }
}

/// As [`confine`]; the meter learns how far each node was moved.
pub(super) fn confine_metered<R: Real>(
    circuit: &Circuit<R>,
    m: usize,
    state: &mut [Vec<R>],
    meter: &mut Meter<R>,
) {
    for part in 1..circuit.nodes() {
        if let Some((low, high)) = circuit.range(part) {
            let states = &mut state[part][..m * circuit.widths[part]];
            for (s, displaced) in states.iter_mut().zip(meter.limit(part)) {
                let confined = s.larger(low).smaller(high);
                *displaced += confined - *s;
                *s = confined;
            }
        }
    }
}

/// Largest imbalance of a node's currents in one row of a block, in units of g_unit·V_unit. What
/// pushes a node against its limit is not out of balance.
pub(super) fn imbalance<R: Real>(
    circuit: &Circuit<R>,
    state: &[Vec<R>],
    drift: &[Vec<R>],
    row: usize,
) -> f64 {
    let mut worst = R::ZERO;
    for l in 0..circuit.nodes() {
        let n = circuit.widths[l];
        let range = circuit.range(l);
        for i in 0..circuit.layers.size(l) {
            let imbalance = drift[l][row * n + i] / circuit.mobility[l][i];
            let s = state[l][row * n + i];
            let held = range.is_some_and(|(low, high)| {
                s <= low && imbalance < R::ZERO || s >= high && imbalance > R::ZERO
            });
            if !held {
                worst = worst.larger(imbalance.abs());
            }
        }
    }
    worst.to_f64()
}
