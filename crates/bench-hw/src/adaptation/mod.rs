//! Chips that heal: a trained model is programmed on a chip with errors, and learns on through this very chip.
//!
//! ```text
//! model ── programmed ──▶ bad chip: how good?
//!                          │  GradEP: its own phases, its own readings; every update moves the devices
//!                          ▼
//!                        the same chip: how good now?
//!                          │  some time later: drift, and a few updates more (refresh)
//!                          ▼
//!                        the same chip, older
//! beside it: a chip without devices, with the model as it was, and with as many further updates at exact equilibria;
//! the same chip with weights that were learned for all chips of its design (population)
//! ```

mod error;
mod later;
mod learn;
mod measure;
mod outcome;
mod population;
#[cfg(test)]
mod tests;

pub use error::AdaptationError;
pub use learn::{Course, Learned, Trained, learn_on_chip, learn_on_equilibria};
pub use measure::{Bench, Best, Programmed};
pub use outcome::{Adapted, Later, Recovery, Refreshed, median};
pub use population::{Population, learn_for_population};

use crate::generation::OnChip;
use gradep_core::{config::Config, files::Model, trainer::EpochReport};
use ndarray::Array2;

/// A chip to be adapted, and how.
#[derive(Clone, Copy, Debug)]
pub struct Adaptation<'a> {
    /// The run that trained the model.
    pub config: &'a Config,
    /// The model.
    pub model: &'a Model<f32>,
    /// What it learned from and learns from again, `[n, n_0]`.
    pub images: &'a Array2<f32>,
    /// How it learns.
    pub course: &'a Course,
    /// How it is measured.
    pub bench: &'a Bench<'a>,
    /// Ages of the devices at which the adapted chip is measured again, with nothing learned in between, in seconds; with a refresh from
    /// the smallest to the largest.
    pub later: &'a [f64],
    /// Updates that it makes at each of these ages after it was measured, to be measured once more; none: it stays as it is.
    pub refresh: Option<u64>,
}

impl Adaptation<'_> {
    /// Refuses what cannot be done with a chip before anything is computed: its design, the ages, or more updates than there can be.
    ///
    /// # Errors
    /// [`AdaptationError`].
    pub fn check(&self, chip: &OnChip<'_>) -> Result<(), AdaptationError> {
        self.bench.check(chip, self.model, self.later)?;
        let begins = chip.design.arrays.as_ref().map_or(0.0, |a| a.age);
        let before = self.later.iter().find(|&&seconds| seconds < begins);
        if let (Some(_), Some(&seconds)) = (self.refresh, before) {
            return Err(AdaptationError::RefreshedTooEarly { seconds, begins });
        }
        self.check_course()
    }

    /// Adapts one chip, and measures it before, after and later. `observe` sees every epoch and says whether to go on.
    ///
    /// # Errors
    /// [`AdaptationError`]; [`AdaptationError::Interrupted`] where `observe` said so.
    pub fn run(
        &self,
        chip: &OnChip<'_>,
        mut observe: impl FnMut(&EpochReport) -> bool,
    ) -> Result<(Adapted, Learned), AdaptationError> {
        let unadapted = Programmed {
            chip,
            model: self.model,
            map: None,
        };
        let before = self.bench.best(&unadapted)?;
        let (learned, learner) = self.learn_through(self.begin(chip)?, &mut observe)?;
        let after = self.bench.best(&Programmed {
            model: &learned.model,
            map: learned.map.as_ref(),
            ..unadapted
        })?;
        let later = self.look_later(&unadapted, (learned.clone(), learner), observe)?;
        let adapted = Adapted::new(chip.die.number, [before, after], later, &learned);
        Ok((adapted, learned))
    }
}
