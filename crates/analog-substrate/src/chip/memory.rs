//! What a chip has to be told to go on as if nobody had interrupted it.

use super::{Chip, ChipError, state::ChipMemory};
use crate::chip::ChipScalar;
use std::sync::{PoisonError, atomic::Ordering};

impl<R: ChipScalar> Chip<R> {
    pub(super) fn remember(&self) -> ChipMemory {
        let noise = self.arrays.as_ref().map(|arrays| {
            let arrays = arrays.lock().unwrap_or_else(PoisonError::into_inner);
            arrays.fluctuations()
        });
        ChipMemory {
            relaxations: self.relaxations.load(Ordering::Relaxed),
            programmings: self.programmings,
            account: self.with_account(|account| *account),
            couplings: self.couplings.cast().flat().to_vec(),
            learned: (self.updated.as_ref()).map(|updated| updated.learned.clone()),
            noise,
        }
    }

    /// Of a chip that learns, exactly; of one whose devices are written anew for every network, with the draws of the last writing.
    pub(super) fn go_on_from(&mut self, memory: ChipMemory) -> Result<(), ChipError> {
        let expected = self.couplings.flat().len();
        let first = memory.learned.as_ref().map(|learned| &learned.first);
        let lengths = [Some(&memory.couplings), first];
        if let Some(other) = (lengths.into_iter().flatten()).find(|flat| flat.len() != expected) {
            return Err(ChipError::OtherMemory {
                found: other.len(),
                expected,
            });
        }
        let mut couplings = self.couplings.clone();
        for (to, from) in couplings.flat_mut().iter_mut().zip(memory.couplings) {
            *to = R::from_f64(from);
        }
        self.programmings = memory.programmings.saturating_sub(1);
        self.learn_again(memory.learned, couplings)?;
        self.programmings = memory.programmings;
        if let (Some(arrays), Some(noise)) = (&mut self.arrays, memory.noise) {
            let arrays = arrays.get_mut().unwrap_or_else(PoisonError::into_inner);
            arrays.fluctuate_from(noise);
        }
        self.relaxations = memory.relaxations.into();
        self.with_account(|account| *account = memory.account);
        Ok(())
    }
}
