//! The arrays of a chip: programmed, replayed, and as its nodes see them now.

use super::{
    Chip, ChipError, ChipParts, Network, TransientSettings,
    circuit::{Circuit, Coupled, VisibleMode},
};
use crate::chip::ChipScalar;
use crate::{
    Couplings,
    arrays::{Arrays, ArraysError, ConductanceMap, Effective, PresentArray, Units},
    random::{Purpose, stream},
};
use rand_chacha::ChaCha8Rng;
use std::sync::{Mutex, PoisonError, atomic::Ordering};

impl<R: ChipScalar> Chip<R> {
    /// Programs the devices, if there are any, with the couplings.
    pub(super) fn program_arrays(&mut self) -> Result<(), ChipError> {
        self.program_arrays_with(1.0)
    }

    /// [`Self::program_arrays`] with room for weights to grow by `headroom`.
    pub(super) fn program_arrays_with(&mut self, headroom: f64) -> Result<(), ChipError> {
        let Some(design) = &self.design.arrays else {
            return Ok(());
        };
        let occasion = self.devices(self.programmings);
        let map = design.program(&self.couplings.cast(), occasion, headroom);
        let units = self.units();
        self.arrays = Some(Mutex::new(Arrays::new(design.clone(), map, units)?));
        self.programmings += 1;
        Ok(())
    }

    fn units(&self) -> Units {
        Units {
            conductance: self.design.node.unit_conductance,
            voltage: self.design.node.unit_voltage,
        }
    }

    /// Replays a measured map of conductances instead of what programming would have made.
    ///
    /// # Errors
    /// [`ChipError::NoArrays`] on a chip without devices, [`ChipError::Layers`] and [`ChipError::VisibleLeak`] if the map is
    /// of another network.
    pub fn replay(&mut self, map: ConductanceMap) -> Result<(), ChipError> {
        let Some(design) = &self.design.arrays else {
            return Err(ChipError::NoArrays {
                design: self.design.name.clone(),
            });
        };
        self.check_layers(&map.layers)?;
        self.check_leak(!map.visible_leak.is_empty())?;
        let units = self.units();
        self.arrays = Some(Mutex::new(Arrays::new(design.clone(), map, units)?));
        Ok(())
    }

    /// The same chip as it was when it had just been programmed or a map had been replayed, its clock and its ledger
    /// at zero, with transients of its own: what it does depends on its arguments and not on what was done before.
    ///
    /// # Errors
    /// [`ChipError`] for settings that are not usable.
    pub fn afresh(&self, settings: TransientSettings, noise_seed: u64) -> Result<Self, ChipError> {
        let mut chip = Self::unprogrammed(ChipParts {
            design: self.design.clone(),
            instance: self.instance.clone(),
            network: Network {
                couplings: self.couplings.clone(),
                activation: self.activation,
                cell: self.cell,
            },
            settings,
            noise_seed,
        })?;
        chip.programmings = self.programmings;
        if let Some(map) = self.conductances() {
            chip.replay(map)?;
        }
        Ok(chip)
    }

    /// The conductances that its couplings are made of; none on a chip without devices.
    pub fn conductances(&self) -> Option<ConductanceMap> {
        let arrays = self.arrays.as_ref()?;
        Some(
            arrays
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .map()
                .clone(),
        )
    }

    /// The couplings as the nodes see them now, in f64: from below with the biases, and from above.
    ///
    /// # Errors
    /// [`ChipError::Device`] where the device is not known at this time.
    pub fn present_couplings(&self) -> Result<[Couplings<f64>; 2], ChipError> {
        let Some(seen) = self.seen()? else {
            let same = self.couplings.cast();
            return Ok([same.clone(), same]);
        };
        Ok([seen.up, seen.down])
    }

    /// The arrays themselves at this instant of the chip's clock, before wires; none on a chip without
    /// devices.
    ///
    /// # Errors
    /// [`ChipError::Device`] where the device is not known at this time.
    pub fn present_arrays(&self) -> Result<Option<Vec<PresentArray>>, ChipError> {
        self.look(Arrays::present)
    }

    /// What nodes see of the arrays at this instant of the chip's clock; none without arrays.
    fn seen(&self) -> Result<Option<Effective>, ChipError> {
        self.look(Arrays::at)
    }

    /// Looks at the arrays, if there are any, at this instant of the chip's clock.
    fn look<T>(
        &self,
        look: impl FnOnce(&mut Arrays, f64, &mut ChaCha8Rng) -> Result<T, ArraysError>,
    ) -> Result<Option<T>, ChipError> {
        let Some(arrays) = &self.arrays else {
            return Ok(None);
        };
        let relaxation = self.relaxations.load(Ordering::Relaxed);
        let mut generator = stream(self.seed, Purpose::Fluctuation, relaxation, 0);
        let elapsed = self.clock().total_s;
        let mut arrays = arrays.lock().unwrap_or_else(PoisonError::into_inner);
        let found = look(&mut arrays, elapsed, &mut generator);
        found.map(Some).map_err(|error| match error {
            ArraysError::Device(error) => ChipError::Device {
                reason: error.to_string(),
            },
            ArraysError::Wires(error) => error.into(),
        })
    }

    /// The circuit at this instant of the chip's clock.
    pub(super) fn circuit(&self, mode: VisibleMode) -> Result<Circuit<R>, ChipError> {
        let nature = (self.curve, self.cell);
        let seen = self.seen()?;
        let coupled = match &seen {
            None => Coupled::Exactly(&self.couplings),
            Some(seen) => Coupled::ByArrays(seen),
        };
        Ok(Circuit::new(
            &self.design,
            &self.instance,
            &coupled,
            nature,
            mode,
        ))
    }
}
