//! What samples are measured against.

use super::{
    Comparison, METRICS, Metric, Space,
    catalogue::decisive,
    floor::{Floor, floor},
    kernels::Gaussians,
    neighbours::squares,
    scores::Values,
    sets::{Cloud, Eye, Real},
};
use crate::{domain::Domain, judge::Evaluator};
use gradep_core::data::ImageShape;
use ndarray::{Array2, s};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use units::statistics::median;

/// Real images of whose distances the median is taken, where a domain does not say it: half a million pairs.
const PAIRED: usize = 1000;

/// Real images to compare with, and what was found about them: metrics of many sets of samples against
/// one reference share it. Clones do, too.
///
/// ```
/// use bench_hw::{domain::Digits, metrics::{Reference, measure}};
/// use gradep_core::data::{Dataset, Half};
///
/// // Real digits that nobody trained on, in the place of samples.
/// let digits = Dataset::digits_half(Half::Train);
/// let scores = measure(digits.images().slice(ndarray::s![..50, ..]), &Reference::of(&Digits::HELD_OUT))?;
/// assert!(scores.value("precision") > Some(0.5));
/// # Ok::<(), bench_hw::metrics::MetricsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    pub(super) real: Arc<Real>,
    /// The half that the model was trained on, as large as `real`.
    pub(super) train: Option<Arc<Cloud>>,
    /// By number of samples, what real images get in their place.
    floors: Arc<Mutex<BTreeMap<usize, Values>>>,
    /// Who judged them, and judges samples, and where distances are measured.
    pub(super) eye: Eye,
    /// What is measured, in order.
    pub(super) metrics: Arc<[Metric]>,
}

impl Reference {
    /// The reference of a domain.
    pub fn of(domain: &dyn Domain) -> Self {
        let real = domain.real();
        let space = Space::of(real.view());
        let median = domain
            .median_square()
            .unwrap_or_else(|| median_square(&real, &space));
        let eye = Eye {
            shape: domain.shape(),
            gaussians: Gaussians::of_median(median),
            evaluator: domain.judge(),
            space,
        };
        Self::seen(real, domain.training(), eye)
    }

    fn seen(real: Array2<f64>, train: Option<Array2<f64>>, eye: Eye) -> Self {
        let train = train.map(|train| Arc::new(Cloud::of(train, &eye)));
        Self {
            real: Arc::new(Real::new(Cloud::of(real, &eye), eye.gaussians)),
            train,
            eye,
            floors: Arc::default(),
            metrics: METRICS.into(),
        }
    }

    /// The same images, with another classifier to judge them and samples.
    #[must_use]
    pub fn judged_by(&self, evaluator: Evaluator) -> Self {
        let train = self.train.as_ref().map(|train| train.images.clone());
        let eye = Eye {
            evaluator: Some(evaluator),
            ..self.eye.clone()
        };
        Self {
            metrics: Arc::clone(&self.metrics),
            ..Self::seen(self.real.cloud.images.clone(), train, eye)
        }
    }

    /// The same images, with one more thing that is measured; it takes the place of one with its key.
    #[must_use]
    pub fn with_metric(self, metric: Metric) -> Self {
        let kept = self.metrics.iter().filter(|known| known.key != metric.key);
        let metrics: Vec<Metric> = kept.copied().chain([metric]).collect();
        Self {
            metrics: metrics.into(),
            floors: Arc::default(),
            ..self
        }
    }

    /// What is measured, in order.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Number of real images.
    pub fn size(&self) -> usize {
        self.real.cloud.len()
    }

    /// Height, width and channels of the images.
    pub fn shape(&self) -> ImageShape {
        self.eye.shape
    }

    /// Where distances between images are measured.
    pub fn space(&self) -> &Space {
        &self.eye.space
    }

    /// Key of the metric that decides: the distance in features, or, where nobody judges, that in pixels.
    pub fn decisive(&self) -> &'static str {
        decisive(self.eye.evaluator.is_some())
    }

    /// Every metric of some samples.
    pub(super) fn values(&self, samples: &Comparison<'_>) -> Values {
        Values::of(&self.metrics, samples)
    }

    /// What real images get in the place of `n` samples ([`floor`]), found once.
    pub(super) fn floor(&self, n: usize) -> Values {
        let floors = || self.floors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(floor) = floors().get(&n) {
            return floor.clone();
        }
        // Not under the lock: whoever waits for it may be asked to help here.
        let floor = floor(&Floor {
            real: &self.real.cloud.images,
            training: self.train.as_ref().map(|train| train.images.view()),
            eye: &self.eye,
            metrics: &self.metrics,
            n,
        });
        floors().insert(n, floor.clone());
        floor
    }
}

/// Median squared distance of two of the first real images.
fn median_square(real: &Array2<f64>, space: &Space) -> f64 {
    let first = real.slice(s![..real.nrows().min(PAIRED), ..]);
    let points = space.points(first);
    let points = points.unwrap_or_else(|| first.to_owned());
    let squares = squares(&points, &points);
    let pairs = squares.indexed_iter().filter(|((i, j), _)| i < j);
    let median = median(pairs.map(|(_, &square)| square));
    // Images that are all the same have no scale; any does.
    median.filter(|m| *m > 0.0).unwrap_or(1.0)
}
