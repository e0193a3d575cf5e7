//! How good fills are.

use crate::judge::Evaluator;
use ndarray::{Array2, Array3, ArrayView1, Axis, s};
use rayon::prelude::*;
use serde::Serialize;

/// Images that were filled in, several times each.
#[derive(Clone, Debug)]
pub struct Fill {
    /// What did it.
    pub name: String,
    /// `[draws, n, pixels]`, known pixels and the others; a draw of what is not random stands for all.
    pub draws: Array3<f64>,
}

/// The scores of one way to fill in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FillScore {
    /// What did it.
    pub name: String,
    /// Draws of each image.
    pub draws: usize,
    /// Share of draws of which the class is told rightly, by each classifier in turn.
    pub accuracy: Vec<f64>,
    /// Root of the mean square of what unknown pixels are off by, over draws and images.
    pub rmse: f64,
    /// The same of the mean of the draws of each image, which is as blurred as they are various.
    pub rmse_of_mean: f64,
    /// Mean energy score of the unknown pixels ([`energy_score`]).
    pub energy_score: f64,
    /// Its standard error, from the choice of images.
    pub energy_score_error: f64,
}

impl Fill {
    /// Measures the draws, clamped to [−1, 1], against the true images `[n, pixels]` of these classes; `judges` tell
    /// classes.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn score(
        &self,
        truth: &Array2<f64>,
        known: &Array2<bool>,
        labels: Option<&[u32]>,
        judges: &[Evaluator],
    ) -> FillScore {
        let draws = self.draws.mapv(|value| value.clamp(-1.0, 1.0));
        let mean = draws.mean_axis(Axis(0)).expect("at least one draw");
        let unknown = known.iter().filter(|known| !**known).count().max(1) as f64;
        let off = |images: ndarray::ArrayView2<'_, f64>| -> f64 {
            let pixels = images.iter().zip(truth).zip(known);
            let unknown = pixels.filter(|(_, known)| !**known);
            unknown.map(|((a, b), _)| (a - b).powi(2)).sum()
        };
        let squares: f64 = draws.outer_iter().map(off).sum();
        let scores: Vec<f64> = (0..truth.nrows())
            .into_par_iter()
            .map(|image| {
                let missing: Vec<usize> =
                    (0..truth.ncols()).filter(|&i| !known[(image, i)]).collect();
                let of = |row: ArrayView1<'_, f64>| row.select(Axis(0), &missing);
                let rows = draws.slice(s![.., image, ..]);
                let rows: Vec<_> = rows.rows().into_iter().map(of).collect();
                energy_score(&rows, &of(truth.row(image)))
            })
            .collect();
        let count = scores.len() as f64;
        let energy = scores.iter().sum::<f64>() / count;
        let spread: f64 = scores.iter().map(|score| (score - energy).powi(2)).sum();
        let accuracy = labels.map_or_else(Vec::new, |labels| {
            let share = |judge: &Evaluator| {
                let told = draws
                    .outer_iter()
                    .map(|images| judge.share_told(images, labels));
                told.sum::<f64>() / draws.len_of(Axis(0)) as f64
            };
            judges.iter().map(share).collect()
        });
        FillScore {
            name: self.name.clone(),
            draws: draws.len_of(Axis(0)),
            accuracy,
            rmse: (squares / (draws.len_of(Axis(0)) as f64 * unknown)).sqrt(),
            rmse_of_mean: (off(mean.view()) / unknown).sqrt(),
            energy_score: energy,
            energy_score_error: (spread / (count * (count - 1.0).max(1.0))).sqrt(),
        }
    }
}

/// E|X − y| − ½E|X − X′| of draws X of a vector that turned out to be y (T. Gneiting & A. E. Raftery, J. Am. Stat. Assoc.
/// 102, 359, 2007, eq. 22), estimated without bias; the smaller, the better. It is least in the mean where X has the
/// distribution of y. Of one draw |X − y|.
pub fn energy_score(draws: &[ndarray::Array1<f64>], truth: &ndarray::Array1<f64>) -> f64 {
    let distance = |a: &ndarray::Array1<f64>, b: &ndarray::Array1<f64>| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    let count = draws.len() as f64;
    let off: f64 = draws.iter().map(|draw| distance(draw, truth)).sum();
    let mut apart = 0.0;
    for (i, one) in draws.iter().enumerate() {
        apart += draws[i + 1..]
            .iter()
            .map(|other| distance(one, other))
            .sum::<f64>();
    }
    let pairs = 0.5 * count * (count - 1.0);
    off / count
        - if draws.len() > 1 {
            0.5 * apart / pairs
        } else {
            0.0
        }
}
