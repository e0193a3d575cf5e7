//! Intervals of medians without an assumption about the population.

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
