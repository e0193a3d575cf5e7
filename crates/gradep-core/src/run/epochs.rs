//! The loop over epochs, whatever becomes of what it does.

use super::{Divergence, Ending, LossCourse, MAX_REFUSED_EPOCHS, RunError};
use crate::trainer::{EpochReport, TrainError, Trainer};
use analog_substrate::{IdealError, Substrate, chip::ChipError};

/// Where a training is kept on its way.
pub(crate) trait Keeper<S> {
    /// An epoch is done.
    fn row(&mut self, report: &EpochReport) -> Result<(), RunError>;

    /// The trainer is to be found again as it is now.
    fn checkpoint(&mut self, trainer: &Trainer<S>) -> Result<(), RunError>;
}

/// Keeps nothing.
pub(crate) struct InMemory;

impl<S> Keeper<S> for InMemory {
    fn row(&mut self, _: &EpochReport) -> Result<(), RunError> {
        Ok(())
    }

    fn checkpoint(&mut self, _: &Trainer<S>) -> Result<(), RunError> {
        Ok(())
    }
}

/// A training, as far as it has come.
#[derive(Debug)]
pub(crate) struct Progress<S> {
    pub(crate) trainer: Trainer<S>,
    course: LossCourse,
}

impl<S: Substrate<Scalar = f32> + Send> Progress<S> {
    /// Of a trainer that has these losses behind it.
    pub(crate) fn new(trainer: Trainer<S>, losses: &[f64]) -> Self {
        Self {
            course: LossCourse::new(trainer.unlearned(), losses),
            trainer,
        }
    }

    /// Epoch after epoch, each a row for the keeper and a call of `observe`, with a checkpoint every
    /// `training.checkpoint_every` epochs and after the last. Asks `stop` before each epoch.
    pub(crate) fn train(
        &mut self,
        keeper: &mut impl Keeper<S>,
        mut stop: impl FnMut() -> bool,
        mut observe: impl FnMut(&EpochReport),
    ) -> Result<Ending, RunError> {
        let every = self.trainer.config().training.checkpoint_every;
        while !self.trainer.is_finished() {
            if stop() {
                keeper.checkpoint(&self.trainer)?;
                return Ok(Ending::Interrupted);
            }
            let epoch = self.trainer.epochs_done();
            let outcome = self.trainer.epoch();
            // Looked at first: a substrate refuses couplings that are not numbers.
            if !self.couplings_are_finite() {
                return Ok(Ending::Diverged(Divergence::Couplings { epoch }));
            }
            let report = match outcome {
                Err(TrainError::Substrate { cause, .. }) if is_not_finite(cause.as_ref()) => {
                    return Ok(Ending::Diverged(Divergence::States { epoch }));
                }
                outcome => outcome?,
            };
            keeper.row(&report)?;
            self.course.add(report.loss);
            observe(&report);
            if let Some(divergence) = self.divergence(&report) {
                return Ok(Ending::Diverged(divergence));
            }
            if self.trainer.epochs_done().is_multiple_of(every) || self.trainer.is_finished() {
                keeper.checkpoint(&self.trainer)?;
            }
        }
        let updates = self.updates();
        if self.trainer.refused() >= updates {
            return Ok(Ending::Diverged(Divergence::NoUpdate { updates }));
        }
        if self.course.ends_worse_than_nothing() {
            return Ok(Ending::Diverged(self.grown()));
        }
        Ok(Ending::Finished)
    }

    fn couplings_are_finite(&self) -> bool {
        let couplings = self.trainer.couplings().flat();
        couplings.iter().all(|value| value.is_finite())
    }

    fn divergence(&self, report: &EpochReport) -> Option<Divergence> {
        let EpochReport { epoch, loss, .. } = *report;
        if !loss.is_finite() {
            return Some(Divergence::Loss { epoch, loss });
        }
        if self.course.is_hopeless() {
            return Some(self.grown());
        }
        let epochs = self.trainer.refused_epochs();
        report
            .refusal
            .filter(|_| epochs >= MAX_REFUSED_EPOCHS)
            .map(|reason| Divergence::Refused { epochs, reason })
    }

    /// Updates of all epochs done, refused ones included.
    fn updates(&self) -> u64 {
        self.trainer.epochs_done() * self.trainer.updates_per_epoch()
    }

    fn grown(&self) -> Divergence {
        let unlearned = self.trainer.unlearned();
        Divergence::Grown {
            epochs: self.trainer.epochs_done(),
            first: self.course.first(),
            last: self.course.last(),
            zero_velocity: unlearned.zero_velocity,
            zero_couplings: unlearned.zero_couplings,
            refused: self.trainer.refused(),
            updates: self.updates(),
            learning_rate: self.trainer.config().optimiser.learning_rate,
        }
    }
}

/// Whether the substrate was asked to nudge a free phase that has run away, or ran away itself.
fn is_not_finite(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(IdealError::NotFinite { .. }))
        || matches!(
            cause.downcast_ref(),
            Some(ChipError::NotFinite { .. } | ChipError::RanAway { .. })
        )
}
