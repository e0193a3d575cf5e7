//! Thermal noise of couplings that are resistors from node to node: one current, two ends.

use super::super::circuit::Circuit;
use crate::kernels::{Compiled, PackedMatrix, Real, multiply};
use ndarray::Array2;

/// Draws the noise of all coupling resistors at once: `C ξ`, where `CCᵀ` is the covariance of one step.
///
/// The resistor of W_ij carries a current of density 4kT g|W_ij| into one node and out of the other
/// (with the sign of W: a negative coupling ends in the node's inverse), so that the currents have
/// the covariance of the Laplacian of |W|. With the leaks it makes a linear passive network settle
/// to kT·C⁻¹ (Nyquist 1928): fluctuation and dissipation have the same matrix.
#[derive(Clone, Debug)]
pub(super) struct SharedNoise<R> {
    factor: PackedMatrix<R>,
    starts: Vec<usize>,
    /// Length of a row of all nodes, padded.
    pub(super) width: usize,
}

impl<R: Compiled> SharedNoise<R> {
    /// For steps of `h` τ at temperature Θ, if the circuit has such couplings.
    pub(super) fn new(circuit: &Circuit<R>, h: f64, theta: f64) -> Option<Self> {
        let gamma = circuit.noise.shared?;
        let widths = &circuit.widths[..circuit.nodes()];
        let starts: Vec<usize> = widths
            .iter()
            .scan(0, |start, n| {
                *start += n;
                Some(*start - n)
            })
            .collect();
        let width = widths.iter().sum();
        let of = |rows: &[Vec<R>]| -> Vec<f64> {
            let nodes = rows.iter().take(circuit.nodes()).flatten();
            nodes.map(|v| v.to_f64()).collect()
        };
        let (mobility, stiffness) = (of(&circuit.mobility), of(&circuit.stiffness));
        let mut covariance = laplacian(circuit, &starts, width);
        for ((i, j), c) in covariance.indexed_iter_mut() {
            // ∫ e^{−(d_i + d_j)(h − t)} dt: exact for nodes that decay with d_i and d_j.
            let rate = mobility[i] * stiffness[i] + mobility[j] * stiffness[j];
            let time = -(-rate * h).exp_m1() / rate;
            *c *= 2.0 * theta * gamma * mobility[i] * mobility[j] * time;
        }
        let factor = cholesky(&covariance).t().mapv(R::from_f64);
        Some(Self {
            factor: PackedMatrix::new(factor.view()),
            starts,
            width,
        })
    }

    /// `C ξ` of `m` rows: `normals` and `out` are `[m, width]`.
    pub(super) fn draw(&self, circuit: &Circuit<R>, m: usize, normals: &[R], out: &mut [R]) {
        out[..m * self.width].fill(R::ZERO);
        multiply(circuit.level, m, normals, &self.factor, out);
    }

    /// The part of a row that belongs to layer `l`.
    pub(super) fn layer(&self, circuit: &Circuit<R>, l: usize) -> std::ops::Range<usize> {
        self.starts[l]..self.starts[l] + circuit.widths[l]
    }
}

/// `diag(Σ_j|W_ij|) − W` over all nodes, `[width, width]`.
fn laplacian<R: Real>(circuit: &Circuit<R>, starts: &[usize], width: usize) -> Array2<f64> {
    let mut matrix = Array2::zeros((width, width));
    for l in 0..circuit.layers.hidden() {
        let weight = circuit.couplings.weight(l);
        for ((i, j), w) in weight.indexed_iter() {
            let (to, from, w) = (starts[l + 1] + i, starts[l] + j, w.to_f64());
            matrix[(to, to)] += w.abs();
            matrix[(from, from)] += w.abs();
            matrix[(to, from)] -= w;
            matrix[(from, to)] -= w;
        }
    }
    matrix
}

/// Lower triangular C with CCᵀ = A for a positive semidefinite A (Cholesky): columns whose pivot
/// vanishes to rounding are zero.
fn cholesky(a: &Array2<f64>) -> Array2<f64> {
    let n = a.nrows();
    let largest = a.diag().iter().fold(0.0_f64, |worst, v| worst.max(*v));
    let negligible = n as f64 * f64::EPSILON * largest;
    let mut c = Array2::<f64>::zeros((n, n));
    for j in 0..n {
        let pivot = a[(j, j)] - (0..j).map(|k| c[(j, k)].powi(2)).sum::<f64>();
        if pivot <= negligible {
            continue;
        }
        c[(j, j)] = pivot.sqrt();
        for i in j + 1..n {
            let sum: f64 = (0..j).map(|k| c[(i, k)] * c[(j, k)]).sum();
            c[(i, j)] = (a[(i, j)] - sum) / c[(j, j)];
        }
    }
    c
}
