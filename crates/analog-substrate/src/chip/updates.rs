//! A chip that learns: its devices are programmed once, and then moved by updates.

use super::{
    Chip, ChipError,
    state::{Learned, Updated},
};
use crate::{
    Couplings,
    arrays::{ArrayDesign, ConductanceMap, Occasion, Pulsing, Update, Updating},
    chip::ChipScalar,
};
use std::sync::PoisonError;

impl<R: ChipScalar> Chip<R> {
    /// Makes it a chip that learns. Its devices are programmed once more, with the draws of its first programming, so that a weight can
    /// become `headroom` times the largest one before its device is at the end of its range (unless the spec has
    /// `array.scale`). From then on [`program`](crate::Substrate::program) moves the devices as `array.update` of the design says: each by
    /// exactly as much as the conductance that is asked of it, from where it is, within its range; or by pulses; or it writes all of them
    /// anew. But for the latter a device keeps the error of its programming; stuck devices stay; drift, read noise and wires act on what
    /// it has become. Couplings that are those of before move nothing.
    ///
    /// What updates took is [`Chip::updating`]; the number of devices that were asked for another conductance, summed over updates,
    /// [`Chip::moves`].
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
        let programmed = self.conductances();
        let update = self
            .design
            .arrays
            .as_ref()
            .map(|arrays| arrays.update_of(self.devices(0)));
        let pulse = self.design.arrays.as_ref().map(|arrays| arrays.pulse);
        let takes = update.is_some_and(|update| !update.is_exact());
        let is_pulsed = update.is_some_and(Update::is_kept_in_devices);
        let pulsed = programmed.as_ref().filter(|_| is_pulsed);
        self.updated = Some(Updated {
            headroom,
            learned: Learned {
                first: self.couplings.cast().flat().to_vec(),
                moves: 0,
                updates: 0,
                took: pulse.filter(|_| takes).map(Updating::none),
                pulsed: pulsed.map_or_else(Vec::new, ConductanceMap::untouched),
            },
            programmed,
        });
        Ok(())
    }

    /// The address of the draws of an update of the devices, or 0 for those of their programming; none where they have no errors.
    pub(super) fn devices(&self, cycle: u64) -> Option<Occasion> {
        self.instance.devices.map(|die| Occasion {
            seed: die.seed,
            chip: die.number,
            cycle,
        })
    }

    /// Programs the devices as they were programmed at first, and makes of them what updates had made; a chip that does not learn has its
    /// devices written with these couplings.
    pub(super) fn learn_again(
        &mut self,
        learned: Option<Learned>,
        couplings: Couplings<R>,
    ) -> Result<(), ChipError> {
        let headroom = self
            .updated
            .as_ref()
            .map_or(1.0, |updated| updated.headroom);
        let Some(learned) = learned else {
            self.couplings = couplings;
            return self.program_arrays();
        };
        for (to, from) in self.couplings.flat_mut().iter_mut().zip(&learned.first) {
            *to = R::from_f64(*from);
        }
        self.begin_learning(headroom)?;
        self.couplings = couplings;
        let Some(updated) = &mut self.updated else {
            return Ok(());
        };
        let sizes = |learned: &Learned| -> Vec<[usize; 2]> {
            let banks = learned.pulsed.iter();
            banks
                .map(|[plus, minus]| [plus.len(), minus.len()])
                .collect()
        };
        let [found, expected] = [&learned, &updated.learned].map(sizes);
        if found != expected {
            let devices = |sizes: Vec<[usize; 2]>| sizes.iter().flatten().sum();
            return Err(ChipError::OtherMemory {
                found: devices(found),
                expected: devices(expected),
            });
        }
        updated.learned = learned;
        self.replace_arrays(|updated, asked| updated.devices(asked));
        Ok(())
    }

    /// How often a device was moved by an update; 0 on a chip that does not learn, or has no devices.
    pub fn moves(&self) -> u64 {
        self.updated
            .as_ref()
            .map_or(0, |updated| updated.learned.moves)
    }

    /// What updates of the devices took; none where they take what is asked without a pulse.
    pub fn updating(&self) -> Option<Updating> {
        self.updated.as_ref()?.learned.took
    }

    /// Moves the devices, if there are any, to the couplings, of which one at least is another than before.
    pub(super) fn move_arrays(&mut self) {
        if let Some(updated) = &mut self.updated {
            updated.learned.updates += 1;
        }
        self.replace_arrays(Updated::follow);
    }

    /// Puts what updates make of the devices in place of what they are.
    fn replace_arrays(
        &mut self,
        made: impl FnOnce(&mut Updated, &Asked<'_>) -> Option<ConductanceMap>,
    ) {
        let updates = self
            .updated
            .as_ref()
            .map_or(0, |updated| updated.learned.updates);
        let occasion = self.devices(updates);
        let couplings = self.couplings.cast();
        let (Some(design), Some(updated), Some(arrays)) =
            (&self.design.arrays, &mut self.updated, &mut self.arrays)
        else {
            return;
        };
        let arrays = arrays.get_mut().unwrap_or_else(PoisonError::into_inner);
        let asked = Asked {
            couplings: &couplings,
            design,
            occasion,
            now: arrays.map(),
        };
        if let Some(made) = made(updated, &asked) {
            arrays.go_on_with(made);
        }
    }
}

/// What an update is made with.
struct Asked<'a> {
    couplings: &'a Couplings<f64>,
    design: &'a ArrayDesign,
    /// Where its draws are; none of devices without errors.
    occasion: Option<Occasion>,
    /// The devices before it.
    now: &'a ConductanceMap,
}

impl Updated {
    /// The devices after one more update, which is booked.
    fn follow(&mut self, asked: &Asked<'_>) -> Option<ConductanceMap> {
        let Asked {
            couplings,
            design,
            now,
            ..
        } = *asked;
        let learned = &mut self.learned;
        if let (Some(occasion), Some(took)) = (asked.occasion, &mut learned.took)
            && design.update.is_kept_in_devices()
        {
            let pulsing = Pulsing {
                design,
                programmed: self.programmed.as_ref()?,
                occasion,
            };
            pulsing.pulse(now, couplings, &mut learned.pulsed, took);
        }
        let after = self.devices(asked)?;
        let learned = &mut self.learned;
        learned.moves += now.devices_asked_anew(&after);
        if let (Some(took), Update::Rewrite) = (&mut learned.took, &design.update) {
            took.add_writing(&after, design.pulse);
        }
        Some(after)
    }

    /// The devices as all updates up to now have made them, from how they were programmed.
    fn devices(&self, asked: &Asked<'_>) -> Option<ConductanceMap> {
        let Asked {
            couplings,
            design,
            occasion,
            ..
        } = *asked;
        let programmed = self.programmed.as_ref()?;
        Some(match design.update_of(occasion) {
            Update::Exact => programmed.moved_to(couplings, design),
            Update::Pulses(_) | Update::MixedPrecision(_) => {
                programmed.pulsed_to(couplings, &self.learned.pulsed, design)
            }
            Update::Rewrite if self.learned.updates == 0 => programmed.clone(),
            Update::Rewrite => design.program_again(programmed, couplings, occasion),
        })
    }
}

impl ArrayDesign {
    /// How devices are moved: exactly where they have no errors.
    fn update_of(&self, occasion: Option<Occasion>) -> &Update {
        match occasion {
            Some(_) => &self.update,
            None => &Update::Exact,
        }
    }
}
