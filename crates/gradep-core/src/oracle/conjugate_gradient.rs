//! Conjugate gradients for all samples of a batch at once, each with its own scalars.
//!
//! M. R. Hestenes & E. Stiefel, J. Res. Natl. Bur. Stand. 49 (1952) 409. The scalars of the
//! iteration are the entries of the Lanczos matrix of H (G. H. Golub & C. F. Van Loan, Matrix
//! Computations, 4th ed., §11.3.4), whose smallest eigenvalue tends to that of H from above.
//!
//! Both are taken in the metric M of the circuit's descent (§11.5: M is the preconditioner): 1 for
//! gradient cells; a′ for nodes that rest at h = z, where M⁻¹H = 1 − W·a′ is well-conditioned however
//! flat the activation. Where a′ < 0 the metric is indefinite, and of a stable equilibrium so is H:
//! both have one negative eigenvalue per such node, as they have without couplings, and they differ
//! by one where a rate of relaxation has passed through zero. The directions p_k diagonalise H and
//! the residuals r_k diagonalise M⁻¹, so that the signs of p·Hp and of r·M⁻¹r count both (Sylvester's
//! law of inertia).

use analog_substrate::Hessian;
use ndarray::{Array1, Array2, Axis, Zip};

/// Residual at which a sample is solved, relative to its right-hand side.
const TOLERANCE: f64 = 1e-12;

/// Iterations per unknown after which a sample counts as unsolved. Exact arithmetic would need one;
/// rounding costs ill-conditioned samples a few more.
const ITERATIONS_PER_UNKNOWN: usize = 10;

/// How the solution of one sample ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    pub(super) iterations: usize,
    /// |r|/|b|.
    pub(super) residual: f64,
    /// Smallest eigenvalue of the Lanczos matrix.
    pub(super) smallest_curvature: f64,
    pub(super) solved: bool,
}

/// One sample's scalars: step lengths and directions' ratios, from the first iteration.
#[derive(Clone, Debug, Default)]
struct Scalars {
    steps: Vec<f64>,
    ratios: Vec<f64>,
    /// Whether r·M⁻¹r was positive.
    positive: Vec<bool>,
    /// Whether the metric has negative entries: then directions of negative curvature are expected.
    indefinite: bool,
    done: bool,
    solved: bool,
    negative: Option<f64>,
}

/// Solves `H p = b` for every sample, until its residual is small or a direction of negative
/// curvature shows that its state is no minimum.
pub(super) fn solve(
    hessian: &Hessian<'_>,
    mut b: Vec<Array2<f64>>,
) -> (Vec<Array2<f64>>, Vec<Outcome>) {
    hessian.project(&mut b);
    let unknowns: usize = b.iter().map(Array2::ncols).sum();
    let mut solution: Vec<Array2<f64>> = b.iter().map(|b| Array2::zeros(b.raw_dim())).collect();
    let mut residual = b;
    let descent = |residual: &[Array2<f64>]| {
        let mut descent = residual.to_vec();
        hessian.divide_by_metric(&mut descent);
        descent
    };
    let mut direction = descent(&residual);
    let scale = inner(&residual, &direction);
    let mut squared = scale.clone();
    let mut size = scale.clone();
    let mut samples: Vec<_> = hessian
        .metric_is_indefinite()
        .into_iter()
        .map(|indefinite| Scalars {
            indefinite,
            ..Scalars::default()
        })
        .collect();
    for _ in 0..ITERATIONS_PER_UNKNOWN * unknowns {
        for (sample, (size, scale)) in samples.iter_mut().zip(size.iter().zip(&scale)) {
            sample.solved = size.sqrt() <= TOLERANCE * scale.sqrt();
            sample.done |= sample.solved;
        }
        if samples.iter().all(|sample| sample.done) {
            break;
        }
        let image = hessian.apply(&direction);
        let curvature = inner(&direction, &image);
        let length = inner(&direction, &direction);
        let mut step = Array1::zeros(samples.len());
        for (row, sample) in samples.iter_mut().enumerate().filter(|(_, s)| !s.done) {
            if curvature[row] > 0.0 || sample.indefinite && curvature[row] < 0.0 {
                step[row] = squared[row] / curvature[row];
                sample.steps.push(step[row]);
                sample.positive.push(squared[row] > 0.0);
            } else {
                sample.negative = Some(curvature[row] / length[row]);
                sample.done = true;
            }
        }
        add_scaled(&mut solution, &step, &direction);
        add_scaled(&mut residual, &-&step, &image);
        let descended = descent(&residual);
        let next = inner(&residual, &descended);
        size = magnitude(&residual, &descended);
        let mut ratio = Array1::zeros(samples.len());
        for (row, sample) in samples.iter_mut().enumerate().filter(|(_, s)| !s.done) {
            ratio[row] = next[row] / squared[row];
            sample.ratios.push(ratio[row]);
        }
        for (direction, descended) in direction.iter_mut().zip(&descended) {
            *direction *= &ratio.view().insert_axis(Axis(1));
            *direction += descended;
        }
        squared = next;
    }
    let outcomes = samples.iter().zip(size.iter().zip(&scale));
    let outcomes = outcomes.map(|(sample, (size, scale))| Outcome {
        iterations: sample.steps.len(),
        residual: if *scale > 0.0 {
            (size / scale).sqrt()
        } else {
            0.0
        },
        smallest_curvature: sample
            .negative
            .unwrap_or_else(|| sample.smallest_curvature()),
        solved: sample.solved && (!sample.indefinite || sample.is_stable(0.0)),
    });
    (solution, outcomes.collect())
}

impl Scalars {
    /// Smallest eigenvalue of the Lanczos matrix, by bisection on the signs of its pivots (Golub & Van
    /// Loan §8.4.1); NaN without any iteration, and where the counts of an indefinite metric and of H
    /// differ.
    fn smallest_curvature(&self) -> f64 {
        if self.indefinite && !self.is_stable(0.0) {
            return f64::NAN;
        }
        // Stable at 0, and not beyond any diagonal entry.
        let diagonal = (0..self.steps.len()).map(|k| self.diagonal(k));
        let (mut low, mut high) = (0.0, diagonal.fold(f64::NAN, f64::min));
        while high - low > 1e-9 * high {
            let middle = 0.5 * (low + high);
            if self.is_stable(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// Diagonal of the Lanczos matrix, `1/a_k + b_{k−1}/a_{k−1}` (a: steps, b: ratios).
    fn diagonal(&self, k: usize) -> f64 {
        let before = k.checked_sub(1);
        1.0 / self.steps[k] + before.map_or(0.0, |k| self.ratios[k] / self.steps[k])
    }

    /// Whether H − shift·M has as many negative eigenvalues as M on the directions seen: none of a
    /// positive metric. The off-diagonal of the Lanczos matrix is `√b_k/a_k`.
    fn is_stable(&self, shift: f64) -> bool {
        let mut pivot = 1.0;
        let mut surplus = 0_i64;
        for (k, &positive) in self.positive.iter().enumerate() {
            let before = match k.checked_sub(1) {
                Some(k) => self.ratios[k] / self.steps[k].powi(2) / pivot,
                None => 0.0,
            };
            pivot = self.diagonal(k) - shift - before;
            surplus += i64::from((pivot > 0.0) != positive) - i64::from(!positive);
        }
        surplus == 0
    }
}

/// Σ|a_i b_i| per sample, `[batch]`.
fn magnitude(a: &[Array2<f64>], b: &[Array2<f64>]) -> Array1<f64> {
    let products = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a * b).mapv(f64::abs).sum_axis(Axis(1)));
    products
        .reduce(|sum, layer| sum + layer)
        .expect("a state has layers")
}

/// a·b per sample, `[batch]`.
fn inner(a: &[Array2<f64>], b: &[Array2<f64>]) -> Array1<f64> {
    let mut sum = Array1::zeros(a[0].nrows());
    for (a, b) in a.iter().zip(b) {
        Zip::from(&mut sum)
            .and(a.rows())
            .and(b.rows())
            .for_each(|sum, a, b| *sum += a.dot(&b));
    }
    sum
}

/// `target += factor·direction`, one factor per sample.
fn add_scaled(target: &mut [Array2<f64>], factor: &Array1<f64>, direction: &[Array2<f64>]) {
    for (target, direction) in target.iter_mut().zip(direction) {
        Zip::from(target.rows_mut())
            .and(factor)
            .and(direction.rows())
            .for_each(|mut target, &factor, direction| target.scaled_add(factor, &direction));
    }
}
