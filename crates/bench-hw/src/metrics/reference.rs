//! What samples are measured against.

use super::{Evaluator, sets::Cloud};
use gradep_core::data::Dataset;
use ndarray::{Array1, Array2, Axis};
use ndarray_npy::NpzReader;
use std::io::Cursor;

/// Which images stand for reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The held-out half of 898 images, for models trained on the other half.
    HeldOut,
    /// All 1,797 images, for models trained on them.
    Published,
}

/// Real images to compare with.
#[derive(Clone, Debug)]
pub struct Reference {
    pub(super) real: Cloud,
    /// The half that the model was trained on, as large as `real`.
    pub(super) train: Option<Cloud>,
    /// Who judged them, and judges samples.
    pub(super) evaluator: Evaluator,
}

impl Reference {
    /// The reference of a track.
    #[expect(clippy::missing_panics_doc, reason = "the tests read the file")]
    pub fn of(track: Track) -> Self {
        let digits = Dataset::digits();
        let images = digits.images().mapv(f64::from);
        let evaluator = Evaluator::built_in();
        match track {
            Track::Published => Self {
                real: Cloud::of(images, &evaluator),
                train: None,
                evaluator,
            },
            Track::HeldOut => {
                let bytes = include_bytes!("../../../../data/evaluator/split_half_898.npz");
                let mut file = NpzReader::new(Cursor::new(&bytes[..])).expect("an npz file");
                let mut half = |name: &str| {
                    let places: Array1<i32> = file.by_name(name).expect("indices");
                    #[expect(clippy::cast_sign_loss, reason = "indices")]
                    let places: Vec<usize> = places.iter().map(|&i| i as usize).collect();
                    Cloud::of(images.select(Axis(0), &places), &evaluator)
                };
                Self {
                    train: Some(half("train.npy")),
                    real: half("held_out.npy"),
                    evaluator,
                }
            }
        }
    }

    /// The images of a reference and of the half that a model was trained on, in [−1, 1].
    pub fn of_images(real: Array2<f64>, train: Option<Array2<f64>>) -> Self {
        Self::judged(real, train, Evaluator::built_in())
    }

    pub(super) fn judged(
        real: Array2<f64>,
        train: Option<Array2<f64>>,
        evaluator: Evaluator,
    ) -> Self {
        Self {
            real: Cloud::of(real, &evaluator),
            train: train.map(|train| Cloud::of(train, &evaluator)),
            evaluator,
        }
    }

    /// The same images, with another classifier to judge them and samples.
    #[must_use]
    pub fn judged_by(&self, evaluator: Evaluator) -> Self {
        let train = self.train.as_ref().map(|train| train.images.clone());
        Self::judged(self.real.images.clone(), train, evaluator)
    }

    /// Number of real images.
    pub fn size(&self) -> usize {
        self.real.len()
    }
}
