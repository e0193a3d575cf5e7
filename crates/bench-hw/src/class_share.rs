//! Which classes a generator's samples belong to, by their nearest labelled held-out images.

#![expect(
    clippy::needless_pass_by_value,
    reason = "array views are small and passed by value, as ndarray itself does"
)]

use gradep_core::{data::Dataset, generate::clamped};
use ndarray::{Array1, ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use units::fault::{Blame, Fault};

/// Neighbours that vote on a label.
///
/// Over the built-in digits, with `optdigits.tra` as the reference, five label 97.8 % of
/// `optdigits.tes` (other writers) rightly: an error well below the class shares that are
/// reported with it.
pub const NEIGHBOURS: usize = 5;

/// Independent partial sums of a squared distance: enough for one 256-bit register, and a fixed
/// order of summation on every processor.
const LANES: usize = 8;

/// Why samples could not be labelled.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassShareError {
    /// There is nothing to share out.
    #[error("class shares: no samples given, expected at least one")]
    NoSamples,
    /// Not enough reference images to vote.
    #[error(
        "class shares: {images} reference images for {neighbours} neighbours, expected 1 ≤ neighbours ≤ images"
    )]
    Neighbours {
        /// Neighbours asked for.
        neighbours: usize,
        /// Reference images given.
        images: usize,
    },
    /// Images and labels do not pair up.
    #[error(
        "class shares: {labels} labels for {images} reference images, expected as many labels as images"
    )]
    Labels {
        /// Labels given.
        labels: usize,
        /// Images given.
        images: usize,
    },
    /// Reference images are empty.
    #[error("class shares: reference images of 0 pixels, expected at least 1")]
    NoPixels,
    /// Samples and reference images differ in size.
    #[error(
        "class shares: samples of {found} pixels, expected {expected} as in the reference images"
    )]
    Pixels {
        /// Pixels of a sample.
        found: usize,
        /// Pixels of a reference image.
        expected: usize,
    },
    /// A pixel is infinite or not a number.
    #[error("class shares: pixel {pixel} of {set} {image} is {value}, expected a finite number")]
    NotFinite {
        /// `sample` or `reference image`.
        set: &'static str,
        /// Row.
        image: usize,
        /// Column.
        pixel: usize,
        /// What was there.
        value: f32,
    },
}

impl Blame for ClassShareError {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// How many samples carry one label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassShare {
    /// The label.
    pub class: u8,
    /// Samples with this label.
    pub count: usize,
    /// p = count / samples.
    pub share: f64,
    /// Binomial standard error of the share, √(p(1 − p)/samples); zero at p = 0 and p = 1.
    pub standard_error: f64,
}

/// The labels of a set of samples, and how they are shared out.
///
/// Not modelled: labelling errors of the neighbour vote itself (about 2 % on real digits), and
/// samples that look like no class at all; each sample gets the label of what it is nearest to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassShares {
    /// One label per sample, `[samples]`.
    pub labels: Vec<u8>,
    /// Every class of the reference images, ascending, also those without any sample.
    pub classes: Vec<ClassShare>,
}

impl ClassShares {
    /// The class with the fewest samples; the lowest label among equals.
    #[expect(
        clippy::missing_panics_doc,
        reason = "there is no labeller without reference images"
    )]
    pub fn smallest(&self) -> ClassShare {
        *self
            .classes
            .iter()
            .min_by_key(|class| class.count)
            .expect("reference images carry at least one class")
    }
}

/// Labels images by majority among the `k` nearest labelled images.
///
/// The distance is the Euclidean one over pixels. Images at equal distance count in the order in
/// which they were given, and of classes with equally many votes the one with the nearest member
/// wins, so a label depends on nothing but the arrays.
#[derive(Clone, Copy, Debug)]
pub struct NearestNeighbours<'a> {
    images: ArrayView2<'a, f32>,
    labels: ArrayView1<'a, u8>,
    neighbours: usize,
}

impl<'a> NearestNeighbours<'a> {
    /// A labeller over reference images `[images, pixels]` with labels `[images]`; `neighbours` is
    /// the number that vote, usually [`NEIGHBOURS`].
    pub fn new(
        images: ArrayView2<'a, f32>,
        labels: ArrayView1<'a, u8>,
        neighbours: usize,
    ) -> Result<Self, ClassShareError> {
        if labels.len() != images.nrows() {
            return Err(ClassShareError::Labels {
                labels: labels.len(),
                images: images.nrows(),
            });
        }
        if neighbours == 0 || neighbours > images.nrows() {
            return Err(ClassShareError::Neighbours {
                neighbours,
                images: images.nrows(),
            });
        }
        if images.ncols() == 0 {
            return Err(ClassShareError::NoPixels);
        }
        check_finite("reference image", images)?;
        Ok(Self {
            images,
            labels,
            neighbours,
        })
    }

    /// The label of every sample of `[samples, pixels]`.
    pub fn label(&self, samples: ArrayView2<'_, f32>) -> Result<Vec<u8>, ClassShareError> {
        if samples.ncols() != self.images.ncols() {
            return Err(ClassShareError::Pixels {
                found: samples.ncols(),
                expected: self.images.ncols(),
            });
        }
        check_finite("sample", samples)?;
        // Contiguous rows, whatever the strides of the views: distances are the whole cost.
        let references: Vec<f32> = self.images.iter().copied().collect();
        Ok((0..samples.nrows())
            .into_par_iter()
            .map(|i| vote(&self.nearest(&samples.row(i).to_vec(), &references)))
            .collect())
    }

    /// Labels every sample of `[samples, pixels]` and counts the labels.
    pub fn shares(&self, samples: ArrayView2<'_, f32>) -> Result<ClassShares, ClassShareError> {
        if samples.nrows() == 0 {
            return Err(ClassShareError::NoSamples);
        }
        let labels = self.label(samples)?;
        let total = labels.len() as f64;
        let mut counts = [0_usize; 256];
        for &label in &labels {
            counts[usize::from(label)] += 1;
        }
        let mut known: Vec<u8> = self.labels.to_vec();
        known.sort_unstable();
        known.dedup();
        let classes = known
            .into_iter()
            .map(|class| {
                let count = counts[usize::from(class)];
                let share = count as f64 / total;
                ClassShare {
                    class,
                    count,
                    share,
                    standard_error: (share * (1.0 - share) / total).sqrt(),
                }
            })
            .collect();
        Ok(ClassShares { labels, classes })
    }

    /// Labels of the nearest reference images (rows of the sample's length), nearest first.
    fn nearest(&self, sample: &[f32], references: &[f32]) -> Vec<u8> {
        let mut best: Vec<(f32, u8)> = Vec::with_capacity(self.neighbours + 1);
        for (reference, &label) in references.chunks_exact(sample.len()).zip(self.labels) {
            let distance = squared_distance(sample, reference);
            if best.len() == self.neighbours && distance >= best[self.neighbours - 1].0 {
                continue;
            }
            let place = best.partition_point(|&(known, _)| known <= distance);
            best.insert(place, (distance, label));
            best.truncate(self.neighbours);
        }
        best.into_iter().map(|(_, label)| label).collect()
    }
}

/// The most frequent label; among equals the one that comes first.
fn vote(nearest: &[u8]) -> u8 {
    let mut votes = [0_usize; 256];
    for &label in nearest {
        votes[usize::from(label)] += 1;
    }
    let most = votes.iter().copied().max().unwrap_or(0);
    *nearest
        .iter()
        .find(|&&label| votes[usize::from(label)] == most)
        .expect("at least one neighbour votes")
}

/// Σ (a − b)² over equally long slices, in `f32`, always summed in the same order.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let (a_blocks, a_rest) = a.as_chunks::<LANES>();
    let (b_blocks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for lane in 0..LANES {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    let rest: f32 = a_rest
        .iter()
        .zip(b_rest)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    sums.iter().sum::<f32>() + rest
}

fn check_finite(set: &'static str, images: ArrayView2<'_, f32>) -> Result<(), ClassShareError> {
    match images.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((image, pixel), &value)) => Err(ClassShareError::NotFinite {
            set,
            image,
            pixel,
            value,
        }),
        None => Ok(()),
    }
}

/// Classes of generated digits `[n, 64]`, by their nearest neighbours among the held-out images.
///
/// Samples are clamped to [−1, 1], the range of the data, before they are compared.
///
/// # Errors
/// [`ClassShareError`]: no samples, samples that are not finite or have not 64 pixels.
pub fn digit_shares(samples: ArrayView2<'_, f32>) -> Result<ClassShares, ClassShareError> {
    let reference = Dataset::digits_held_out();
    let labels = reference.labels().unwrap_or_default();
    let labels: Array1<u8> = labels.iter().map(|&label| label as u8).collect();
    let neighbours = NearestNeighbours::new(reference.images().view(), labels.view(), NEIGHBOURS)?;
    neighbours.shares(clamped(samples).view())
}

#[cfg(test)]
mod tests;
