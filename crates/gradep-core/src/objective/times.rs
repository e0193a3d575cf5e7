//! When on the path an example lies: uniform times, or times that come more often where they count.

/// Density of the times that examples are drawn at, p(t) on [0, 1):
///
/// p(t) = (1 − q)(1 + k)tᵏ + q/(1 − a) for t ≥ a, the first term alone before.
///
/// To draw times by p and to weight the loss at uniform times with p is the same objective: both have the gradient
/// ∫p(t) ∂L(t)/∂θ dt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeDensity {
    /// q: share of the times that are uniform in [a, 1), from 0 to less than 1.
    pub late_share: f64,
    /// a: where the late times begin, from 0 to less than 1.
    pub late_from: f64,
    /// k: exponent of the density of the others, from 0 (uniform) to less than 1.
    pub power: f64,
}

impl TimeDensity {
    /// Uniform times.
    pub const UNIFORM: Self = Self {
        late_share: 0.0,
        late_from: 0.0,
        power: 0.0,
    };

    /// p(t).
    pub fn at(&self, t: f64) -> f64 {
        let &Self {
            late_share: q,
            late_from: a,
            power: k,
        } = self;
        // 0⁰ is 1: a uniform density has no corner at 0.
        let early = (1.0 - q) * (1.0 + k) * t.powf(k);
        if t < a {
            return early;
        }
        early + q / (1.0 - a)
    }

    /// The time that a uniform draw in [0, 1) stands for; the draw itself where the density is uniform.
    pub(super) fn time_of(&self, draw: f32) -> f32 {
        let &Self {
            late_share: q,
            late_from: a,
            power: k,
        } = self;
        if *self == Self::UNIFORM {
            return draw;
        }
        let draw = f64::from(draw);
        let time = if draw < q {
            a + (1.0 - a) * draw / q
        } else {
            ((draw - q) / (1.0 - q)).powf(1.0 / (1.0 + k))
        };
        time as f32
    }

    /// What each of these times counts in a mean over uniform times, `[n]`: 1/p, and 1 throughout where the density is
    /// uniform.
    pub fn weights(&self, times: &[f32]) -> Vec<f64> {
        let weight = |&t: &f32| 1.0 / self.at(f64::from(t));
        // A time of 0 has no density where k > 0, and is next to never drawn: it counts as the smallest that is not 0.
        let weight = |t: &f32| weight(&t.max(f32::EPSILON));
        if *self == Self::UNIFORM {
            return vec![1.0; times.len()];
        }
        times.iter().map(weight).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::uniform_times;

    const DENSITIES: [TimeDensity; 4] = [
        TimeDensity::UNIFORM,
        TimeDensity {
            late_share: 0.6,
            late_from: 0.8,
            power: 0.0,
        },
        TimeDensity {
            late_share: 0.0,
            late_from: 0.8,
            power: 0.7,
        },
        TimeDensity {
            late_share: 0.3,
            late_from: 0.5,
            power: 0.5,
        },
    ];

    /// The share of times below t, against the integral of the density by the midpoint rule.
    #[test]
    fn times_are_drawn_by_the_density() {
        let draws = uniform_times(3, 0, 20_000);
        for density in DENSITIES {
            let times: Vec<f32> = draws.iter().map(|&u| density.time_of(u)).collect();
            for end in [0.2, 0.5, 0.7, 0.9, 1.0] {
                let cells = 2000;
                let width = end / f64::from(cells);
                let mass = |i: i32| density.at((f64::from(i) + 0.5) * width) * width;
                let expected: f64 = (0..cells).map(mass).sum();
                let below = times.iter().filter(|&&t| f64::from(t) < end).count();
                let share = below as f64 / times.len() as f64;
                // A standard error of at most 0.0035.
                assert!(
                    (share - expected).abs() < 0.015,
                    "{density:?} {end}: {share} {expected}"
                );
            }
        }
    }

    #[test]
    fn uniform_times_are_the_draws_and_all_count_one() {
        let draws = uniform_times(1, 2, 64);
        let times: Vec<f32> = draws
            .iter()
            .map(|&u| TimeDensity::UNIFORM.time_of(u))
            .collect();
        assert_eq!(times, draws);
        assert_eq!(TimeDensity::UNIFORM.weights(&times), [1.0; 64]);
    }

    /// ∫t² dt = 1/3, whatever the times are drawn by.
    #[test]
    fn weighted_means_are_those_of_uniform_times() {
        let draws = uniform_times(5, 0, 20_000);
        for density in DENSITIES {
            let times: Vec<f32> = draws.iter().map(|&u| density.time_of(u)).collect();
            let weights = density.weights(&times);
            let sum: f64 = weights.iter().sum();
            let squares = times.iter().zip(&weights);
            let mean: f64 = squares.map(|(&t, w)| f64::from(t * t) * w).sum::<f64>() / sum;
            assert!((mean - 1.0 / 3.0).abs() < 0.015, "{density:?}: {mean}");
        }
    }

    #[test]
    fn a_time_without_density_counts_a_finite_number() {
        let [_, _, power, _] = DENSITIES;
        assert!(power.weights(&[0.0])[0].is_finite());
    }
}
