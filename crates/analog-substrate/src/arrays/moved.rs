//! Devices that are moved from where they are, with the errors that they have.

use super::{
    ArrayDesign, ArrayMap, Bank, ConductanceMap,
    mapping::pairs,
    program::{asked_of, bias_of},
};
use crate::{Couplings, device::Stuck};
use ndarray::{Array2, ArrayView2};

impl ConductanceMap {
    /// These devices after what is asked of them has become `couplings`, by updates each of which is exact: the scale of
    /// an array stays, and a device moves by as much as the conductance that is asked of it, within its range. So it keeps
    /// the error that programming made, and a stuck one stays where it is. Biases and leaks that are no devices are as asked.
    ///
    /// # Panics
    /// If the couplings are of another network.
    pub(crate) fn moved_to(&self, couplings: &Couplings<f64>, design: &ArrayDesign) -> Self {
        assert_eq!(couplings.layers(), &self.layers);
        let mut moved = self.with_exact_parts(couplings);
        let range = design.device.conductance_range();
        for array in &mut moved.arrays {
            array.move_to(asked_of(array.part, couplings), range);
        }
        moved
    }

    /// The same devices, and what is no device as asked.
    pub(super) fn with_exact_parts(&self, couplings: &Couplings<f64>) -> Self {
        let mut moved = self.clone();
        for (l, bias) in moved.exact_biases.iter_mut().enumerate() {
            *bias = bias_of(couplings, l).to_vec();
        }
        if let Some(leak) = couplings.visible_leak() {
            moved.visible_leak = leak.to_vec();
        }
        moved
    }

    /// How many devices have another conductance asked of them than in this map.
    pub(crate) fn devices_asked_anew(&self, other: &Self) -> u64 {
        fn asked(map: &ConductanceMap) -> impl Iterator<Item = &f64> {
            let arrays = map.arrays.iter();
            arrays.flat_map(|array| array.plus.asked.iter().chain(&array.minus.asked))
        }
        let devices = asked(self).zip(asked(other));
        devices
            .filter(|(before, after)| before.to_bits() != after.to_bits())
            .count() as u64
    }
}

impl ArrayMap {
    fn move_to(&mut self, weights: ArrayView2<'_, f64>, range: (f64, f64)) {
        let asked = pairs(weights, range, Some(self.scale), 1.0);
        self.plus.move_to(asked.plus, range);
        self.minus.move_to(asked.minus, range);
    }
}

impl Bank {
    fn move_to(&mut self, asked: Array2<f64>, (least, most): (f64, f64)) {
        let by = |asked: f64, before: f64| asked.clamp(least, most) - before.clamp(least, most);
        let devices = asked.iter().zip(&self.asked).zip(&self.stuck);
        let steps: Vec<f64> = devices
            .map(|((&asked, &before), &stuck)| match stuck {
                Stuck::Free => by(asked, before),
                Stuck::On | Stuck::Off => 0.0,
            })
            .collect();
        *self = self.shifted(asked, &steps, (least, most));
    }

    /// These devices, asked for other conductances, S, and each moved by a step of its own, S.
    pub(super) fn shifted(
        &self,
        asked: Array2<f64>,
        steps: &[f64],
        (least, most): (f64, f64),
    ) -> Self {
        let mut moved = self.clone();
        for (g, step) in moved.achieved.iter_mut().zip(steps) {
            *g = (*g + step).max(0.0);
        }
        if let Some(programmed) = &mut moved.programmed {
            let targets: Vec<f64> = asked.iter().copied().collect();
            programmed.shift(targets, steps, (least, most));
        }
        // What is beyond the range is not to be had; that it was asked for is counted.
        moved.asked = asked.mapv(|g| g.clamp(least, most));
        moved
    }
}
