//! Intervals of means of few values (Student, Biometrika 6, 1, 1908).

use super::{LEVEL, mean, standard_error};
use serde::{Deserialize, Serialize};
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// An interval that holds the mean of a population with a probability of `level`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Probability, [`LEVEL`].
    pub level: f64,
    /// Degrees of freedom of Student's t: values minus one.
    pub degrees_of_freedom: usize,
}

impl Interval {
    /// Mean ± t·standard error of independent, about normal values, with t of n − 1 degrees of freedom; none
    /// of fewer than two values, which say nothing of their spread.
    pub fn of_mean(values: &[f64]) -> Option<Self> {
        let (mean, error) = (mean(values)?, standard_error(values)?);
        let degrees_of_freedom = values.len() - 1;
        let half = student_quantile(LEVEL, degrees_of_freedom) * error;
        Some(Self {
            low: mean - half,
            high: mean + half,
            level: LEVEL,
            degrees_of_freedom,
        })
    }

    /// Half its width: what is written behind a ±.
    pub fn half_width(&self) -> f64 {
        0.5 * (self.high - self.low)
    }
}

/// The t that |T| stays below with a probability of `level`, T being Student's with so many degrees of
/// freedom: 12.71 of one, 1.96 of many for 95 %; infinite of none.
pub fn student_quantile(level: f64, degrees_of_freedom: usize) -> f64 {
    if degrees_of_freedom == 0 {
        return f64::INFINITY;
    }
    // The probability grows with the angle: halving it until neighbouring numbers are left.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    while {
        let middle: f64 = 0.5 * (low + high);
        let is_between = low < middle && middle < high;
        if probability_within(middle, degrees_of_freedom) < level {
            low = middle;
        } else {
            high = middle;
        }
        is_between
    } {}
    (degrees_of_freedom as f64).sqrt() * low.tan()
}

/// P(|T| ≤ √ν·tan θ) for ν degrees of freedom: the finite series 26.7.3 and 26.7.4 of M. Abramowitz and
/// I. Stegun, Handbook of Mathematical Functions (1964).
fn probability_within(angle: f64, degrees_of_freedom: usize) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let is_odd = degrees_of_freedom % 2 == 1;
    // Odd: cos θ + ⅔ cos³θ + (2·4)/(3·5) cos⁵θ + … + cos^(ν−2); even: 1 + ½ cos²θ + … + cos^(ν−2).
    let (mut term, mut power) = if is_odd { (cosine, 1) } else { (1.0, 0) };
    let mut sum = 0.0;
    while power + 2 <= degrees_of_freedom {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    if is_odd {
        FRAC_2_PI * (angle + sine * sum)
    } else {
        sine * sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.t.ppf(0.975, n)`, which agrees with every printed table.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_707_8),
            (4, 2.776_445_105_197_793_5),
            (5, 2.570_581_835_636_314_6),
            (6, 2.446_911_851_144_978_6),
            (7, 2.364_624_251_592_784),
            (8, 2.306_004_135_204_166),
            (9, 2.262_157_162_798_205),
            (10, 2.228_138_851_986_274),
            (11, 2.200_985_160_091_639),
            (15, 2.131_449_545_559_776),
            (19, 2.093_024_054_408_308_7),
            (29, 2.045_229_642_132_703),
            (30, 2.042_272_456_301_237_8),
            (50, 2.008_559_112_100_761),
            (99, 1.984_216_951_586_417_4),
            (100, 1.983_971_518_523_551_8),
            (200, 1.971_896_223_633_908_9),
        ] {
            let found = student_quantile(0.95, degrees);
            assert!((found / expected - 1.0).abs() < 1e-12, "{degrees}: {found}");
        }
        assert!((student_quantile(0.95, 1_000_000) - 1.959_966_4).abs() < 1e-6);
        assert!(student_quantile(0.95, 0).is_infinite());
    }

    /// Simpson's rule on the density Γ((ν+1)/2)/(√(νπ) Γ(ν/2)) (1 + t²/ν)^(−(ν+1)/2).
    #[test]
    fn quantiles_hold_the_density_that_they_say() {
        for degrees in 1..=200 {
            let (nu, end) = (degrees as f64, student_quantile(0.95, degrees));
            let scale = (libm::lgamma(0.5 * (nu + 1.0)) - libm::lgamma(0.5 * nu)).exp()
                / (nu * std::f64::consts::PI).sqrt();
            let density = |t: f64| scale * (-0.5 * (nu + 1.0) * (t * t / nu).ln_1p()).exp();
            let parts = 2000;
            let step = end / f64::from(parts);
            let weight = |k: i32| match k {
                0 => 1.0,
                k if k == parts => 1.0,
                k if k % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let all: f64 = (0..=parts)
                .map(|k| weight(k) * density(step * f64::from(k)))
                .sum();
            assert!((2.0 * all * step / 3.0 - 0.95).abs() < 1e-8, "{degrees}");
        }
    }

    #[test]
    fn one_value_has_no_interval_and_three_have_a_wide_one() {
        assert_eq!(Interval::of_mean(&[3.0]), None);
        let three = Interval::of_mean(&[-13.0, -17.5, -22.0]).unwrap();
        assert_eq!((three.level, three.degrees_of_freedom), (0.95, 2));
        let half = 4.302_652_729_749_462 * 4.5 / 3.0_f64.sqrt();
        assert!((three.half_width() - half).abs() < 1e-12);
        assert!((0.5 * (three.low + three.high) + 17.5).abs() < 1e-12);
    }
}
