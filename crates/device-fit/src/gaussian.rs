//! Maximum likelihood for normal observations whose mean and spread are functions of parameters.

use nalgebra::{DMatrix, DVector};
use std::f64::consts::{PI, SQRT_2};

/// Independent observations `y_i ~ N(m_i(θ), s_i(θ)²)`. Of those at or below `floor` only that is
/// known: a conductance that would be negative is read as 0.
pub(super) struct Likelihood<'a> {
    /// y.
    pub(super) observed: &'a [f64],
    /// Where observations are cut off.
    pub(super) floor: Option<f64>,
    /// `[m_i(θ), s_i(θ)]`.
    pub(super) moments: &'a dyn Fn(usize, &[f64]) -> [f64; 2],
}

/// The most likely parameters.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    pub(super) values: Vec<f64>,
    /// Inverse of the Fisher information.
    pub(super) covariance: DMatrix<f64>,
    pub(super) log_likelihood: f64,
}

/// Parameters that the data do not determine, by their places.
#[derive(Clone, Debug)]
pub(super) struct Undetermined(pub(super) Vec<usize>);

/// Steps of the search; a dozen are usual.
const STEPS: usize = 200;
/// A step is the last when it promises less than this in the logarithm of the likelihood, of which
/// one standard error costs ½.
const LAST_GAIN: f64 = 1e-9;
/// Half-width of the differences that derivatives are taken by, relative to a parameter: the error
/// of a smooth law is of order 1e-10.
const DIFFERENCE: f64 = 1e-5;
/// Smallest parameter that differences are relative to.
const LEAST_SCALE: f64 = 1e-4;
/// Smallest eigenvalue of the scaled information that double precision tells from 0.
const SINGULAR: f64 = 1e-9;
/// Share of a parameter in a direction that is not determined for it to be named.
const NAMED: f64 = 0.3;

impl Likelihood<'_> {
    /// The best parameters near `start`, by Fisher scoring with Marquardt's damping.
    pub(super) fn maximise(&self, start: &[f64]) -> Result<Estimate, Undetermined> {
        let mut values = start.to_vec();
        let mut best = self.at(&values);
        let mut damping = 1e-3;
        for _ in 0..STEPS {
            let (score, information) = self.derivatives(&values);
            let Some((step, gain)) = damped_step(&score, &information, damping) else {
                break;
            };
            let moved: Vec<f64> = values.iter().zip(&step).map(|(v, s)| v + s).collect();
            let found = self.at(&moved);
            if found > best || (gain < LAST_GAIN && found >= best) {
                (values, best) = (moved, found);
                damping = (damping / 10.0_f64).max(1e-12);
                if gain < LAST_GAIN {
                    break;
                }
            } else if gain < LAST_GAIN || damping > 1e12 {
                break;
            } else {
                damping *= 10.0;
            }
        }
        let (_, information) = self.derivatives(&values);
        Ok(Estimate {
            covariance: inverse(&information)?,
            values,
            log_likelihood: best,
        })
    }

    /// The logarithm of the likelihood; minus infinity where a spread is not above zero.
    pub(super) fn at(&self, values: &[f64]) -> f64 {
        let terms = (0..self.observed.len()).map(|i| {
            let [mean, sd] = (self.moments)(i, values);
            let z = (self.observed[i] - mean) / sd;
            if !(sd > 0.0 && z.is_finite()) {
                f64::NEG_INFINITY
            } else if self.is_cut_off(i) {
                below(z).ln()
            } else {
                -0.5 * z * z - sd.ln() - 0.5 * (2.0 * PI).ln()
            }
        });
        terms.sum()
    }

    fn is_cut_off(&self, i: usize) -> bool {
        self.floor.is_some_and(|floor| self.observed[i] <= floor)
    }

    /// Gradient of the logarithm and the information: for a normal observation
    /// `r/s²·m′ + (r²/s³ − 1/s)·s′` and `(m′m′ᵀ + 2s′s′ᵀ)/s²`; for one that is cut off at z, with
    /// λ = φ(z)/Φ(z), `λ·z′` and `λ(λ + z)·z′z′ᵀ`.
    fn derivatives(&self, values: &[f64]) -> (DVector<f64>, DMatrix<f64>) {
        let count = values.len();
        let mut score = DVector::zeros(count);
        let mut information = DMatrix::zeros(count, count);
        let mut places = values.to_vec();
        for i in 0..self.observed.len() {
            let [mean, sd] = (self.moments)(i, values);
            let z = (self.observed[i] - mean) / sd;
            let slopes: Vec<[f64; 2]> = (0..count).map(|k| self.slope(i, &mut places, k)).collect();
            let add = |vector: DVector<f64>, weight: f64, sum: &mut DMatrix<f64>| {
                sum.ger(weight, &vector, &vector, 1.0);
            };
            let column = |which: usize| DVector::from_fn(count, |k, _| slopes[k][which]);
            let (means, sds) = (column(0), column(1));
            if self.is_cut_off(i) {
                let ratio = (-0.5 * z * z).exp() / (2.0 * PI).sqrt() / below(z);
                let change = -(means + sds * z) / sd;
                score += ratio * &change;
                add(change, ratio * (ratio + z), &mut information);
            } else {
                score += &means * (z / sd) + &sds * ((z * z - 1.0) / sd);
                add(means, 1.0 / (sd * sd), &mut information);
                add(sds, 2.0 / (sd * sd), &mut information);
            }
        }
        (score, information)
    }

    /// Derivatives of mean and spread with respect to parameter k; `places` is left as it was.
    fn slope(&self, i: usize, places: &mut [f64], k: usize) -> [f64; 2] {
        let here = places[k];
        let step = DIFFERENCE * here.abs().max(LEAST_SCALE);
        places[k] = here + step;
        let above = (self.moments)(i, places);
        places[k] = here - step;
        let under = (self.moments)(i, places);
        places[k] = here;
        std::array::from_fn(|which| (above[which] - under[which]) / (2.0 * step))
    }
}

/// Φ(z): the share of a standard normal distribution below z.
fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The step of a damped scoring iteration and half the gain that it promises; none where the
/// information is not finite.
fn damped_step(
    score: &DVector<f64>,
    information: &DMatrix<f64>,
    damping: f64,
) -> Option<(Vec<f64>, f64)> {
    let mut damped = information.clone();
    for k in 0..score.len() {
        damped[(k, k)] *= 1.0 + damping;
        if damped[(k, k)] <= 0.0 {
            damped[(k, k)] = f64::MIN_POSITIVE;
        }
    }
    let step = damped.cholesky()?.solve(score);
    let gain = 0.5 * step.dot(score);
    step.iter()
        .all(|s| s.is_finite())
        .then(|| (step.iter().copied().collect(), gain))
}

/// The inverse of the information, or the parameters that it says nothing of.
fn inverse(information: &DMatrix<f64>) -> Result<DMatrix<f64>, Undetermined> {
    let count = information.nrows();
    let scale: Vec<f64> = (0..count).map(|k| information[(k, k)].sqrt()).collect();
    let unknown: Vec<usize> = (0..count)
        .filter(|&k| !(scale[k].is_finite() && scale[k] > 0.0))
        .collect();
    if !unknown.is_empty() {
        return Err(Undetermined(unknown));
    }
    let scaled = DMatrix::from_fn(count, count, |i, j| {
        information[(i, j)] / (scale[i] * scale[j])
    });
    let eigen = scaled.symmetric_eigen();
    for (k, &value) in eigen.eigenvalues.iter().enumerate() {
        if value < SINGULAR {
            let direction = eigen.eigenvectors.column(k);
            let named = (0..count).filter(|&i| direction[i].abs() > NAMED);
            return Err(Undetermined(named.collect()));
        }
    }
    let inverse = &eigen.eigenvectors
        * DMatrix::from_diagonal(&eigen.eigenvalues.map(f64::recip))
        * eigen.eigenvectors.transpose();
    Ok(DMatrix::from_fn(count, count, |i, j| {
        inverse[(i, j)] / (scale[i] * scale[j])
    }))
}
