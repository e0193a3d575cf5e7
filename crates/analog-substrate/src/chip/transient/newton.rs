//! The linear system of a Newton iteration: nodes of one parity of layers eliminated against the other.

use super::super::circuit::Circuit;
use crate::kernels::Real;

/// Gain from input current to output below which a node does not take part: saturated nodes follow their
/// input and change nothing else. What is left out slows the iteration by no more than this times ‖W‖.
const NEGLIGIBLE: f64 = 1e-3;

/// Of each node: the residual and its derivatives.
#[derive(Default)]
pub(super) struct Terms {
    pub(super) residual: Vec<Vec<f64>>,
    /// d charge/dh, d output/dh.
    pub(super) charge: Vec<Vec<f64>>,
    pub(super) output: Vec<Vec<f64>>,
    /// Share of an input current that reaches the capacitor: μ, with a′ in gradient cells.
    pub(super) input: Vec<Vec<f64>>,
    /// a″ of gradient cells.
    pub(super) bend: Vec<Vec<f64>>,
    /// Damping in h: μ(leak + λ − a″z).
    pub(super) damping: Vec<Vec<f64>>,
    /// 1/(charge + γh damping).
    pub(super) compliance: Vec<Vec<f64>>,
}

/// `δo = r + M δo` for the changes of outputs, M between neighbouring layers only: even and odd layers
/// make two sets, of which the smaller is solved for by elimination with partial pivoting.
#[derive(Default)]
pub(super) struct System {
    /// Nodes (layer, unit) that take part: the smaller set, then the larger.
    sets: [Vec<(usize, usize)>; 2],
    /// M from the larger set to the smaller, and back, row by row.
    inward: Vec<f64>,
    outward: Vec<f64>,
    /// Factors of 1 − M M, row by row, and the row that each pivot came from.
    factors: Vec<f64>,
    pivots: Vec<usize>,
    right: Vec<f64>,
}

impl System {
    /// Factors the system of a stage of length `implicit` τ.
    pub(super) fn factor<R: Real>(&mut self, circuit: &Circuit<R>, terms: &Terms, implicit: f64) {
        let gain = |l: usize, i: usize| {
            let through = terms.output[l][i] * terms.compliance[l][i];
            implicit * terms.input[l][i] * through
        };
        for set in &mut self.sets {
            set.clear();
        }
        for l in 0..circuit.nodes() {
            let units = 0..circuit.layers.size(l);
            let taking_part = units.filter(|&i| gain(l, i).abs() > NEGLIGIBLE);
            self.sets[l % 2].extend(taking_part.map(|i| (l, i)));
        }
        if self.sets[0].len() > self.sets[1].len() {
            self.sets.swap(0, 1);
        }
        let [small, large] = &self.sets;
        let weight = |to: (usize, usize), from: (usize, usize)| {
            if to.0 == from.0 + 1 {
                circuit.couplings.weight(from.0)[(to.1, from.1)].to_f64()
            } else if from.0 == to.0 + 1 {
                circuit.couplings.weight(to.0)[(from.1, to.1)].to_f64()
            } else {
                0.0
            }
        };
        let fill = |matrix: &mut Vec<f64>, rows: &[(usize, usize)], columns: &[(usize, usize)]| {
            matrix.clear();
            for &to in rows {
                let gain = gain(to.0, to.1);
                matrix.extend(columns.iter().map(|&from| gain * weight(to, from)));
            }
        };
        fill(&mut self.inward, small, large);
        fill(&mut self.outward, large, small);
        let n = small.len();
        self.factors.clear();
        self.factors.resize(n * n, 0.0);
        for (i, row) in self.factors.chunks_exact_mut(n.max(1)).enumerate() {
            row[i] = 1.0;
            let through = &self.inward[i * large.len()..][..large.len()];
            for (&m, back) in through.iter().zip(self.outward.chunks_exact(n)) {
                for (sum, &b) in row.iter_mut().zip(back) {
                    *sum -= m * b;
                }
            }
        }
        self.eliminate();
    }

    /// LU in place.
    fn eliminate(&mut self) {
        let n = self.sets[0].len();
        self.pivots.clear();
        for k in 0..n {
            let size = |row: usize, factors: &[f64]| factors[row * n + k].abs();
            let pivot = (k..n).fold(k, |best, row| {
                if size(row, &self.factors) > size(best, &self.factors) {
                    row
                } else {
                    best
                }
            });
            self.pivots.push(pivot);
            if pivot != k {
                for column in 0..n {
                    self.factors.swap(k * n + column, pivot * n + column);
                }
            }
            let (above, below) = self.factors.split_at_mut((k + 1) * n);
            let known = &above[k * n..];
            for row in below.chunks_exact_mut(n) {
                let factor = row[k] / known[k];
                row[k] = factor;
                for (value, &known) in row[k + 1..].iter_mut().zip(&known[k + 1..]) {
                    *value -= factor * known;
                }
            }
        }
    }

    /// Writes the changes of all outputs that remove the residuals; not finite where there are none.
    pub(super) fn solve<R: Real>(&mut self, terms: &Terms, change: &mut [Vec<R>]) {
        let alone = |l: usize, i: usize| {
            -terms.output[l][i] * terms.compliance[l][i] * terms.residual[l][i]
        };
        for (l, row) in change.iter_mut().enumerate() {
            for (i, to) in row.iter_mut().enumerate() {
                *to = R::from_f64(alone(l, i));
            }
        }
        let [small, large] = &self.sets;
        let n = small.len();
        self.right.clear();
        for (row, &(l, i)) in small.iter().enumerate() {
            let through = &self.inward[row * large.len()..][..large.len()];
            let products = through
                .iter()
                .zip(large)
                .map(|(m, &(l, i))| m * alone(l, i));
            self.right.push(alone(l, i) + products.sum::<f64>());
        }
        for (k, &pivot) in self.pivots.iter().enumerate() {
            self.right.swap(k, pivot);
        }
        for i in 0..n {
            let known: f64 = (self.factors[i * n..][..i].iter().zip(&self.right))
                .map(|(f, r)| f * r)
                .sum();
            self.right[i] -= known;
        }
        for i in (0..n).rev() {
            let row = &self.factors[i * n..][..n];
            let known: f64 = (row[i + 1..].iter().zip(&self.right[i + 1..]))
                .map(|(f, r)| f * r)
                .sum();
            self.right[i] = (self.right[i] - known) / row[i];
        }
        for (&(l, i), &value) in small.iter().zip(&self.right) {
            change[l][i] = R::from_f64(value);
        }
        for (&(l, i), back) in large.iter().zip(self.outward.chunks_exact(n.max(1))) {
            let products: f64 = back.iter().zip(&self.right).map(|(m, r)| m * r).sum();
            change[l][i] = R::from_f64(alone(l, i) + products);
        }
    }
}
