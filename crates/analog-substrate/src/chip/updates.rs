//! A chip that learns: its devices are programmed once, and then moved by updates.

use super::{Chip, ChipError};
use crate::{arrays::ConductanceMap, chip::ChipScalar};
use std::sync::PoisonError;

/// What updates of the devices begin from, and how much of them there was.
#[derive(Debug)]
pub(super) struct Updated {
    /// As programmed; none on a chip without devices, whose couplings are what is asked.
    programmed: Option<ConductanceMap>,
    /// Devices of which another conductance was asked, summed over updates.
    moves: u64,
}

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
        self.programmings = 0;
        self.program_arrays_with(headroom)?;
        self.updated = Some(Updated {
            programmed: self.conductances(),
            moves: 0,
        });
        Ok(self)
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
