//! What samples are measured against.

use super::{Evaluator, sets::Cloud};
use gradep_core::data::Dataset;
use ndarray::{Array1, Array2, Axis};
use ndarray_npy::NpzReader;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
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

/// Real images in the place of samples, and what is left to compare them with.
pub(super) struct StandIn {
    pub(super) cloud: Cloud,
    pub(super) reference: Reference,
}

impl StandIn {
    /// Numbers of all its images.
    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.cloud.len()).collect()
    }
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

    fn judged(real: Array2<f64>, train: Option<Array2<f64>>, evaluator: Evaluator) -> Self {
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

    /// Real images instead of `n` samples: of the training half against the held-out half; where there
    /// is none, one random half of the reference against the other. No more than there are.
    pub(super) fn stand_in(&self, n: usize) -> StandIn {
        let evaluator = &self.evaluator;
        let part = |cloud: &Cloud, places: &[usize]| {
            Cloud::of(cloud.images.select(Axis(0), places), evaluator)
        };
        if let Some(train) = &self.train {
            let places: Vec<usize> = (0..train.len().min(n)).collect();
            return StandIn {
                cloud: part(train, &places),
                reference: Self {
                    real: self.real.clone(),
                    train: None,
                    evaluator: evaluator.clone(),
                },
            };
        }
        let mut order: Vec<usize> = (0..self.real.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let (first, second) = order.split_at(order.len() / 2);
        StandIn {
            cloud: part(&self.real, &first[..first.len().min(n)]),
            reference: Self {
                real: part(&self.real, second),
                train: None,
                evaluator: evaluator.clone(),
            },
        }
    }
}
