//! What adapting a chip came to.

use super::{Best, Learned};
use analog_substrate::arrays::Updating;
use serde::{Deserialize, Serialize};
use units::statistics::quantile;

/// One chip, before and after it learned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Adapted {
    /// Number of the chip.
    pub chip: u64,
    /// As programmed.
    pub before: Best,
    /// After the updates.
    pub after: Best,
    /// Later, with no further update.
    pub later: Vec<Later>,
    /// Loss that the chip itself read, mean of the first epoch and of the last.
    pub losses: [f64; 2],
    /// Updates.
    pub updates: u64,
    /// Updates of them that were refused.
    pub refused: u64,
    /// Time on the chip for all updates, one sample after another, in seconds. Writing is not in it.
    pub seconds: f64,
    /// Energy of the chip for them, in joules. Writing and what adds up the products are not in it.
    pub joules: f64,
    /// Joules of them that converters took.
    pub converters_j: f64,
    /// How often a device was moved; none on a chip without devices.
    pub moves: Option<u64>,
    /// What writing updates took; none where devices take what is asked without a pulse. Not in `seconds` and `joules`.
    #[serde(default)]
    pub updating: Option<Updating>,
    /// Multiply-accumulates of the products of the learning rule, for all updates.
    pub macs: f64,
    /// Steps of a parameter by the optimiser, for all updates.
    #[serde(default)]
    pub optimiser_steps: f64,
    /// Range of the nudge in `V_unit`.
    pub range: f64,
    /// The reference chip of this number with the model as it was.
    pub exact: Option<Best>,
    /// The reference chip with as many further updates at exact equilibria.
    pub control: Option<Best>,
    /// This chip, freshly programmed with weights that were learned for all chips of its design, without an update of its own.
    pub population: Option<Best>,
}

/// An adapted chip at another age of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Later {
    /// Age in seconds.
    pub seconds: f64,
    /// How good it is then.
    pub best: Best,
    /// How good it would be without having learned: the devices as they were programmed, of the same age.
    pub unadapted: Best,
    /// After further updates at this age; none where it made none.
    pub refreshed: Option<Refreshed>,
}

/// An adapted chip after further updates at another age of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refreshed {
    /// How good it is then.
    pub best: Best,
    /// Loss that the chip read, mean of the first epoch and of the last.
    pub losses: [f64; 2],
    /// Updates.
    pub updates: u64,
    /// Updates of them that were refused.
    pub refused: u64,
    /// Time on the chip for them, one sample after another, in seconds. Writing is not in it.
    pub seconds: f64,
    /// Energy of the chip for them, in joules. Writing and what adds up the products are not in it.
    pub joules: f64,
    /// How often a device was moved.
    pub moves: Option<u64>,
}

impl Refreshed {
    pub(super) fn new(best: Best, learned: &Learned) -> Self {
        let (trained, spent) = (&learned.trained, &learned.spent);
        Self {
            best,
            losses: trained.losses,
            updates: trained.updates,
            refused: trained.refused,
            seconds: spent.seconds,
            joules: spent.joules,
            moves: spent.moves,
        }
    }
}

/// Share of what errors cost that is won back: (before − after)/(before − without errors).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Against the reference chip with the model as it was.
    pub of_exact: Option<f64>,
    /// Against the reference chip with as many further updates.
    pub of_control: Option<f64>,
}

impl Adapted {
    pub(super) fn new(
        chip: u64,
        [before, after]: [Best; 2],
        later: Vec<Later>,
        learned: &Learned,
    ) -> Self {
        let (trained, spent) = (&learned.trained, &learned.spent);
        Self {
            chip,
            before,
            after,
            later,
            losses: trained.losses,
            updates: trained.updates,
            refused: trained.refused,
            seconds: spent.seconds,
            joules: spent.joules,
            converters_j: spent.converter_joules,
            moves: spent.moves,
            updating: spent.updating,
            macs: learned.products,
            optimiser_steps: learned.optimiser_steps,
            range: learned.range,
            exact: None,
            control: None,
            population: None,
        }
    }

    /// What was won back by the updates.
    pub fn recovery(&self) -> Recovery {
        self.between(&self.before, &self.after)
    }

    /// What is won back by weights for a population, if there are any.
    pub fn recovery_of_population(&self) -> Option<Recovery> {
        let population = self.population.as_ref()?;
        Some(self.between(&self.before, population))
    }

    /// What of it is there at another age, at which errors cost more by themselves.
    pub fn recovery_later(&self, later: &Later) -> Recovery {
        self.between(&later.unadapted, &later.best)
    }

    fn between(&self, before: &Best, after: &Best) -> Recovery {
        let share = |without: Option<Best>| {
            let lost = before.distance - without?.distance;
            // Where errors cost nothing there is nothing to win back.
            (lost > 0.0).then(|| (before.distance - after.distance) / lost)
        };
        Recovery {
            of_exact: share(self.exact),
            of_control: share(self.control),
        }
    }
}

/// The middle value; none of none.
pub fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.5)
}
