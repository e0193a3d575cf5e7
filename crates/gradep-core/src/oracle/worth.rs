//! What repeated estimates of a gradient are worth, and how many have to be averaged.

use super::Agreement;
use analog_substrate::Couplings;
use serde::{Deserialize, Serialize};

/// Cosine with the exact gradient g of the mean of n estimates.
///
/// An estimate is g + b + e: a bias b that all have, and noise e with ⟨e⟩ = 0 and ⟨|e|²⟩ = σ² that each has of its own. Their mean m has
/// m·g = (g + b)·g and |m|² = |g + b|² + σ²/n, up to what the noise has along two directions out of thousands. Hence
///
/// > cos(n) = c∞ / √(1 + ν²/n), c∞ = cos(g + b, g), ν = σ/|g + b|.
///
/// c∞ and ν are estimated from K estimates with mean m and variance σ² (denominator K − 1): |g + b|² = |m|² − σ²/K. At n = K the
/// formula is then the cosine of m exactly, unless noise has let c∞ come out above 1, where it is cut. It takes the noise for spread over many directions; the share of σ² along g itself is what
/// it is off by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Averaging {
    /// c∞: cosine of the mean of infinitely many estimates. What it lacks to 1 is bias; a bias along g changes the norm alone.
    pub limit: f64,
    /// ν: root of the variance of one estimate over the norm of what estimates have in common.
    pub noise: f64,
}

impl Averaging {
    /// Cosine of the mean of n estimates.
    pub fn cosine(&self, n: f64) -> f64 {
        self.limit / (1.0 + self.noise.powi(2) / n).sqrt()
    }

    /// The fewest estimates whose mean has this cosine, averaged over batches of which each has a law of its own; none if no number of them
    /// has. Of one batch it is n = ν²/((c∞/c)² − 1).
    pub fn estimates_for(batches: &[Self], cosine: f64) -> Option<u64> {
        let reaches = |n: f64| {
            let sum: f64 = batches.iter().map(|batch| batch.cosine(n)).sum();
            sum >= cosine * batches.len() as f64
        };
        if batches.is_empty() || !reaches(MOST) {
            return None;
        }
        // It grows with n: doubled until it is enough, and halved between.
        let (mut less, mut enough) = (0, 1);
        while !reaches(enough as f64) {
            (less, enough) = (enough, 2 * enough);
        }
        while enough - less > 1 {
            let middle = u64::midpoint(less, enough);
            if reaches(middle as f64) {
                enough = middle;
            } else {
                less = middle;
            }
        }
        Some(enough)
    }
}

/// Estimates beyond which nobody averages: what needs more is not reached.
const MOST: f64 = 1e9;

/// What repeated estimates of one batch are worth.
pub(super) struct Worth {
    /// Cosine and norm of one, mean over all.
    pub(super) single: Agreement,
    /// Standard error of the mean cosine.
    pub(super) cosine_error: f64,
    /// Those of the mean of all.
    pub(super) mean: Agreement,
    /// σ/|g|.
    pub(super) noise: f64,
    /// |b|/|g|.
    pub(super) bias: f64,
    /// Share of right signs of one, weighted by |g|.
    pub(super) right_signs: f64,
    /// The law of their mean; none where noise leaves nothing of what they have in common.
    pub(super) averaging: Option<Averaging>,
}

impl Worth {
    /// Of two estimates or more.
    pub(super) fn of(estimates: &[Couplings<f64>], exact: &Couplings<f64>) -> Self {
        let count = estimates.len() as f64;
        let mut mean = Couplings::<f64>::zeros(exact.topology().clone());
        for estimate in estimates {
            let sum = mean.flat_mut().iter_mut().zip(estimate.flat());
            sum.for_each(|(sum, g)| *sum += g / count);
        }
        let squares =
            |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum() };
        let about_mean: f64 = estimates
            .iter()
            .map(|g| squares(g.flat(), mean.flat()))
            .sum();
        let variance = about_mean / (count - 1.0);
        let length = norm(exact.flat());
        let off = squares(mean.flat(), exact.flat()) - variance / count;
        let single: Vec<Agreement> = estimates
            .iter()
            .map(|estimate| Agreement::between(estimate, exact))
            .collect();
        let average = |of: fn(&Agreement) -> f64| single.iter().map(of).sum::<f64>() / count;
        let cosine = average(|one| one.cosine);
        let spread: f64 = single.iter().map(|one| (one.cosine - cosine).powi(2)).sum();
        let signs = estimates
            .iter()
            .map(|estimate| right_signs(estimate, exact));
        let agreement = Agreement::between(&mean, exact);
        let whole = norm(mean.flat()).powi(2);
        let common = whole - variance / count;
        Self {
            single: Agreement {
                cosine,
                norm_ratio: average(|one| one.norm_ratio),
            },
            cosine_error: (spread / (count - 1.0) / count).sqrt(),
            mean: agreement,
            noise: variance.sqrt() / length,
            bias: off.max(0.0).sqrt() / length,
            right_signs: signs.sum::<f64>() / count,
            averaging: (common > 0.0).then(|| Averaging {
                limit: (agreement.cosine * (whole / common).sqrt()).min(1.0),
                noise: (variance / common).sqrt(),
            }),
        }
    }
}

fn right_signs(estimate: &Couplings<f64>, exact: &Couplings<f64>) -> f64 {
    let (mut right, mut all) = (0.0, 0.0);
    for (found, g) in estimate.flat().iter().zip(exact.flat()) {
        all += g.abs();
        right += if found * g > 0.0 { g.abs() } else { 0.0 };
    }
    right / all
}

/// Euclidean length.
pub(super) fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};
    use analog_substrate::Layers;
    use rand_distr::{Distribution as _, StandardNormal};

    /// A gradient, a bias and noise of known size in 40·60 + 100 directions.
    struct Drawn {
        exact: Couplings<f64>,
        bias: Couplings<f64>,
        /// σ.
        noise: f64,
    }

    fn normal(rng: &mut impl rand::Rng, size: f64) -> Couplings<f64> {
        let mut drawn = Couplings::<f64>::zeros(Layers::new(vec![40, 60]).unwrap());
        for value in drawn.flat_mut() {
            *value = StandardNormal.sample(rng);
        }
        let scale = size / (drawn.flat().len() as f64).sqrt();
        drawn
            .flat_mut()
            .iter_mut()
            .for_each(|value| *value *= scale);
        drawn
    }

    impl Drawn {
        fn new(rng: &mut impl rand::Rng, bias: f64, noise: f64) -> Self {
            Self {
                exact: normal(rng, 1.0),
                bias: normal(rng, bias),
                noise,
            }
        }

        fn mean_of(&self, count: u32, rng: &mut impl rand::Rng) -> Couplings<f64> {
            // The mean of so many normal vectors, drawn at once.
            let mut mean = normal(rng, self.noise / f64::from(count).sqrt());
            let common = self.exact.flat().iter().zip(self.bias.flat());
            let sums = mean.flat_mut().iter_mut().zip(common);
            sums.for_each(|(value, (g, b))| *value += g + b);
            mean
        }
    }

    /// Monte Carlo: the law that eight estimates give says what the cosine of other means is, of 1 as of 500 estimates.
    #[test]
    fn a_few_estimates_say_what_the_mean_of_many_is_worth() {
        let mut rng = stream(5, Purpose::NudgeSign, 0, 0);
        for (bias, noise) in [(0.2, 1.0), (0.0, 3.0), (0.5, 0.1)] {
            let drawn = Drawn::new(&mut rng, bias, noise);
            let few: Vec<_> = (0..8).map(|_| drawn.mean_of(1, &mut rng)).collect();
            let law = Worth::of(&few, &drawn.exact).averaging.unwrap();
            for n in [1, 4, 20, 500] {
                let draws = 40;
                let cosines = (0..draws)
                    .map(|_| Agreement::between(&drawn.mean_of(n, &mut rng), &drawn.exact).cosine);
                let found = cosines.sum::<f64>() / f64::from(draws);
                let said = law.cosine(f64::from(n));
                assert!(
                    (found - said).abs() < 0.02,
                    "{bias} {noise} {n}: {found} {said}"
                );
            }
        }
    }

    /// At as many estimates as there are, the law is the cosine of their mean; the fewest that reach a cosine reach it, and one less does not;
    /// of one batch their number is the closed form.
    #[test]
    fn the_number_of_estimates_is_that_of_the_formula() {
        let mut rng = stream(6, Purpose::NudgeSign, 0, 0);
        let drawn = Drawn::new(&mut rng, 0.2, 0.5);
        let few: Vec<_> = (0..6).map(|_| drawn.mean_of(1, &mut rng)).collect();
        let worth = Worth::of(&few, &drawn.exact);
        let law = worth.averaging.unwrap();
        assert!((law.cosine(6.0) - worth.mean.cosine).abs() < 1e-12);
        for wanted in [0.5, 0.9, 0.95, 0.97] {
            let closed = law.noise.powi(2) / ((law.limit / wanted).powi(2) - 1.0);
            let found = Averaging::estimates_for(&[law], wanted);
            #[expect(clippy::cast_sign_loss, reason = "a number of estimates")]
            let expected = closed.ceil().max(1.0) as u64;
            assert_eq!(found, Some(expected), "{wanted}");
        }
        let biased = Averaging {
            limit: 0.97,
            noise: 0.5,
        };
        assert_eq!(Averaging::estimates_for(&[biased], 0.99), None);
        assert_eq!(Averaging::estimates_for(&[biased, law], 0.99), None);
        assert_eq!(Averaging::estimates_for(&[], 0.5), None);
        let both = Averaging::estimates_for(&[biased, law], 0.95).unwrap();
        let mean = |n: u64| 0.5 * (biased.cosine(n as f64) + law.cosine(n as f64));
        assert!(mean(both) >= 0.95 && mean(both - 1) < 0.95, "{both}");
    }

    /// Nothing in common is left of estimates that are noise: no law, and no number out of the air.
    #[test]
    fn pure_noise_has_no_law() {
        let mut rng = stream(7, Purpose::NudgeSign, 0, 0);
        let exact = normal(&mut rng, 1.0);
        let size = exact.flat().len() as f64;
        // Two estimates that are opposite have a mean of 0.
        let one = normal(&mut rng, 100.0 * size.sqrt());
        let mut other = one.clone();
        other
            .flat_mut()
            .iter_mut()
            .for_each(|value| *value = -*value);
        assert_eq!(Worth::of(&[one, other], &exact).averaging, None);
    }
}
