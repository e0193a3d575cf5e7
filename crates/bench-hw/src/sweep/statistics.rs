//! What a number of chips says about all chips of a design: quantiles, bands, shares, with intervals.

use serde::Serialize;

/// Standard normal quantile of 97.5 %: intervals are of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// Values of one quantity over chips.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// 50 % quantile.
    pub median: Option<f64>,
    /// 5 % quantile.
    pub p5: Option<f64>,
    /// 95 % quantile.
    pub p95: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation from chip to chip (denominator n − 1); none of one chip.
    pub sd: Option<f64>,
    /// The values, by number of the chip; none where a chip gave no value.
    pub chips: Vec<Option<f64>>,
}

impl Spread {
    /// Statistics of the values that are there.
    pub fn of(chips: Vec<Option<f64>>) -> Self {
        let mut sorted: Vec<f64> = chips.iter().copied().flatten().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self {
            median: quantile(&sorted, 0.5),
            p5: quantile(&sorted, 0.05),
            p95: quantile(&sorted, 0.95),
            mean: mean(&sorted),
            sd: deviation(&sorted),
            chips,
        }
    }

    /// Chips that gave a value.
    pub fn count(&self) -> usize {
        self.chips.iter().flatten().count()
    }

    /// Standard error of the mean; none of one chip.
    pub fn standard_error(&self) -> Option<f64> {
        Some(self.sd? / (self.count() as f64).sqrt())
    }
}

/// Quantile of sorted values, linear between them (type 7 of R. Hyndman and Y. Fan, Am. Stat. 50, 361,
/// 1996; NumPy's default); none of none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (place - below as f64) * (sorted[above] - sorted[below]))
}

/// Mean; none of none.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation with denominator n − 1; none of fewer than two.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Successes over trials.
    pub share: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// `successes` of `trials` independent trials, with the score interval
    /// `(p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n)` (E. B. Wilson, J. Am. Stat. Assoc. 22,
    /// 209, 1927); everything is possible after no trial.
    pub fn of(successes: usize, trials: usize) -> Self {
        if trials == 0 {
            return Self {
                share: f64::NAN,
                low: 0.0,
                high: 1.0,
            };
        }
        let n = trials as f64;
        let share = successes as f64 / n;
        let centre = share + Z * Z / (2.0 * n);
        let half = Z * (share * (1.0 - share) / n + (Z / (2.0 * n)).powi(2)).sqrt();
        let scale = 1.0 + Z * Z / n;
        // The ends of no and of every success are 0 and 1, which rounding misses.
        Self {
            share,
            low: if successes == 0 {
                0.0
            } else {
                (centre - half) / scale
            },
            high: if successes == trials {
                1.0
            } else {
                (centre + half) / scale
            },
        }
    }
}

/// Ranks, from 0, of the two sorted values that hold the median of a population with a probability of at
/// least 95 %, and that probability; of fewer than six values the smallest and the largest, which hold it
/// less often.
///
/// The ranks `l` and `n − 1 − l` fail if at most `l` of `n` values lie on one side of the median:
/// `1 − 2·P(B(n, ½) ≤ l)`, whatever the population is (W. J. Conover, Practical Nonparametric
/// Statistics, 1999, section 3.2). None of no value.
pub fn median_ranks(n: usize) -> Option<(usize, usize, f64)> {
    let last = n.checked_sub(1)?;
    // Logarithms: 2⁻ⁿ is no double from 1,075 values on.
    let mut logarithm = n as f64 * 0.5_f64.ln();
    let mut below = logarithm.exp();
    let mut best = (0, last, 1.0 - 2.0 * below);
    for rank in 1..=last / 2 {
        logarithm += ((n - rank + 1) as f64 / rank as f64).ln();
        below += logarithm.exp();
        let coverage = 1.0 - 2.0 * below;
        if coverage < 0.95 {
            break;
        }
        best = (rank, last - rank, coverage);
    }
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.quantile`, `mean`, `std(ddof=1)` of the same numbers.
    #[test]
    fn statistics_are_those_of_numpy() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let spread = Spread::of(values.iter().copied().map(Some).chain([None]).collect());
        assert_eq!((spread.count(), spread.chips.len()), (8, 9));
        for (found, expected) in [
            (spread.median, 3.5),
            (spread.p5, 1.0),
            (spread.p95, 7.95),
            (spread.mean, 3.875),
            (spread.sd, 2.748_376_143_938_713),
            (spread.standard_error(), 0.971_697_704_315_199_3),
        ] {
            assert!((found.unwrap() - expected).abs() < 1e-9, "{spread:?}");
        }
        assert_eq!(Spread::of(vec![None]).median, None);
        assert_eq!(Spread::of(vec![Some(2.0)]).sd, None);
    }

    /// Table I of R. G. Newcombe, Stat. Med. 17, 857 (1998), method 3.
    #[test]
    fn intervals_of_shares_are_the_published_ones() {
        for (successes, trials, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let share = Share::of(successes, trials);
            assert!((share.low - low).abs() < 5e-5, "{share:?}");
            assert!((share.high - high).abs() < 5e-5, "{share:?}");
            // Failures are the successes of the opposite.
            let opposite = Share::of(trials - successes, trials);
            assert!((opposite.low + share.high - 1.0).abs() < 1e-12);
        }
    }

    /// Coverage by adding up binomial probabilities from factorials; the ranks of ten and twenty values
    /// are in every table (2nd and 9th: 97.85 %; 6th and 15th: 95.86 %).
    #[test]
    fn intervals_of_the_median_hold_it_as_often_as_they_say() {
        assert_eq!(median_ranks(0), None);
        for (n, low, high, coverage) in [
            (1, 0, 0, 0.0),
            (5, 0, 4, 0.9375),
            (6, 0, 5, 0.968_75),
            (10, 1, 8, 0.978_515_625),
            (20, 5, 14, 0.958_610_534_667_968_8),
        ] {
            let found = median_ranks(n).unwrap();
            assert_eq!((found.0, found.1), (low, high), "{n}");
            assert!((found.2 - coverage).abs() < 1e-12, "{found:?}");
        }
        for n in 1..120_usize {
            let (low, high, coverage) = median_ranks(n).unwrap();
            assert_eq!(low + high, n - 1);
            let chance = |k: usize| {
                let ways: f64 = (0..k).map(|i| (n - i) as f64 / (i + 1) as f64).product();
                ways * 0.5_f64.powf(n as f64)
            };
            let outside: f64 = (0..=low).map(chance).sum();
            assert!((coverage - (1.0 - 2.0 * outside)).abs() < 1e-9, "{n}");
            assert!(n < 6 || coverage >= 0.95, "{n}");
        }
        // n/2 ± 1.96 √n/2 for many: 1,000 ± 44.
        assert_eq!(median_ranks(2000).unwrap().0, 955);
    }
}
