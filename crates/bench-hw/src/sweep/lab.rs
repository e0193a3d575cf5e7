//! Chips of several variants of a design, tried in parallel, each kept as soon as it is done.

use super::{Outcome, Store, SweepError};
use analog_substrate::chip::{Design, spec::Spec};
use gradep_core::files::spec_hash;
use rayon::prelude::*;

/// What is done with one chip.
pub trait Trial: Sync {
    /// Chip number `chip` of a design generates samples, which are measured. The outcome depends on its
    /// arguments alone; chips of the same number get the same noise and the same draws of deviations.
    ///
    /// # Errors
    /// [`SweepError`] for what is wrong with every chip; a chip that runs away is an
    /// [`Outcome::failure`].
    fn run(&self, design: &Design, chip: u64) -> Result<Outcome, SweepError>;
}

/// A chip's design, and its name in a [`Store`].
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// The numbers of the chip.
    pub design: Design,
    /// First 16 digits of the BLAKE3 of the design.
    pub id: String,
}

impl Variant {
    /// The variant that a spec describes.
    pub fn of(spec: &Spec) -> Self {
        let mut id = spec_hash(spec);
        id.truncate(16);
        Self {
            design: spec.design(),
            id,
        }
    }

    /// The same chip with every imperfection and every cost exactly off.
    ///
    /// # Errors
    /// None that a valid spec has.
    pub fn ideal(spec: &Spec) -> Result<Self, SweepError> {
        let mut ideal = spec.clone();
        ideal.only(&[])?;
        Ok(Self::of(&ideal))
    }
}

/// Runs trials, unless their results are there.
#[derive(Clone, Copy)]
pub struct Lab<'a> {
    /// What is done with a chip.
    pub trial: &'a dyn Trial,
    /// Where results are kept.
    pub store: &'a Store,
    /// Whether to stop: asked before every chip.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Called after every chip, from any thread.
    pub done: &'a (dyn Fn() + Sync),
}

impl Lab<'_> {
    /// The outcome of one chip.
    ///
    /// # Errors
    /// [`SweepError::Interrupted`] where it would have to be computed after the stop; else those of the
    /// trial and of the store.
    pub fn outcome(&self, variant: &Variant, chip: u64) -> Result<Outcome, SweepError> {
        let outcome = match self.store.get(&variant.id, chip)? {
            Some(outcome) => outcome,
            None if (self.stop)() => return Err(SweepError::Interrupted),
            None => {
                let outcome = self.trial.run(&variant.design, chip)?;
                self.store.put(&variant.id, chip, &outcome)?;
                outcome
            }
        };
        (self.done)();
        Ok(outcome)
    }

    /// The outcomes of chips `0..chips` of every variant, `[variant][chip]`.
    ///
    /// # Errors
    /// As [`Self::outcome`].
    pub fn outcomes(
        &self,
        variants: &[Variant],
        chips: u64,
    ) -> Result<Vec<Vec<Outcome>>, SweepError> {
        let jobs: Vec<(usize, u64)> = (0..variants.len())
            .flat_map(|variant| (0..chips).map(move |chip| (variant, chip)))
            .collect();
        // One job at a time for each thread: a stop finds little begun.
        let outcomes: Vec<Outcome> = jobs
            .par_iter()
            .with_max_len(1)
            .map(|&(variant, chip)| self.outcome(&variants[variant], chip))
            .collect::<Result<_, _>>()?;
        #[expect(clippy::cast_possible_truncation, reason = "a count of results in memory")]
        let rows = outcomes.chunks(chips.max(1) as usize);
        Ok(rows.map(<[Outcome]>::to_vec).collect())
    }
}
