//! Ways to fill in what is missing of images.

use super::{ConditionalNormal, Fill};
use crate::generation::{Condition, GenerationError, OnChip, Start, generate, given_nodes};
use gradep_core::{draws::normal_rows, files::Model, generate::starting_noise, random::Purpose};
use ndarray::{Array2, Array3, Axis, s};
use rayon::prelude::*;

/// Images of which some pixels are known, and how often each is filled in.
#[derive(Clone, Copy, Debug)]
pub struct Inpainting<'a> {
    /// The true images, `[n, pixels]`.
    pub truth: &'a Array2<f64>,
    /// Known pixels, `[n, pixels]`.
    pub known: &'a Array2<bool>,
    /// Draws of each image.
    pub draws: usize,
    /// Seed of the first; each has the next one.
    pub seed: u64,
}

impl Inpainting<'_> {
    /// By a model that holds the known pixels, on a chip or at exact equilibria. Before each draw `go_on` gets the share
    /// of them that is done, and says whether to make it.
    ///
    /// # Errors
    /// [`GenerationError`].
    pub fn by_model(
        &self,
        model: &Model<f32>,
        chip: Option<&OnChip<'_>>,
        condition: &Condition,
        mut go_on: impl FnMut(f64) -> bool,
    ) -> Result<Option<Fill>, GenerationError> {
        let (count, pixels) = self.truth.dim();
        let mut given = self.truth.mapv(|value| value as f32);
        given.zip_mut_with(self.known, |value, &known| {
            *value = if known { *value } else { f32::NAN };
        });
        let given = given_nodes(model, count, Some(given.view()), None);
        let mut draws = Array3::zeros((self.draws, count, pixels));
        for draw in 0..self.draws {
            if !go_on(draw as f64 / self.draws as f64) {
                return Ok(None);
            }
            let seed = self.seed.wrapping_add(draw as u64);
            let noise = starting_noise(seed, count, model.couplings.layers().visible());
            let start = Start::given(noise, given.view());
            let found = generate(model, chip, condition, start, seed)?;
            draws
                .index_axis_mut(Axis(0), draw)
                .assign(&found.last().mapv(f64::from));
        }
        Ok(Some(Fill {
            name: "model".to_owned(),
            draws,
        }))
    }

    /// The true images with the unknown pixels of `other`.
    fn with_unknown_of(&self, other: &Array2<f64>) -> Array2<f64> {
        let mut filled = self.truth.clone();
        ndarray::Zip::from(&mut filled)
            .and(self.known)
            .and(other)
            .for_each(|value, &known, &other| *value = if known { *value } else { other });
        filled
    }
}

/// By the normal distribution of the training images: with its mean, whatever is known; with the conditional mean; and
/// with draws from the conditional distribution.
pub fn normal_fills(task: &Inpainting<'_>, fit: &ConditionalNormal) -> [Fill; 3] {
    let (count, pixels) = task.truth.dim();
    let mean = Array2::from_shape_fn((count, pixels), |(_, pixel)| fit.mean()[pixel]);
    let filled: Vec<_> = (0..count)
        .into_par_iter()
        .map(|image| {
            let place = image as u64;
            let normals = normal_rows(task.seed, Purpose::Baseline, place, task.draws, pixels);
            let normals = normals.mapv(f64::from);
            fit.fill(task.truth.row(image), task.known.row(image), normals.view())
        })
        .collect();
    let mut centres = Array3::zeros((1, count, pixels));
    let mut draws = Array3::zeros((task.draws, count, pixels));
    for (image, (centre, drawn)) in filled.iter().enumerate() {
        centres.slice_mut(s![0, image, ..]).assign(centre);
        draws.slice_mut(s![.., image, ..]).assign(drawn);
    }
    let named = |name: &str, draws| Fill {
        name: name.to_owned(),
        draws,
    };
    [
        named(
            "mean image",
            task.with_unknown_of(&mean).insert_axis(Axis(0)),
        ),
        named("normal, mean", centres),
        named("normal, draws", draws),
    ]
}

/// By the training images `[m, pixels]` that are nearest in the known pixels: one of them for each draw, nearest first.
pub fn nearest_fills(task: &Inpainting<'_>, training: &Array2<f64>) -> Fill {
    let (count, pixels) = task.truth.dim();
    let wanted = task.draws.min(training.nrows());
    let nearest: Vec<Vec<usize>> = (0..count)
        .into_par_iter()
        .map(|image| {
            let distance = |other: ndarray::ArrayView1<'_, f64>| -> f64 {
                let all = other
                    .iter()
                    .zip(task.truth.row(image))
                    .zip(task.known.row(image));
                let known = all.filter(|(_, known)| **known);
                known.map(|((a, b), _)| (a - b).powi(2)).sum()
            };
            let mut order: Vec<(f64, usize)> = (training.rows().into_iter().enumerate())
                .map(|(place, other)| (distance(other), place))
                .collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            order
                .into_iter()
                .take(wanted)
                .map(|(_, place)| place)
                .collect()
        })
        .collect();
    let mut draws = Array3::zeros((wanted, count, pixels));
    for draw in 0..wanted {
        let places: Vec<usize> = nearest.iter().map(|places| places[draw]).collect();
        let found = task.with_unknown_of(&training.select(Axis(0), &places));
        draws.index_axis_mut(Axis(0), draw).assign(&found);
    }
    Fill {
        name: "nearest images".to_owned(),
        draws,
    }
}
