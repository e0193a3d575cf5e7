//! Where distances between images are measured: in pixels, or in principal components of real images.

use super::frechet::moments;
use analog_substrate::random::Purpose;
use gradep_core::draws::normal_rows;
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2};
use std::sync::Arc;

/// Most pixels (16 × 16) whose distances are measured in pixels. A covariance of more takes seconds of
/// every subset, and neighbours in more dimensions tell less.
pub const MOST_PIXELS: usize = 256;
/// Principal components of larger images: as many numbers as an 8 × 8 image has, so that neighbours mean
/// as much.
pub const COMPONENTS: usize = 64;
/// Directions that are followed beside those that are wanted, and products with the covariance. What is left
/// of the directions outside falls with each product as the ratio of the variances λ₈₁/λ₆₄ (N. Halko et al.,
/// SIAM Review 53, 217, 2011): 0.64 for 1,000 to 10,000 images of MNIST, where the subspace is then turned by
/// 2e-5 to 6e-5 rad against all eigenvectors (NumPy's `eigh`) and the variances are right to 1e-8.
const EXTRA: usize = 16;
const PRODUCTS: usize = 24;

/// Where distances between images are measured.
#[derive(Clone, Debug)]
pub enum Space {
    /// In pixels.
    Pixels,
    /// In the first principal components of the real images.
    Components(Arc<Components>),
}

/// Principal components of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// Mean image `[pixels]`.
    mean: Array1<f64>,
    /// Orthonormal directions, `[pixels, components]`, of falling variance.
    directions: Array2<f64>,
    /// Share of the variance that lies along them.
    share: f64,
}

impl Space {
    /// The space for real images `[n, pixels]`: pixels of small ones, components of others.
    pub fn of(real: ArrayView2<'_, f64>) -> Self {
        if real.ncols() <= MOST_PIXELS {
            return Self::Pixels;
        }
        Self::Components(Arc::new(Components::of(real, COMPONENTS)))
    }

    /// Images `[n, pixels]` as points `[n, dimensions]`; none where they are points already.
    pub(super) fn points(&self, images: ArrayView2<'_, f64>) -> Option<Array2<f64>> {
        match self {
            Self::Pixels => None,
            Self::Components(components) => Some(components.of_images(images)),
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        match self {
            Self::Pixels => "pixels".to_owned(),
            Self::Components(c) => format!(
                "the first {} principal components of the real images ({:.1} % of their variance)",
                c.directions.ncols(),
                100.0 * c.share
            ),
        }
    }
}

impl Components {
    /// The first `count` principal components of images `[n, pixels]`, no more than there are images or
    /// pixels; the same of the same images.
    pub fn of(images: ArrayView2<'_, f64>, count: usize) -> Self {
        let (mean, covariance) = moments(images);
        let pixels = covariance.nrows();
        let count = count
            .min(pixels)
            .min(images.nrows().saturating_sub(1).max(1));
        let followed = (count + EXTRA).min(pixels);
        let start = normal_rows(0, Purpose::Baseline, 0, pixels, followed);
        let mut basis = start.mapv(f64::from);
        for _ in 0..PRODUCTS {
            basis = orthonormal(&covariance.dot(&basis));
        }
        // Rayleigh and Ritz: the covariance within the subspace.
        let within = basis.t().dot(&covariance.dot(&basis));
        let eigen =
            SymmetricEigen::new(DMatrix::from_fn(followed, followed, |i, j| within[[i, j]]));
        let mut order: Vec<usize> = (0..followed).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        order.truncate(count);
        let turn = Array2::from_shape_fn((followed, count), |(i, k)| {
            eigen.eigenvectors[(i, order[k])]
        });
        let along: f64 = order.iter().map(|&k| eigen.eigenvalues[k]).sum();
        Self {
            mean,
            directions: basis.dot(&turn),
            share: along / covariance.diag().sum(),
        }
    }

    /// Share of the variance of the images that lies along the components.
    pub fn share(&self) -> f64 {
        self.share
    }

    /// Coordinates of images `[n, pixels]` along the components, `[n, components]`.
    pub fn of_images(&self, images: ArrayView2<'_, f64>) -> Array2<f64> {
        (&images - &self.mean).dot(&self.directions)
    }
}

/// An orthonormal basis of the columns, by Gram and Schmidt, twice.
fn orthonormal(columns: &Array2<f64>) -> Array2<f64> {
    let mut basis = columns.t().to_owned();
    for k in 0..basis.nrows() {
        let (done, mut rest) = basis.view_mut().split_at(ndarray::Axis(0), k);
        let mut row = rest.row_mut(0);
        for _ in 0..2 {
            let along = done.dot(&row);
            row -= &along.dot(&done);
        }
        let length = row.dot(&row).sqrt();
        if length > 0.0 {
            row /= length;
        }
    }
    basis.reversed_axes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradep_core::data::Dataset;
    use ndarray::Axis;

    /// Against all eigenvalues of the covariance by another algorithm.
    #[test]
    fn components_are_the_largest_eigenvectors() {
        let images = Dataset::digits().images().mapv(f64::from);
        let found = Components::of(images.view(), 10);
        let (_, covariance) = moments(images.view());
        let eigen = SymmetricEigen::new(DMatrix::from_fn(64, 64, |i, j| covariance[[i, j]]));
        let mut values: Vec<f64> = eigen.eigenvalues.iter().copied().collect();
        values.sort_by(|a, b| b.total_cmp(a));
        let share = values[..10].iter().sum::<f64>() / values.iter().sum::<f64>();
        assert!(
            (found.share - share).abs() < 1e-9,
            "{} {share}",
            found.share
        );
        let points = found.of_images(images.view());
        for k in 0..10 {
            let variance = points.index_axis(Axis(1), k).var(1.0);
            assert!(
                (variance / values[k] - 1.0).abs() < 1e-6,
                "{k}: {variance} {}",
                values[k]
            );
        }
        assert!(
            points
                .mean_axis(Axis(0))
                .unwrap()
                .iter()
                .all(|m| m.abs() < 1e-10)
        );
    }

    #[test]
    fn few_images_have_few_components() {
        let digits = Dataset::digits();
        let images = digits.images().slice(ndarray::s![..5, ..]).mapv(f64::from);
        let components = Components::of(images.view(), 64);
        assert_eq!(components.directions.ncols(), 4);
        assert!((components.share - 1.0).abs() < 1e-9);
    }
}
