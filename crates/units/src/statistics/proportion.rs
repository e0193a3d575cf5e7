//! Shares of trials that succeed.

use serde::{Deserialize, Serialize};

/// Standard normal quantile of 97.5 %: the interval is of 95 % ([`LEVEL`](super::LEVEL)).
const Z: f64 = 1.959_963_984_540_054;

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
