//! The worst level of an imperfection that a chip bears.

use super::{
    Bound, Cell, ChipTolerance, Evaluation, Lab, Levels, Outcome, Rule, SweepError, Threshold,
    Thresholds, Tolerance, Variant, bisect,
};
use analog_substrate::hw_spec::Spec;
use rayon::prelude::*;
use std::collections::BTreeMap;
use units::statistics::LEVEL;

impl Tolerance {
    /// Where the median of all chips lies.
    fn interval(&self) -> String {
        let n = self.chips.len();
        if n < 2 {
            return "one chip says nothing of where the median of all chips lies".to_owned();
        }
        let few = if self.coverage < LEVEL {
            ", less than 95 %: these are few chips"
        } else {
            ""
        };
        format!(
            "with a confidence of {:.1} %{few} the median of all chips of this design lies between {} and {} \
             (order statistics, n = {n} chips, each with draws and starting noise of its own)",
            PERCENT * self.coverage,
            self.low.text,
            self.high.text,
        )
    }

    /// Distance of neighbouring levels, three digits of it also where it is small.
    fn step(&self) -> String {
        if self.resolution < 0.01 {
            format!("{:.2e}", self.resolution)
        } else {
            format!("{:.3}", self.resolution)
        }
    }

    /// The result in words, with what its interval is about.
    pub fn sentence(&self) -> String {
        format!(
            "Half of the chips bear {}; {}, in steps of {} {}. 95 % of these chips bear {}. Rule: {}.",
            self.median.text,
            self.interval(),
            self.step(),
            self.unit,
            self.most.text,
            self.rule,
        )
    }
}

const PERCENT: f64 = 100.0;

/// What is to be tried for a tolerance.
#[derive(Clone, Debug)]
pub struct Bisection {
    base: Spec,
    levels: Levels,
    ideal: Variant,
}

impl Bisection {
    /// A search between two levels.
    ///
    /// # Errors
    /// [`SweepError::Spec`] for ends that the spec refuses.
    pub fn new(base: &Spec, levels: Levels) -> Result<Self, SweepError> {
        let search = Self {
            ideal: Variant::ideal(base)?,
            base: base.clone(),
            levels,
        };
        for end in [0, search.levels.last()] {
            search.variant(end)?;
        }
        Ok(search)
    }

    /// Most trials of one chip, the ideal one among them.
    pub fn trials(&self) -> u64 {
        4 + u64::from(self.levels.last().max(1).ilog2())
    }

    fn variant(&self, level: u32) -> Result<Variant, SweepError> {
        let mut spec = self.base.clone();
        self.levels.apply(&mut spec, level)?;
        Ok(Variant::of(&spec))
    }

    /// Bisects the level of each of `chips` chips. A chip keeps its draws, scaled by the level, and its
    /// starting noise: its quality is a smooth function of the level, and what is left to chance is which
    /// chip it is, and which noise it starts from.
    ///
    /// # Errors
    /// As [`Lab::outcome`].
    ///
    /// # Panics
    /// If there are no chips.
    pub fn run(
        &self,
        lab: &Lab<'_>,
        chips: u64,
        rule: Rule,
    ) -> Result<(Tolerance, Cell), SweepError> {
        let found: Vec<(ChipTolerance, Threshold, Outcome)> = (0..chips)
            .collect::<Vec<_>>()
            .par_iter()
            .with_max_len(1)
            .map(|&chip| self.chip(lab, chip, rule))
            .collect::<Result<_, _>>()?;
        let thresholds: Vec<Threshold> = found.iter().map(|(_, threshold, _)| *threshold).collect();
        let ideal: Vec<Outcome> = found.iter().map(|(_, _, ideal)| ideal.clone()).collect();
        let all = Thresholds::of(&thresholds).expect("at least one chip");
        let tolerance = Tolerance {
            key: self.levels.key().to_owned(),
            unit: self.levels.unit().to_owned(),
            between: [0, self.levels.last()].map(|level| self.levels.text(level)),
            resolution: self.levels.resolution(),
            rule: rule.text(),
            median: self.bound(all.median),
            low: self.bound(all.low),
            high: self.bound(all.high),
            coverage: all.coverage,
            most: self.bound(all.most),
            nowhere: all.nowhere,
            everywhere: all.everywhere,
            chips: found.into_iter().map(|(chip, ..)| chip).collect(),
        };
        Ok((tolerance, Cell::of(Vec::new(), &ideal, &ideal, rule)))
    }

    fn chip(
        &self,
        lab: &Lab<'_>,
        chip: u64,
        rule: Rule,
    ) -> Result<(ChipTolerance, Threshold, Outcome), SweepError> {
        let ideal = lab.outcome(&self.ideal, chip)?;
        let mut evaluations = BTreeMap::new();
        let threshold = bisect(self.levels.last(), |level| {
            let outcome = lab.outcome(&self.variant(level)?, chip)?;
            let excess = rule.excess(&outcome, &ideal);
            let evaluation = Evaluation {
                number: self.levels.number(level),
                fd_features: outcome.metric("fd_features"),
                excess,
                velocity_error: outcome.velocity_error,
                cost: outcome.cost(),
                scores: outcome.scores,
            };
            evaluations.insert(level, evaluation);
            Ok::<_, SweepError>(rule.holds(excess))
        })?;
        let chip = ChipTolerance {
            chip,
            bears: self.bound(threshold),
            evaluations: evaluations.into_values().collect(),
        };
        Ok((chip, threshold, ideal))
    }

    fn bound(&self, threshold: Threshold) -> Bound {
        let last = self.levels.last();
        match threshold {
            Threshold::Nowhere => Bound {
                number: None,
                text: format!("not even {}", self.levels.text(0)),
            },
            Threshold::At(level) => Bound {
                number: Some(self.levels.number(level)),
                text: self.levels.text(level),
            },
            Threshold::Everywhere => Bound {
                number: None,
                text: format!("{} and beyond", self.levels.text(last)),
            },
        }
    }
}
