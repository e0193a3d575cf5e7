//! Whether residuals have a structure that the law does not hold.

use units::{Quantity, Unit};

/// Most bins of a trend.
const BINS: usize = 10;
/// Fewest residuals in a bin: their mean is then nearly normal whatever their law is.
const FEWEST: usize = 5;
/// The quantile of the normal distribution that is exceeded once in a thousand.
const RARE: f64 = 3.0902;

/// Warns where residuals depend on an abscissa. Sorted by it, `[abscissa, standardised residual]` fall
/// into bins of equal numbers, equal abscissae together. With the right law, bin means z̄ of n residuals
/// are normal with variance 1/n, and X² = Σ n z̄² has a law between those of χ² with B and with B − k degrees
/// of freedom for B bins and k fitted parameters (H. Chernoff and E. L. Lehmann, Ann. Math. Stat. 25, 579,
/// 1954). It is held against the larger.
pub(super) fn trend(what: &str, unit: Unit, mut points: Vec<[f64; 2]>) -> Option<String> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let bins = bins(&points);
    if bins.len() < 2 {
        return None;
    }
    let statistic: f64 = bins.iter().map(Bin::square).sum();
    let limit = chi_square(bins.len());
    if statistic.is_nan() || statistic <= limit {
        return None;
    }
    let worst = bins
        .iter()
        .max_by(|a, b| a.square().total_cmp(&b.square()))?;
    let [from, to] = worst.ends.map(|value| Quantity { value, unit }.rounded(3));
    Some(format!(
        "residuals depend on the {what}: from {from} to {to} they are {:+.2} standard deviations on average (chi-square {statistic:.0} \
         of {} bins, {limit:.0} once in a thousand): the law has another shape, and standard errors are not to be trusted",
        worst.mean(),
        bins.len()
    ))
}

/// Residuals of neighbouring abscissae.
struct Bin {
    ends: [f64; 2],
    count: f64,
    sum: f64,
}

impl Bin {
    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// n z̄².
    fn square(&self) -> f64 {
        self.sum * self.sum / self.count
    }
}

fn bins(points: &[[f64; 2]]) -> Vec<Bin> {
    let size = points.len().div_ceil(BINS).max(FEWEST);
    let mut bins: Vec<Bin> = Vec::new();
    for &[abscissa, residual] in points {
        match bins.last_mut() {
            Some(bin) if bin.count < size as f64 || bin.ends[1].total_cmp(&abscissa).is_eq() => {
                bin.ends[1] = abscissa;
                bin.count += 1.0;
                bin.sum += residual;
            }
            _ => bins.push(Bin {
                ends: [abscissa; 2],
                count: 1.0,
                sum: residual,
            }),
        }
    }
    // What is left over goes with its neighbours.
    let is_small = bins.last().is_some_and(|last| last.count < FEWEST as f64);
    if is_small
        && let Some(last) = bins.pop()
        && let Some(before) = bins.last_mut()
    {
        before.ends[1] = last.ends[1];
        before.count += last.count;
        before.sum += last.sum;
    }
    bins
}

/// The value that χ² with so many degrees of freedom exceeds once in a thousand (E. B. Wilson and
/// M. M. Hilferty, PNAS 17, 684, 1931: its cube root is nearly normal; 2 % high for two degrees, less for more).
fn chi_square(degrees: usize) -> f64 {
    let n = degrees as f64;
    let variance = 2.0 / (9.0 * n);
    n * (1.0 - variance + RARE * variance.sqrt()).powi(3)
}

/// Warns of residuals that follow from the ones before in a sweep, as where pulses and readings both
/// scatter: the correlation of neighbours has a standard deviation of 1/√n where they do not. `is_next`
/// says whether a residual has the one before it as its neighbour.
pub(super) fn followed(standardised: &[f64], is_next: impl Fn(usize) -> bool) -> Option<String> {
    let pairs: Vec<[f64; 2]> = (1..standardised.len())
        .filter(|&i| is_next(i))
        .map(|i| [standardised[i - 1], standardised[i]])
        .collect();
    let square: f64 = standardised.iter().map(|z| z * z).sum::<f64>() / standardised.len() as f64;
    let product: f64 = pairs.iter().map(|[a, b]| a * b).sum();
    let count = pairs.len() as f64;
    let correlation = product / (square * count);
    (correlation.abs() > 5.0 / count.sqrt()).then(|| {
        format!(
            "neighbouring residuals are correlated ({correlation:+.2}): pulses and readings both scatter, or the curve has \
             another shape; standard errors are not to be trusted, and readings are to be averaged or taken every few pulses"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        // χ² tables at 0.999.
        for (degrees, expected) in [(2, 13.816), (5, 20.515), (10, 29.588)] {
            let found = chi_square(degrees);
            assert!((found / expected - 1.0).abs() < 0.025, "{degrees}: {found}");
        }
    }

    #[test]
    fn a_trend_is_found_and_none_is_made_up() {
        use analog_substrate::random::{Purpose, stream};
        use rand::RngExt as _;
        use rand_distr::StandardNormal;
        let mut said = [0, 0];
        for seed in 0..400 {
            let mut generator = stream(seed, Purpose::Check, 0, 0);
            let mut points: Vec<[f64; 2]> = (0..200)
                .map(|k| [f64::from(k / 4), generator.sample(StandardNormal)])
                .collect();
            said[0] += usize::from(trend("time", Unit::Second, points.clone()).is_some());
            // A bow of one standard deviation from end to middle.
            for [x, z] in &mut points {
                *z += 2.0 * (*x / 25.0 - 1.0).powi(2) - 2.0 / 3.0;
            }
            said[1] += usize::from(trend("time", Unit::Second, points).is_some());
        }
        // Once in a thousand, and nearly always.
        assert!(said[0] <= 3 && said[1] >= 395, "{said:?}");
    }

    #[test]
    fn few_residuals_have_no_trend() {
        assert!(bins(&[]).is_empty());
        let points: Vec<[f64; 2]> = (0..9).map(|k| [f64::from(k), 9.0]).collect();
        assert!(trend("time", Unit::Second, points).is_none());
    }
}
