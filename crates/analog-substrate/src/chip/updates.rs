//! A chip that learns: its devices are programmed once, and then moved by updates.

use super::{Chip, ChipError, state::Updated};
use crate::{Couplings, chip::ChipScalar};
use std::sync::PoisonError;

impl<R: ChipScalar> Chip<R> {
    /// Makes it a chip that learns. Its devices are programmed once more, with the draws of its first programming, so that a weight can
    /// become `headroom` times the largest one before its device is at the end of its range (unless the spec has
    /// `array.scale`). From then on [`program`](crate::Substrate::program) writes nothing anew: each device moves by exactly as much
    /// as the conductance that is asked of it, from where it is, within its range. It keeps the error of its programming; stuck devices
    /// stay; drift, read noise and wires act on what it has become.
    ///
    /// What a move would add of its own, and what it costs, is not in it: the number of moves is ([`Chip::moves`]).
    ///
    /// # Errors
    /// [`ChipError::NotPositive`] for a headroom that is no number or below 1; those of programming.
    pub fn learning(mut self, headroom: f64) -> Result<Self, ChipError> {
        if !(headroom.is_finite() && headroom >= 1.0) {
            return Err(ChipError::NotPositive {
                what: "the headroom less 1",
                value: headroom - 1.0,
            });
        }
        self.begin_learning(headroom)?;
        Ok(self)
    }

    fn begin_learning(&mut self, headroom: f64) -> Result<(), ChipError> {
        self.programmings = 0;
        self.program_arrays_with(headroom)?;
        self.updated = Some(Updated {
            programmed: self.conductances(),
            first: self.couplings.cast().flat().to_vec(),
            headroom,
            moves: 0,
        });
        Ok(())
    }

    /// Programs the devices as they were programmed at first, and moves them to the couplings; a chip that does not learn has its
    /// devices written with these.
    pub(super) fn learn_again(
        &mut self,
        first: Option<Vec<f64>>,
        couplings: Couplings<R>,
        moves: u64,
    ) -> Result<(), ChipError> {
        let headroom = self
            .updated
            .as_ref()
            .map_or(1.0, |updated| updated.headroom);
        let Some(first) = first else {
            self.couplings = couplings;
            return self.program_arrays();
        };
        for (to, from) in self.couplings.flat_mut().iter_mut().zip(first) {
            *to = R::from_f64(from);
        }
        self.begin_learning(headroom)?;
        self.couplings = couplings;
        self.move_arrays();
        if let Some(updated) = &mut self.updated {
            updated.moves = moves;
        }
        Ok(())
    }

    /// How often a device was moved by an update; 0 on a chip that does not learn, or has no devices.
    pub fn moves(&self) -> u64 {
        self.updated.as_ref().map_or(0, |updated| updated.moves)
    }

    /// Moves the devices, if there are any, to the couplings.
    pub(super) fn move_arrays(&mut self) {
        let (Some(design), Some(updated)) = (&self.design.arrays, &mut self.updated) else {
            return;
        };
        let (Some(programmed), Some(arrays)) = (&updated.programmed, &mut self.arrays) else {
            return;
        };
        let arrays = arrays.get_mut().unwrap_or_else(PoisonError::into_inner);
        let moved = programmed.moved_to(&self.couplings.cast(), design);
        updated.moves += arrays.map().devices_asked_anew(&moved);
        arrays.go_on_with(moved);
    }
}
