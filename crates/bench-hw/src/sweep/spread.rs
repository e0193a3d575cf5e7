//! What a number of chips says about all chips of a design.

use super::Spread;
use units::statistics::{Interval, deviation, mean, quantile, standard_error};

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
            standard_error: standard_error(&sorted),
            interval: Interval::of_mean(&sorted),
            chips,
        }
    }

    /// Chips that gave a value.
    pub fn count(&self) -> usize {
        self.chips.iter().flatten().count()
    }
}

/// Fewer chips than this give intervals that are wide and move with the next chip.
const FEW: usize = 10;

/// What the intervals of a study of so many chips are.
pub fn about_intervals(chips: usize) -> String {
    if chips < 2 {
        return "one chip: no interval can be given".to_owned();
    }
    let few = if chips < FEW {
        format!("; these are few chips: {FEW} or more say more")
    } else {
        String::new()
    };
    format!(
        "95 % interval of the mean by Student's t, n = {chips} chips, {} degrees of freedom{few}",
        chips - 1
    )
}

/// Why the columns of a ranking do not sum up to the loss of the whole chip.
pub const NOT_ADDITIVE: &str = "single effects do not add up: what one imperfection costs depends on the others that are there, so \
     neither column sums up to the difference between the whole chip and the ideal one";

#[cfg(test)]
mod tests {
    use super::*;

    /// `numpy.quantile`, `mean`, `std(ddof=1)`, `scipy.stats.t.interval` of the same numbers.
    #[test]
    fn statistics_are_of_the_chips_that_gave_a_value() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let spread = Spread::of(values.iter().copied().map(Some).chain([None]).collect());
        assert_eq!((spread.count(), spread.chips.len()), (8, 9));
        let interval = spread.interval.unwrap();
        assert_eq!(interval.degrees_of_freedom, 7);
        for (found, expected) in [
            (spread.median.unwrap(), 3.5),
            (spread.p5.unwrap(), 1.0),
            (spread.p95.unwrap(), 7.95),
            (spread.mean.unwrap(), 3.875),
            (spread.sd.unwrap(), 2.748_376_143_938_713),
            (spread.standard_error.unwrap(), 0.971_697_704_315_199_3),
            (interval.low, 1.577_300_043_159_245_7),
            (interval.high, 6.172_699_956_840_754),
        ] {
            assert!((found - expected).abs() < 1e-9, "{spread:?}");
        }
        assert_eq!(Spread::of(vec![None]).median, None);
        let one = Spread::of(vec![Some(2.0)]);
        assert_eq!((one.sd, one.interval), (None, None));
    }
}
