//! Mixtures of normal distributions, fitted by expectation maximisation.

use super::{
    draws::{Draws, Part},
    k_means::clusters,
};
use nalgebra::DMatrix;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::{RngExt, distr::weighted::WeightedIndex};
use std::f64::consts::PI;

/// Rounds and gain of the mean log likelihood that end a fit (scikit-learn's `max_iter` and `tol`).
const ROUNDS: usize = 100;
const GAIN: f64 = 1e-3;
/// Added to every variance, in squared units of pixels in [−1, 1]: 1e-3 of the unit interval.
///
/// scikit-learn's own default, 1e-6, stands for nothing here: grey levels are 1/8 apart, a variance of
/// rounding of 1.3e-3. Of 1e-6, 1e-3, 3e-3, 4e-3, 5e-3 and 1e-2, this value lies nearest to the
/// published rows of the four mixtures: Σ(difference/s.d.)² over 13 metrics each is 84, but 158 at
/// 1e-6 and 408 at 1e-2 (scikit-learn 1.9, six splits).
const VARIANCE_FLOOR: f64 = 4e-3;

/// How a component may be shaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Any covariance.
    Full,
    /// Independent pixels.
    Diagonal,
}

/// A root of a covariance.
enum Root {
    /// Lower triangular L with Σ = L Lᵀ, and L⁻¹.
    Full {
        root: Array2<f64>,
        inverse: Array2<f64>,
    },
    /// Standard deviations.
    Diagonal(Array1<f64>),
}

struct Component {
    weight: f64,
    mean: Array1<f64>,
    root: Root,
}

/// A mixture of normal distributions.
pub(super) struct Mixture {
    components: Vec<Component>,
}

impl Mixture {
    /// The fit to points `[n, d]` in [−1, 1] with `k ≤ n` components: k-means, then expectation
    /// maximisation (A. Dempster, N. Laird and D. Rubin, J. R. Stat. Soc. B 39, 1, 1977).
    pub(super) fn fit(points: &Array2<f64>, k: usize, shape: Shape, draws: Draws) -> Self {
        let nearest = clusters(points, k, &mut draws.of(Part::Fit, 0));
        let shares = Array2::from_shape_fn((points.nrows(), k), |(i, j)| {
            f64::from(u8::from(nearest[i] == j))
        });
        let mut mixture = Self::likeliest(points, &shares, shape, VARIANCE_FLOOR);
        let mut last = f64::NEG_INFINITY;
        for _ in 0..ROUNDS {
            let (likelihood, shares) = mixture.expectation(points);
            mixture = Self::likeliest(points, &shares, shape, VARIANCE_FLOOR);
            if (likelihood - last).abs() < GAIN {
                break;
            }
            last = likelihood;
        }
        mixture
    }

    /// The components that make the points likeliest whose shares `[n, k]` are given; `floor` is added to
    /// every variance.
    fn likeliest(points: &Array2<f64>, shares: &Array2<f64>, shape: Shape, floor: f64) -> Self {
        let n = points.nrows() as f64;
        let components = shares.columns().into_iter().map(|share| {
            // As in scikit-learn: no division by zero for a component that has lost all points.
            let total = share.sum() + 10.0 * f64::EPSILON;
            let weighted = points * &share.insert_axis(Axis(1));
            let mean = weighted.sum_axis(Axis(0)) / total;
            let centred = points - &mean;
            let weighted = &centred * &share.insert_axis(Axis(1));
            let root = match shape {
                Shape::Full => full_root(weighted.t().dot(&centred) / total, floor),
                Shape::Diagonal => {
                    let variance = (weighted * &centred).sum_axis(Axis(0)) / total;
                    Root::Diagonal(variance.mapv(|v| (v + floor).sqrt()))
                }
            };
            Component {
                weight: total / n,
                mean,
                root,
            }
        });
        Self {
            components: components.collect(),
        }
    }

    /// Mean log likelihood of the points, and the share `[n, k]` of each component in each.
    fn expectation(&self, points: &Array2<f64>) -> (f64, Array2<f64>) {
        let mut shares = Array2::zeros((points.nrows(), self.components.len()));
        for (component, mut column) in self.components.iter().zip(shares.columns_mut()) {
            column.assign(&component.log_density(points.view()));
        }
        let mut likelihood = 0.0;
        for mut row in shares.rows_mut() {
            let largest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|v| (v - largest).exp());
            let total = row.sum();
            row /= total;
            likelihood += largest + total.ln();
        }
        (likelihood / points.nrows() as f64, shares)
    }

    /// `n` samples from standard normal rows `[n, d]`.
    pub(super) fn samples(&self, mut normal: Array2<f64>, draws: Draws) -> Array2<f64> {
        let weights = self.components.iter().map(|component| component.weight);
        let by_weight = WeightedIndex::new(weights).expect("weights are positive");
        for (sample, mut row) in normal.rows_mut().into_iter().enumerate() {
            let choice = draws.of(Part::Choice, sample).sample(&by_weight);
            let component = &self.components[choice];
            let deviation = match &component.root {
                Root::Full { root, .. } => root.dot(&row),
                Root::Diagonal(deviations) => deviations * &row,
            };
            row.assign(&(&component.mean + &deviation));
        }
        normal
    }
}

impl Component {
    /// ln(weight · density) at points `[n, d]`, `[n]`.
    fn log_density(&self, points: ArrayView2<'_, f64>) -> Array1<f64> {
        let centred = &points - &self.mean;
        let (standard, root_determinant) = match &self.root {
            Root::Full { root, inverse } => {
                let diagonal = root.diag().mapv(f64::ln).sum();
                (centred.dot(&inverse.t()), diagonal)
            }
            Root::Diagonal(deviations) => (centred / deviations, deviations.mapv(f64::ln).sum()),
        };
        let constant =
            self.weight.ln() - root_determinant - 0.5 * points.ncols() as f64 * (2.0 * PI).ln();
        standard.mapv_into(|v| v * v).sum_axis(Axis(1)) * -0.5 + constant
    }
}

/// The Cholesky root of a covariance with the floor added to its diagonal.
fn full_root(mut covariance: Array2<f64>, floor: f64) -> Root {
    covariance.diag_mut().mapv_inplace(|v| v + floor);
    let d = covariance.nrows();
    let matrix = DMatrix::from_fn(d, d, |i, j| covariance[(i, j)]);
    let root = matrix
        .cholesky()
        .expect("rounding is far below the floor for points in [−1, 1]")
        .l();
    let inverse = root
        .solve_lower_triangular(&DMatrix::identity(d, d))
        .expect("the diagonal is at least the floor's root");
    let array = |matrix: &DMatrix<f64>| Array2::from_shape_fn((d, d), |(i, j)| matrix[(i, j)]);
    Root::Full {
        root: array(&root),
        inverse: array(&inverse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// Two heaps of unlike shape and weight (1 : 2), 1,500 points.
    fn heaps() -> Array2<f64> {
        let normal = Draws { seed: 3 }.normal(1500, 2);
        let mut points = normal;
        for (i, mut row) in points.rows_mut().into_iter().enumerate() {
            let (a, b) = (row[0], row[1]);
            let (x, y) = if i % 3 == 0 {
                (-0.6 + 0.05 * a, -0.4 + 0.1 * b)
            } else {
                (0.5 + 0.1 * a, 0.3 + 0.08 * a + 0.06 * b)
            };
            row.assign(&array![x, y]);
        }
        points
    }

    /// Moments within three standard errors of 500 and 1,000 points; variances carry the floor.
    #[test]
    fn heaps_are_told_apart_with_their_shapes() {
        let points = heaps();
        let fit = Mixture::fit(&points, 2, Shape::Full, Draws { seed: 1 });
        let mut components: Vec<&Component> = fit.components.iter().collect();
        components.sort_by(|a, b| a.weight.total_cmp(&b.weight));
        assert!((components[0].weight - 1.0 / 3.0).abs() < 1e-3);
        let near = |found: f64, expected: f64, error: f64| {
            assert!(
                (found - expected).abs() < 3.0 * error,
                "{found} not {expected}"
            );
        };
        near(components[0].mean[0], -0.6, 0.05 / 500_f64.sqrt());
        near(components[1].mean[1], 0.3, 0.1 / 1000_f64.sqrt());
        let Root::Full { root, inverse } = &components[1].root else {
            panic!("full");
        };
        let covariance = root.dot(&root.t());
        near(
            covariance[(0, 0)] - VARIANCE_FLOOR,
            0.01,
            0.01 * (2.0 / 1000_f64).sqrt(),
        );
        near(covariance[(0, 1)], 0.008, 0.013 / 1000_f64.sqrt());
        let identity = root.dot(inverse) - Array2::<f64>::eye(2);
        assert!(identity.iter().all(|v| v.abs() < 1e-12));
    }

    /// As it must be without a floor; 1e-12 is rounding.
    #[test]
    fn no_round_makes_the_points_less_likely() {
        let points = heaps();
        for shape in [Shape::Full, Shape::Diagonal] {
            let shares =
                Array2::from_shape_fn((1500, 3), |(i, j)| if i % 3 == j { 0.6 } else { 0.2 });
            let mut fit = Mixture::likeliest(&points, &shares, shape, 0.0);
            let mut last = f64::NEG_INFINITY;
            for _ in 0..30 {
                let (likelihood, shares) = fit.expectation(&points);
                assert!(likelihood >= last - 1e-12, "{likelihood} after {last}");
                assert!(
                    shares
                        .rows()
                        .into_iter()
                        .all(|row| (row.sum() - 1.0).abs() < 1e-12)
                );
                last = likelihood;
                fit = Mixture::likeliest(&points, &shares, shape, 0.0);
            }
        }
    }

    /// The density of a diagonal component is a product of one-dimensional ones; a full one of the same
    /// covariance agrees.
    #[test]
    fn densities_are_those_of_normal_distributions() {
        let (mean, deviations) = (array![0.2, -0.1], array![0.3, 0.5]);
        let point = array![[0.5, 0.4]];
        let one =
            |x: f64, m: f64, s: f64| (-0.5 * ((x - m) / s).powi(2)).exp() / (s * (2.0 * PI).sqrt());
        let expected = (0.25 * one(0.5, 0.2, 0.3) * one(0.4, -0.1, 0.5)).ln();
        let covariance = Array2::from_diag(&deviations.mapv(|s: f64| s * s - 0.01));
        for root in [
            Root::Diagonal(deviations.clone()),
            full_root(covariance, 0.01),
        ] {
            let component = Component {
                weight: 0.25,
                mean: mean.clone(),
                root,
            };
            let found = component.log_density(point.view())[0];
            assert!((found - expected).abs() < 1e-12, "{found} not {expected}");
        }
    }
}
