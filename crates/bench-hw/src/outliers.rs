//! How far images are from what a model has learned: their energy, and how fast the flow would carry them away.
//!
//! The flow of a model descends its energy, v = −α ∂E/∂x, and ends where the data are: what is unlike them lies higher, or
//! still moves. Both are read from one relaxation with x held, and say nothing of *what* is unlike.

use analog_substrate::{Drive, IdealError, Relaxation, Substrate as _, Visible};
use gradep_core::{
    data::one_hot,
    files::Model,
    random::{Purpose, stream},
};
use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate};
use rand::{RngExt, seq::SliceRandom};

/// Scores of images; the larger, the less they are like what was learned.
#[derive(Clone, Debug, PartialEq)]
pub struct Outliers {
    /// E(x, h*) with hidden nodes at equilibrium under the held image, `[n]`.
    pub energy: Array1<f64>,
    /// Root of the mean square of v over the pixels, `[n]`.
    pub speed: Array1<f64>,
}

impl Outliers {
    /// Of images `[n, pixels]` under a model. Where it has label nodes, each is held at every class, and the least counts:
    /// an image is as unlike the data as it is unlike the class that it is most like.
    ///
    /// # Errors
    /// [`IdealError`].
    ///
    /// # Panics
    /// If the images are of another size.
    pub fn of(
        model: &Model<f32>,
        relaxation: &Relaxation,
        images: ArrayView2<'_, f32>,
    ) -> Result<Self, IdealError> {
        assert_eq!(images.ncols(), model.pixels(), "images of the model");
        let classes = model.label_nodes();
        // An image is judged as one of which nothing is given.
        let copies = if model.beside_pixels().copies {
            model.pixels()
        } else {
            0
        };
        let copies = Array2::zeros((images.nrows(), copies));
        if classes == 0 {
            let nodes = concatenate![Axis(1), images, copies];
            return Self::of_nodes(model, relaxation, nodes.view());
        }
        let mut least: Option<Self> = None;
        for class in 0..classes {
            let labels = vec![class as u32; images.nrows()];
            let labels = one_hot(&labels, classes, 1.0);
            let nodes = concatenate![Axis(1), images, labels, copies];
            let scores = Self::of_nodes(model, relaxation, nodes.view())?;
            least = Some(match least {
                None => scores,
                Some(least) => Self {
                    energy: smaller(&least.energy, &scores.energy),
                    speed: smaller(&least.speed, &scores.speed),
                },
            });
        }
        Ok(least.expect("at least one class"))
    }

    /// Of all visible nodes, `[n, n_0]`.
    fn of_nodes(
        model: &Model<f32>,
        relaxation: &Relaxation,
        nodes: ArrayView2<'_, f32>,
    ) -> Result<Self, IdealError> {
        let substrate = model.ideal(relaxation.clone())?;
        let drive = Drive {
            anchor: nodes,
            visible: Visible::Clamped,
            held: None,
        };
        let settled = substrate.settle(&drive, None)?;
        let current = substrate.current(&settled);
        let pixels = model.pixels();
        let speed = current.rows().into_iter().map(|row| {
            let squares: f64 = row.iter().take(pixels).map(|&i| f64::from(i).powi(2)).sum();
            model.output_scale * (squares / pixels as f64).sqrt()
        });
        Ok(Self {
            speed: speed.collect(),
            energy: substrate
                .energy(&settled)
                .expect("an ideal network knows its energy"),
        })
    }
}

fn smaller(a: &Array1<f64>, b: &Array1<f64>) -> Array1<f64> {
    ndarray::Zip::from(a).and(b).map_collect(|a, b| a.min(*b))
}

/// Images that are unlike others in a known way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlike {
    /// Pixels that are uniform in [−1, 1] and know nothing of each other.
    Noise,
    /// The pixels of each image in another order.
    Shuffled,
    /// Black for white.
    Inverted,
    /// Half the image and half uniform noise.
    HalfNoise,
}

impl Unlike {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Noise, Self::Shuffled, Self::Inverted, Self::HalfNoise];

    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Noise => "uniform noise",
            Self::Shuffled => "shuffled pixels",
            Self::Inverted => "black for white",
            Self::HalfNoise => "half noise",
        }
    }

    /// Made of images `[n, pixels]`, the same ones at every call.
    pub fn of(self, images: &Array2<f32>) -> Array2<f32> {
        let mut made = images.clone();
        for (number, mut image) in made.rows_mut().into_iter().enumerate() {
            let mut draw = stream(0, Purpose::Baseline, self as u64, number as u64);
            if self == Self::Shuffled {
                let mut values = image.to_vec();
                values.shuffle(&mut draw);
                image.assign(&Array1::from(values));
                continue;
            }
            image.mapv_inplace(|value| match self {
                Self::Noise => draw.random_range(-1.0..1.0),
                Self::Inverted => -value,
                Self::HalfNoise => 0.5 * (value + draw.random_range(-1.0..1.0)),
                Self::Shuffled => value,
            });
        }
        made
    }
}

/// The share of pairs of one of `others` and one of `usual` in which the other scores higher, ties by half: the area under
/// the curve of hits against false alarms of every threshold (J. A. Hanley & B. J. McNeil, Radiology 143, 29, 1982). 1 where
/// every other stands out, ½ where they are alike.
pub fn told_apart(others: &Array1<f64>, usual: &Array1<f64>) -> f64 {
    let mut sorted = usual.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |score: f64| {
        let less = sorted.partition_point(|&usual| usual < score);
        let up_to = sorted.partition_point(|&usual| usual <= score);
        0.5 * (less + up_to) as f64
    };
    let pairs = (others.len() * sorted.len()).max(1) as f64;
    others.iter().map(|&score| below(score)).sum::<f64>() / pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn pairs_are_counted() {
        let usual = array![1.0, 2.0, 2.0, 5.0];
        for (others, expected) in [
            (array![6.0], 1.0),
            (array![0.0], 0.0),
            (array![2.0], 0.5),
            (array![3.0, 0.5], 0.375),
        ] {
            assert!((told_apart(&others, &usual) - expected).abs() < 1e-15);
        }
        assert!((told_apart(&usual, &usual) - 0.5).abs() < 1e-15);
    }
}
