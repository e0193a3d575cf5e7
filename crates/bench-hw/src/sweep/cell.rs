//! The chips of one condition, held against the chip without imperfections.

use super::{Cell, Outcome, Spread, Yield};
use crate::metrics::{jackknife, label};
use units::statistics::{Share, mean};

/// When a chip is as good as the ideal one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The metric that decides ([`Reference::decisive`](crate::metrics::Reference::decisive)).
    pub metric: &'static str,
    /// Its largest excess, relative to the ideal chip.
    pub within: f64,
}

impl Rule {
    /// Relative excess of a chip's decisive metric over the ideal chip's.
    pub(super) fn excess(&self, chip: &Outcome, ideal: &Outcome) -> Option<f64> {
        Some(chip.metric(self.metric)? / ideal.metric(self.metric)? - 1.0)
    }

    /// Whether a chip's excess is small enough; a chip that failed has none.
    pub fn holds(&self, excess: Option<f64>) -> bool {
        excess.is_some_and(|excess| excess <= self.within)
    }

    /// The rule in words.
    pub fn text(&self) -> String {
        format!(
            "share of chips whose {} is at most {} % above that of the ideal chip (every imperfection exactly off) \
             of the same number, hence with the same starting noise; chips that fail count against it",
            label(self.metric),
            100.0 * self.within,
        )
    }
}

impl Cell {
    /// Statistics of a condition's chips; `ideal` has the ideal chips of the same numbers.
    pub fn of(values: Vec<String>, outcomes: &[Outcome], ideal: &[Outcome], rule: Rule) -> Self {
        let over = |value: &dyn Fn(&Outcome) -> Option<f64>| {
            Spread::of(outcomes.iter().map(value).collect())
        };
        let mut names: Vec<&String> = outcomes.iter().flat_map(|o| o.scores.keys()).collect();
        names.sort_unstable();
        names.dedup();
        let scores = names.into_iter().map(|name| {
            let spread = over(&|outcome| outcome.scores.get(name).copied());
            (name.clone(), spread)
        });
        let scores = scores.collect();
        let pairs = || outcomes.iter().zip(ideal);
        let excess = Spread::of(
            pairs()
                .map(|(chip, ideal)| rule.excess(chip, ideal))
                .collect(),
        );
        let errors: Vec<f64> = pairs()
            .filter_map(|(chip, ideal)| excess_error(chip, ideal))
            .collect();
        let good = excess.chips.iter().filter(|e| rule.holds(**e)).count();
        let measured = |spread: Spread| (spread.count() > 0).then_some(spread);
        let working: Vec<&Outcome> = outcomes.iter().filter(|o| o.failure.is_none()).collect();
        let mean_of = |value: &dyn Fn(&Outcome) -> f64| {
            mean(
                &working
                    .iter()
                    .map(|outcome| value(outcome))
                    .collect::<Vec<_>>(),
            )
        };
        Self {
            values,
            chips: outcomes.len(),
            failed: outcomes.len() - working.len(),
            scores,
            excess_standard_error: mean(&errors),
            yielded: Yield {
                share: Share::of(good, outcomes.len()),
                rule: rule.text(),
            },
            excess,
            velocity_error: measured(over(&|outcome| outcome.velocity_error)),
            velocity_error_rms: measured(over(&|outcome| outcome.velocity_error_rms)),
            seconds: mean_of(&|outcome| outcome.seconds),
            joules: mean_of(&|outcome| outcome.joules),
            costs: outcomes.iter().map(Outcome::cost).collect(),
        }
    }
}

fn excess_error(chip: &Outcome, ideal: &Outcome) -> Option<f64> {
    let pairs = chip.subsets.iter().zip(&ideal.subsets);
    jackknife(pairs.map(|(chip, ideal)| Some(chip / ideal - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECISIVE: &str = "fd_features";

    fn outcome(fd: f64) -> Outcome {
        Outcome {
            scores: [(DECISIVE.to_owned(), fd)].into(),
            subsets: (0..16).map(|k| fd + 0.1 * f64::from(k % 4)).collect(),
            velocity_error: Some(fd / 100.0),
            seconds: 2.0,
            joules: 3.0,
            ..Outcome::default()
        }
    }

    #[test]
    fn chips_are_held_against_the_ideal_chip_of_the_same_number() {
        let ideal = [4.0, 5.0, 4.0, 4.0].map(outcome);
        let mut chips = [4.4, 5.6, 2.0, 4.0].map(outcome);
        chips[3] = Outcome {
            failure: Some("ran away".into()),
            ..Outcome::default()
        };
        let rule = Rule {
            metric: DECISIVE,
            within: 0.1 + 1e-9,
        };
        let cell = Cell::of(vec!["1 %".into()], &chips, &ideal, rule);
        let excess: Vec<_> = cell.excess.chips.iter().flatten().collect();
        for (found, expected) in excess.into_iter().zip([0.1, 0.12, -0.5]) {
            assert!((found - expected).abs() < 1e-12, "{cell:?}");
        }
        // Better than ideal is within, failed is not: two of four.
        assert_eq!((cell.chips, cell.failed), (4, 1));
        assert!((cell.yielded.share.share - 0.5).abs() < 1e-12);
        assert_eq!(cell.scores[DECISIVE].chips[3], None);
        assert_eq!((cell.seconds, cell.joules), (Some(2.0), Some(3.0)));
        let same = Cell::of(Vec::new(), &ideal, &ideal, rule);
        assert_eq!(same.excess.chips, vec![Some(0.0); 4]);
        assert_eq!(same.excess_standard_error, Some(0.0));
    }
}
