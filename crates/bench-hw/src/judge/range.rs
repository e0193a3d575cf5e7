//! Whether samples are in the range of the real images.
//!
//! Metrics clamp values to [−1, 1], the range of the data, which is right for what a flow overshoots
//! and wrong for images in another range. The two are told apart by the 5th and 95th percentile of all
//! values. Of digits these are the ends of the range: half of their pixels are blank, −1, and a tenth full
//! of ink, +1. A flow takes them to −1.3 and 1.0 at t = 1, to −2.1 and 1.7 at t = 3; the
//! noise that it starts from has ∓1.6. Limits for other images are those of digits, relative to the
//! percentiles of the real ones.

use ndarray::ArrayView2;
use serde::Serialize;
use units::fault::{Blame, Fault};

/// The lower end has to reach down to here, for digits from −1 to 1. Blank pixels of images from 0 to 1, 16 or
/// 255 and of images from −0.5 to 0.5, a tenth of overshoot included, do not.
const BLANK: f32 = -0.6;
/// Both ends have to be within ± this, for digits from −1 to 1: twice as far as flows go.
const FAR: f32 = 4.0;
/// Middle of the range divided by its half: 0 for digits and for noise, −0.3 to −0.1 for samples of
/// flows, 1 for images from 0 upwards, 0.4 for images with mean 0 and variance 1.
const LOPSIDED: f32 = 0.3;
/// Real images whose percentiles are nearer than this have no range of their own.
const LEAST_WIDTH: f32 = 0.1;

/// Where the values of samples lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ValueRange {
    /// The smallest.
    pub smallest: f32,
    /// The 5th percentile.
    pub low: f32,
    /// The 95th percentile.
    pub high: f32,
    /// The largest.
    pub largest: f32,
    /// Share of values beyond [−1, 1], which metrics clamp.
    pub beyond: f64,
}

/// Samples that are not in the range of the real images.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "nine tenths of the values lie between {} and {}, all between {} and {}; expected {expected}",
    found.low, found.high, found.smallest, found.largest
)]
pub struct OtherRange {
    /// Where the values of the samples lie.
    pub found: ValueRange,
    /// What was expected, in words.
    pub expected: &'static str,
}

impl Blame for OtherRange {
    fn fault(&self) -> Fault {
        Fault::Input
    }
}

/// What becomes of values that do not reach the ends of the range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Narrow {
    Refused,
    Taken,
}

impl ValueRange {
    /// Of finite samples `[n, pixels]`; none of no values.
    pub fn of(samples: ArrayView2<'_, f32>) -> Option<Self> {
        let mut values: Vec<f32> = samples.iter().copied().collect();
        values.sort_by(f32::total_cmp);
        let last = values.len().checked_sub(1)?;
        let beyond = values.iter().filter(|value| value.abs() > 1.0).count();
        Some(Self {
            smallest: values[0],
            low: values[last / 20],
            high: values[last - last / 20],
            largest: values[last],
            beyond: beyond as f64 / values.len() as f64,
        })
    }

    /// Refuses what cannot be digits from −1 to 1.
    ///
    /// # Errors
    /// [`OtherRange`].
    pub fn check_digits(&self) -> Result<(), OtherRange> {
        let expected = "digits from −1 (blank) to 1 (ink)";
        self.check_between([-1.0, 1.0], Narrow::Refused, expected)
    }

    /// Refuses what cannot be images like those whose values are `real`. Values that only lie closer together pass: those
    /// of a model that has learned little do.
    ///
    /// # Errors
    /// [`OtherRange`].
    pub fn check(&self, real: &Self) -> Result<(), OtherRange> {
        let expected = "images from −1 to 1, as those that they are compared with are scaled";
        let ends = [real.low, real.high];
        // Of images that are nearly all of one value nothing can be told.
        if ends[1] - ends[0] < LEAST_WIDTH {
            return self.check_between([-1.0, 1.0], Narrow::Taken, expected);
        }
        self.check_between(ends, Narrow::Taken, expected)
    }

    fn check_between(
        &self,
        [low, high]: [f32; 2],
        narrow: Narrow,
        expected: &'static str,
    ) -> Result<(), OtherRange> {
        // As if the real images lay between −1 and 1.
        let scaled = |value: f32| 2.0 * (value - low) / (high - low) - 1.0;
        let (bottom, top) = (scaled(self.low), scaled(self.high));
        let lopsided = bottom + top > LOPSIDED * (top - bottom);
        let far = bottom < -FAR || top > FAR;
        let too_narrow = narrow == Narrow::Refused && bottom > BLANK;
        if too_narrow || far || lopsided {
            return Err(OtherRange {
                found: *self,
                expected,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        baselines::Baseline,
        domain::{Track, TrainingImages},
    };
    use gradep_core::data::Dataset;
    use ndarray::{Array2, s};

    fn check(samples: &Array2<f32>) -> Result<(), OtherRange> {
        ValueRange::of(samples.view()).unwrap().check_digits()
    }

    /// Good and bad samples alike, as many as a metric needs and all; what flows overshoot.
    #[test]
    fn sample_sets_of_every_quality_are_in_range() {
        let train = TrainingImages::of(Track::HeldOut);
        for baseline in Baseline::ALL {
            for n in [10, 898] {
                let samples = baseline.samples(n, 0, &train).unwrap();
                check(&samples).unwrap_or_else(|error| panic!("{baseline}, {n}: {error}"));
            }
        }
        let digits = Dataset::digits();
        for factor in [1.0, 1.3, 2.0] {
            check(&digits.images().mapv(|v| factor * v)).unwrap();
        }
    }

    /// Samples of a model that has learned little lie about the middle; images of another range do not.
    #[test]
    fn other_images_may_be_pale_but_not_of_another_range() {
        let digits = Dataset::digits();
        let real = ValueRange::of(digits.images().view()).unwrap();
        let mapped = |low: f32, high: f32| {
            let images = digits
                .images()
                .mapv(|v| low + (high - low) * (v + 1.0) / 2.0);
            ValueRange::of(images.view()).unwrap().check(&real)
        };
        for (low, high) in [(-1.0, 1.0), (-1.3, 1.2), (-0.3, 0.2)] {
            mapped(low, high).unwrap();
        }
        for (low, high) in [(0.0, 1.0), (0.0, 16.0), (0.0, 255.0), (-128.0, 127.0)] {
            mapped(low, high).unwrap_err();
        }
    }

    #[test]
    fn digits_in_other_ranges_are_noticed_in_ten_samples() {
        let digits = Dataset::digits();
        let ten = digits.images().slice(s![..10, ..]);
        let mean = digits.images().mean().unwrap();
        let deviation = digits.images().std(0.0);
        // Images from `low` to `high`.
        for (low, high) in [
            (0.0, 1.0),
            (0.0, 2.0),
            (0.0, 16.0),
            (0.0, 255.0),
            (-0.5, 0.5),
            (-16.0, 16.0),
            (-128.0, 127.0),
            ((-1.0 - mean) / deviation, (1.0 - mean) / deviation),
        ] {
            for samples in [ten.view(), digits.images().view()] {
                let mapped = samples.mapv(|v| low + (high - low) * (v + 1.0) / 2.0);
                let error = check(&mapped).unwrap_err();
                assert!(
                    error.to_string().contains("from −1"),
                    "{low} to {high}: {error}"
                );
            }
        }
        // A generator of such images overshoots, too.
        let shares = digits.images().mapv(|v| 0.6 * v + 0.5);
        assert!(check(&shares).is_err());
    }
}
