//! Chips of several variants of a design, tried in parallel, each kept as soon as it is done.

use super::{Outcome, SweepError};
use crate::store::Store;
use analog_substrate::{chip::Design, hw_spec::Spec};
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

    /// Under which name the outcome of one of its chips is kept.
    fn place(&self, chip: u64) -> String {
        format!("{}/chip_{chip}", self.id)
    }

    /// The same chip with every imperfection exactly off; its clock and its power are those of the chip.
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
    /// Called after every chip that was computed, from any thread.
    pub done: &'a (dyn Fn() + Sync),
}

/// Different variants, by their name: the same chip need not be tried twice.
fn different(variants: &[Variant]) -> Vec<&Variant> {
    let mut different: Vec<&Variant> = variants.iter().collect();
    different.sort_by(|a, b| a.id.cmp(&b.id));
    different.dedup_by(|a, b| a.id == b.id);
    different
}

/// How many chips are tried of some variants.
pub fn trials(variants: &[Variant], chips: u64) -> u64 {
    different(variants).len() as u64 * chips
}

/// How many of them are there already.
pub fn present(store: &Store, variants: &[Variant], chips: u64) -> u64 {
    let there = |variant: &Variant| {
        (0..chips)
            .filter(|&chip| store.has(&variant.place(chip)))
            .count()
    };
    different(variants)
        .into_iter()
        .map(|variant| there(variant) as u64)
        .sum()
}

impl Lab<'_> {
    /// The outcome of one chip.
    ///
    /// # Errors
    /// [`SweepError::Interrupted`] where it would have to be computed after the stop; else those of the
    /// trial and of the store.
    pub fn outcome(&self, variant: &Variant, chip: u64) -> Result<Outcome, SweepError> {
        if let Some(outcome) = self.store.get(&variant.place(chip))? {
            return Ok(outcome);
        }
        if (self.stop)() {
            return Err(SweepError::Interrupted);
        }
        let outcome = self.trial.run(&variant.design, chip)?;
        self.store.put(&variant.place(chip), &outcome)?;
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
        let different = different(variants);
        let jobs: Vec<(usize, u64)> = (0..different.len())
            .flat_map(|variant| (0..chips).map(move |chip| (variant, chip)))
            .collect();
        // One job at a time for each thread: a stop finds little begun.
        let outcomes: Vec<Outcome> = jobs
            .par_iter()
            .with_max_len(1)
            .map(|&(variant, chip)| self.outcome(different[variant], chip))
            .collect::<Result<_, _>>()?;
        let rows: Vec<&[Outcome]> = outcomes.chunks(chips.max(1) as usize).collect();
        let row = |variant: &Variant| {
            let place = different.partition_point(|other| other.id < variant.id);
            rows[place].to_vec()
        };
        Ok(variants.iter().map(row).collect())
    }
}
