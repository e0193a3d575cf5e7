//! A normal distribution of images, conditioned on some of their pixels.

use crate::metrics::moments;
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Variance that is added to that of every known pixel, as a share of their mean variance: the covariance of images
/// whose borders are always blank has no inverse.
const RIDGE: f64 = 1e-3;

/// The fit to some images. Given known pixels k, the others u are normal with mean `μ_u + B(x_k − μ_k)` and covariance
/// `Σ_uu − BΣ_ku`, `B = Σ_uk Σ_kk⁻¹`: a linear regression of every unknown pixel, and the covariance of what it leaves
/// (T. W. Anderson, An Introduction to Multivariate Statistical Analysis, 3rd ed., theorem 2.5.1).
#[derive(Clone, Debug)]
pub struct ConditionalNormal {
    mean: Array1<f64>,
    covariance: Array2<f64>,
}

impl ConditionalNormal {
    /// The fit to images `[n, pixels]`, at least two.
    pub fn fit(images: ArrayView2<'_, f64>) -> Self {
        let (mean, covariance) = moments(images);
        Self { mean, covariance }
    }

    /// Mean of the images, `[pixels]`.
    pub fn mean(&self) -> ArrayView1<'_, f64> {
        self.mean.view()
    }

    /// `image` `[pixels]` with its unknown pixels at their conditional mean, and so with each row of `normals`
    /// `[draws, pixels]` drawn from their distribution, `[draws, pixels]`.
    ///
    /// # Panics
    /// If lengths differ from the fit's.
    pub fn fill(
        &self,
        image: ArrayView1<'_, f64>,
        known: ArrayView1<'_, bool>,
        normals: ArrayView2<'_, f64>,
    ) -> (Array1<f64>, Array2<f64>) {
        let places = |wanted: bool| -> Vec<usize> {
            let all = known.iter().enumerate();
            all.filter(|(_, known)| **known == wanted)
                .map(|(i, _)| i)
                .collect()
        };
        let (given, missing) = (places(true), places(false));
        let (mean, root) = self.conditional(image, &given, &missing);
        let mut centre = image.to_owned();
        for (&place, value) in missing.iter().zip(mean.iter()) {
            centre[place] = *value;
        }
        let mut draws = Array2::from_shape_fn(normals.dim(), |(_, pixel)| centre[pixel]);
        for (mut draw, normals) in draws.rows_mut().into_iter().zip(normals.rows()) {
            let z =
                DVector::from_iterator(missing.len(), normals.iter().copied().take(missing.len()));
            for (&place, moved) in missing.iter().zip((&root * z).iter()) {
                draw[place] += moved;
            }
        }
        (centre, draws)
    }

    /// Mean and a root of the covariance of the missing pixels.
    fn conditional(
        &self,
        image: ArrayView1<'_, f64>,
        given: &[usize],
        missing: &[usize],
    ) -> (DVector<f64>, DMatrix<f64>) {
        let block = |rows: &[usize], columns: &[usize]| {
            DMatrix::from_fn(rows.len(), columns.len(), |i, j| {
                self.covariance[(rows[i], columns[j])]
            })
        };
        let mut inner = block(given, given);
        let ridge = RIDGE * inner.trace() / given.len().max(1) as f64;
        for i in 0..given.len() {
            // A little more than nothing, where all known pixels are blank in every image.
            inner[(i, i)] += ridge.max(f64::MIN_POSITIVE.sqrt());
        }
        let across = block(given, missing);
        let rest = block(missing, missing);
        let base = DVector::from_iterator(missing.len(), missing.iter().map(|&i| self.mean[i]));
        let apart =
            DVector::from_iterator(given.len(), given.iter().map(|&i| image[i] - self.mean[i]));
        let (mean, covariance) = match Cholesky::new(inner) {
            Some(factor) => {
                let regression = factor.solve(&across);
                (
                    base + regression.transpose() * apart,
                    rest - across.transpose() * regression,
                )
            }
            // Not with the ridge; without it, nothing is known of anything.
            None => (base, rest),
        };
        let symmetric = (&covariance + covariance.transpose()) * 0.5;
        let eigen = SymmetricEigen::new(symmetric);
        let roots = eigen.eigenvalues.map(|value| value.max(0.0).sqrt());
        (mean, eigen.eigenvectors * DMatrix::from_diagonal(&roots))
    }
}
