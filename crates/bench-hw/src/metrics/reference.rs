//! What samples are measured against.

use super::{
    Evaluator, Values,
    sets::{Candidates, Cloud, Real},
};
use gradep_core::data::{Dataset, Half};
use ndarray::{Array2, Axis};
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Which images stand for reality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Track {
    /// The held-out half of 898 images, for models trained on the other half.
    HeldOut,
    /// All 1,797 images, for models trained on them.
    Published,
}

/// Real images to compare with, and what was found about them: metrics of many sets of samples against
/// one reference share it. Clones do, too.
#[derive(Clone, Debug)]
pub struct Reference {
    pub(super) real: Arc<Real>,
    /// The half that the model was trained on, as large as `real`.
    pub(super) train: Option<Arc<Cloud>>,
    /// By number of samples, what real images get in their place.
    floors: Arc<Mutex<BTreeMap<usize, Values>>>,
}

impl Reference {
    /// The reference of a track.
    pub fn of(track: Track) -> Self {
        let half = |half| Dataset::digits_half(half).images().mapv(f64::from);
        match track {
            Track::Published => Self::of_images(Dataset::digits().images().mapv(f64::from), None),
            Track::HeldOut => Self::of_images(half(Half::HeldOut), Some(half(Half::Train))),
        }
    }

    /// The images of a reference and of the half that a model was trained on, in [−1, 1].
    pub fn of_images(real: Array2<f64>, train: Option<Array2<f64>>) -> Self {
        let evaluator = Evaluator::built_in();
        let train = train.map(|train| Arc::new(Cloud::of(train, &evaluator)));
        Self {
            real: Arc::new(Real::new(Cloud::of(real, &evaluator))),
            train,
            floors: Arc::default(),
        }
    }

    /// Number of real images.
    pub fn size(&self) -> usize {
        self.real.cloud.len()
    }

    /// What real images get in the place of `n` samples: the training half against the held-out half;
    /// where there is none, one random half of the reference against the other. No more than there are.
    pub(super) fn floor(&self, n: usize) -> Values {
        let floors = || self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&floor) = floors().get(&n) {
            return floor;
        }
        // Not under the lock: whoever waits for it may be asked to help here.
        let floor = self.measure_floor(n);
        floors().insert(n, floor);
        floor
    }

    fn measure_floor(&self, n: usize) -> Values {
        let evaluator = Evaluator::built_in();
        let part = |cloud: &Cloud, places: &[usize]| {
            Cloud::of(cloud.images.select(Axis(0), places), &evaluator)
        };
        if let Some(train) = &self.train {
            let places: Vec<usize> = (0..train.len().min(n)).collect();
            return floor_of(&part(train, &places), &self.real);
        }
        let real = &self.real.cloud;
        let mut order: Vec<usize> = (0..real.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        let (first, second) = order.split_at(order.len() / 2);
        let stand_in = part(real, &first[..first.len().min(n)]);
        floor_of(&stand_in, &Real::new(part(real, second)))
    }
}

fn floor_of(stand_in: &Cloud, real: &Real) -> Values {
    let everyone: Vec<usize> = (0..stand_in.len()).collect();
    Candidates::new(stand_in, real, None).values(&everyone)
}
