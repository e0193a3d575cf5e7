//! How the target of Equilibrium Matching fades along the path.

use serde::{Deserialize, Serialize};

/// The shape of the decay c(t).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecayKind {
    /// c = 1 − t.
    Linear,
    /// 1, and from a on down to 0 on a straight line.
    #[default]
    Truncated,
    /// From b to 1 on a straight line until a, from there to 0 on another.
    Piecewise,
}

/// c(t): what is left of x_1 − x_0 at time t (R. Wang & Y. Du, arXiv 2510.02300, section 3.2). It is 0 at t = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decay {
    /// c = 1 − t.
    Linear,
    /// c = 1 for t < a, (1 − t)/(1 − a) from there on.
    Truncated {
        /// a, from 0 to less than 1.
        from: f64,
    },
    /// c = b − (b − 1)t/a for t < a, (1 − t)/(1 − a) from there on.
    Piecewise {
        /// a, from 0 to less than 1.
        from: f64,
        /// b, above 0.
        start: f64,
    },
}

impl Decay {
    /// c(t) for t in [0, 1].
    pub fn at(self, t: f64) -> f64 {
        match self {
            Self::Truncated { from } | Self::Piecewise { from, .. } if t >= from => {
                (1.0 - t) / (1.0 - from)
            }
            Self::Linear => 1.0 - t,
            Self::Truncated { .. } => 1.0,
            Self::Piecewise { from, start } => start - (start - 1.0) * t / from,
        }
    }

    /// Where one straight line ends and the next begins; 0 where there is one alone.
    pub(super) fn corner(self) -> f64 {
        match self {
            Self::Linear => 0.0,
            Self::Truncated { from } | Self::Piecewise { from, .. } => from,
        }
    }

    /// The largest c(t)/(1 − t): how steeply a field with this target has to fall towards a single image, in units of its
    /// multiplier. On the way from x_0 to x_1 the target is c(t)(x_1 − x_0) = −c(t)/(1 − t)·(x_t − x_1). The ratio is
    /// monotone on each straight line, so that the largest is at one of their ends.
    pub fn steepest(self) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Truncated { from } => 1.0 / (1.0 - from),
            Self::Piecewise { from, .. } if from <= 0.0 => 1.0,
            Self::Piecewise { from, start } => start.max(1.0 / (1.0 - from)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECAYS: [Decay; 6] = [
        Decay::Linear,
        Decay::Truncated { from: 0.5 },
        Decay::Truncated { from: 0.0 },
        Decay::Piecewise {
            from: 0.8,
            start: 1.4,
        },
        Decay::Piecewise {
            from: 0.2,
            start: 3.0,
        },
        Decay::Piecewise {
            from: 0.0,
            start: 2.0,
        },
    ];

    #[test]
    fn decays_begin_where_they_say_and_end_at_zero() {
        let starts = DECAYS.into_iter().zip([1.0, 1.0, 1.0, 1.4, 3.0, 1.0]);
        for (decay, start) in starts {
            assert!((decay.at(0.0) - start).abs() < f64::EPSILON, "{decay:?}");
        }
        for decay in DECAYS {
            assert!(decay.at(1.0).abs() < f64::EPSILON, "{decay:?}");
            // Without a jump where one line ends.
            let corner = decay.corner();
            if corner > 0.0 {
                assert!((decay.at(corner - 1e-9) - decay.at(corner)).abs() < 1e-7);
            }
        }
        // Halfway down from 1 at 0.5.
        for (t, expected) in [(0.75, 0.5), (0.4, 1.0)] {
            let found = Decay::Truncated { from: 0.5 }.at(t);
            assert!((found - expected).abs() < f64::EPSILON, "{t}: {found}");
        }
    }

    #[test]
    fn nothing_on_the_path_is_steeper_than_the_steepest() {
        for decay in DECAYS {
            let ratios = (0..1000).map(|i| f64::from(i) / 1000.0);
            let largest = ratios.map(|t| decay.at(t) / (1.0 - t)).fold(0.0, f64::max);
            assert!(
                (largest - decay.steepest()).abs() < 1e-9 * largest,
                "{decay:?}: {largest}"
            );
        }
    }
}
