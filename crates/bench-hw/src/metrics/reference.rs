//! What samples are measured against.

use super::{
    Evaluator, Values,
    floor::floor,
    sets::{Cloud, Real},
};
use gradep_core::data::{Dataset, Half};
use ndarray::Array2;
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

impl Track {
    /// As options and files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "H",
            Self::Published => "P",
        }
    }

    /// The track of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = [Self::HeldOut, Self::Published].into_iter();
        all.find(|track| track.name() == name)
    }

    /// Why what is measured on this track says little of a model that was trained on `trained_on`
    /// (`data.source`; none: not known); none where it was trained on the images of the track.
    pub fn doubt(self, trained_on: Option<&str>) -> Option<String> {
        let track = self.name();
        match (self, trained_on) {
            (Self::HeldOut, Some("digits-half")) | (Self::Published, Some("digits")) => None,
            (_, Some(source @ ("digits" | "digits-half"))) => Some(format!(
                "was trained on data.source = {source}, which is not that of track {track}"
            )),
            (_, Some(source)) => Some(format!(
                "was trained on data.source = {source}, and is measured against the 8 × 8 digits of track \
                 {track}: distances, shares and yields say how much its samples look like digits, not how \
                 good they are"
            )),
            (_, None) => Some(format!(
                "a model file does not say what it was trained on: numbers say how good its samples are \
                 only if it was the digits of track {track}"
            )),
        }
    }
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
    /// Who judged them, and judges samples.
    pub(super) evaluator: Evaluator,
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
        Self::judged(real, train, Evaluator::built_in())
    }

    fn judged(real: Array2<f64>, train: Option<Array2<f64>>, evaluator: Evaluator) -> Self {
        let train = train.map(|train| Arc::new(Cloud::of(train, &evaluator)));
        Self {
            real: Arc::new(Real::new(Cloud::of(real, &evaluator))),
            train,
            evaluator,
            floors: Arc::default(),
        }
    }

    /// The same images, with another classifier to judge them and samples.
    #[must_use]
    pub fn judged_by(&self, evaluator: Evaluator) -> Self {
        let train = self.train.as_ref().map(|train| train.images.clone());
        Self::judged(self.real.cloud.images.clone(), train, evaluator)
    }

    /// Number of real images.
    pub fn size(&self) -> usize {
        self.real.cloud.len()
    }

    /// What real images get in the place of `n` samples ([`floor`]), found once.
    pub(super) fn floor(&self, n: usize) -> Values {
        let floors = || self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&floor) = floors().get(&n) {
            return floor;
        }
        // Not under the lock: whoever waits for it may be asked to help here.
        let floor = floor(self, n);
        floors().insert(n, floor);
        floor
    }
}
