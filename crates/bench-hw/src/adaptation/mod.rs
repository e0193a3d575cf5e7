//! Chips that heal: a trained model is programmed on a chip with errors, and learns on through this very chip.
//!
//! ```text
//! model ── programmed ──▶ bad chip: how good?
//!                          │  GradEP: its own phases, its own readings; every update moves the devices
//!                          ▼
//!                        the same chip: how good now?
//! beside it: a chip without devices, with the model as it was, and with as many further updates at exact equilibria
//! ```

mod error;
mod learn;
mod measure;
mod outcome;
#[cfg(test)]
mod tests;

pub use error::AdaptationError;
pub use learn::{Course, Learned, Trained, learn_on_chip, learn_on_equilibria};
pub use measure::{Bench, Best, Programmed};
pub use outcome::{Adapted, Later, Recovery, median};

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
    /// Ages of the devices at which the adapted chip is measured again, with nothing learned in between, in seconds.
    pub later: &'a [f64],
}

impl Adaptation<'_> {
    /// Adapts one chip, and measures it before, after and later. `observe` sees every epoch and says whether to go on.
    ///
    /// # Errors
    /// [`AdaptationError`]; [`AdaptationError::Interrupted`] where `observe` said so.
    pub fn run(
        &self,
        chip: &OnChip<'_>,
        observe: impl FnMut(&EpochReport) -> bool,
    ) -> Result<(Adapted, Learned), AdaptationError> {
        let (bench, model) = (self.bench, self.model);
        let unadapted = Programmed {
            chip,
            model,
            map: None,
        };
        let before = bench.best(&unadapted)?;
        let learned = learn_on_chip(self, chip, observe)?;
        let now = Programmed {
            chip,
            model: &learned.model,
            map: learned.map.as_ref(),
        };
        let after = bench.best(&now)?;
        let later = self.later.iter().map(|&seconds| {
            Ok(Later {
                seconds,
                best: bench.best_at_age(&now, seconds)?,
                unadapted: bench.best_at_age(&unadapted, seconds)?,
            })
        });
        let later = later.collect::<Result<_, AdaptationError>>()?;
        let adapted = Adapted::new(chip.die.number, [before, after], later, &learned);
        Ok((adapted, learned))
    }
}
