//! Which column of a table is the label, and how one that is taken for a pixel is noticed.

use ndarray::{ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Which column of a CSV is the label (`data.label_column`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelColumn {
    /// The one that the heading names; without such a heading the last, unless the first looks like it.
    #[default]
    Auto,
    /// The first, as in the public tables of MNIST.
    First,
    /// The last, as in the digits of UCI.
    #[serde(alias = "true")]
    Last,
    /// No column: all are pixels.
    #[serde(alias = "false")]
    None,
}

impl LabelColumn {
    /// As files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::First => "first",
            Self::Last => "last",
            Self::None => "none",
        }
    }
}

/// Names that a heading gives to the column of labels, in any case.
const NAMES: [&str; 5] = ["label", "labels", "class", "classes", "target"];

/// Whether a heading's name means the label.
pub(super) fn is_label_name(name: &str) -> bool {
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Least share of the images' variance that classes explain beyond a straight line.
///
/// For the labels of the digits it is 0.39 to 0.53 (30 to 1,797 images), for every pixel of theirs taken as
/// a label at most 0.07: neighbours of a pixel rise and fall with it, images of a class do not follow the
/// number of the class.
const LEAST_NOMINAL_SHARE: f64 = 0.1;
/// Rarest class over the commonest, from which classes count as about equally frequent: 0.67 to 1 for
/// the digits and 0.8 for MNIST, at most 0.18 for a pixel.
const LEAST_BALANCE: f64 = 1.0 / 3.0;
/// Least images per class, on average.
const LEAST_PER_CLASS: usize = 2;

/// Whether the first column of a table looks like its labels and the last does not.
///
/// `pixels` `[n, columns]` are what stands between the two, in any linear scale, and `highest` is the largest of
/// them in the scale of `first` and `last`.
pub(super) fn first_looks_like_labels(
    first: &[f64],
    last: &[f64],
    pixels: ArrayView2<'_, f32>,
    highest: f64,
) -> bool {
    let Some(classes) = Classes::of(first).filter(Classes::are_consecutive) else {
        return false;
    };
    // Whole numbers, but `highest` has been rounded.
    if classes.largest() > highest - 0.5 {
        return false;
    }
    let other = Classes::of(last);
    let share = nominal_share(&classes, pixels);
    let other_share = other.as_ref().map_or(0.0, |c| nominal_share(c, pixels));
    if share > LEAST_NOMINAL_SHARE && share > 2.0 * other_share {
        return true;
    }
    let other_is_likely = other.is_some_and(|c| c.are_consecutive() && c.are_balanced());
    classes.are_balanced() && !other_is_likely
}

/// A column as class numbers.
struct Classes {
    /// Values that occur, ascending.
    values: Vec<f64>,
    /// Images with each of them.
    counts: Vec<usize>,
    /// Place in `values`, per image.
    places: Vec<usize>,
}

impl Classes {
    /// Two or more whole numbers from 0, each for [`LEAST_PER_CLASS`] images on average; nothing else.
    fn of(column: &[f64]) -> Option<Self> {
        if !column.iter().all(|v| *v >= 0.0 && v.fract() == 0.0) {
            return None;
        }
        let mut values = column.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        if values.len() < 2 || values.len() * LEAST_PER_CLASS > column.len() {
            return None;
        }
        let mut counts = vec![0; values.len()];
        let place = |v: &f64| values.partition_point(|known| known < v);
        let places: Vec<usize> = column.iter().map(place).collect();
        for &place in &places {
            counts[place] += 1;
        }
        Some(Self {
            values,
            counts,
            places,
        })
    }

    fn largest(&self) -> f64 {
        self.values[self.values.len() - 1]
    }

    /// 0, 1, 2, … or 1, 2, 3, … without a gap.
    fn are_consecutive(&self) -> bool {
        let span = self.largest() - self.values[0];
        self.values[0] <= 1.0 && span < self.values.len() as f64
    }

    fn are_balanced(&self) -> bool {
        let (rarest, commonest) = (self.counts.iter().min(), self.counts.iter().max());
        rarest
            .zip(commonest)
            .is_some_and(|(rarest, commonest)| *rarest as f64 >= LEAST_BALANCE * *commonest as f64)
    }
}

/// Share of the pixels' variance that classes explain, less the share that a straight line in the number of the
/// class explains; both adjusted for the degrees of freedom that they take (ω², Hays 1963).
fn nominal_share(classes: &Classes, pixels: ArrayView2<'_, f32>) -> f64 {
    let n = pixels.nrows() as f64;
    let kinds = classes.values.len();
    let middle = classes
        .places
        .iter()
        .map(|&k| classes.values[k])
        .sum::<f64>()
        / n;
    let (mut total, mut between, mut linear) = (0.0, 0.0, 0.0);
    let mut square = 0.0;
    for &k in &classes.places {
        square += (classes.values[k] - middle).powi(2);
    }
    let mut sums = vec![0.0; kinds];
    for column in pixels.axis_iter(Axis(1)) {
        let mean = column.iter().map(|&v| f64::from(v)).sum::<f64>() / n;
        sums.fill(0.0);
        let mut product = 0.0;
        for (&value, &k) in column.iter().zip(&classes.places) {
            let deviation = f64::from(value) - mean;
            total += deviation * deviation;
            sums[k] += deviation;
            product += deviation * (classes.values[k] - middle);
        }
        let means = sums.iter().zip(&classes.counts);
        between += means
            .map(|(sum, &count)| sum * sum / count as f64)
            .sum::<f64>();
        linear += product * product / square;
    }
    let adjusted = |explained: f64, freedom: f64| {
        let within = (total - explained) / (n - 1.0 - freedom);
        (explained - freedom * within) / (total + within)
    };
    let share = adjusted(between, kinds as f64 - 1.0) - adjusted(linear, 1.0);
    if share.is_finite() { share } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Dataset;
    use ndarray::{Array2, s};

    /// The digits `[n, 65]`, labels last, pixels from 0 to 16.
    fn table(n: usize) -> Array2<f64> {
        let digits = Dataset::digits();
        let labels = digits.labels().unwrap();
        Array2::from_shape_fn((n, 65), |(i, j)| match j {
            64 => f64::from(labels[i]),
            j => 8.0 * (f64::from(digits.images()[[i, j]]) + 1.0),
        })
    }

    /// Whether the columns in this order are refused.
    fn refused(table: &Array2<f64>, order: &[usize]) -> bool {
        let ordered = table.select(Axis(1), order);
        let between = ordered.slice(s![.., 1..order.len() - 1]);
        let highest = between.iter().copied().fold(0.0, f64::max);
        first_looks_like_labels(
            &ordered.column(0).to_vec(),
            &ordered.column(order.len() - 1).to_vec(),
            between.mapv(|v| v as f32).view(),
            highest,
        )
    }

    fn without(pixel: usize) -> impl Iterator<Item = usize> {
        (0..64).filter(move |&j| j != pixel)
    }

    #[test]
    fn labels_in_front_are_noticed_whatever_pixel_is_last() {
        for n in [20, 30, 100, 1797] {
            let table = table(n);
            for pixel in 0..64 {
                let mut order = vec![64];
                order.extend(without(pixel).chain([pixel]));
                assert!(refused(&table, &order), "{n} images, pixel {pixel} last");
            }
        }
    }

    #[test]
    fn no_pixel_in_front_is_taken_for_the_labels() {
        for n in [10, 20, 30, 100, 1797] {
            let plain = table(n);
            // Labels with gaps, labels that say nothing, and labels that are noise.
            let mut sparse = plain.clone();
            sparse.column_mut(64).mapv_inplace(|label| 3.0 * label);
            let mut constant = plain.clone();
            constant.column_mut(64).fill(0.0);
            let mut noise = plain.clone();
            let mut state = 1_u64;
            noise.column_mut(64).mapv_inplace(|_| {
                // Knuth's linear congruential generator (MMIX).
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                ((state >> 33) % 10) as f64
            });
            for table in [plain, sparse, constant, noise] {
                for pixel in 0..64 {
                    let mut order = vec![pixel];
                    order.extend(without(pixel).chain([64]));
                    assert!(!refused(&table, &order), "{n} images, pixel {pixel} first");
                }
            }
        }
    }
}
