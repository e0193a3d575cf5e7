//! Which imperfection costs what: each alone, and each left out.

use super::{Axis, Cell, Effect, Lab, Outcome, Rank, Rule, Spread, SweepError, Variant};
use analog_substrate::hw_spec::{Off, Setting, Spec, SpecValue, Status};

/// An imperfection of a chip, with everything that it needs to act.
#[derive(Clone, Debug, PartialEq)]
pub struct Imperfection {
    /// Its key.
    pub key: &'static str,
    /// Its value in the spec.
    pub level: String,
    alone: Variant,
    left_out: Variant,
}

/// A ranking, and the cells that it is made of.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// What one would gain most by, first.
    pub ranking: Vec<Rank>,
    /// Imperfection and whether it was alone or left out.
    pub axes: Vec<Axis>,
    /// In the order of the axes.
    pub cells: Vec<Cell>,
    /// The chip as the spec has it.
    pub whole: Cell,
    /// The chip without imperfections.
    pub ideal: Cell,
}

/// What is to be tried for a ranking.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Every imperfection that is on.
    pub imperfections: Vec<Imperfection>,
    whole: Variant,
    ideal: Variant,
}

impl Sensitivity {
    /// The imperfections of a spec; what only costs time or energy changes no sample and is none.
    ///
    /// # Errors
    /// [`SweepError::Perfect`] if there is none.
    pub fn of(spec: &Spec) -> Result<Self, SweepError> {
        let on: Vec<_> = spec
            .values()
            .filter(|value| value.status == Status::On && value.key.off != Off::Never)
            .collect();
        let names: Vec<&str> = on.iter().map(|value| value.key.name).collect();
        let mut imperfections = Vec::new();
        for value in on.iter().filter(|value| !value.key.is_cost()) {
            let key = value.key.name;
            let variant = |kept: &[&str]| -> Result<Variant, SweepError> {
                let mut spec = spec.clone();
                spec.only(kept)?;
                Ok(Variant::of(&spec))
            };
            let others: Vec<&str> = names.iter().copied().filter(|name| *name != key).collect();
            imperfections.push(Imperfection {
                key,
                level: level(spec, value),
                alone: variant(&[key])?,
                left_out: variant(&others)?,
            });
        }
        if imperfections.is_empty() {
            return Err(SweepError::Perfect {
                chip: spec.name().to_owned(),
            });
        }
        Ok(Self {
            imperfections,
            whole: Variant::of(spec),
            ideal: Variant::ideal(spec)?,
        })
    }

    /// The variants whose chips are tried: ideal, whole, then each imperfection alone and left out.
    pub fn all(&self) -> Vec<Variant> {
        let each =
            (self.imperfections.iter()).flat_map(|one| [one.alone.clone(), one.left_out.clone()]);
        [self.ideal.clone(), self.whole.clone()]
            .into_iter()
            .chain(each)
            .collect()
    }

    /// Tries `chips` chips of every variant.
    ///
    /// # Errors
    /// As [`Lab::outcomes`].
    pub fn run(&self, lab: &Lab<'_>, chips: u64, rule: Rule) -> Result<Ranked, SweepError> {
        let outcomes = lab.outcomes(&self.all(), chips)?;
        let (ideal, whole) = (&outcomes[0], &outcomes[1]);
        let (mut ranking, mut cells) = (Vec::new(), Vec::new());
        for (one, pair) in self.imperfections.iter().zip(outcomes[2..].chunks(2)) {
            let cell = |applied: &str, outcomes: &[Outcome]| {
                let values = vec![one.key.to_owned(), applied.to_owned()];
                Cell::of(values, outcomes, ideal, rule)
            };
            cells.extend([cell(ALONE, &pair[0]), cell(LEFT_OUT, &pair[1])]);
            ranking.push(Rank {
                key: one.key.to_owned(),
                level: one.level.clone(),
                alone: Effect::between(&pair[0], ideal),
                left_out: Effect::between(whole, &pair[1]),
            });
        }
        let gain = |rank: &Rank| {
            rank.left_out
                .of(rule.metric)
                .mean
                .unwrap_or(f64::NEG_INFINITY)
        };
        ranking.sort_by(|a, b| gain(b).total_cmp(&gain(a)));
        Ok(Ranked {
            ranking,
            axes: self.axes(),
            cells,
            whole: Cell::of(Vec::new(), whole, ideal, rule),
            ideal: Cell::of(Vec::new(), ideal, ideal, rule),
        })
    }

    fn axes(&self) -> Vec<Axis> {
        let axis = |key: &str, values: Vec<String>| Axis {
            key: key.to_owned(),
            numbers: vec![None; values.len()],
            values,
            unit: "1".to_owned(),
        };
        let keys = self.imperfections.iter().map(|one| one.key.to_owned());
        vec![
            axis("imperfection", keys.collect()),
            axis("applied", vec![ALONE.to_owned(), LEFT_OUT.to_owned()]),
        ]
    }
}

/// The value of an imperfection; of a switch, those of the keys that say how much it switches on.
fn level(spec: &Spec, value: &SpecValue<'_>) -> String {
    if !matches!(value.setting, Setting::Switch(_)) {
        return value.text(4);
    }
    let details = spec
        .values()
        .filter(|detail| detail.key.with.contains(&value.key.name))
        .map(|detail| {
            let name = detail.key.name.rsplit('.').next().unwrap_or_default();
            format!("{name} {}", detail.text(4))
        });
    let details: Vec<String> = details.collect();
    if details.is_empty() {
        "on".to_owned()
    } else {
        details.join(", ")
    }
}

const ALONE: &str = "alone";
const LEFT_OUT: &str = "left out";

impl Effect {
    /// Change of the metric that decides.
    pub fn of(&self, decisive: &str) -> &Spread {
        if decisive == "fd_pixels" {
            &self.fd_pixels
        } else {
            &self.fd_features
        }
    }

    /// `with` minus `without`, chip by chip.
    fn between(with: &[Outcome], without: &[Outcome]) -> Self {
        let difference = |name: &str| {
            let pairs = with.iter().zip(without);
            let change = |(with, without): (&Outcome, &Outcome)| {
                Some(with.metric(name)? - without.metric(name)?)
            };
            Spread::of(pairs.map(change).collect())
        };
        Self {
            fd_features: difference("fd_features"),
            fd_pixels: difference("fd_pixels"),
            velocity_error: difference("velocity_error"),
            velocity_error_rms: difference("velocity_error_rms"),
        }
    }
}
