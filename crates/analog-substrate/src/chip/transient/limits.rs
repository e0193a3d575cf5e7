//! Where nodes may be, and how far from rest they are.

use super::super::{circuit::Circuit, confinement::Confinement};
use super::meter::Meter;
use crate::kernels::{
    LANES, Real,
    reduce::largest,
    simd::{Isa, Kernel},
};

/// Keeps the first `m` rows of every part within what its elements allow.
pub(super) fn confine<R: Real>(circuit: &Circuit<R>, m: usize, state: &mut [Vec<R>]) {
    for part in 1..circuit.nodes() {
        if let Some(edges) = circuit.confining(part) {
            edges.confine(&mut state[part][..m * circuit.widths[part]]);
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
        if let Some(edges) = circuit.confining(part) {
            let n = circuit.widths[part];
            let rows = state[part][..m * n].chunks_exact_mut(n);
            for (row, displaced) in rows.zip(meter.limit(part).chunks_exact_mut(n)) {
                let edges = edges.low.iter().zip(&edges.high);
                for ((s, displaced), (&low, &high)) in row.iter_mut().zip(displaced).zip(edges) {
                    let confined = s.larger(low).smaller(high);
                    *displaced += confined - *s;
                    *s = confined;
                }
            }
        }
    }
}

/// Largest imbalance of a node's currents in each row of a block, in units of g_unit·V_unit; NaN where
/// a drift is not finite. What pushes a node against its limit is not out of balance.
pub(super) fn imbalances<R: Real>(
    circuit: &Circuit<R>,
    state: &[Vec<R>],
    drift: &[Vec<R>],
    worst: &mut [R],
) {
    worst.fill(R::ZERO);
    for l in 0..circuit.nodes() {
        circuit.level.run(Imbalances {
            state: &state[l],
            drift: &drift[l],
            mobility: &circuit.mobility[l][..circuit.layers.size(l)],
            width: circuit.widths[l],
            edges: &circuit.confinement[l],
            worst: &mut *worst,
        });
    }
}

/// [`imbalances`] of one layer, on top of those of others.
struct Imbalances<'a, R> {
    state: &'a [R],
    drift: &'a [R],
    /// Of the layer's nodes, without padding.
    mobility: &'a [R],
    /// Padded nodes of a row.
    width: usize,
    edges: &'a Confinement<R>,
    worst: &'a mut [R],
}

impl<R: Real> Kernel for Imbalances<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let n = self.mobility.len();
        let (low, high) = (&self.edges.low[..n], &self.edges.high[..n]);
        let of = |drift: R, mobility: R, s: R, (low, high): (R, R)| {
            let imbalance = drift / mobility;
            let held = s <= low && imbalance < R::ZERO || s >= high && imbalance > R::ZERO;
            if held { R::ZERO } else { imbalance.abs() }
        };
        for (row, worst) in self.worst.iter_mut().enumerate() {
            let (drift, state) = (
                &self.drift[row * self.width..][..n],
                &self.state[row * self.width..][..n],
            );
            // The larger of two numbers passes over NaN: what is not finite is summed apart, times zero.
            let (mut lanes, mut spoilt) = ([R::ZERO; LANES], [R::ZERO; LANES]);
            let whole = n - n % LANES;
            for at in (0..whole).step_by(LANES) {
                let (drift, state) = (&drift[at..][..LANES], &state[at..][..LANES]);
                let mobility = &self.mobility[at..][..LANES];
                let (low, high) = (&low[at..][..LANES], &high[at..][..LANES]);
                for i in 0..LANES {
                    let imbalance = of(drift[i], mobility[i], state[i], (low[i], high[i]));
                    lanes[i] = lanes[i].larger(imbalance);
                    spoilt[i] += R::ZERO * imbalance;
                }
            }
            for i in whole..n {
                let imbalance = of(drift[i], self.mobility[i], state[i], (low[i], high[i]));
                lanes[0] = lanes[0].larger(imbalance);
                spoilt[0] += R::ZERO * imbalance;
            }
            let spoilt = spoilt.iter().fold(R::ZERO, |sum, &s| sum + s);
            *worst = worst.larger(largest(lanes)) + spoilt;
        }
    }
}
