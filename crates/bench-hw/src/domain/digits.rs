//! The 1,797 built-in digits.

use super::{Domain, Track, TrainingImages};
use crate::judge::{Evaluator, OtherRange, ValueRange};
use gradep_core::data::{Dataset, Half, ImageShape};
use ndarray::Array2;

/// Median squared distance between two of the 1,797 digits in [−1, 1].
const MEDIAN_SQUARE: f64 = 37.66;

/// The built-in digits, 8 × 8, in ten classes, judged by the built-in classifier.
///
/// ```
/// use bench_hw::domain::{Digits, Domain as _};
///
/// assert_eq!(Digits::PUBLISHED.real().dim(), (1797, 64));
/// // A model of one half is judged by the other.
/// assert_eq!(Digits::for_source(Some("digits-half")), Digits::HELD_OUT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    /// Half of them, or all.
    pub track: Track,
}

impl Digits {
    /// The held-out half of 898 images, for models trained on the other half.
    pub const HELD_OUT: Self = Self {
        track: Track::HeldOut,
    };
    /// All 1,797 images, for models trained on them.
    pub const PUBLISHED: Self = Self {
        track: Track::Published,
    };

    /// The track by which a model that was trained on `data.source` can be judged: its other half, if it was
    /// trained on one.
    pub fn for_source(trained_on: Option<&str>) -> Self {
        if trained_on == Some("digits-half") {
            Self::HELD_OUT
        } else {
            Self::PUBLISHED
        }
    }
}

impl Domain for Digits {
    fn name(&self) -> String {
        "digits".to_owned()
    }

    fn track(&self) -> Track {
        self.track
    }

    fn shape(&self) -> ImageShape {
        Dataset::digits().shape()
    }

    fn classes(&self) -> Option<usize> {
        Some(Evaluator::built_in().classes())
    }

    fn images(&self) -> Array2<f64> {
        Dataset::digits().images().mapv(f64::from)
    }

    fn real(&self) -> Array2<f64> {
        let data = match self.track {
            Track::Published => Dataset::digits(),
            Track::HeldOut => Dataset::digits_half(Half::HeldOut),
        };
        data.images().mapv(f64::from)
    }

    fn training(&self) -> Option<Array2<f64>> {
        (self.track == Track::HeldOut)
            .then(|| Dataset::digits_half(Half::Train).images().mapv(f64::from))
    }

    fn baselines(&self) -> Option<TrainingImages> {
        Some(TrainingImages::of(self.track))
    }

    fn judge(&self) -> Option<Evaluator> {
        Some(Evaluator::built_in())
    }

    fn id(&self) -> Option<String> {
        None
    }

    fn median_square(&self) -> Option<f64> {
        Some(MEDIAN_SQUARE)
    }

    fn check_range(&self, values: &ValueRange) -> Result<(), OtherRange> {
        values.check_digits()
    }

    fn doubt(&self, trained_on: Option<&str>) -> Option<String> {
        let track = self.track.name();
        match (self.track, trained_on) {
            (Track::HeldOut, Some("digits-half")) | (Track::Published, Some("digits")) => None,
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

    fn about(&self) -> String {
        let count = match self.track {
            Track::HeldOut => 898,
            Track::Published => 1797,
        };
        format!("{count} digits, track {}", self.track.name())
    }
}
