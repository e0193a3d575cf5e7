//! Some samples next to real images: what a metric is computed from.

use super::sets::{Candidates, NEAR, WIDE, class_shares};
use super::{kernels, neighbours::share};
use ndarray::{Array1, Array2, ArrayView2, Axis};

/// Probability above which the classifier is sure.
const SURE: f64 = 0.9;

/// Some samples next to real images. Distances are squared, in the space of the reference
/// ([`Space`](super::Space)).
pub struct Comparison<'a> {
    candidates: &'a Candidates<'a>,
    members: &'a [usize],
    /// 1 for each of all samples that is looked at, else 0.
    weights: Array1<f64>,
    /// Distance of each sample to its nearest other.
    own_nearest: Vec<f64>,
    /// Of each real image: whether it lies in a sample's ball, and how far the nearest sample is.
    reached: Vec<bool>,
    to_sample: Vec<f64>,
    class_shares: Option<Vec<f64>>,
}

impl<'a> Comparison<'a> {
    pub(super) fn new(candidates: &'a Candidates<'a>, members: &'a [usize]) -> Self {
        let mut is_member = vec![false; candidates.cloud.len()];
        for &i in members {
            is_member[i] = true;
        }
        let radius = |k| -> Vec<f64> {
            let radii = members.iter();
            radii
                .map(|&i| candidates.neighbours.radius(i, k, &is_member))
                .collect()
        };
        let own = radius(NEAR);
        let real = candidates.real.cloud.len();
        let (mut reached, mut to_sample) = (vec![false; real], vec![f64::INFINITY; real]);
        for (&i, &radius) in members.iter().zip(&own) {
            let places = reached.iter_mut().zip(&mut to_sample);
            for (&square, (reached, nearest)) in candidates.across.row(i).iter().zip(places) {
                *reached |= square < radius;
                *nearest = nearest.min(square);
            }
        }
        let judgement = candidates.cloud.judgement.as_ref();
        let class_shares = judgement.map(|judgement| {
            let classes = members.iter().map(|&i| judgement.classes[i]);
            class_shares(classes, judgement.number_of_classes)
        });
        let weights = is_member.iter();
        Self {
            weights: weights.map(|&is| f64::from(u8::from(is))).collect(),
            own_nearest: radius(1),
            candidates,
            members,
            reached,
            to_sample,
            class_shares,
        }
    }

    /// Number of samples.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// The samples, `[n, pixels]`, clamped to [−1, 1].
    pub fn samples(&self) -> Array2<f64> {
        self.candidates.cloud.images.select(Axis(0), self.members)
    }

    /// The real images, `[m, pixels]`, in [−1, 1].
    pub fn real(&self) -> ArrayView2<'_, f64> {
        self.candidates.real.cloud.images.view()
    }

    /// Squared distances of the samples to the real images, `[n, m]`.
    pub fn distances(&self) -> Array2<f64> {
        self.candidates.across.select(Axis(0), self.members)
    }

    /// Features of the samples `[n, d]` and of the real images `[m, d]`; none where nobody judges.
    pub fn features(&self) -> Option<(Array2<f64>, ArrayView2<'_, f64>)> {
        let samples = self.candidates.cloud.judgement.as_ref()?;
        let real = self.candidates.real.cloud.judgement.as_ref()?;
        Some((
            samples.features.select(Axis(0), self.members),
            real.features.view(),
        ))
    }

    /// Share of each class among the samples and among the real images, as the classifier sees them.
    pub fn class_shares(&self) -> Option<(&[f64], &[f64])> {
        Some((
            self.class_shares.as_deref()?,
            self.candidates.real.class_shares.as_deref()?,
        ))
    }

    pub(super) fn fd_features(&self) -> Option<f64> {
        self.candidates.cloud.judgement.as_ref()?;
        Some(self.candidates.decisive(self.members))
    }

    pub(super) fn fd_pixels(&self) -> f64 {
        let points = self.candidates.cloud.points().select(Axis(0), self.members);
        self.candidates.real.pixels.distance(points.view())
    }

    pub(super) fn mmd(&self) -> f64 {
        self.discrepancy(&self.candidates.gaussian, self.candidates.real.gaussian)
    }

    pub(super) fn kid(&self) -> f64 {
        self.discrepancy(&self.candidates.cubic, self.candidates.real.cubic)
    }

    fn discrepancy(&self, kernels: &(Array2<f64>, Array1<f64>), real: f64) -> f64 {
        let across = kernels.1.dot(&self.weights) / self.count() as f64;
        kernels::mean_of_pairs(&kernels.0, &self.weights) + real - 2.0 * across
    }

    /// Share of the samples for which it is so.
    fn share_of_samples(&self, is_so: impl Fn(usize) -> bool) -> f64 {
        share(self.count(), |&i| is_so(self.members[i]))
    }

    pub(super) fn precision(&self) -> f64 {
        self.share_of_samples(|i| self.candidates.inside[i])
    }

    pub(super) fn recall(&self) -> f64 {
        share(self.reached.len(), |&j| self.reached[j])
    }

    pub(super) fn density(&self) -> f64 {
        let in_wide: usize = (self.members.iter())
            .map(|&i| self.candidates.in_wide[i])
            .sum();
        in_wide as f64 / (WIDE * self.count()) as f64
    }

    pub(super) fn coverage(&self) -> f64 {
        let wide = &self.candidates.real.wide;
        share(wide.len(), |&j| self.to_sample[j] < wide[j])
    }

    pub(super) fn recognisable(&self) -> Option<f64> {
        let judgement = self.candidates.cloud.judgement.as_ref()?;
        Some(self.share_of_samples(|i| judgement.confidence[i] > SURE && self.candidates.inside[i]))
    }

    pub(super) fn confidence(&self) -> Option<f64> {
        let judgement = self.candidates.cloud.judgement.as_ref()?;
        let sum: f64 = self.members.iter().map(|&i| judgement.confidence[i]).sum();
        Some(sum / self.count() as f64)
    }

    pub(super) fn one_nn_generated(&self) -> f64 {
        share(self.count(), |&i| {
            self.own_nearest[i] < self.candidates.to_real[self.members[i]]
        })
    }

    pub(super) fn one_nn_real(&self) -> f64 {
        let nearest = &self.candidates.real.nearest;
        share(nearest.len(), |&j| nearest[j] < self.to_sample[j])
    }

    pub(super) fn memorisation(&self) -> Option<f64> {
        let copied = self.candidates.copied.as_ref()?;
        Some(self.share_of_samples(|i| copied[i]))
    }
}
