//! How far apart two honest evaluations of the same kind of samples lie.

use super::published::{PublishedValue, SPLITS};

/// Standard deviations of one value from 898 samples against 898 images of one split.
struct Spread {
    /// From the choice of the samples.
    samples: f64,
    /// From the choice of the images to train on and to compare with.
    split: f64,
}

/// A spread measured on samples of a model, and at which value.
struct Anchor {
    value: f64,
    samples: f64,
    split: f64,
    /// Spread of real digits, the least there is.
    least: f64,
}

/// Squared distances: standard deviations over eight sampling seeds of a model of 25,000 parameters, and
/// by leaving out 20 % of the reference (of the pixels' distance, which is symmetric: as that of the
/// samples). Assumed: that they belong to the values of `samples_feedforward_t1.1.npz`, since the
/// measurement does not name its model; those of other such models are within a factor of 1.5. `least`
/// is what random halves of real digits vary by.
const FEATURES: Anchor = Anchor {
    value: 5.34,
    samples: 0.49,
    split: 0.76,
    least: 0.1,
};
const PIXELS: Anchor = Anchor {
    value: 0.81,
    samples: 0.044,
    split: 0.044,
    least: 0.03,
};
const DISCREPANCY: Anchor = Anchor {
    value: 6.5e-3,
    samples: 0.46e-3,
    split: 0.6e-3,
    least: 0.1e-3,
};

impl Anchor {
    /// The variance of an estimated squared distance is proportional to the distance (delta method:
    /// d(m²) = 2m dm), down to that of real digits.
    fn at(&self, value: f64) -> Spread {
        let scale = (value.max(0.0) / self.value).sqrt();
        Spread {
            samples: (scale * self.samples).max(self.least),
            split: (scale * self.split).max(self.least),
        }
    }
}

/// The spread of a metric at a value; none where it has not been measured. Shares: over the same eight
/// seeds; of the split, coverage by leaving out 20 % of the reference, precision by real halves, and
/// binomially where each real image counts by itself. Class shares of published sets are those of
/// the training images, halves of equal classes: no spread of the split.
fn spread(metric: &str, value: f64, standard_error: f64) -> Option<Spread> {
    // Each of 898 real images is in or out.
    let binomial = (value * (1.0 - value) / 898.0).max(0.0).sqrt();
    let (samples, split) = match metric {
        "fd_features" => return Some(FEATURES.at(value)),
        "fd_pixels" => return Some(PIXELS.at(value)),
        "mmd" => return Some(DISCREPANCY.at(value)),
        "precision" | "coverage" | "recognisable" => (0.014, 0.02),
        "recall" => (0.018, binomial.max(0.005)),
        "confidence" => (0.005, 0.0),
        "memorisation" => (binomial, binomial),
        "class_tv" => (standard_error, 0.0),
        _ => return None,
    };
    Some(Spread { samples, split })
}

/// Standard deviation of the difference between a mean over `seeds` evaluations on one split and a
/// published mean over three splits, whose splits and samples are its own: what varies with the samples
/// counts as 1/seeds + 1/3, what varies with the split as 1 + 1/3, and rounding to a digit is uniform.
pub(super) fn difference(
    metric: &str,
    published: PublishedValue,
    standard_error: f64,
    seeds: usize,
) -> Option<f64> {
    let spread = spread(metric, published.value, standard_error)?;
    let samples = spread.samples.powi(2) * (1.0 / seeds as f64 + 1.0 / SPLITS);
    let split = spread.split.powi(2) * (1.0 + 1.0 / SPLITS);
    let rounding = published.resolution.powi(2) / 12.0;
    Some((samples + split + rounding).sqrt())
}
