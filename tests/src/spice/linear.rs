//! Fluctuations of a circuit around an equilibrium, from its linearised equations.

use super::Reference;
use ndarray::{Array1, Array2};

/// Half the distance over which rates are differenced: the error is of order 1e-10.
const DIFFERENCE: f64 = 1e-5;

/// `ds/dt = −A s + noise` of covariance `Q dt`, in units of V_unit and τ.
pub struct Fluctuations {
    /// A, `[n, n]`.
    pub rates: Array2<f64>,
    /// Σ, the solution of the Lyapunov equation `AΣ + ΣAᵀ = Q`, `[n, n]`.
    pub covariance: Array2<f64>,
}

impl Fluctuations {
    /// Around `equilibrium`, for independent noise of the given Q per node.
    pub fn new(reference: &Reference<'_>, equilibrium: &[Vec<f64>], noise: &[f64]) -> Self {
        let rates = jacobian(reference, equilibrium);
        let covariance = lyapunov(&rates, &Array2::from_diag(&Array1::from(noise.to_vec())));
        Self { rates, covariance }
    }

    /// `e^(−At)` by its series on a small share of the time, squared.
    pub fn propagator(&self, time: f64) -> Array2<f64> {
        const SQUARINGS: i32 = 10;
        let n = self.rates.nrows();
        let small = &self.rates * (-time / 2.0_f64.powi(SQUARINGS));
        let (mut term, mut sum) = (Array2::eye(n), Array2::eye(n));
        for k in 1..8 {
            term = term.dot(&small) / f64::from(k);
            sum += &term;
        }
        for _ in 0..SQUARINGS {
            sum = sum.dot(&sum);
        }
        sum
    }
}

/// −∂(rates)/∂(states), by central differences.
fn jacobian(reference: &Reference<'_>, equilibrium: &[Vec<f64>]) -> Array2<f64> {
    let n = equilibrium.iter().map(Vec::len).sum();
    let mut matrix = Array2::zeros((n, n));
    let mut column = 0;
    for (l, layer) in equilibrium.iter().enumerate() {
        for i in 0..layer.len() {
            let moved = |by: f64| {
                let mut states = equilibrium.to_vec();
                states[l][i] += by;
                reference.rates(&states)
            };
            let (up, down) = (moved(DIFFERENCE), moved(-DIFFERENCE));
            for (row, (up, down)) in up.iter().zip(&down).enumerate() {
                matrix[[row, column]] = (down - up) / (2.0 * DIFFERENCE);
            }
            column += 1;
        }
    }
    matrix
}

/// `AΣ + ΣAᵀ = Q` by doubling (R. A. Smith, SIAM J. Appl. Math. 16, 198, 1968): with `B = A + 1` and
/// `F = B⁻¹(A − 1)` it is `Σ − FΣFᵀ = 2B⁻¹QB⁻ᵀ`, a geometric series.
fn lyapunov(a: &Array2<f64>, q: &Array2<f64>) -> Array2<f64> {
    let one = Array2::<f64>::eye(a.nrows());
    let inverse = inverted(&(a + &one));
    let mut factor = inverse.dot(&(a - &one));
    let mut sum = inverse.dot(q).dot(&inverse.t()) * 2.0;
    for _ in 0..12 {
        sum = &sum + &factor.dot(&sum).dot(&factor.t());
        factor = factor.dot(&factor);
    }
    sum
}

/// By Gauss–Jordan elimination with pivoting.
fn inverted(matrix: &Array2<f64>) -> Array2<f64> {
    let n = matrix.nrows();
    let (mut left, mut right) = (matrix.clone(), Array2::<f64>::eye(n));
    for k in 0..n {
        let pivot = (k..n)
            .max_by(|&i, &j| left[[i, k]].abs().total_cmp(&left[[j, k]].abs()))
            .expect("at least one row is left");
        for column in 0..n {
            left.swap([k, column], [pivot, column]);
            right.swap([k, column], [pivot, column]);
        }
        let scale = 1.0 / left[[k, k]];
        left.row_mut(k).mapv_inplace(|v| v * scale);
        right.row_mut(k).mapv_inplace(|v| v * scale);
        let (left_row, right_row) = (left.row(k).to_owned(), right.row(k).to_owned());
        for i in (0..n).filter(|&i| i != k) {
            let factor = left[[i, k]];
            left.row_mut(i).scaled_add(-factor, &left_row);
            right.row_mut(i).scaled_add(-factor, &right_row);
        }
    }
    right
}
