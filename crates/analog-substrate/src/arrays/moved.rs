//! Devices that are moved from where they are, with the errors that they have.

use super::{ArrayDesign, ArrayMap, Bank, ConductanceMap, Part, mapping::pairs, program::bias_of};
use crate::{Couplings, device::Stuck};
use ndarray::{Array2, ArrayView2, Axis, Zip};

impl ConductanceMap {
    /// These devices after what is asked of them has become `couplings`, by updates each of which is exact: the scale of
    /// an array stays, and a device moves by as much as the conductance that is asked of it, within its range. So it keeps
    /// the error that programming made, and a stuck one stays where it is. Biases and leaks that are no devices are as asked.
    ///
    /// # Panics
    /// If the couplings are of another network.
    pub(crate) fn moved_to(&self, couplings: &Couplings<f64>, design: &ArrayDesign) -> Self {
        assert_eq!(couplings.layers(), &self.layers);
        let mut moved = self.clone();
        let range = design.device.conductance_range();
        for array in &mut moved.arrays {
            array.move_to(asked_of(array.part, couplings), range);
        }
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

/// What an array is to hold, `[rows, columns]`.
fn asked_of(part: Part, couplings: &Couplings<f64>) -> ArrayView2<'_, f64> {
    match part {
        Part::Weight(l) => couplings.weight(l),
        Part::Bias(l) => bias_of(couplings, l).insert_axis(Axis(0)),
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
        let mut steps = Array2::zeros(asked.raw_dim());
        Zip::from(&mut steps)
            .and(&asked)
            .and(&self.asked)
            .and(&self.stuck)
            .for_each(|step, &asked, &before, &stuck| {
                *step = if stuck == Stuck::Free {
                    by(asked, before)
                } else {
                    0.0
                };
            });
        self.achieved
            .zip_mut_with(&steps, |g, step| *g = (*g + step).max(0.0));
        if let Some(programmed) = &mut self.programmed {
            let targets: Vec<f64> = asked.iter().copied().collect();
            let steps: Vec<f64> = steps.iter().copied().collect();
            programmed.shift(targets, &steps, (least, most));
        }
        // What is beyond the range is not to be had; that it was asked for is counted.
        self.asked = asked.mapv(|g| g.clamp(least, most));
    }
}
