//! Statistics of a handful of numbers: quantiles, means, and intervals of what they are a sample of.
//! Everything in the workspace that has a median or an interval has it from here.

mod proportion;
mod ranks;
mod student;

pub use proportion::Share;
pub use ranks::median_ranks;
pub use student::{Interval, student_quantile};

/// Share of all studies whose intervals hold the truth.
pub const LEVEL: f64 = 0.95;

/// Quantile of ascending values, linear between them (type 7 of R. Hyndman and Y. Fan, Am. Stat. 50, 361,
/// 1996; NumPy's default); none of none.
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    #[expect(clippy::cast_sign_loss, reason = "clamped at 0")]
    let below = place.floor() as usize;
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let beyond = place - below as f64;
    // Of a value itself, and between equal ones, nothing is added: ∞ − ∞ is no number.
    let is_there = beyond <= 0.0 || low.total_cmp(&high).is_eq();
    Some(if is_there {
        low
    } else {
        low + beyond * (high - low)
    })
}

/// The middle value, of an even number the mean of the middle two ([`quantile`] of one half); none of none.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.into_iter().collect();
    sorted.sort_unstable_by(f64::total_cmp);
    quantile(&sorted, 0.5)
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

/// Standard error of the mean of independent values: their standard deviation over √n; none of fewer than
/// two.
pub fn standard_error(values: &[f64]) -> Option<f64> {
    Some(deviation(values)? / (values.len() as f64).sqrt())
}

/// Standard error of a statistic of a whole sample from its values for random subsets that leave out a
/// share `left_out` = d of it: the delete-d jackknife, their variance times (1 − d)/d (J. Shao and C. Wu,
/// Ann. Statist. 17, 1176, 1989); none of fewer than two subsets, or if one has no value.
pub fn jackknife(subsets: impl Iterator<Item = Option<f64>>, left_out: f64) -> Option<f64> {
    let values: Vec<f64> = subsets.collect::<Option<_>>()?;
    Some(deviation(&values)? * ((1.0 - left_out) / left_out).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.quantile`, `mean`, `std(ddof=1)` of the same numbers.
    #[test]
    fn statistics_are_those_of_numpy() {
        let values = [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0];
        for (found, expected) in [
            (median(values), 3.5),
            (median(values[1..].iter().copied()), 4.0),
            (quantile(&values, 0.05), 1.0),
            (quantile(&values, 0.95), 7.95),
            (mean(&values), 3.875),
            (deviation(&values), 2.748_376_143_938_713),
            (standard_error(&values), 0.971_697_704_315_199_3),
        ] {
            assert!((found.unwrap() - expected).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn what_is_not_there_has_no_statistics() {
        assert_eq!(median([]), None);
        assert_eq!((mean(&[]), quantile(&[], 0.5)), (None, None));
        assert_eq!((deviation(&[2.0]), standard_error(&[2.0])), (None, None));
        assert_eq!(jackknife([Some(1.0), None].into_iter(), 0.2), None);
    }

    #[test]
    fn infinite_values_have_their_place() {
        let far = f64::INFINITY;
        assert_eq!(median([far, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([far, far, 1.0, far]), Some(far));
        assert_eq!(median([far, 1.0]), Some(far));
    }

    /// Of the mean of n values, the delete-d jackknife's variance is σ²/n, whatever is left out.
    #[test]
    fn the_jackknife_of_means_is_their_standard_error() {
        let values: Vec<f64> = (0..10).map(f64::from).collect();
        // Every subset without two of ten.
        let mut subsets = Vec::new();
        for i in 0..10 {
            for j in 0..i {
                let sum: f64 = (0..10)
                    .filter(|&k| k != i && k != j)
                    .map(|k| values[k])
                    .sum();
                subsets.push(Some(sum / 8.0));
            }
        }
        let found = jackknife(subsets.iter().copied(), 0.2).unwrap();
        // All 45 subsets are the population of subsets: denominator 45.
        let found = found * (44.0_f64 / 45.0).sqrt();
        assert!((found - standard_error(&values).unwrap()).abs() < 1e-12);
    }
}
