//! The last level at which something holds, by halving, and what many chips say about it.

use serde::Serialize;
use std::cmp::Ordering;
use units::statistics::median_ranks;

/// Where a criterion stops holding on levels that are numbered from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    /// It does not hold at the first level.
    Nowhere,
    /// It holds at this level and not at the next.
    At(u32),
    /// It holds at the last level.
    Everywhere,
}

impl PartialOrd for Threshold {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Threshold {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |threshold: &Self| match *threshold {
            Self::Nowhere => (0, 0),
            Self::At(level) => (1, level),
            Self::Everywhere => (2, 0),
        };
        rank(self).cmp(&rank(other))
    }
}

/// Finds the threshold on levels `0..=last` by bisection, which takes log₂(last) + 2 evaluations. If the
/// criterion holds again beyond a level where it does not, one of the thresholds is found.
///
/// # Errors
/// Those of `holds`.
pub fn bisect<E>(last: u32, mut holds: impl FnMut(u32) -> Result<bool, E>) -> Result<Threshold, E> {
    if !holds(0)? {
        return Ok(Threshold::Nowhere);
    }
    if holds(last)? {
        return Ok(Threshold::Everywhere);
    }
    let (mut good, mut bad) = (0, last);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if holds(middle)? {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(Threshold::At(good))
}

/// Thresholds of several chips, summarised.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Thresholds {
    /// The last level that at least half of the chips bear.
    pub median: Threshold,
    /// Ends of the interval that holds the median of all chips of the design with probability `coverage`:
    /// order statistics, no assumption about the law of the thresholds.
    pub low: Threshold,
    /// See `low`.
    pub high: Threshold,
    /// At least 95 %; less if there are fewer than six chips.
    pub coverage: f64,
    /// The last level that at least 95 % of these chips bear.
    pub most: Threshold,
    /// How many chips do not even bear the first level.
    pub nowhere: usize,
    /// How many bear the last level.
    pub everywhere: usize,
}

impl Thresholds {
    /// The summary of some chips; none of no chip.
    pub fn of(thresholds: &[Threshold]) -> Option<Self> {
        let mut sorted = thresholds.to_vec();
        sorted.sort_unstable();
        let n = sorted.len();
        let (low, high, coverage) = median_ranks(n)?;
        let count = |wanted| sorted.iter().filter(|found| **found == wanted).count();
        Some(Self {
            median: sorted[n - n.div_ceil(2)],
            low: sorted[low],
            high: sorted[high],
            coverage,
            most: sorted[n - (19 * n).div_ceil(20)],
            nowhere: count(Threshold::Nowhere),
            everywhere: count(Threshold::Everywhere),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;
    use rand_distr::{Distribution as _, StandardNormal};
    use std::convert::Infallible;

    proptest! {
        #[test]
        fn every_threshold_is_found_in_a_few_evaluations(last in 1..2000_u32, root in -1..2001_i64) {
            let mut asked = 0;
            let found = bisect(last, |level| {
                asked += 1;
                Ok::<_, Infallible>(i64::from(level) <= root)
            });
            let expected = match u32::try_from(root) {
                Err(_) => Threshold::Nowhere,
                Ok(root) if root >= last => Threshold::Everywhere,
                Ok(root) => Threshold::At(root),
            };
            prop_assert_eq!(found, Ok(expected));
            prop_assert!(asked <= 3 + last.ilog2());
        }
    }

    #[test]
    fn summaries_count_chips_that_bear_nothing_and_everything() {
        let at = Threshold::At;
        let thresholds = [
            at(5),
            Threshold::Everywhere,
            at(1),
            Threshold::Nowhere,
            at(3),
        ];
        let found = Thresholds::of(&thresholds).unwrap();
        assert_eq!((found.median, found.most), (at(3), Threshold::Nowhere));
        assert_eq!((found.nowhere, found.everywhere), (1, 1));
        // Of four, half bear the second best.
        assert_eq!(Thresholds::of(&thresholds[..4]).unwrap().median, at(5));
        assert_eq!(Thresholds::of(&[]), None);
        // 95 % of twenty are nineteen.
        let many: Vec<_> = (0..20).map(Threshold::At).collect();
        assert_eq!(Thresholds::of(&many).unwrap().most, at(1));
    }

    /// Chips whose excess grows as slope · level, slopes log-normal around one: the median chip leaves
    /// 10 % at level 400 of 1000. The interval of 12 chips (2nd to 11th would be 98.7 %, 3rd to 10th
    /// 96.1 %) has to hold that in 96.1 % of all studies: 384 of 400, ± 3.9.
    #[test]
    fn a_known_root_is_found_with_the_stated_confidence() {
        let mut generator = ChaCha8Rng::seed_from_u64(3);
        let (mut held, mut stated) = (0, 0.0);
        for _ in 0..400 {
            let thresholds: Vec<Threshold> = (0..12)
                .map(|_| {
                    let z: f64 = StandardNormal.sample(&mut generator);
                    let slope = 0.1 / 400.25 * (0.4 * z).exp();
                    let excess = |level: u32| slope * f64::from(level);
                    let found = bisect(1000, |level| Ok::<_, Infallible>(excess(level) <= 0.1));
                    found.unwrap()
                })
                .collect();
            let found = Thresholds::of(&thresholds).unwrap();
            let root = Threshold::At(400);
            held += usize::from(found.low <= root && root <= found.high);
            stated = found.coverage;
        }
        assert!((stated - 0.961_425_781_25).abs() < 1e-12, "{stated}");
        // Three standard deviations of a count with p = 0.961.
        assert!((373..=396).contains(&held), "{held}");
    }
}
