//! Images of a user's own.

use super::{Domain, FEWEST, Track};
use crate::judge::{Evaluator, OtherRange, ValueRange};
use gradep_core::data::{Dataset, ImageShape};
use ndarray::{Array2, Axis};
use rand::{SeedableRng as _, seq::SliceRandom as _};
use rand_chacha::ChaCha8Rng;
use std::sync::OnceLock;
use units::fault::{Blame, Fault};

/// Most images that stand for reality: of more, this many are drawn, the same in every run. Distances of all
/// pairs take 134 MB each.
pub const LARGEST: usize = 4096;
/// Most classes that a classifier is trained on.
const MOST_CLASSES: usize = 1000;
/// Fewest images of a class, on average, from which a classifier can learn.
const FEWEST_OF_CLASS: usize = 5;
/// One image of so many is kept from the classifier, to say how often it is right.
const KEPT: usize = 5;

/// Images that nothing can be held against.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OwnImagesError {
    /// Too few.
    #[error("{name}: {found} images to compare with are too few; expected at least {FEWEST}")]
    TooFew {
        /// Which data.
        name: String,
        /// How many there are.
        found: usize,
    },
}

impl Blame for OwnImagesError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// A user's own images. With classes, a classifier is trained on four fifths of those that stand for reality.
///
/// ```
/// use bench_hw::domain::{Domain as _, OwnImages};
/// use gradep_core::data::Dataset;
/// use ndarray::Array2;
///
/// let ramps = Array2::from_shape_fn((60, 6), |(i, j)| ((i * j) % 13) as f32 / 13.0);
/// let domain = OwnImages::all(&Dataset::from_images("ramps", ramps)?)?;
/// assert_eq!((domain.name().as_str(), domain.classes()), ("ramps", None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct OwnImages {
    name: String,
    id: String,
    track: Track,
    shape: ImageShape,
    real: Array2<f64>,
    training: Option<Array2<f64>>,
    /// Class of each real image, from 0; none without classes.
    classes: Option<Vec<u32>>,
    number_of_classes: usize,
    values: ValueRange,
    judge: OnceLock<Option<(Evaluator, f64)>>,
}

impl OwnImages {
    /// All images of a data set, for models that were trained on them.
    ///
    /// # Errors
    /// [`OwnImagesError::TooFew`].
    pub fn all(data: &Dataset) -> Result<Self, OwnImagesError> {
        Self::new(data, None)
    }

    /// Images that were kept from training, and those that were not.
    ///
    /// # Errors
    /// [`OwnImagesError::TooFew`].
    pub fn held_out(data: &Dataset, training: &Dataset) -> Result<Self, OwnImagesError> {
        Self::new(data, Some(training))
    }

    fn new(data: &Dataset, training: Option<&Dataset>) -> Result<Self, OwnImagesError> {
        let most = training.map_or(LARGEST, |t| t.images().nrows().min(LARGEST));
        let places = places(data.images().nrows(), most);
        if places.len() < FEWEST {
            return Err(OwnImagesError::TooFew {
                name: data.name().to_owned(),
                found: places.len(),
            });
        }
        let real = data.images().select(Axis(0), &places);
        let training = training.map(|training| {
            let places = self::places(training.images().nrows(), places.len());
            training.images().select(Axis(0), &places).mapv(f64::from)
        });
        let labels = data
            .labels()
            .map(|labels| places.iter().map(|&i| labels[i]).collect::<Vec<_>>());
        let (classes, number_of_classes) = labels.and_then(|l| numbered(&l)).unzip();
        let track = if training.is_some() {
            Track::HeldOut
        } else {
            Track::Published
        };
        Ok(Self {
            name: data.name().to_owned(),
            id: id_of(&real, training.as_ref(), classes.as_deref()),
            track,
            shape: data.shape(),
            values: ValueRange::of(real.view()).expect("there are images"),
            real: real.mapv(f64::from),
            training,
            classes,
            number_of_classes: number_of_classes.unwrap_or_default(),
            judge: OnceLock::new(),
        })
    }

    /// The classifier, and the share of images that it has not seen and tells rightly.
    fn judged(&self) -> Option<&(Evaluator, f64)> {
        self.judge
            .get_or_init(|| {
                let classes = self.classes.as_ref()?;
                let part = |is_kept: bool| -> (Array2<f64>, Vec<u32>) {
                    let places: Vec<usize> = (0..classes.len())
                        .filter(|i| (i % KEPT == KEPT - 1) == is_kept)
                        .collect();
                    let chosen = places.iter().map(|&i| classes[i]).collect();
                    (self.real.select(Axis(0), &places), chosen)
                };
                let ((seen, of_seen), (kept, of_kept)) = (part(false), part(true));
                let evaluator =
                    Evaluator::of_classes(seen.view(), &of_seen, self.number_of_classes);
                let share = evaluator.share_told(kept.view(), &of_kept);
                Some((evaluator, share))
            })
            .as_ref()
    }
}

/// BLAKE3 of the images and classes that samples are judged by.
fn id_of(real: &Array2<f32>, training: Option<&Array2<f64>>, classes: Option<&[u32]>) -> String {
    let mut hash = blake3::Hasher::new();
    let mut add = |part: &str, bytes: Vec<u8>| {
        hash.update(part.as_bytes());
        hash.update(&bytes.len().to_le_bytes());
        hash.update(&bytes);
    };
    add("real", real.iter().flat_map(|v| v.to_le_bytes()).collect());
    if let Some(training) = training {
        let bytes = training.iter().flat_map(|v| v.to_le_bytes());
        add("training", bytes.collect());
    }
    if let Some(classes) = classes {
        let bytes = classes.iter().flat_map(|v| v.to_le_bytes());
        add("classes", bytes.collect());
    }
    hash.finalize().to_hex().to_string()
}

/// `most` of `count` places, drawn without order, or all; the same for the same numbers.
fn places(count: usize, most: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    if count > most {
        places.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        places.truncate(most);
        places.sort_unstable();
    }
    places
}

/// Labels as class numbers from 0, in their order, and how many classes there are; none where they are no
/// classes that could be learned.
fn numbered(labels: &[u32]) -> Option<(Vec<u32>, usize)> {
    let mut names = labels.to_vec();
    names.sort_unstable();
    names.dedup();
    let learnable =
        (2..=MOST_CLASSES).contains(&names.len()) && labels.len() >= FEWEST_OF_CLASS * names.len();
    let number = |label: &u32| names.partition_point(|name| name < label) as u32;
    learnable.then(|| (labels.iter().map(number).collect(), names.len()))
}

impl Domain for OwnImages {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn track(&self) -> Track {
        self.track
    }

    fn shape(&self) -> ImageShape {
        self.shape
    }

    fn classes(&self) -> Option<usize> {
        self.classes.as_ref().map(|_| self.number_of_classes)
    }

    fn images(&self) -> Array2<f64> {
        self.real.clone()
    }

    fn real(&self) -> Array2<f64> {
        self.real.clone()
    }

    fn training(&self) -> Option<Array2<f64>> {
        self.training.clone()
    }

    fn judge(&self) -> Option<Evaluator> {
        self.judged().map(|(evaluator, _)| evaluator.clone())
    }

    fn id(&self) -> Option<String> {
        Some(self.id.clone())
    }

    fn check_range(&self, values: &ValueRange) -> Result<(), OtherRange> {
        values.check(&self.values)
    }

    fn doubt(&self, _trained_on: Option<&str>) -> Option<String> {
        None
    }

    fn about(&self) -> String {
        let what = match self.track {
            Track::HeldOut => "held out of training, track H",
            Track::Published => "those of the training, track P",
        };
        let judge = match self.judged() {
            Some((_, share)) => format!(
                "a classifier of their {} classes that learned from four fifths of them tells {:.1} % of the \
                 others rightly",
                self.number_of_classes,
                100.0 * share
            ),
            None => "without classes that could be learned, so that nothing is said of features and classes"
                .to_owned(),
        };
        format!(
            "{} images of {} ({}), {what}; {judge}",
            self.real.nrows(),
            self.name,
            self.shape
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_classes_in_their_order() {
        let labels = [7, 3, 3, 900, 7, 3, 900, 7, 3, 900, 7, 3, 7, 900, 900];
        let (classes, count) = numbered(&labels).unwrap();
        assert_eq!(count, 3);
        assert_eq!(classes[..5], [1, 0, 0, 2, 1]);
        // A name for every image is no class.
        assert_eq!(numbered(&(0..100).collect::<Vec<_>>()), None);
        assert_eq!(numbered(&[4; 100]), None);
    }

    /// Other images, another division or other classes are another domain: results are kept by it.
    #[test]
    fn what_samples_are_judged_by_has_one_name() {
        let some = |seed: u32| {
            let images = Array2::from_shape_fn((40, 4), |(i, j)| {
                let place = u32::try_from(7 * i + 3 * j).unwrap() + seed;
                (place % 11) as f32 / 5.5 - 1.0
            });
            Dataset::from_images("some", images).unwrap()
        };
        let id = |domain: OwnImages| domain.id().unwrap();
        let all = id(OwnImages::all(&some(0)).unwrap());
        assert_eq!(all, id(OwnImages::all(&some(0)).unwrap()));
        assert_ne!(all, id(OwnImages::all(&some(1)).unwrap()));
        let divided = id(OwnImages::held_out(&some(0), &some(1)).unwrap());
        assert_ne!(all, divided);
        assert_ne!(
            divided,
            id(OwnImages::held_out(&some(0), &some(2)).unwrap())
        );
        let real = some(0).images().clone();
        let named = |classes: &[u32]| id_of(&real, None, Some(classes));
        assert_ne!(named(&[0, 1]), named(&[1, 0]));
    }

    #[test]
    fn many_images_are_drawn_from_the_same_way() {
        let drawn = places(10_000, 100);
        assert_eq!(drawn, places(10_000, 100));
        assert!(drawn.is_sorted_by(|a, b| a < b) && drawn.len() == 100);
        assert_eq!(places(5, 100), [0, 1, 2, 3, 4]);
    }
}
