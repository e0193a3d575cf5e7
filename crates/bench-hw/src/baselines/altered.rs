//! Training images made worse in known ways.

use crate::domain::TrainingImages;
use crate::metrics::squares;
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Standard deviations after which the Gaussian of a blur is cut off, as in `SciPy`.
const CUT: f64 = 4.0;

/// A Gaussian blur of square images, standard deviation in pixels, edges mirrored (…ba|abc…), as
/// `scipy.ndimage.gaussian_filter` does it.
pub(super) fn blurred(images: ArrayView2<'_, f64>, deviation: f64) -> Array2<f64> {
    let (n, pixels) = images.dim();
    let side = pixels.isqrt();
    let along = blur(side, deviation);
    let mut result = Array2::zeros((n, pixels));
    for (image, mut blurred) in images.rows().into_iter().zip(result.rows_mut()) {
        let image = image.to_shape((side, side)).expect("square");
        let square = along.dot(&image).dot(&along.t());
        blurred.assign(&square.into_flat());
    }
    result
}

/// The blur of a row of `side` pixels, `[side, side]`.
fn blur(side: usize, deviation: f64) -> Array2<f64> {
    #[expect(clippy::cast_sign_loss, reason = "deviations are positive")]
    let radius = (CUT * deviation).round() as usize;
    let weight = |step: usize| {
        let distance = (step as f64 - radius as f64) / deviation;
        (-0.5 * distance * distance).exp()
    };
    let total: f64 = (0..=2 * radius).map(weight).sum();
    let period = 2 * side;
    let mut matrix = Array2::zeros((side, side));
    for pixel in 0..side {
        for step in 0..=2 * radius {
            // pixel + step − radius, modulo the period of the mirrored row.
            let place = (pixel + step + radius * (period - 1)) % period;
            let source = place.min(period - 1 - place);
            matrix[(pixel, source)] += weight(step) / total;
        }
    }
    matrix
}

/// Each image averaged with its nearest other.
pub(super) fn neighbour_means(images: &Array2<f64>) -> Array2<f64> {
    let mut distances = squares(images, images);
    distances.diag_mut().fill(f64::INFINITY);
    let nearest: Vec<usize> = distances
        .rows()
        .into_iter()
        .map(|row| {
            let all = row.iter().enumerate();
            all.min_by(|a, b| a.1.total_cmp(b.1))
                .map_or(0, |(place, _)| place)
        })
        .collect();
    (images + &images.select(Axis(0), &nearest)) * 0.5
}

/// The mean image of every class that there is, `[classes, pixels]`.
pub(super) fn class_means(train: &TrainingImages) -> Array2<f64> {
    let mut means = Array2::zeros((0, train.pixels()));
    for class in 0..crate::domain::CLASSES {
        let places = train.places_of(|known| known == class);
        let mean: Option<Array1<f64>> = train.images.select(Axis(0), &places).mean_axis(Axis(0));
        if let Some(mean) = mean {
            means.push_row(mean.view()).expect("as many pixels");
        }
    }
    means
}
